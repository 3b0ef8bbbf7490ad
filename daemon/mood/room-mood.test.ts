import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { fromWeights } from './affect.ts';
import { EMOTIONS, type Emotion, type Probabilities } from './emotion.ts';
import type { Observation } from './observation.ts';
import { type Moment, type MoodOptions, RoomMood } from './room-mood.ts';

const START = 1_000_000;
const at = (mono: number): Moment => ({ mono, wall: Date.UTC(2026, 10, 1) + mono });
const mostly = (strong: Emotion): Probabilities => fromWeights((each) => (each === strong ? 24 : 1));
const common = { v: 1 as const, room: 'den', confidence: 0.9, quality: 0.9 };
let serial = 0;

function face(strong: Emotion, over: Partial<Extract<Observation, { modality: 'face' }>> = {}): Observation {
  const id = `f${serial++}`;
  return { ...common, id, modality: 'face', source: 'cam', at: START, track: 1, probabilities: mostly(strong), people: 1, ...over };
}

function voice(over: Partial<Extract<Observation, { modality: 'voice' }>> = {}): Observation {
  return { ...common, id: `v${serial++}`, modality: 'voice', source: 'mic', at: START, speech: true, ...over };
}

function presence(occupied: boolean, over: Partial<Extract<Observation, { modality: 'presence' }>> = {}): Observation {
  const people = occupied ? 1 : 0;
  return { ...common, id: `p${serial++}`, modality: 'presence', source: 'pir', at: START, occupied, people, ...over };
}

const immediate = { smoothing: 0, dwell: 0 };
const room = (options: Partial<MoodOptions> = immediate): RoomMood => new RoomMood({ room: 'den', options });

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const signed = fc.double({ min: -1, max: 1, noNaN: true });
const probabilities = fc
  .array(fc.integer({ min: 0, max: 1000 }), { minLength: 7, maxLength: 7 })
  .filter((weights) => weights.some((each) => each > 0))
  .map((weights) => fromWeights((emotion) => weights[EMOTIONS.indexOf(emotion)] ?? 0));
const observation: fc.Arbitrary<Observation> = fc.oneof(
  fc
    .record({ confidence: unit, quality: unit, track: fc.nat(3), source: fc.constantFrom('a', 'b'), probabilities })
    .map((o) => face('neutral', o)),
  fc.record({ confidence: unit, quality: unit, affect: fc.record({ arousal: signed }), vocalStress: unit }).map(voice),
  fc
    .record({ confidence: unit, quality: unit, arousal: signed, stress: unit })
    .map((o): Observation => ({ ...common, id: 'b', modality: 'body', source: 'watch', at: START, flags: [], ...o })),
  fc
    .record({ confidence: unit, quality: unit, probabilities, sentiment: signed })
    .map((o): Observation => ({ ...common, id: 't', modality: 'text', source: 'diary', at: START, flags: [], ...o })),
  fc.boolean().map((occupied) => presence(occupied)),
);
const timed = fc.record({ observation, after: fc.nat(120_000) });

