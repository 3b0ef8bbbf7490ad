import { type InferenceSession, Tensor } from 'onnxruntime-node';

export const SAMPLE_RATE = 16_000;
/** New samples that are judged at a time: 32 ms. */
export const CHUNK = 512;

/** Hears whether somebody speaks. One for every microphone: it carries on from chunk to chunk. */
export interface VoiceActivity {
  /** Probability, 0..1, that the chunk holds speech. `samples`: CHUNK values in -1..1, following on the call before. */
  probability(samples: Float32Array): Promise<number>;
}

/** What a network of the role takes beside the new samples. Its outputs are `output` [1, 1] and `stateN`, the state to carry on. */
interface Contract {
  /** Samples of the chunk before that it sees again: `input` is [1, context + CHUNK]. */
  context: number;
  /** Shape of `state`. */
  state: readonly [number, number, number];
  /** Scalar inputs that never change. */
  constants: Record<string, Tensor>;
}

/** Silero VAD v5 at 16 kHz (github.com/snakers4/silero-vad). */
const silero = (): Contract => ({
  context: 64,
  state: [2, 1, 128],
  constants: { sr: new Tensor('int64', BigInt64Array.of(BigInt(SAMPLE_RATE)), []) },
});

/** own-vad, models/own_vad.md. */
const own = (): Contract => ({ context: 256, state: [1, 1, 48], constants: {} });

/** The contract that a network keeps is told by its inputs: Silero's wants to know the sample rate. */
export function voiceActivity(session: InferenceSession): VoiceActivity {
  return new RecurrentVoiceActivity(session, session.inputNames.includes('sr') ? silero() : own());
}

class RecurrentVoiceActivity implements VoiceActivity {
  readonly #session: InferenceSession;
  readonly #context: number;
  readonly #constants: Record<string, Tensor>;
  readonly #input: Float32Array;
  readonly #tensor: Tensor;
  readonly #output = new Tensor('float32', new Float32Array(1), [1, 1]);
  #state: Tensor;
  #nextState: Tensor;

  constructor(session: InferenceSession, { context, state, constants }: Contract) {
    this.#session = session;
    this.#context = context;
    this.#constants = constants;
    this.#input = new Float32Array(context + CHUNK);
    this.#tensor = new Tensor('float32', this.#input, [1, context + CHUNK]);
    const size = state[0] * state[1] * state[2];
    this.#state = new Tensor('float32', new Float32Array(size), state);
    this.#nextState = new Tensor('float32', new Float32Array(size), state);
  }

  async probability(samples: Float32Array): Promise<number> {
    this.#input.copyWithin(0, CHUNK);
    this.#input.set(samples, this.#context);
    await this.#session.run(
      { input: this.#tensor, state: this.#state, ...this.#constants },
      { output: this.#output, stateN: this.#nextState },
    );
    [this.#state, this.#nextState] = [this.#nextState, this.#state];
    return (this.#output.data as Float32Array)[0] as number;
  }
}
