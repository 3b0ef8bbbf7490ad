import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Feedback, isWelcome, learnedReliability, MOST_LEARNED, NOT_NOW, scenePreference } from './feedback.ts';
import { MODALITIES } from './observation.ts';
import { VERDICTS } from './verdict.ts';

const SET = { face: 0.9, voice: 0.7, text: 0.8, body: 0.7, presence: 1 };

const verdict = fc.record({
  id: fc.uuid(),
  at: fc.nat(1e9),
  room: fc.constant('den'),
  actor: fc.constant('admin:admin'),
  verdict: fc.constantFrom(...VERDICTS),
  emotion: fc.constant('anger' as const),
  label: fc.constant('tense' as const),
  scene: fc.constantFrom('soothe', 'cheer', null),
  said: fc.array(
    fc.record({ modality: fc.constantFrom(...MODALITIES), weight: fc.double({ min: 0, max: 1, noNaN: true }), agrees: fc.boolean() }),
    { maxLength: 4 },
  ),
}) satisfies fc.Arbitrary<Feedback>;

const about = (over: Partial<Feedback>): Feedback => ({
  ...{ id: 'a', at: 0, room: 'den', actor: 'admin:admin', verdict: 'right', emotion: 'anger', label: 'tense', scene: 'soothe' },
  said: [
    { modality: 'face', weight: 0.7, agrees: true },
    { modality: 'voice', weight: 0.3, agrees: false },
  ],
  ...over,
});

describe('reliabilities', () => {
  test('stay within what may be learned, whatever is said', () => {
    fc.assert(
      fc.property(fc.array(verdict, { maxLength: 200 }), (verdicts) => {
        const learned = learnedReliability(SET, verdicts);
        for (const modality of MODALITIES) {
          assert.ok(Math.abs(learned[modality] - SET[modality]) <= MOST_LEARNED + 1e-9);
          assert.ok(learned[modality] > 0 && learned[modality] <= 1);
        }
      }),
    );
  });

  test('are what they were once a verdict is taken back, and do not depend on their order', () => {
    fc.assert(
      fc.property(fc.array(verdict, { maxLength: 30 }), verdict, (verdicts, one) => {
        const before = learnedReliability(SET, verdicts);
        const all = [one, ...verdicts];
        const after = learnedReliability(
          SET,
          all.filter(({ id }) => id !== one.id),
        );
        assert.deepEqual(after, before);
        const [forth, back] = [learnedReliability(SET, all), learnedReliability(SET, all.toReversed())];
        for (const modality of MODALITIES) assert.ok(Math.abs(forth[modality] - back[modality]) < 1e-9);
      }),
    );
  });

  test('"right" is for those who said so and against the others; "wrong" is against those who said so', () => {
    const right = learnedReliability(SET, [about({})]);
    assert.ok(right.face > SET.face && right.voice < SET.voice && right.text === SET.text);
    const wrong = learnedReliability(SET, [about({ verdict: 'wrong' })]);
    assert.ok(wrong.face < SET.face && wrong.voice === SET.voice);
    assert.deepEqual(learnedReliability(SET, [about({ verdict: 'not_now' })]), SET);
    assert.deepEqual(learnedReliability(SET, []), SET);
  });

  test('one click moves them little', () => {
    const wrong = learnedReliability(SET, [about({ verdict: 'wrong', said: [{ modality: 'face', weight: 1, agrees: true }] })]);
    assert.ok(SET.face - wrong.face < 0.05);
  });
});

describe('a scene', () => {
  test('rests for an hour after "not now", and after four times is not brought at all until one is taken back', () => {
    const refused = [0, 1, 2, 3].map((i) => about({ id: `${i}`, verdict: 'not_now', at: i * 1000 }));
    assert.equal(isWelcome('soothe', { verdicts: refused.slice(0, 1), now: NOT_NOW - 1 }), false);
    assert.equal(isWelcome('soothe', { verdicts: refused.slice(0, 1), now: NOT_NOW }), true);
    assert.equal(isWelcome('soothe', { verdicts: refused, now: 100 * NOT_NOW }), false);
    assert.equal(isWelcome('soothe', { verdicts: refused.slice(1), now: 100 * NOT_NOW }), true);
    assert.equal(isWelcome('cheer', { verdicts: refused, now: 0 }), true);
  });

  test('is preferred between -1 and 1', () => {
    fc.assert(
      fc.property(fc.array(verdict, { maxLength: 100 }), (verdicts) => {
        assert.ok(Math.abs(scenePreference('soothe', verdicts)) < 1);
      }),
    );
  });
});
