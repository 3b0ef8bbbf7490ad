import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { type Counts, countLetters, countWords, fnv1a, tokenize } from './features.ts';

/** What the network says of one message, class by class in the order of its labels. */
export interface TextClasses {
  /** Probability of each class, 0..1; a message may show several, so they need not add up to 1. */
  probabilities: Float32Array;
  /** Whether the class is named: its probability is above the threshold that the training chose for it. */
  named: boolean[];
  /** Share of the words and signs of the message that occur in its vocabulary, 0..1. */
  known: number;
}

interface Family {
  name: 'words' | 'letters';
  /** Hashes that have a row in the table, ascending; the row is the index and one more, row 0 being the unknown. */
  vocabulary: Uint32Array;
}

/**
 * The text-emotion network. It brings its own vocabulary, so that file and digest cover both: the outputs `words` and
 * `letters` are the sorted hashes of its table's rows.
 */
export class TextNet {
  readonly #session: InferenceSession;
  readonly #families: readonly Family[];

  private constructor(session: InferenceSession, families: readonly Family[]) {
    this.#session = session;
    this.#families = families;
  }

  static async open(session: InferenceSession): Promise<TextNet> {
    const nothing: Counts = new Map();
    const feeds = feedsOf([
      { name: 'words', rows: rowsOf(nothing, new Uint32Array()) },
      { name: 'letters', rows: rowsOf(nothing, new Uint32Array()) },
    ]);
    const { words, letters } = await session.run(feeds, ['words', 'letters']);
    return new TextNet(session, [
      { name: 'words', vocabulary: words?.data as Uint32Array },
      { name: 'letters', vocabulary: letters?.data as Uint32Array },
    ]);
  }

  async classify(text: string): Promise<TextClasses> {
    const tokens = tokenize(text);
    const counts = { words: countWords(tokens), letters: countLetters(tokens) };
    const feeds = feedsOf(this.#families.map(({ name, vocabulary }) => ({ name, rows: rowsOf(counts[name], vocabulary) })));
    const { probabilities, named } = await this.#session.run(feeds, ['probabilities', 'named']);
    const [words] = this.#families;
    return {
      known: words ? knownShare(tokens, words.vocabulary) : 0,
      probabilities: probabilities?.data as Float32Array,
      named: Array.from(named?.data as Uint8Array, (each) => each === 1),
    };
  }
}

interface Rows {
  rows: BigInt64Array;
  counts: Float32Array;
}

/** Rows of the known features and how often each occurs. The unknown row stands for a message without any. */
function rowsOf(counts: Counts, vocabulary: Uint32Array): Rows {
  const known = [...counts].flatMap(([hash, count]) => {
    const index = indexIn(vocabulary, hash);
    return index < 0 ? [] : [{ row: BigInt(index + 1), count }];
  });
  if (known.length === 0) known.push({ row: 0n, count: 1 });
  return { rows: BigInt64Array.from(known, ({ row }) => row), counts: Float32Array.from(known, ({ count }) => count) };
}

function knownShare(tokens: readonly string[], vocabulary: Uint32Array): number {
  const known = tokens.filter((token) => indexIn(vocabulary, fnv1a(`w${token}`)) >= 0);
  return known.length / Math.max(1, tokens.length);
}

function feedsOf(families: readonly { name: string; rows: Rows }[]): Record<string, Tensor> {
  return Object.fromEntries(
    families.flatMap(({ name, rows: { rows, counts } }) => [
      [`${name}_rows`, new Tensor('int64', rows, [rows.length])],
      [`${name}_counts`, new Tensor('float32', counts, [counts.length])],
    ]),
  );
}

/** Index of a value in an ascending array, -1 where it is not there. */
function indexIn(sorted: Uint32Array, value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = sorted[middle] as number;
    if (found === value) return middle;
    if (found < value) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
