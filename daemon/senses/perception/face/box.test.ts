import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Detection, overlap, suppressOverlaps } from './box.ts';

const box = fc.record({
  left: fc.integer({ min: -20, max: 100 }),
  top: fc.integer({ min: -20, max: 100 }),
  width: fc.integer({ min: 1, max: 80 }),
  height: fc.integer({ min: 1, max: 80 }),
});
const detections = fc.array(fc.record({ box, score: fc.double({ min: 0, max: 1, noNaN: true }) }), { maxLength: 30 });
const THRESHOLD = 0.3;

test('overlap is symmetric, 1 with itself and 0 apart', () => {
  fc.assert(
    fc.property(box, box, (a, b) => {
      assert.equal(overlap(a, b), overlap(b, a));
      assert.equal(overlap(a, a), 1);
      assert.equal(overlap(a, { ...b, left: a.left + a.width }), 0);
    }),
  );
});

test('what is kept does not overlap, and what is dropped overlaps something better that is kept', () => {
  fc.assert(
    fc.property(detections, (all) => {
      const kept = suppressOverlaps([...all], THRESHOLD);
      const covers = (by: Detection, each: Detection) => by.score >= each.score && overlap(by.box, each.box) > THRESHOLD;
      for (const [i, a] of kept.entries()) {
        for (const b of kept.slice(i + 1)) assert.ok(overlap(a.box, b.box) <= THRESHOLD);
      }
      for (const each of all) assert.ok(kept.includes(each) || kept.some((better) => covers(better, each)));
    }),
  );
});

test('the best comes first, and nothing is left to suppress', () => {
  fc.assert(
    fc.property(detections, (all) => {
      const kept = suppressOverlaps(all, THRESHOLD);
      assert.deepEqual(
        kept.map(({ score }) => score),
        kept.map(({ score }) => score).sort((a, b) => b - a),
      );
      assert.deepEqual(suppressOverlaps([...kept], THRESHOLD), kept);
    }),
  );
});
