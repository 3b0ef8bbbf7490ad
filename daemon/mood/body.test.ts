import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type BodyBaseline, type BodySample, bodyBaselineSchema, bodySampleSchema, learn, readBody, robustDeviation } from './body.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 1);
const sample = (over: Partial<BodySample>): BodySample => ({ wearer: 'ada', ...over });

/** A heart that beats about `center` times a minute, watched for as many minutes. */
function ordinary(center: number, { minutes = 60, hrv = 40 }: { minutes?: number; hrv?: number } = {}): BodyBaseline {
  let baseline: BodyBaseline = {};
  for (let i = 0; i < minutes; i++) {
    const heartRate = center + ((i * 7) % 11) - 5;
    baseline = learn(sample({ heartRate, hrv: hrv + ((i * 5) % 9) - 4 }), { baseline, at: START + i * MINUTE });
  }
  return baseline;
}

describe('a sample', () => {
  for (const [what, sent] of [
    ['a heart that does not beat', { heartRate: 0 }],
    ['one that beats like a bird', { heartRate: 400 }],
    ['no number', { heartRate: '72' }],
    ['not even a number', { hrv: Number.NaN }],
    ['a night of 30 hours', { sleep: 30 }],
    ['nothing measured', { wearer: 'ada', moving: true }],
    ['a measure nobody knows', { heartRate: 60, mana: 3 }],
    ['a wearer with a name that is no id', { wearer: 'Ada L.', heartRate: 60 }],
  ] as const) {
    test(`is refused: ${what}`, () => assert.equal(bodySampleSchema.safeParse(sent).success, false));
  }

  test('says nothing until enough is known of the wearer', () => {
    assert.equal(readBody(sample({ heartRate: 120 }), ordinary(60, { minutes: 9 })), undefined);
    assert.ok(readBody(sample({ heartRate: 120 }), ordinary(60, { minutes: 10 })));
  });

  test('is measured against its own wearer: 80 is much for one and little for another', () => {
    const calm = readBody(sample({ heartRate: 80, hrv: 40 }), ordinary(60));
    const quick = readBody(sample({ heartRate: 80, hrv: 40 }), ordinary(95));
    assert.ok(calm && quick && calm.arousal > 0.5 && quick.arousal < -0.3);
    assert.ok(calm.stress > quick.stress);
  });

  test('of an ordinary moment says rest', () => {
    const reading = readBody(sample({ heartRate: 60, hrv: 40 }), ordinary(60));
    assert.ok(reading && Math.abs(reading.arousal) < 0.15 && reading.stress < 0.2);
    assert.deepEqual(reading.flags, []);
  });

  test('of low heart rate variability says stress, of movement little', () => {
    const tense = readBody(sample({ heartRate: 66, hrv: 15 }), ordinary(60));
    assert.ok(tense && tense.stress > 0.7);
    const running = readBody(sample({ heartRate: 150, hrv: 15, moving: true }), ordinary(60));
    assert.ok(running && running.confidence < 0.3 * tense.confidence + 0.01);
    assert.deepEqual(running.flags, ['moving', 'outlier']);
  });

  test('is never out of range', () => {
    const any = fc.record({
      heartRate: fc.double({ min: 25, max: 240, noNaN: true }),
      hrv: fc.double({ min: 1, max: 400, noNaN: true }),
      moving: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: 12, maxLength: 60 }), any, (before, now) => {
        const baseline = before.reduce<BodyBaseline>(
          (known, each, i) => learn(sample(each), { baseline: known, at: START + i * MINUTE }),
          {},
        );
        const reading = readBody(sample(now), baseline);
        if (!reading) return;
        assert.ok(Math.abs(reading.arousal) <= 1 && reading.stress >= 0 && reading.stress <= 1);
        assert.ok(reading.confidence >= 0 && reading.confidence <= 1);
      }),
    );
  });
});

describe('a baseline', () => {
  test('is a value: what it is made of stays as it was, and it survives JSON', () => {
    const before = ordinary(60);
    const copy = structuredClone(before);
    const after = learn(sample({ heartRate: 61 }), { baseline: before, at: START + 100 * MINUTE });
    assert.deepEqual(before, copy);
    assert.notDeepEqual(after, before);
    assert.deepEqual(bodyBaselineSchema.parse(JSON.parse(JSON.stringify(after))), after);
  });

  test('stays small over weeks, and still knows the first days', () => {
    let baseline: BodyBaseline = {};
    for (let i = 0; i < 5 * 24 * 60; i++) baseline = learn(sample({ heartRate: i < 1440 ? 60 : 70 }), { baseline, at: START + i * MINUTE });
    const { values = [] } = baseline.heartRate ?? {};
    assert.ok(values.length <= 96 && values.length >= 40);
    const early = values.filter((each) => each === 60).length / values.length;
    assert.ok(early > 0.1 && early < 0.3);
  });

  test('learns nothing of a run, nor twice of a minute', () => {
    const before = ordinary(60);
    assert.deepEqual(learn(sample({ heartRate: 170, moving: true }), { baseline: before, at: START + 100 * MINUTE }), before);
    assert.deepEqual(learn(sample({ heartRate: 60 }), { baseline: before, at: START + 59.5 * MINUTE }), before);
  });
});

test('a few wild values move the robust deviation little', () => {
  const values = Array.from({ length: 40 }, (_, i) => 60 + (i % 5));
  const plain = robustDeviation(70, { values, floor: 1 });
  const spoiled = robustDeviation(70, { values: [...values, 230, 231, 25], floor: 1 });
  assert.ok(plain > 3 && Math.abs(spoiled - plain) < 1);
});