describe('any stream of observations', () => {
  test('gives moods within their ranges, with shares that add up to 1', () => {
    fc.assert(
      fc.property(fc.array(timed, { maxLength: 30 }), (stream) => {
        const subject = new RoomMood({ room: 'den' });
        let now = START;
        for (const { observation, after } of stream) {
          now += after;
          const mood = subject.observe({ ...observation, at: now }, at(now));
          const sum = mood.contributions.reduce((total, each) => total + each.weight, 0);
          assert.ok(mood.contributions.length === 0 || Math.abs(sum - 1) < 1e-9);
          assert.ok(Math.abs(Object.values(mood.probabilities).reduce((total, each) => total + each, 0) - 1) < 1e-9);
          assert.ok(mood.stress >= 0 && mood.stress <= 100 && mood.confidence >= 0 && mood.confidence <= 1);
          assert.ok(Math.abs(mood.valence) <= 1 && Math.abs(mood.arousal) <= 1);
          if (mood.occupancy === false) assert.equal(mood.confidence, 0);
        }
      }),
    );
  });

  test('gives the same moods twice', () => {
    fc.assert(
      fc.property(fc.array(timed, { maxLength: 20 }), (stream) => {
        const moods = [new RoomMood({ room: 'den' }), new RoomMood({ room: 'den' })].map((subject) => {
          let now = START;
          return stream.map(({ observation, after }) => {
            now += after;
            return subject.observe({ ...observation, at: now }, at(now));
          });
        });
        assert.equal(JSON.stringify(moods[0]), JSON.stringify(moods[1]));
      }),
    );
  });

  test('counts readings of the same moment alike, whichever source comes first', () => {
    const oneEach = fc.uniqueArray(observation, { minLength: 2, maxLength: 5, selector: (each) => `${each.source}/${each.modality}` });
    const shuffled = oneEach.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        const felt = [one, other].map((list) => {
          const subject = room({ smoothing: 5000, dwell: 5000 });
          for (const each of list) subject.observe(each, at(START));
          return subject.tick(at(START + 3000));
        });
        assert.deepEqual(felt[0], felt[1]);
      }),
    );
  });
});

