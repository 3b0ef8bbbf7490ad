import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { fromWeights } from './affect.ts';
import { EMOTIONS, type Emotion, type Probabilities } from './emotion.ts';
import type { Mood } from './mood.ts';
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
/** But for the last digits, which depend on the order of products. */
const rounded = (mood: Mood): Mood =>
  JSON.parse(JSON.stringify(mood), (_, value) => (typeof value === 'number' ? Number(value.toPrecision(9)) : value));

const timed = fc.record({ observation, after: fc.nat(120_000) });

function moodsOf(stream: readonly { observation: Observation; after: number }[]): Mood[] {
  const subject = new RoomMood({ room: 'den' });
  let now = START;
  return stream.map(({ observation, after }) => {
    now += after;
    return subject.observe({ ...observation, at: now }, at(now));
  });
}

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
          if (mood.occupancy === false) assert.deepEqual([mood.confidence, mood.emotion, mood.contributions], [0, 'neutral', []]);
          assert.ok(mood.disagreement === undefined || (mood.disagreement >= 0 && mood.disagreement <= 1));
          assert.equal(mood.hiddenStress, (mood.contradictions ?? []).length > 0);
        }
      }),
    );
  });

  test('says of stress what it is made of', () => {
    fc.assert(
      fc.property(fc.array(timed, { minLength: 1, maxLength: 20 }), (stream) => {
        for (const { stress, stressTerms = [] } of moodsOf(stream)) {
          const sum = stressTerms.reduce((total, { value, weight }) => total + value * weight, 0);
          assert.ok(Math.abs(100 * sum - stress) < 1e-6);
          const weights = stressTerms.reduce((total, { weight }) => total + weight, 0);
          assert.ok(stressTerms.length === 0 || Math.abs(weights - 1) < 1e-9);
        }
      }),
    );
  });

  test('leaves everything but confidence as it is once all fall silent', () => {
    const later = fc.array(fc.nat(60_000), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(timed, { minLength: 1, maxLength: 12 }), later, (stream, silence) => {
        const subject = new RoomMood({ room: 'den', options: { presenceHold: 1e9, memory: 1e9 } });
        let now = START;
        for (const { observation, after } of stream) {
          now += after;
          subject.observe({ ...observation, at: now }, at(now));
        }
        let last = subject.tick(at(now));
        for (const pause of silence) {
          now += pause;
          const next = subject.tick(at(now));
          assert.deepEqual([next.emotion, next.probabilities, next.contributions], [last.emotion, last.probabilities, last.contributions]);
          assert.ok(next.confidence <= last.confidence);
          last = next;
        }
      }),
    );
  });

  test('is not moved by a modality that was never there, nor by one that reads nothing', () => {
    const mute = fc.constantFrom<Observation>(voice({ speech: false }), presence(true), voice({ quality: 0, affect: { arousal: 0.9 } }));
    fc.assert(
      fc.property(fc.array(timed, { minLength: 1, maxLength: 8 }), mute, (stream, silent) => {
        const subjects = [new RoomMood({ room: 'den' }), new RoomMood({ room: 'den' })] as const;
        let now = START;
        for (const { observation, after } of stream) {
          if (observation.modality === 'presence') continue;
          now += after;
          subjects[1].observe({ ...silent, source: 'other', at: now }, at(now));
          const [plain, joined] = subjects.map((each) => each.observe({ ...observation, at: now }, at(now)));
          assert.deepEqual(
            [joined?.emotion, joined?.probabilities, joined?.valence],
            [plain?.emotion, plain?.probabilities, plain?.valence],
          );
        }
      }),
    );
  });

  test('gives the same moods twice', () => {
    fc.assert(
      fc.property(fc.array(timed, { maxLength: 20 }), (stream) => {
        assert.equal(JSON.stringify(moodsOf(stream)), JSON.stringify(moodsOf(stream)));
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
        assert.deepEqual(...(felt.map(rounded) as [Mood, Mood]));
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

  test('confidence is halved by five minutes without a word', () => {
    const subject = room();
    const fresh = subject.observe(face('happiness'), at(START));
    const stale = subject.tick(at(START + 300_000));
    assert.ok(Math.abs(stale.confidence - fresh.confidence / 2) < 1e-9);
  });

  test('what was read half an hour ago is forgotten', () => {
    const subject = room();
    subject.observe(face('happiness'), at(START));
    assert.equal(subject.tick(at(START + 1_799_000)).emotion, 'happiness');
    const { emotion, confidence, contributions } = subject.tick(at(START + 1_800_000));
    assert.deepEqual([emotion, confidence, contributions], ['neutral', 0, []]);
  });

  test('a fresh source outweighs a stale one that says otherwise', () => {
    const subject = room();
    subject.observe(face('anger', { source: 'old' }), at(START));
    const mood = subject.observe(face('happiness', { at: START + 360_000 }), at(START + 360_000));
    assert.equal(mood.emotion, 'happiness');
    assert.ok((mood.contributions.find((each) => each.source === 'cam')?.weight ?? 0) > 0.9);
  });

  test('two modalities that agree are surer than one, two cameras are not', () => {
    const alone = room().observe(face('happiness'), at(START));
    const about = { ...common, id: 't', source: 'text', at: START, sentiment: 0.8, flags: [] };
    const both = room();
    both.observe(face('happiness'), at(START));
    const agreed = both.observe({ ...about, modality: 'text', probabilities: mostly('happiness') }, at(START));
    assert.ok(agreed.confidence > alone.confidence + 0.05);
    const watched = room();
    watched.observe(face('happiness', { source: 'north' }), at(START));
    const twice = watched.observe(face('happiness', { source: 'south' }), at(START));
    assert.ok(Math.abs(twice.confidence - alone.confidence) < 1e-9);
  });

  test('says which sources speak for the emotion', () => {
    const subject = room();
    subject.observe(face('happiness'), at(START));
    const { contributions } = subject.observe(voice({ affect: { arousal: -0.7 } }), at(START));
    assert.deepEqual(
      contributions.map(({ modality, agrees }) => [modality, agrees]),
      [
        ['face', true],
        ['voice', false],
      ],
    );
  });

  test('is never surer than its source is reliable', () => {
    const certain = fromWeights((each) => (each === 'anger' ? 1 : 0));
    const mood = room().observe(face('anger', { probabilities: certain, confidence: 1, quality: 1 }), at(START));
    assert.ok(mood.confidence < 0.92 && mood.confidence > 0.9);
    const distrusted = room({ ...immediate, reliability: { face: 0.5, voice: 1, text: 1, body: 1, presence: 1 } });
    assert.ok(distrusted.observe(face('anger', { probabilities: certain, confidence: 1, quality: 1 }), at(START)).confidence < 0.6);
  });

  test('arousal alone tells anger from sadness without a word about pleasure', () => {
    const aroused = room().observe(voice({ affect: { arousal: 0.7 } }), at(START));
    const still = room().observe(voice({ affect: { arousal: -0.6 } }), at(START));
    assert.ok(aroused.probabilities.anger > 2 * aroused.probabilities.sadness);
    assert.ok(still.probabilities.sadness > 2 * still.probabilities.anger);
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
      room({ ...immediate, voiceCategories, voiceValence: 1 }).observe(
        voice({ affect: { arousal: 0.5 }, probabilities: mostly(strong) }),
        at(START),
      );
    const [angry, happy] = [heard(0.2, 'anger'), heard(0.2, 'happiness')];
    assert.ok(angry.valence < -0.05 && happy.valence > 0.05);
    assert.ok(happy.valence < heard(1, 'happiness').valence);
    assert.ok(heard(0.02, 'happiness').valence < 0.3);
    assert.ok(heard(1, 'happiness').probabilities.happiness > 0.5);
    assert.ok(happy.probabilities.happiness > happy.probabilities.anger && happy.probabilities.happiness < 0.6);
    assert.ok(Math.abs(angry.arousal - happy.arousal) < 0.1);
    assert.equal(angry.contributions.length, 1);
    const alone = room({ ...immediate, voiceCategories: 0 }).observe(voice({ affect: { arousal: 0.5 } }), at(START));
    assert.deepEqual({ ...heard(0, 'happiness'), trigger: '' }, { ...alone, trigger: '' });
  });

  test('a face outweighs what the categories of a voice say of pleasure', () => {
    const subject = room({ ...immediate, voiceCategories: 0.2, voiceValence: 1 });
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

  test('changes after some seconds of what is plainly seen, sooner within a look than where a look begins otherwise', () => {
    const secondsUntilCheerful = (breakFor: number): number => {
      const subject = room({ smoothing: 0, dwell: 10_000 });
      const labelAt = (second: number, emotion: Emotion) => {
        const now = START + 1000 * second;
        return subject.observe(face(emotion, { at: now }), at(now)).label;
      };
      for (let second = 0; second < 120; second++) labelAt(second, 'neutral');
      for (let after = 0; after < 600; after++) if (labelAt(120 + breakFor + after, 'happiness') === 'cheerful') return after;
      return Number.POSITIVE_INFINITY;
    };
    const [within, anew] = [secondsUntilCheerful(0), secondsUntilCheerful(10)];
    assert.ok(within >= 3 && within <= 10, `${within} s within a look`);
    assert.ok(anew > 2 * within && anew < 300, `${anew} s where a look begins so`);
    assert.ok(secondsUntilCheerful(600) < within, 'after a long time nothing is known that speaks against it');
  });

  test('wins by time: what was seen longest of late, not what was seen last', () => {
    const subject = room({ smoothing: 0, dwell: 10_000 });
    const labelAt = (second: number, emotion: Emotion) =>
      subject.observe(face(emotion, { at: START + 1000 * second }), at(START + 1000 * second)).label;
    for (let second = 0; second < 40; second++) labelAt(second, second % 4 === 3 ? 'anger' : 'happiness');
    assert.equal(labelAt(40, 'anger'), 'cheerful');
  });

  test('stands still while nobody can be read: a wrong look does not win by lasting in memory', () => {
    const subject = room({ smoothing: 0, dwell: 20_000 });
    for (let second = 0; second < 60; second++)
      subject.observe(face('happiness', { at: START + 1000 * second }), at(START + 1000 * second));
    for (let second = 60; second < 64; second++) subject.observe(face('anger', { at: START + 1000 * second }), at(START + 1000 * second));
    for (let second = 64; second < 300; second++) {
      const { label, emotion } = subject.tick(at(START + 1000 * second));
      assert.deepEqual([label, emotion], ['cheerful', 'happiness']);
    }
  });

  test('goes on from before a restart until another has dwelled', () => {
    const resume = { label: 'cheerful' as const, valence: 0.6, arousal: 0.4 };
    const subject = new RoomMood({ room: 'den', options: { smoothing: 1000, dwell: 2000 }, resume });
    const first = subject.observe(face('sadness'), at(START));
    assert.deepEqual([first.label, first.valence, first.arousal], ['cheerful', 0.6, 0.4]);
    const labels = [1, 2, 3, 4, 5, 6, 7, 8].map((seconds) => {
      const now = START + seconds * 1000;
      return subject.observe(face('sadness', { at: now }), at(now)).label;
    });
    assert.deepEqual([labels[0], labels.at(-1)], ['cheerful', 'low']);
  });

  test('never changes twice within the dwell', () => {
    const steps = fc.array(fc.record({ emotion: fc.constantFrom(...EMOTIONS), after: fc.integer({ min: 50, max: 8000 }) }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (stream) => {
        const subject = room({ smoothing: 0, dwell: 10_000 });
        let now = START;
        let changedAt = Number.NEGATIVE_INFINITY;
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

  test('an empty room is neutral again whatever was believed of it', () => {
    const subject = room({ smoothing: 2000, dwell: 10_000 });
    for (let ms = 0; ms <= 30_000; ms += 1000) subject.observe(face('anger', { at: START + ms }), at(START + ms));
    const left = START + 45_000;
    assert.equal(subject.tick(at(left)).label, 'tense');
    subject.observe(presence(false, { at: left }), at(left));
    assert.equal(subject.tick(at(left + 1000)).label, 'neutral');
  });

  test('a face seen after the sensor said empty proves it wrong', () => {
    const subject = room();
    subject.observe(presence(false), at(START));
    const mood = subject.observe(face('neutral', { at: START + 1000, people: 2 }), at(START + 1000));
    assert.deepEqual([mood.occupancy, mood.people], [true, 2]);
  });

  test('a camera that sees no face is believed after five minutes: people turn away', () => {
    const subject = room();
    subject.observe(face('happiness'), at(START));
    const unseen = (ms: number) => subject.observe(presence(false, { source: 'cam', confidence: 0.5, at: START + ms }), at(START + ms));
    assert.deepEqual([unseen(2000).occupancy, unseen(40_000).occupancy, unseen(299_000).emotion], [true, null, 'happiness']);
    const { occupancy, emotion, confidence } = unseen(302_000);
    assert.deepEqual([occupancy, emotion, confidence], [false, 'neutral', 0]);
  });

  test('who comes in after a room was empty does not find the mood of who left', () => {
    const subject = room();
    subject.observe(face('anger'), at(START));
    subject.observe(presence(false, { at: START + 1000 }), at(START + 1000));
    const mood = subject.observe(presence(true, { at: START + 2000 }), at(START + 2000));
    assert.deepEqual([mood.occupancy, mood.emotion, mood.contributions], [true, 'neutral', []]);
  });

  test('a face out of view is no proof of an empty room', () => {
    const subject = room();
    subject.observe(face('neutral'), at(START));
    const mood = subject.tick(at(START + 31_000));
    assert.deepEqual([mood.occupancy, mood.people], [null, null]);
  });
});

describe('several people', () => {
  test('who feel differently are said to, and who feel alike are not', () => {
    const seen = (second: Emotion) => {
      const subject = room();
      subject.observe(face('happiness', { track: 1, people: 2 }), at(START));
      return subject.observe(face(second, { track: 2, people: 2 }), at(START)).disagreement;
    };
    assert.equal(seen('happiness'), 0);
    assert.ok((seen('sadness') ?? 0) > 0.4);
    assert.equal(room().observe(face('happiness'), at(START)).disagreement, undefined);
  });
});

describe('hidden stress', () => {
  const second = (i: number): number => START + 1000 * i;
  const smile = (i: number): Observation => face('happiness', { at: second(i), affect: { valence: 0.7, arousal: 0.3 } });

  test('is a smile over a strained voice for a while, with what contradicts what', () => {
    const subject = room();
    const hidden: boolean[] = [];
    for (let i = 0; i < 40; i++) {
      if (i % 5 === 0) subject.observe(voice({ vocalStress: 0.9, at: second(i) }), at(second(i)));
      hidden.push(subject.observe(smile(i), at(second(i))).hiddenStress);
    }
    assert.equal(hidden[10], false);
    assert.equal(hidden.at(-1), true);
    const [contradiction, ...more] = subject.tick(at(second(40))).contradictions ?? [];
    assert.deepEqual(more, []);
    assert.deepEqual(contradiction?.shown, { source: 'cam', modality: 'face' });
    assert.deepEqual([contradiction?.told, contradiction?.by], [{ source: 'mic', modality: 'voice' }, 'strain']);
    for (let i = 41; i < 100; i++) {
      subject.observe(voice({ vocalStress: 0.1, at: second(i) }), at(second(i)));
      subject.observe(smile(i), at(second(i)));
    }
    const calm = subject.tick(at(second(100)));
    assert.deepEqual([calm.hiddenStress, calm.contradictions], [false, undefined]);
  });

  test('is not a smile with an easy voice, nor strain with a plain face', () => {
    for (const [emotion, vocalStress] of [
      ['happiness', 0.2],
      ['neutral', 0.9],
    ] as const) {
      const subject = room();
      for (let i = 0; i < 60; i++) {
        subject.observe(voice({ vocalStress, at: second(i) }), at(second(i)));
        assert.equal(subject.observe(face(emotion, { at: second(i) }), at(second(i))).hiddenStress, false);
      }
    }
  });
});
