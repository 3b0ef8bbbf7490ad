import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Writes no faster than it is read, and ends in peace where the reader has left, as `head` does. */
export class LineOutput {
  readonly #stream: Writable;
  #closed = false;
  #onClosed: () => void = () => {};

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('error', () => {
      this.#closed = true;
      this.#onClosed();
    });
  }

  /** Called where nobody reads any more. */
  onClosed(listener: () => void): void {
    this.#onClosed = listener;
  }

  async write(text: string): Promise<void> {
    if (text === '' || this.#closed || this.#stream.write(text)) return;
    await once(this.#stream, 'drain').catch(() => {});
  }
}