describe('fusion', () => {
  test('an unsure or poorly seen face counts less than a sure and clear one, but it counts', () => {
    for (const weaker of [{ confidence: 0.45 }, { quality: 0.3 }]) {
      const subject = room();
      subject.observe(face('happiness', { source: 'sure' }), at(START));
      const mood = subject.observe(face('anger', { source: 'unsure', ...weaker }), at(START));
      const weight = new Map(mood.contributions.map((each) => [each.source, each.weight]));
      assert.ok((weight.get('unsure') ?? 0) > 0.2 && (weight.get('unsure') ?? 1) < 0.4);
      assert.equal(mood.emotion, 'happiness');
    }
  });

  test('a source that goes stale changes confidence, hardly the emotion', () => {
    const subject = room();
    const fresh = subject.observe(face('happiness'), at(START));
    const stale = subject.tick(at(START + 20_000));
    assert.ok(stale.confidence < fresh.confidence / 2);
    assert.equal(stale.emotion, 'happiness');
    assert.ok(Math.abs(stale.probabilities.happiness - fresh.probabilities.happiness) < 0.05);
  });

  test('a fresh source outweighs a stale one that says otherwise', () => {
    const subject = room();
    subject.observe(face('anger', { source: 'old' }), at(START));
    const mood = subject.observe(face('happiness', { at: START + 60_000 }), at(START + 60_000));
    assert.equal(mood.emotion, 'happiness');
    assert.ok((mood.contributions.find((each) => each.source === 'cam')?.weight ?? 0) > 0.9);
  });

  test('arousal alone tells anger from sadness without a word about pleasure', () => {
    const aroused = room().observe(voice({ affect: { arousal: 0.7 } }), at(START));
    const still = room().observe(voice({ affect: { arousal: -0.6 } }), at(START));
    assert.ok(aroused.probabilities.anger > 4 * aroused.probabilities.sadness);
    assert.ok(still.probabilities.sadness > 4 * still.probabilities.anger);
    assert.ok(Math.abs(aroused.arousal - 0.7) < 0.05);
  });

  test('arousal alone says nothing of pleasure, so that ordinary speech makes no low mood', () => {
    for (const arousal of [-0.4, -0.1, 0.1, 0.8]) {
      const mood = room().observe(voice({ affect: { arousal } }), at(START));
      assert.ok(Math.abs(mood.valence) < 0.1, `valence ${mood.valence} at arousal ${arousal}`);
      assert.equal(mood.label, 'neutral');
    }
    const subject = room();
    const before = subject.observe(face('neutral', { affect: { valence: 0.9, arousal: 0 } }), at(START));
    const after = subject.observe(voice({ affect: { arousal: 0.1 } }), at(START));
    assert.equal(after.valence, before.valence);
  });

  test('categories of a voice lean the mood, by their share, and its arousal stays as it was read', () => {
    const heard = (voiceCategories: number, strong: Emotion) =>
      room({ ...immediate, voiceCategories }).observe(voice({ affect: { arousal: 0.5 }, probabilities: mostly(strong) }), at(START));
    const [angry, happy] = [heard(0.2, 'anger'), heard(0.2, 'happiness')];
    assert.ok(angry.valence < -0.1 && happy.valence > 0.1);
    assert.ok(happy.valence < heard(1, 'happiness').valence);
    assert.ok(heard(0.02, 'happiness').valence < 0.3);
    assert.ok(heard(1, 'happiness').probabilities.happiness > 0.65);
    assert.ok(happy.probabilities.happiness > happy.probabilities.anger && happy.probabilities.happiness < 0.6);
    assert.ok(Math.abs(angry.arousal - happy.arousal) < 0.1);
    assert.equal(angry.contributions.length, 1);
    assert.equal(angry.confidence, happy.confidence);
    const alone = room().observe(voice({ affect: { arousal: 0.5 } }), at(START));
    assert.deepEqual({ ...heard(0, 'happiness'), trigger: '' }, { ...alone, trigger: '' });
  });

  test('a face outweighs what the categories of a voice say of pleasure', () => {
    const subject = room({ ...immediate, voiceCategories: 0.2 });
    subject.observe(face('happiness'), at(START));
    const mood = subject.observe(voice({ affect: { arousal: 0.4 }, probabilities: mostly('anger') }), at(START));
    assert.equal(mood.label, 'cheerful');
    assert.equal(mood.emotion, 'happiness');
  });

  test('strain in the voice raises stress and leaves the emotion alone', () => {
    const subject = room();
    const before = subject.observe(face('neutral'), at(START));
    const after = subject.observe(voice({ vocalStress: 0.9 }), at(START));
    assert.deepEqual(after.probabilities, before.probabilities);
    assert.deepEqual(after.contributions, before.contributions);
    assert.ok(after.stress > before.stress + 10);
  });

  test('two faces count as two people, not as two opinions of one', () => {
    const subject = room();
    subject.observe(face('happiness', { track: 1, people: 2 }), at(START));
    const mood = subject.observe(face('sadness', { track: 2, people: 2 }), at(START));
    assert.equal(mood.people, 2);
    assert.ok(Math.abs(mood.probabilities.happiness - mood.probabilities.sadness) < 0.01);
    assert.ok(mood.probabilities.happiness > 0.3);
  });

  test('a face that left gives way to those that stay', () => {
    const subject = room();
    subject.observe(face('anger', { track: 1 }), at(START));
    const mood = subject.observe(face('happiness', { track: 2, at: START + 10_000 }), at(START + 10_000));
    assert.ok(mood.probabilities.happiness > 5 * mood.probabilities.anger);
  });

  test('one wrong frame does not turn a face that is read ten times a second', () => {
    const subject = room({ smoothing: 5000, dwell: 0 });
    for (let ms = 0; ms <= 3000; ms += 100) subject.observe(face('happiness', { at: START + ms }), at(START + ms));
    assert.equal(subject.observe(face('anger', { at: START + 3100 }), at(START + 3100)).emotion, 'happiness');
  });

  test('a reading that was overtaken on the way changes nothing', () => {
    const subject = room();
    subject.observe(face('happiness', { at: START + 500 }), at(START + 500));
    assert.equal(subject.observe(face('anger', { at: START }), at(START + 600)).emotion, 'happiness');
  });

  test('a source that was switched off leaves no trace', () => {
    const subject = room();
    subject.observe(face('anger'), at(START));
    subject.forget('cam');
    const mood = subject.tick(at(START));
    assert.deepEqual([mood.emotion, mood.confidence, mood.occupancy, mood.contributions], ['neutral', 0, null, []]);
  });

  test('moods of a recording say so and name what set them off', () => {
    const mood = room({ ...immediate, demo: true }).observe(face('happiness', { id: 'cam-1' }), at(START));
    assert.equal(mood.demo, true);
    assert.equal(mood.trigger, 'cam-1');
    assert.equal('demo' in room().tick(at(START)), false);
    assert.equal('trigger' in room().tick(at(START)), false);
  });
});

