import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from '../api/clock.fake.ts';
import { type ErrorCode, RoomtoneError } from '../api/errors.ts';
import { FakeState } from '../api/state.fake.ts';
import type { AuditEntry } from '../api/views.ts';
import { fromWeights } from '../mood/affect.ts';
import type { Mood } from '../mood/mood.ts';
import type { Observation } from '../mood/observation.ts';
import { FeedbackBook } from './feedback.ts';
import { Wearables } from './wearables.ts';

const ADMIN = { kind: 'panel', name: 'admin' } as const;
const SET = { face: 0.9, voice: 0.8, text: 0.8, body: 0.7, presence: 1 };

const refusedAs = (code: ErrorCode) => (error: unknown) => error instanceof RoomtoneError && error.code === code;

function setUp() {
  const clock = new FakeClock();
  const state = new FakeState();
  const noted: Omit<AuditEntry, 'at'>[] = [];
  const audit = { record: (entry: Omit<AuditEntry, 'at'>) => void noted.push(entry), latest: () => [] };
  return { clock, state, audit, noted };
}

describe('feedback', () => {
  const tense: Mood = {
    ...({ v: 1, room: 'den', at: 0, label: 'tense', emotion: 'anger', valence: -0.5, arousal: 0.5, stress: 60 } as const),
    ...{ probabilities: fromWeights(() => 1), hiddenStress: false, confidence: 0.7, occupancy: true, people: 1 },
    contributions: [
      { source: 'cam', modality: 'face', weight: 0.8, agrees: true },
      { source: 'mic', modality: 'voice', weight: 0.2, agrees: false },
    ],
  };

  function book(mood: Mood | null = tense) {
    const { clock, state, audit, noted } = setUp();
    const learned: string[] = [];
    const make = (): FeedbackBook =>
      new FeedbackBook({
        ...{ clock, state, audit, reliability: () => SET, assertWritten: () => {} },
        room: () => ({ mood, moodScene: 'soothe' }),
        onLearned: (room, { verdict, takenBack }) => learned.push(`${room} ${verdict} ${takenBack}`),
      });
    return { clock, noted, learned, make, feedback: make() };
  }

  test('moves reliabilities, is told and noted, and survives a restart', () => {
    const { feedback, noted, learned, make } = book();
    const { entries, reliability } = feedback.say(ADMIN, 'den', 'wrong');
    const face = reliability.find(({ modality }) => modality === 'face');
    assert.ok(face && face.learned < face.set && face.learned > face.set - 0.05);
    assert.deepEqual(
      entries.map(({ verdict, effects }) => [verdict, effects.map(({ modality, change }) => [modality, change < 0])]),
      [['wrong', [['face', true]]]],
    );
    assert.deepEqual(learned, ['den wrong false']);
    assert.deepEqual(noted, [{ actor: 'panel:admin', action: 'feedback.given', subject: 'den', params: { verdict: 'wrong' } }]);
    assert.deepEqual(make().view('den').reliability, reliability);
  });

  test('taken back, it is as if it had never been', () => {
    const { feedback, learned } = book();
    feedback.say(ADMIN, 'den', 'right');
    const before = feedback.reliability('den');
    const { entries } = feedback.say(ADMIN, 'den', 'wrong');
    feedback.takeBack(ADMIN, 'den', entries[0]?.id ?? '');
    assert.deepEqual(feedback.reliability('den'), before);
    assert.deepEqual(learned.at(-1), 'den wrong true');
    assert.throws(() => feedback.takeBack(ADMIN, 'den', entries[0]?.id ?? ''), refusedAs('feedback.unknown'));
  });

  test('"not now" lets the scene rest for an hour', () => {
    const { feedback, clock } = book();
    const { scenes } = feedback.say(ADMIN, 'den', 'not_now');
    assert.deepEqual([scenes[0]?.scene, scenes[0]?.welcome], ['soothe', false]);
    assert.deepEqual([feedback.isWelcome('den', 'soothe'), feedback.isWelcome('den', 'cheer')], [false, true]);
    assert.deepEqual(feedback.reliability('den'), SET);
    clock.advance(3_600_000);
    assert.equal(feedback.isWelcome('den', 'soothe'), true);
  });

  test('of a room without a mood, and of a recording, is refused', () => {
    for (const mood of [null, { ...tense, demo: true as const }, { ...tense, contributions: [] }]) {
      assert.throws(() => book(mood).feedback.say(ADMIN, 'den', 'right'), refusedAs('feedback.no_mood'));
    }
  });
});

describe('wearables', () => {
  function wrist() {
    const { clock, state, audit } = setUp();
    const observed: Observation[] = [];
    const worn: string[] = [];
    const make = (): Wearables =>
      new Wearables({
        ...{ clock, state, audit },
        sensing: { wear: (room, wearer) => void worn.push(`${room}/${wearer}`) },
        onObservation: (observation) => observed.push(observation),
      });
    return { clock, state, observed, worn, make, wearables: make() };
  }

  test('say nothing until the ordinary is known, and then how far from it the wearer is', () => {
    const { clock, observed, worn, wearables } = wrist();
    for (let minute = 0; minute < 20; minute++) {
      wearables.submit('den', { wearer: 'ada', heartRate: 60 + (minute % 5) });
      clock.advance(60_000);
    }
    const { reading } = wearables.submit('den', { wearer: 'ada', heartRate: 95 });
    assert.ok(reading && reading.arousal > 0.9 && reading.stress > 0.9);
    assert.equal(observed.length, 11);
    const last = observed.at(-1);
    assert.ok(last?.modality === 'body' && last.source === 'ada' && last.room === 'den' && last.at === clock.mono());
    assert.equal(worn.length, 21);
  });

  test('nonsense is refused whole, and nothing is learned of it', () => {
    const { wearables } = wrist();
    assert.throws(() => wearables.submit('den', { wearer: 'ada', heartRate: 0, hrv: 40 }), refusedAs('body.bad_sample'));
    assert.deepEqual(wearables.list(), []);
  });

  test('what was learned is on disk after ten minutes and at the end, and can be forgotten', () => {
    const { clock, state, wearables, make } = wrist();
    wearables.submit('den', { wearer: 'ada', heartRate: 60 });
    assert.deepEqual(state.keys('body.'), []);
    clock.advance(600_000);
    assert.deepEqual(state.keys('body.'), ['body.baseline/ada']);
    wearables.submit('den', { wearer: 'bo', hrv: 40 });
    wearables.close();
    assert.equal(clock.pending, 0);
    const after = make();
    assert.deepEqual(
      after.list().map(({ wearer }) => wearer),
      ['ada', 'bo'],
    );
    after.forget(ADMIN, 'ada');
    assert.deepEqual(state.keys('body.'), ['body.baseline/bo']);
    assert.throws(() => after.forget(ADMIN, 'ada'), refusedAs('body.unknown_wearer'));
  });
});
