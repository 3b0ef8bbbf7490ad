/**
 * The front end of the text model: words and letters of a message, as hashes. models/training/text-emotion/features.py does
 * the same in Python; features.vectors.json beside it holds texts and what both must make of them.
 */

/** A word with its apostrophes, or any other sign by itself. */
const TOKEN = /[\p{L}\p{N}][\p{L}\p{N}_']*|[^\s\p{L}\p{N}]/gu;
const REPEATED = /(.)\1{2,}/gsu;

/** Tokens of a message that are read; what follows is ignored. */
export const MAX_TOKENS = 200;

/** Longest run of letters that is a feature. */
const LETTER_RUNS = [3, 4, 5] as const;

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
    const letters = [' ', ...token, ' '];
    for (const length of LETTER_RUNS) {
      for (let i = 0; i + length <= letters.length; i++) increment(counts, fnv1a(`c${letters.slice(i, i + length).join('')}`));
    }
  }
  return counts;
}

function increment(counts: Map<number, number>, hash: number): void {
  counts.set(hash, (counts.get(hash) ?? 0) + 1);
}

const utf8 = new TextEncoder();

/** FNV-1a, 32 bits, over UTF-8 (draft-eastlake-fnv): 0..2^32 - 1. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of utf8.encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