describe('label', () => {
  test('follows at once without smoothing and dwell', () => {
    const labels = (['happiness', 'anger', 'sadness', 'neutral'] as const).map((each) => room().observe(face(each), at(START)).label);
    assert.deepEqual(labels, ['cheerful', 'tense', 'low', 'neutral']);
  });

  test('is calm when pleasure comes with little arousal', () => {
    const subject = room();
    const mood = subject.observe(face('happiness', { affect: { valence: 0.6, arousal: -0.3 } }), at(START));
    assert.equal(mood.label, 'calm');
  });

  test('waits for the dwell, and a break starts it again', () => {
    const subject = room({ smoothing: 0, dwell: 10_000 });
    const labelAt = (ms: number, emotion: Emotion) => subject.observe(face(emotion, { at: START + ms }), at(START + ms)).label;
    assert.equal(labelAt(0, 'happiness'), 'neutral');
    assert.equal(labelAt(6000, 'neutral'), 'neutral');
    assert.equal(labelAt(8000, 'happiness'), 'neutral');
    assert.equal(labelAt(17_000, 'happiness'), 'neutral');
    assert.equal(labelAt(18_000, 'happiness'), 'cheerful');
  });

  test('goes on from before a restart until another has dwelled', () => {
    const resume = { label: 'cheerful' as const, valence: 0.6, arousal: 0.4, stress: 5 };
    const subject = new RoomMood({ room: 'den', options: { smoothing: 1000, dwell: 2000 }, resume });
    const first = subject.observe(face('sadness'), at(START));
    assert.deepEqual([first.label, first.valence, first.arousal], ['cheerful', 0.6, 0.4]);
    const labels = [1, 2, 3, 4, 5, 6, 7, 8].map((seconds) => subject.tick(at(START + seconds * 1000)).label);
    assert.deepEqual([labels[0], labels[1], labels.at(-1)], ['cheerful', 'cheerful', 'low']);
  });

  test('never changes twice within the dwell', () => {
    const steps = fc.array(fc.record({ emotion: fc.constantFrom(...EMOTIONS), after: fc.integer({ min: 50, max: 8000 }) }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (stream) => {
        const subject = room({ smoothing: 0, dwell: 10_000 });
        let now = START;
        let changedAt = now;
        let label = subject.tick(at(now)).label;
        for (const { emotion, after } of stream) {
          now += after;
          const next = subject.observe(face(emotion, { at: now }), at(now)).label;
          if (next === label) continue;
          assert.ok(now - changedAt >= 10_000);
          [label, changedAt] = [next, now];
        }
      }),
    );
  });
});

describe('occupancy', () => {
  test('is unknown until something tells', () => {
    const mood = room().observe(voice({ affect: { arousal: 0.2 } }), at(START));
    assert.deepEqual([mood.occupancy, mood.people], [null, null]);
  });

  test('an empty room has no confidence and goes back to neutral', () => {
    const subject = room({ smoothing: 2000, dwell: 0 });
    for (let ms = 0; ms <= 10_000; ms += 1000) subject.observe(face('happiness', { at: START + ms }), at(START + ms));
    const left = START + 11_000;
    const empty = subject.observe(presence(false, { at: left }), at(left));
    assert.deepEqual([empty.occupancy, empty.people, empty.confidence, empty.contributions], [false, 0, 0, []]);
    assert.equal(subject.tick(at(left + 20_000)).label, 'neutral');
  });

  test('a face seen after the sensor said empty proves it wrong', () => {
    const subject = room();
    subject.observe(presence(false), at(START));
    const mood = subject.observe(face('neutral', { at: START + 1000, people: 2 }), at(START + 1000));
    assert.deepEqual([mood.occupancy, mood.people], [true, 2]);
  });

  test('a face out of view is no proof of an empty room', () => {
    const subject = room();
    subject.observe(face('neutral'), at(START));
    const mood = subject.tick(at(START + 31_000));
    assert.deepEqual([mood.occupancy, mood.people], [null, null]);
  });
});
