/**
 * The front end of the text model: words and letters of a message, as hashes. models/training/text-emotion/features.py does
 * the same in Python; features.vectors.json beside it holds texts and what both must make of them.
 */

/** A word with its apostrophes, or any other sign by itself. */
const TOKEN = /[\p{L}\p{N}][\p{L}\p{N}_']*|[^\s\p{L}\p{N}]/gu;
const REPEATED = /(.)\1{2,}/gsu;

/** Tokens of a message that are read; what follows is ignored. */
export const MAX_TOKENS = 200;

/** Shortest and longest run of letters that is a feature. */
const LETTER_RUNS = { from: 3, to: 5 } as const;

const utf8 = new TextEncoder();
const LETTER_SEED = hashOn(0x811c9dc5, utf8.encode('c'));

/** Hash of a feature to how often it occurs. */
export type Counts = ReadonlyMap<number, number>;

/** Words, and every other sign by itself: lower case, ’ as ', no sign more than twice in a row. */
export function tokenize(text: string): string[] {
  const plain = text.toLowerCase().replaceAll('’', "'").replace(REPEATED, '$1$1');
  const tokens: string[] = [];
  for (const [token] of plain.matchAll(TOKEN)) {
    if (tokens.length === MAX_TOKENS) break;
    tokens.push(token);
  }
  return tokens;
}

/** Words and pairs of neighbors, the two ends of the message being neighbors too. */
export function countWords(tokens: readonly string[]): Counts {
  const counts = new Map<number, number>();
  let previous = '<';
  for (const token of tokens) {
    increment(counts, fnv1a(`w${token}`));
    increment(counts, fnv1a(`w${previous} ${token}`));
    previous = token;
  }
  increment(counts, fnv1a(`w${previous} >`));
  return counts;
}

/** Runs of 3 to 5 letters inside each token with a blank around it. */
export function countLetters(tokens: readonly string[]): Counts {
  const counts = new Map<number, number>();
  for (const token of tokens) {
    const letters = Array.from(` ${token} `, (letter) => utf8.encode(letter));
    for (let start = 0; start < letters.length; start++) addRuns(counts, letters, start);
  }
  return counts;
}

function increment(counts: Map<number, number>, hash: number): void {
  counts.set(hash, (counts.get(hash) ?? 0) + 1);
}

/** The runs that begin at `start`: each goes on from the hash of the one before. */
function addRuns(counts: Map<number, number>, letters: readonly Uint8Array[], start: number): void {
  const end = Math.min(letters.length, start + LETTER_RUNS.to);
  let hash = LETTER_SEED;
  for (let i = start; i < end; i++) {
    hash = hashOn(hash, letters[i] as Uint8Array);
    if (i - start + 1 >= LETTER_RUNS.from) increment(counts, hash);
  }
}

/** FNV-1a, 32 bits, over UTF-8 (draft-eastlake-fnv): 0..2^32 - 1. */
export const fnv1a = (text: string): number => hashOn(0x811c9dc5, utf8.encode(text));

function hashOn(hash: number, bytes: Uint8Array): number {
  let on = hash;
  for (const byte of bytes) on = Math.imul(on ^ byte, 0x01000193);
  return on >>> 0;
}
