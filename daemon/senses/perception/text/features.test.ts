import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Counts, countLetters, countWords, fnv1a, MAX_TOKENS, tokenize } from './features.ts';

interface Vector {
  text: string;
  tokens: string[];
  words: [hash: number, count: number][];
  letters: [hash: number, count: number][];
}

const file = join(import.meta.dirname, '../../../../models/training/text-emotion/features.vectors.json');
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vector[];

const sorted = (counts: Counts): [number, number][] => [...counts].sort(([a], [b]) => a - b);

describe('the front end of the text model', () => {
  for (const { text, tokens, words, letters } of vectors) {
    test(`makes of ${JSON.stringify(text)} what the training makes of it`, () => {
      assert.deepEqual(tokenize(text), tokens);
      assert.deepEqual(sorted(countWords(tokens)), words);
      assert.deepEqual(sorted(countLetters(tokens)), letters);
    });
  }

  test('hashes as FNV-1a is published', () => {
    assert.equal(fnv1a(''), 0x811c9dc5);
    assert.equal(fnv1a('a'), 0xe40c292c);
    assert.equal(fnv1a('foobar'), 0xbf9cf968);
  });

  test('reads any text, up to a bound', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        const tokens = tokenize(text);
        assert.ok(tokens.length <= MAX_TOKENS);
        for (const token of tokens) assert.match(token, /^\S+$/u);
        const pairs = [...countWords(tokens).values()].reduce((sum, count) => sum + count, 0);
        assert.equal(pairs, 2 * tokens.length + 1);
      }),
    );
  });

  test('does not mind how loudly a sign is repeated', () => {
    assert.deepEqual(tokenize('nooooo!!!!!!'), tokenize('noo!!'));
  });
});
