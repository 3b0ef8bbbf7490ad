/** Joins chunks of a byte stream, cut anywhere, into whole signed 16-bit little-endian samples. */
export class SampleCutter {
  #odd: number | null = null;

  /** The whole samples up to the end of `chunk`, in memory of their own. */
  cut(chunk: Uint8Array): Int16Array {
    if (chunk.length === 0) return new Int16Array(0);
    const carried = this.#odd === null ? 0 : 1;
    const whole = (carried + chunk.length) >> 1;
    const samples = new Int16Array(whole);
    const bytes = new Uint8Array(samples.buffer);
    if (this.#odd !== null) bytes[0] = this.#odd;
    bytes.set(chunk.subarray(0, whole * 2 - carried), carried);
    this.#odd = (carried + chunk.length) % 2 === 0 ? null : (chunk.at(-1) ?? null);
    return samples;
  }
}
