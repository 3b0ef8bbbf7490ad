import { Transform, type TransformCallback } from 'node:stream';

const LENGTH_CONTINUES = 0x80;
const LENGTH_BITS = 0x7f;
/** The length takes four bytes at most. */
const LAST_SHIFT = 21;

/**
 * Passes MQTT packets on until one announces to be larger than `limit` bytes. The broker would collect a packet of up to
 * 256 MiB before it looks at it; the length stands right behind the first byte (MQTT 3.1.1 §2.2.3).
 */
export class PacketLimit extends Transform {
  readonly #limit: number;
  /** Bytes of the current packet still to come. */
  #rest = 0;
  /** Set while the length is being read. */
  #length: { value: number; shift: number } | undefined;

  constructor(options: { limit: number }) {
    super();
    this.#limit = options.limit;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let at = 0;
    while (at < chunk.length) {
      const skipped = Math.min(this.#rest, chunk.length - at);
      this.#rest -= skipped;
      at += skipped;
      if (at < chunk.length && !this.#header(chunk.readUInt8(at++))) {
        done(new Error(`a packet is larger than ${this.#limit} bytes`));
        return;
      }
    }
    done(null, chunk);
  }

  /** False where the packet may not pass. */
  #header(byte: number): boolean {
    if (!this.#length) {
      this.#length = { value: 0, shift: 0 };
      return true;
    }
    const { value, shift } = this.#length;
    const length = value + (byte & LENGTH_BITS) * 2 ** shift;
    const continues = (byte & LENGTH_CONTINUES) !== 0;
    this.#length = continues ? { value: length, shift: shift + 7 } : undefined;
    if (!continues) this.#rest = length;
    return length <= this.#limit && !(continues && shift >= LAST_SHIFT);
  }
}
