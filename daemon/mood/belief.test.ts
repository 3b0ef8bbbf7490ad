import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Belief, type Word } from './belief.ts';
import { type Distribution, normalize } from './distribution.ts';
import { EMOTIONS, type Emotion } from './emotion.ts';

const SECOND = 1000;
const mostly = (strong: Emotion): Distribution => normalize(EMOTIONS.map((each) => (each === strong ? 24 : 1)));
const FLAT = normalize(EMOTIONS.map(() => 1));
const word = (at: number, strong: Emotion): Word => ({ at, opinion: mostly(strong), evidence: 0.25, within: 3000, misread: 0.15 });
const of = (belief: Belief, emotion: Emotion): number => belief.felt[EMOTIONS.indexOf(emotion)] as number;

/** A face read once a second. @returns when it was over */
function watch(belief: Belief, emotion: Emotion, { from, seconds }: { from: number; seconds: number }): number {
  for (let second = 0; second < seconds; second++) belief.hear('cam', word(from + second * SECOND, emotion));
  return from + seconds * SECOND;
}

describe('belief', () => {
  const opinion = fc
    .array(fc.integer({ min: 1, max: 1000 }), { minLength: EMOTIONS.length, maxLength: EMOTIONS.length })
    .map((weights) => normalize(weights));
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  const words = fc.array(
    fc.record({ source: fc.constantFrom('a', 'b', 'c'), after: fc.nat(100_000), opinion, evidence: unit, misread: unit }),
    { maxLength: 40 },
  );

  test('is a distribution after whatever is heard', () => {
    fc.assert(
      fc.property(words, (stream) => {
        const belief = new Belief();
        let at = 0;
        for (const { source, after, ...said } of stream) {
          at += after;
          belief.hear(source, { ...said, at, within: 3000 });
          const felt = [...belief.felt];
          assert.ok(felt.every((each) => each >= 0 && each <= 1));
          assert.ok(Math.abs(felt.reduce((sum, each) => sum + each, 0) - 1) < 1e-9);
        }
      }),
    );
  });

  test('is not moved by who says nothing', () => {
    fc.assert(
      fc.property(words, fc.boolean(), (stream, isFlat) => {
        const [plain, joined] = [new Belief(), new Belief()];
        let at = 0;
        for (const { source, after, ...said } of stream) {
          at += after;
          plain.hear(source, { ...said, at, within: 3000 });
          joined.hear('other', { ...said, ...(isFlat ? { opinion: FLAT } : { evidence: 0 }), at, within: 3000 });
          joined.hear(source, { ...said, at, within: 3000 });
          for (const emotion of EMOTIONS) assert.ok(Math.abs(of(plain, emotion) - of(joined, emotion)) < 1e-9);
        }
      }),
    );
  });

  test('follows what changes before its eyes', () => {
    const belief = new Belief();
    const over = watch(belief, 'neutral', { from: 0, seconds: 60 });
    watch(belief, 'sadness', { from: over, seconds: 15 });
    assert.ok(of(belief, 'sadness') > 0.9);
  });

  test('is not talked over by one look that says otherwise from the first, but by the next one that says so too', () => {
    const belief = new Belief();
    let now = watch(belief, 'neutral', { from: 0, seconds: 60 });
    now = watch(belief, 'sadness', { from: now + 5 * SECOND, seconds: 15 });
    assert.ok(of(belief, 'neutral') > of(belief, 'sadness'));
    watch(belief, 'sadness', { from: now + 5 * SECOND, seconds: 15 });
    assert.ok(of(belief, 'sadness') > 0.7);
  });

  test('believes at once who comes after a long silence', () => {
    const belief = new Belief();
    const over = watch(belief, 'neutral', { from: 0, seconds: 60 });
    watch(belief, 'sadness', { from: over + 900 * SECOND, seconds: 10 });
    assert.ok(of(belief, 'sadness') > 0.7);
  });

  test('knows nothing after a reset', () => {
    const belief = new Belief();
    watch(belief, 'fear', { from: 0, seconds: 60 });
    belief.reset();
    assert.deepEqual([...belief.felt], [...new Belief().felt]);
  });
});
