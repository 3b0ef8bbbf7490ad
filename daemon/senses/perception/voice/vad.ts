import { type InferenceSession, Tensor } from 'onnxruntime-node';

export const SAMPLE_RATE = 16_000;
/** New samples that the network judges at a time: 32 ms. */
export const CHUNK = 512;
/** Samples of the chunk before that it sees again. */
const CONTEXT = 64;
const STATE = [2, 1, 128] as const;
const STATE_SIZE = 2 * 128;

/** Silero VAD v5 at 16 kHz (github.com/snakers4/silero-vad): [1, 64 + 512] samples in -1..1 and a state that is carried on. */
export class VoiceActivity {
  readonly #session: InferenceSession;
  readonly #input = new Float32Array(CONTEXT + CHUNK);
  readonly #tensor = new Tensor('float32', this.#input, [1, CONTEXT + CHUNK]);
  readonly #rate = new Tensor('int64', BigInt64Array.of(BigInt(SAMPLE_RATE)), []);
  readonly #output = new Tensor('float32', new Float32Array(1), [1, 1]);
  #state = new Tensor('float32', new Float32Array(STATE_SIZE), STATE);
  #nextState = new Tensor('float32', new Float32Array(STATE_SIZE), STATE);

  constructor(session: InferenceSession) {
    this.#session = session;
  }

  /** Probability, 0..1, that the chunk holds speech. `samples`: CHUNK values in -1..1, following on the call before. */
  async probability(samples: Float32Array): Promise<number> {
    this.#input.copyWithin(0, CHUNK);
    this.#input.set(samples, CONTEXT);
    await this.#session.run({ input: this.#tensor, state: this.#state, sr: this.#rate }, { output: this.#output, stateN: this.#nextState });
    [this.#state, this.#nextState] = [this.#nextState, this.#state];
    return (this.#output.data as Float32Array)[0] as number;
  }
}
