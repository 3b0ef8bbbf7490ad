import { type Reader, type Writer, WrongLength } from '../serial/bytes.ts';

/** Data types of the cluster library that the devices here have. */
export const zclType = {
  boolean: 0x10,
  bitmap8: 0x18,
  bitmap16: 0x19,
  uint8: 0x20,
  uint16: 0x21,
  uint32: 0x23,
  int16: 0x29,
  enum8: 0x30,
  string: 0x42,
} as const;

export type ZclValue = number | string;

interface NumberType {
  bytes: number;
  signed: boolean;
  /** Analog values are reported when they change by enough, discrete ones at any change. */
  analog: boolean;
}

const numbers: Readonly<Record<number, NumberType>> = {
  [zclType.boolean]: { bytes: 1, signed: false, analog: false },
  [zclType.bitmap8]: { bytes: 1, signed: false, analog: false },
  [zclType.bitmap16]: { bytes: 2, signed: false, analog: false },
  [zclType.uint8]: { bytes: 1, signed: false, analog: true },
  [zclType.uint16]: { bytes: 2, signed: false, analog: true },
  [zclType.uint32]: { bytes: 4, signed: false, analog: true },
  [zclType.int16]: { bytes: 2, signed: true, analog: true },
  [zclType.enum8]: { bytes: 1, signed: false, analog: false },
};

export const isAnalog = (type: number): boolean => numbers[type]?.analog ?? false;

/** Throws WrongLength for a type that is not known here: where it ends cannot be told. */
export function readValue(reader: Reader, type: number): ZclValue {
  if (type === zclType.string) return reader.bytes(reader.u8()).toString('utf8');
  const known = numbers[type];
  if (!known) throw new WrongLength(`data type 0x${type.toString(16)}`);
  return known.signed ? reader.int(known.bytes) : reader.uint(known.bytes);
}

export function writeValue(writer: Writer, type: number, value: ZclValue): void {
  const known = numbers[type];
  if (typeof value === 'string') writer.u8(Buffer.byteLength(value)).bytes(Buffer.from(value));
  else if (known?.signed) writer.int(value, known.bytes);
  else writer.uint(value, known?.bytes ?? 1);
}
