/** Power spectrum of real frames of `size` samples (a power of two) under a Hann window, with its buffers kept between frames. */
export class PowerSpectrum {
  readonly size: number;
  /** Power per bin 0..size/2 of the latest frame; overwritten by the next. */
  readonly power: Float32Array;
  readonly #window: Float32Array;
  readonly #cos: Float32Array;
  readonly #sin: Float32Array;
  readonly #reversed: Uint16Array;
  readonly #re: Float32Array;
  readonly #im: Float32Array;

  constructor(size: number) {
    this.size = size;
    this.power = new Float32Array(size / 2 + 1);
    this.#window = Float32Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size));
    this.#cos = Float32Array.from({ length: size / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / size));
    this.#sin = Float32Array.from({ length: size / 2 }, (_, i) => Math.sin((2 * Math.PI * i) / size));
    this.#reversed = bitReversal(size);
    this.#re = new Float32Array(size);
    this.#im = new Float32Array(size);
  }

  /** Transforms `samples[0..size)`; the result stands in `power`. */
  compute(samples: Float32Array): void {
    for (let i = 0; i < this.size; i++) {
      const from = this.#reversed[i] as number;
      this.#re[i] = (samples[from] as number) * (this.#window[from] as number);
      this.#im[i] = 0;
    }
    this.#butterflies();
    for (let k = 0; k < this.power.length; k++) {
      const re = this.#re[k] as number;
      const im = this.#im[k] as number;
      this.power[k] = re * re + im * im;
    }
  }

  /** Radix-2, decimation in time (Cooley & Tukey 1965). */
  #butterflies(): void {
    const re = this.#re;
    const im = this.#im;
    for (let half = 1; half < this.size; half *= 2) {
      const stride = this.size / (2 * half);
      for (let start = 0; start < this.size; start += 2 * half) {
        for (let k = 0; k < half; k++) {
          const cos = this.#cos[k * stride] as number;
          const sin = this.#sin[k * stride] as number;
          const a = start + k;
          const b = a + half;
          const tr = (re[b] as number) * cos + (im[b] as number) * sin;
          const ti = (im[b] as number) * cos - (re[b] as number) * sin;
          re[b] = (re[a] as number) - tr;
          im[b] = (im[a] as number) - ti;
          re[a] = (re[a] as number) + tr;
          im[a] = (im[a] as number) + ti;
        }
      }
    }
  }
}

function bitReversal(size: number): Uint16Array {
  const bits = Math.log2(size);
  return Uint16Array.from({ length: size }, (_, i) => {
    let reversed = 0;
    for (let bit = 0; bit < bits; bit++) if (i & (1 << bit)) reversed |= 1 << (bits - 1 - bit);
    return reversed;
  });
}
