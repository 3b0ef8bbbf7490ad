import { Reader } from '../serial/bytes.ts';

/** Fields of a request: `bytes8` and `bytes16` have their length in one or two bytes before, `words` a count in one byte. */
type FieldType = 'u8' | 'u16' | 'u32' | 'ieee' | 'bytes8' | 'bytes16' | 'words' | 'rest';

type FieldValue<T extends FieldType> = T extends 'u8' | 'u16' | 'u32'
  ? number
  : T extends 'ieee'
    ? string
    : T extends 'words'
      ? number[]
      : Buffer;

type Fields = Record<string, FieldType>;
type Values<F extends Fields> = { [K in keyof F]: FieldValue<F[K]> };

/** Answers the data of one request with the data of its answer; undefined where the real one stays silent. */
export type Command = (data: Buffer) => Buffer | undefined;

/** The commands of one subsystem by their id. */
export type Commands = Readonly<Record<number, Command>>;

const read: { [T in FieldType]: (reader: Reader) => FieldValue<T> } = {
  u8: (reader) => reader.u8(),
  u16: (reader) => reader.u16(),
  u32: (reader) => reader.u32(),
  ieee: (reader) => reader.ieee(),
  bytes8: (reader) => reader.bytes(reader.u8()),
  bytes16: (reader) => reader.bytes(reader.u16()),
  words: (reader) => Array.from({ length: reader.u8() }, () => reader.u16()),
  rest: (reader) => reader.rest(),
};

/** A command whose fields are read whole, to the last byte, before anything is done. Throws WrongLength. */
export function command<F extends Fields>(fields: F, handle: (values: Values<F>) => Buffer | undefined): Command {
  return (data) => {
    const reader = new Reader(data);
    const values = Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, read[type](reader)]));
    reader.end();
    return handle(values as Values<F>);
  };
}

/** An answer that is a status and nothing else. */
export const statusOnly = (value: number): Buffer => Buffer.from([value]);
