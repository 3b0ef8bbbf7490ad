import { Reader, Writer } from '../serial/bytes.ts';

export const zclStatus = {
  success: 0x00,
  failure: 0x01,
  malformed: 0x80,
  unsupportedClusterCommand: 0x81,
  unsupportedGeneralCommand: 0x82,
  invalidField: 0x85,
  unsupportedAttribute: 0x86,
  invalidValue: 0x87,
  readOnly: 0x88,
  insufficientSpace: 0x89,
  duplicateExists: 0x8a,
  notFound: 0x8b,
  unreportable: 0x8c,
  invalidDataType: 0x8d,
  unsupportedCluster: 0xc3,
} as const;

/** Commands of the foundation, the same in every cluster. */
export const general = {
  read: 0x00,
  readAnswer: 0x01,
  write: 0x02,
  writeAnswer: 0x04,
  writeSilently: 0x05,
  configureReporting: 0x06,
  configureReportingAnswer: 0x07,
  readReporting: 0x08,
  readReportingAnswer: 0x09,
  report: 0x0a,
  defaultAnswer: 0x0b,
  discover: 0x0c,
  discoverAnswer: 0x0d,
} as const;

export interface ZclFrame {
  /** Of the cluster, not of the foundation. */
  specific: boolean;
  fromServer: boolean;
  /** The sender wants no default answer where all went well. */
  quiet: boolean;
  manufacturer?: number | undefined;
  sequence: number;
  command: number;
  payload: Buffer;
}

/** Throws WrongLength for what is too short to be one. */
export function decodeZcl(data: Buffer): ZclFrame {
  const reader = new Reader(data);
  const control = reader.u8();
  const manufacturer = control & 0x04 ? reader.u16() : undefined;
  return {
    specific: (control & 0x03) === 1,
    fromServer: (control & 0x08) !== 0,
    quiet: (control & 0x10) !== 0,
    manufacturer,
    sequence: reader.u8(),
    command: reader.u8(),
    payload: reader.rest(),
  };
}

export function encodeZcl({ specific, fromServer, quiet, manufacturer, sequence, command, payload }: ZclFrame): Buffer {
  const control = (specific ? 1 : 0) | (manufacturer === undefined ? 0 : 0x04) | (fromServer ? 0x08 : 0) | (quiet ? 0x10 : 0);
  const writer = new Writer().u8(control);
  if (manufacturer !== undefined) writer.u16(manufacturer);
  return writer.u8(sequence).u8(command).bytes(payload).done();
}
