import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';

/** One array of an .npz file, in C order. */
export interface NpyArray {
  shape: number[];
  data: Uint8Array | Int8Array | Int32Array | Float32Array | Float64Array | string[];
}

/**
 * Reads the arrays of an .npz file: a zip archive of .npy files, stored or deflated.
 * The zip format: PKWARE APPNOTE 6.3 (4.3.12 central directory, 4.3.16 its end). The .npy format: NumPy Enhancement
 * Proposal 1. Archives of 4 GiB and more are not read.
 */
export function readNpz(file: string): Map<string, NpyArray> {
  const archive = readFileSync(file);
  const arrays = new Map<string, NpyArray>();
  for (const { name, bytes } of entriesOf(archive)) arrays.set(name.replace(/\.npy$/, ''), parseNpy(bytes));
  return arrays;
}

/** The array called `name` with elements of one byte. */
export function bytesOf(arrays: Map<string, NpyArray>, name: string): { shape: number[]; data: Uint8Array } {
  const array = arrays.get(name);
  if (!array) throw new Error(`the file has no array "${name}", but ${[...arrays.keys()].join(', ')}`);
  if (!(array.data instanceof Uint8Array)) throw new Error(`the array "${name}" must be uint8`);
  return { shape: array.shape, data: array.data };
}

const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const DEFLATED = 8;

function* entriesOf(archive: Buffer): Generator<{ name: string; bytes: Buffer }> {
  const end = archive.lastIndexOf(Buffer.from(Uint32Array.of(END).buffer));
  if (end < 0) throw new Error('this is no zip archive');
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (archive.readUInt32LE(at) !== CENTRAL) throw new Error('the directory of the zip archive is damaged');
    const method = archive.readUInt16LE(at + 10);
    const packed = archive.readUInt32LE(at + 20);
    const nameLength = archive.readUInt16LE(at + 28);
    const local = archive.readUInt32LE(at + 42);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const bytes = archive.subarray(start, start + packed);
    yield { name, bytes: method === DEFLATED ? inflateRawSync(bytes) : bytes };
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
}

function parseNpy(file: Buffer): NpyArray {
  if (file.toString('latin1', 1, 6) !== 'NUMPY') throw new Error('this is no .npy file');
  const long = (file[6] ?? 1) > 1;
  const start = long ? 12 : 10;
  const length = long ? file.readUInt32LE(8) : file.readUInt16LE(8);
  const header = file.toString('latin1', start, start + length);
  const type = /'descr':\s*'([^']+)'/.exec(header)?.[1] ?? '';
  const shape = (/'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? '').split(',').flatMap((part) => (part.trim() ? [Number(part)] : []));
  if (/'fortran_order':\s*True/.test(header)) throw new Error('arrays in Fortran order are not read');
  const count = shape.reduce((product, side) => product * side, 1);
  return { shape, data: elements(file.subarray(start + length), type, count) };
}

function elements(bytes: Buffer, type: string, count: number): NpyArray['data'] {
  const text = /^<U(\d+)$/.exec(type);
  if (text) return texts(bytes, Number(text[1]), count);
  const aligned = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  switch (type) {
    case '|u1':
      return new Uint8Array(aligned, 0, count);
    case '|i1':
      return new Int8Array(aligned, 0, count);
    case '<i4':
      return new Int32Array(aligned, 0, count);
    case '<f4':
      return new Float32Array(aligned, 0, count);
    case '<f8':
      return new Float64Array(aligned, 0, count);
    default:
      throw new Error(`elements of type ${type} are not read`);
  }
}

/** Fixed-width UTF-32, padded with zeros. */
function texts(bytes: Buffer, width: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    let text = '';
    for (let k = 0; k < width; k++) {
      const point = bytes.readUInt32LE((i * width + k) * 4);
      if (point === 0) break;
      text += String.fromCodePoint(point);
    }
    return text;
  });
}
