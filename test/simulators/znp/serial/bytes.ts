/** Fields that a message should have but ends before, or bytes that it has beyond its last field. */
export class WrongLength extends Error {}

/** Reads little-endian fields; `end()` says that no byte may be left. */
export class Reader {
  readonly #data: Buffer;
  #at = 0;

  constructor(data: Buffer) {
    this.#data = data;
  }

  get left(): number {
    return this.#data.length - this.#at;
  }

  u8(): number {
    return this.#take(1).readUInt8();
  }

  u16(): number {
    return this.#take(2).readUInt16LE();
  }

  u32(): number {
    return this.#take(4).readUInt32LE();
  }

  /** An IEEE address as `0x` and 16 hex digits. */
  ieee(): string {
    return ieeeFromWire(this.#take(8));
  }

  uint(size: number): number {
    return this.#take(size).readUIntLE(0, size);
  }

  int(size: number): number {
    return this.#take(size).readIntLE(0, size);
  }

  bytes(length: number): Buffer {
    return this.#take(length);
  }

  rest(): Buffer {
    return this.#take(this.left);
  }

  end(): void {
    if (this.left > 0) throw new WrongLength(`${this.left} bytes too many`);
  }

  #take(length: number): Buffer {
    if (length > this.left) throw new WrongLength(`${length - this.left} bytes missing`);
    this.#at += length;
    return this.#data.subarray(this.#at - length, this.#at);
  }
}

/** Builds a message of little-endian fields. */
export class Writer {
  readonly #parts: Buffer[] = [];

  u8(value: number): this {
    return this.uint(value, 1);
  }

  u16(value: number): this {
    return this.uint(value, 2);
  }

  u32(value: number): this {
    return this.uint(value, 4);
  }

  ieee(address: string): this {
    return this.bytes(ieeeToWire(address));
  }

  uint(value: number, size: number): this {
    const part = Buffer.alloc(size);
    part.writeUIntLE(value, 0, size);
    return this.bytes(part);
  }

  int(value: number, size: number): this {
    const part = Buffer.alloc(size);
    part.writeIntLE(value, 0, size);
    return this.bytes(part);
  }

  bytes(data: Uint8Array): this {
    this.#parts.push(Buffer.from(data));
    return this;
  }

  /** A count in one byte, then that many 16-bit words. */
  words(values: readonly number[]): this {
    this.u8(values.length);
    for (const value of values) this.u16(value);
    return this;
  }

  done(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/** IEEE addresses go over the wire with the last byte first. */
export const ieeeToWire = (address: string): Buffer => Buffer.from(address.slice(2), 'hex').reverse();

export const ieeeFromWire = (bytes: Buffer): string => `0x${Buffer.from(bytes).reverse().toString('hex')}`;
