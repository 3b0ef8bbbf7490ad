import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { bytesOf, readNpz } from './npz.ts';

/** A .npy file of version 1.0. */
function npy(descr: string, shape: string, data: Buffer): Buffer {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, Buffer.from(header), data]);
}

/** A zip archive, each entry deflated or stored. */
function zip(entries: { name: string; bytes: Buffer; deflated: boolean }[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes, deflated } of entries) {
    const packed = deflated ? deflateRawSync(bytes) : bytes;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50);
    local.writeUInt16LE(name.length, 26);
    // numpy forces zip64, so the local header has an extra field that the directory lacks.
    local.writeUInt16LE(4, 28);
    locals.push(local, Buffer.from(name), Buffer.alloc(4), packed);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50);
    entry.writeUInt16LE(deflated ? 8 : 0, 10);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    directory.push(entry, Buffer.from(name));
    offset += 34 + name.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...directory, end]);
}

describe('an .npz file', () => {
  let dir = '';
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'roomtone-npz-'));
  });
  after(() => rmSync(dir, { recursive: true }));

  const write = (content: Buffer): string => {
    const file = join(dir, 'some.npz');
    writeFileSync(file, content);
    return file;
  };

  test('gives its arrays, stored and deflated', () => {
    const file = write(
      zip([
        { name: 'x.npy', bytes: npy('|u1', '2, 3', Buffer.from([1, 2, 3, 4, 5, 6])), deflated: true },
        { name: 'f.npy', bytes: npy('<f4', '2,', Buffer.from(Float32Array.of(0.5, -2).buffer)), deflated: false },
        { name: 'n.npy', bytes: npy('<U2', '2,', Buffer.from(Uint32Array.of(97, 98, 99, 0).buffer)), deflated: true },
      ]),
    );
    const arrays = readNpz(file);
    assert.deepEqual([...arrays.keys()], ['x', 'f', 'n']);
    assert.deepEqual(bytesOf(arrays, 'x'), { shape: [2, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 6) });
    assert.deepEqual(arrays.get('f')?.data, Float32Array.of(0.5, -2));
    assert.deepEqual(arrays.get('n')?.data, ['ab', 'c']);
  });

  test('is refused where it is something else', () => {
    assert.throws(() => readNpz(write(Buffer.from('no archive'))), /no zip archive/);
    const complex = zip([{ name: 'x.npy', bytes: npy('<c8', '1,', Buffer.alloc(8)), deflated: false }]);
    assert.throws(() => readNpz(write(complex)), /<c8/);
    const other = zip([{ name: 'y.npy', bytes: npy('|u1', '1,', Buffer.from([1])), deflated: false }]);
    assert.throws(() => bytesOf(readNpz(write(other)), 'x'), /no array "x", but y/);
  });
});
