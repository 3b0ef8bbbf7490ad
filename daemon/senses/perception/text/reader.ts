import type { InferenceSession } from 'onnxruntime-node';
import { MAX_TEXT } from '../../../api/text.ts';
import { EMOTIONS, type Probabilities } from '../../../mood/emotion.ts';
import { EmotionFold } from '../face/labels.ts';
import { type Cue, cuesOf } from './cues.ts';
import { TextNet } from './net.ts';

/** What a message shows. */
export interface TextReading {
  probabilities: Probabilities;
  /** Unpleasant to pleasant, -1..1. */
  sentiment: number;
  /** How sure the model is, 0..1. */
  confidence: number;
  /** Share of the words that the model knows, 0..1: low for another language than its own. */
  quality: number;
  flags: Cue[];
}

/** Irony turns the wording around, but nobody can say by how much: such a message says less, in either direction. */
const SARCASM_WEIGHT = 0.3;

const UNPLEASANT = ['sadness', 'anger', 'fear', 'disgust'] as const;

/** Reads messages one by one and keeps nothing of them. */
export class TextReader {
  readonly #net: TextNet;
  readonly #fold: EmotionFold;

  private constructor(net: TextNet, labels: readonly string[]) {
    this.#net = net;
    this.#fold = new EmotionFold(labels);
  }

  /** @throws RangeError where `labels` hold a class that stands for no emotion */
  static async open(session: InferenceSession, labels: readonly string[]): Promise<TextReader> {
    return new TextReader(await TextNet.open(session), labels);
  }

  async read(text: string): Promise<TextReading> {
    const message = text.slice(0, MAX_TEXT);
    const { probabilities: classes, known } = await this.#net.classify(message);
    const total = classes.reduce((sum, each) => sum + each, 0);
    const probabilities = this.#fold.fold(classes.map((each) => each / total));
    const flags = cuesOf(message);
    const weight = flags.includes('sarcasm') ? SARCASM_WEIGHT : 1;
    return {
      probabilities,
      sentiment: sentimentOf(probabilities) * weight,
      confidence: Math.max(...EMOTIONS.map((emotion) => probabilities[emotion])) * weight,
      quality: known,
      flags,
    };
  }
}

/** Happiness less sadness, anger, fear and disgust: -1..1. Surprise and neutral are neither pleasant nor unpleasant. */
export function sentimentOf(probabilities: Probabilities): number {
  return probabilities.happiness - UNPLEASANT.reduce((sum, emotion) => sum + probabilities[emotion], 0);
}
