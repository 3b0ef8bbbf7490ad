import { EMOTIONS, type Emotion, type Probabilities } from '../../../mood/emotion.ts';

type Share = readonly [emotion: Emotion, share: number];

/** Contempt is no emotion of ours: half of it is disgust, half anger, between which observers of contempt are divided. */
const CONTEMPT: readonly Share[] = [
  ['disgust', 0.5],
  ['anger', 0.5],
];

/** Turns a network's class probabilities, in the order of its labels, into probabilities of our emotions that add up to 1. */
export class EmotionFold {
  readonly #shares: readonly (readonly Share[])[];

  /** @throws RangeError for a label that is neither one of ours nor `contempt` */
  constructor(labels: readonly string[]) {
    this.#shares = labels.map(sharesOf);
  }

  get classes(): number {
    return this.#shares.length;
  }

  /** @throws RangeError where the classes are no distribution: their sum is nowhere near 1 */
  fold(classProbabilities: ArrayLike<number>): Probabilities {
    const sums: Record<Emotion, number> = { neutral: 0, happiness: 0, sadness: 0, anger: 0, surprise: 0, fear: 0, disgust: 0 };
    let total = 0;
    for (const [index, shares] of this.#shares.entries()) {
      const probability = Math.max(0, classProbabilities[index] ?? 0);
      total += probability;
      for (const [emotion, share] of shares) sums[emotion] += probability * share;
    }
    if (!(total > 0.5)) throw new RangeError(`class probabilities add up to ${total}`);
    for (const emotion of EMOTIONS) sums[emotion] /= total;
    return sums;
  }
}

function sharesOf(label: string): readonly Share[] {
  if (label === 'contempt') return CONTEMPT;
  const emotion = EMOTIONS.find((each) => each === label);
  if (!emotion) throw new RangeError(`the model has a class "${label}", which stands for no emotion here`);
  return [[emotion, 1]];
}
