import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { EMOTIONS, type Emotion, type Probabilities } from '../../../mood/emotion.ts';
import { EmotionFold } from '../face/labels.ts';

/**
 * The network of the role `voice-emotion`: `samples` [1, count] in -1..1, 16 kHz, 1 to 5 s -> `probabilities` [1, labels], where
 * all labels are equally likely beforehand.
 */
export class VoiceEmotionNet {
  readonly #session: InferenceSession;
  readonly #fold: EmotionFold;
  readonly #unnamed: readonly Emotion[];
  readonly #output: Tensor;

  /** @throws RangeError where `labels` hold a class that stands for no emotion */
  constructor(session: InferenceSession, labels: readonly string[]) {
    this.#session = session;
    this.#fold = new EmotionFold(labels);
    const named = this.#fold.fold(labels.map(() => 1 / labels.length));
    this.#unnamed = EMOTIONS.filter((emotion) => named[emotion] === 0);
    this.#output = new Tensor('float32', new Float32Array(labels.length), [1, labels.length]);
  }

  async read(samples: Float32Array): Promise<Probabilities> {
    await this.#session.run({ samples: new Tensor('float32', samples, [1, samples.length]) }, { probabilities: this.#output });
    return this.#complete(this.#fold.fold(this.#output.data as Float32Array));
  }

  /** An emotion that the network has no label for is as likely as before it was asked: it must not be ruled out by silence. */
  #complete(folded: Probabilities): Probabilities {
    const left = 1 - this.#unnamed.length / EMOTIONS.length;
    const of = (emotion: Emotion): number => (this.#unnamed.includes(emotion) ? 1 / EMOTIONS.length : folded[emotion] * left);
    return Object.fromEntries(EMOTIONS.map((emotion) => [emotion, of(emotion)])) as Record<Emotion, number>;
  }
}
