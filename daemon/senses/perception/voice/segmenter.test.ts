import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Segment, Segmenter } from './segmenter.ts';

function segment(...runs: [chunks: number, probability: number][]): (Segment | 'dropped')[] {
  const segmenter = new Segmenter();
  const ended: (Segment | 'dropped')[] = [];
  for (const [chunks, probability] of runs) {
    for (let i = 0; i < chunks; i++) {
      const result = segmenter.step(probability);
      if (result) ended.push(result);
    }
  }
  return ended;
}

test('two seconds and more end after 0.4 s of silence', () => {
  assert.deepEqual(segment([20, 0.1], [62, 0.9], [12, 0.1]), []);
  const [only, ...rest] = segment([20, 0.1], [62, 0.9], [13, 0.1], [50, 0.1]);
  assert.deepEqual(rest, []);
  assert.ok(only && only !== 'dropped');
  assert.equal(only.speech, 62);
  assert.equal(only.trailing, 13);
  assert.ok(Math.abs(only.probability - 0.9) < 1e-9);
});

test('what is shorter waits a second for more, so that short phrases are heard together', () => {
  assert.deepEqual(segment([40, 0.9], [30, 0.1]), []);
  const [alone] = segment([40, 0.9], [31, 0.1]);
  assert.deepEqual(alone && alone !== 'dropped' && [alone.speech, alone.pauses, alone.trailing], [40, 0, 31]);
  const [together] = segment([40, 0.9], [30, 0.1], [20, 0.9], [13, 0.1]);
  assert.deepEqual(together && together !== 'dropped' && [together.speech, together.pauses, together.trailing], [60, 30, 13]);
});

test('a short pause does not cut it, and between the thresholds it lasts but does not begin', () => {
  assert.equal(segment([31, 0.9], [10, 0.1], [31, 0.9], [13, 0]).length, 1);
  assert.equal(segment([32, 0.9], [30, 0.4], [13, 0]).length, 1);
  assert.deepEqual(segment([100, 0.4], [50, 0]), []);
});

test('a click is dropped', () => {
  assert.deepEqual(segment([4, 0.9], [31, 0]), ['dropped']);
});

test('who talks on is heard every 5 s', () => {
  assert.deepEqual(
    segment([400, 0.9]).map((each) => each !== 'dropped' && each.speech),
    [156, 156],
  );
});

test('whatever is heard, segments are 0.25 to 5 s long and no speech is counted twice', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0, max: 1, noNaN: true })), { maxLength: 40 }),
      (runs) => {
        const heard = segment(...runs).filter((each) => each !== 'dropped');
        for (const { speech, trailing, probability } of heard) {
          assert.ok(speech >= 8 && speech + trailing <= 156);
          assert.ok(probability >= 0.35 && probability <= 1 + 1e-9);
        }
        const spoken = runs.reduce((sum, [chunks, probability]) => sum + (probability >= 0.35 ? chunks : 0), 0);
        assert.ok(heard.reduce((sum, { speech }) => sum + speech, 0) <= spoken);
      },
    ),
  );
});
