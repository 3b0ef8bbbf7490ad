import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FaceTracker } from './tracker.ts';

const face = (left: number, top = 50, side = 40) => ({ box: { left, top, width: side, height: side }, score: 0.9 });
const ids = (tracker: FaceTracker, at: number, ...faces: ReturnType<typeof face>[]) => tracker.update(faces, at).map(({ track }) => track);

test('faces that move keep their ids, in whatever order they are found', () => {
  const tracker = new FaceTracker();
  const [left, right] = ids(tracker, 0, face(10), face(200)) as [number, number];
  assert.notEqual(left, right);
  assert.deepEqual(ids(tracker, 200, face(190), face(25)), [right, left]);
});

test('a face that jumps by less than its own size between two frames keeps its id', () => {
  const tracker = new FaceTracker();
  const [id] = ids(tracker, 0, face(10));
  assert.deepEqual(ids(tracker, 200, face(52)), [id]);
});

test('a face far away or of another size is another face', () => {
  const tracker = new FaceTracker();
  const [id] = ids(tracker, 0, face(10));
  assert.notEqual(ids(tracker, 200, face(110))[0], id);
  assert.notEqual(ids(tracker, 400, face(300, 50, 200))[0], id);
});

test('a face lost for a moment comes back as itself, one lost for longer does not', () => {
  const tracker = new FaceTracker();
  const [id] = ids(tracker, 0, face(10));
  assert.deepEqual(ids(tracker, 1400, face(12)), [id]);
  assert.notEqual(ids(tracker, 3000, face(12))[0], id);
});

const frames = fc.array(
  fc.array(
    fc
      .tuple(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 0, max: 300 }), fc.integer({ min: 10, max: 120 }))
      .map(([x, y, side]) => face(x, y, side)),
    { maxLength: 6 },
  ),
  { maxLength: 30 },
);

test('ids are unique in a frame, and new ones only ever count up', () => {
  fc.assert(
    fc.property(frames, fc.integer({ min: 1, max: 2000 }), (all, interval) => {
      const tracker = new FaceTracker();
      const lastSeen = new Map<number, number>();
      let highest = 0;
      for (const [index, faces] of all.entries()) {
        const at = index * interval;
        const given = ids(tracker, at, ...faces);
        assert.equal(new Set(given).size, given.length);
        for (const id of given) {
          const seenAt = lastSeen.get(id);
          if (seenAt === undefined) assert.equal(id, ++highest);
          else assert.ok(at - seenAt <= 1500);
          lastSeen.set(id, at);
        }
      }
    }),
  );
});
