import { type InferenceSession, Tensor } from 'onnxruntime-node';

/**
 * The network of the role `voice-arousal`: `samples` [1, count] in -1..1, 16 kHz, 1 to 5 s -> `form` [1, 1]. tanh(form) is the
 * arousal of the utterance, -1..1, for a voice that ordinarily speaks at 0.
 */
export class ArousalNet {
  readonly #session: InferenceSession;
  readonly #output = new Tensor('float32', new Float32Array(1), [1, 1]);

  constructor(session: InferenceSession) {
    this.#session = session;
  }

  async form(samples: Float32Array): Promise<number> {
    await this.#session.run({ samples: new Tensor('float32', samples, [1, samples.length]) }, { form: this.#output });
    return (this.#output.data as Float32Array)[0] as number;
  }
}
