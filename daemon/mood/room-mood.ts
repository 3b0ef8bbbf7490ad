import { expectedAffect, fromWeights, strongest } from './affect.ts';
import { smoothingShare } from './decay.ts';
import type { Affect, Probabilities } from './emotion.ts';
import { type Evidence, type EvidenceOptions, FaceWitness, readingOf, SingleWitness, type Witness } from './evidence.ts';
import { DwellingLabel } from './label.ts';
import type { Contribution, Mood } from './mood.ts';
import type { Observation, PresenceObservation } from './observation.ts';
import { type Occupancy, type OccupancyOptions, occupancyOf } from './occupancy.ts';
import { logPool } from './pool.ts';
import { stressOf } from './stress.ts';

/** One moment on both clocks: `mono` for ages, `wall` for the stamp. */
export interface Moment {
  mono: number;
  wall: number;
}

export interface MoodOptions extends EvidenceOptions, OccupancyOptions {
  /** ms: time constant of the average over valence, arousal and stress. 0: follows at once. */
  smoothing: number;
  /** ms that a new label must hold before it is believed. 0: at once. */
  dwell: number;
  /** The observations are a recording, and every mood says so. */
  demo: boolean;
}

/** docs/fusion.md says where each number comes from. `emotionSmoothing` is never longer than `smoothing`. */
export const MOOD_DEFAULTS: MoodOptions = {
  reliability: { face: 0.8, voice: 0.5, text: 0.6, body: 0.6, presence: 1 },
  halfLife: { face: 15_000, voice: 30_000, text: 180_000, body: 60_000, presence: 60_000 },
  voiceCategories: 0,
  emotionSmoothing: 1000,
  smoothing: 10_000,
  dwell: 20_000,
  faceHold: 30_000,
  presenceHold: 900_000,
  demo: false,
};

/** What a room is taken for without evidence, and how much evidence it takes to outweigh that. */
const REST: Probabilities = fromWeights((emotion) => (emotion === 'neutral' ? 14 : 1));
const REST_WEIGHT = 0.02;

interface Pooled {
  probabilities: Probabilities;
  affect: Affect;
  stress: number;
  confidence: number;
  contributions: Contribution[];
}

interface Felt extends Affect {
  stress: number;
}

/**
 * Keeps the one mood of one room: weighs what every source last said by how much it is worth now, pools it, and smooths
 * the result. Pure: the same observations at the same moments give the same moods.
 */
export class RoomMood {
  readonly #room: string;
  readonly #options: MoodOptions;
  readonly #witnesses = new Map<string, Witness>();
  readonly #presence = new Map<string, PresenceObservation>();
  readonly #label: DwellingLabel;
  #now = Number.NEGATIVE_INFINITY;
  /** What the evidence said since `#now`, and its running average up to then. */
  #raw: Felt = { valence: 0, arousal: 0, stress: 0 };
  #smooth: Felt = { valence: 0, arousal: 0, stress: 0 };

  /** @param resume the mood to begin with, as it was before a restart; otherwise neutral */
  constructor({ room, options = {}, resume }: { room: string; options?: Partial<MoodOptions>; resume?: Felt & Pick<Mood, 'label'> }) {
    const merged = { ...MOOD_DEFAULTS, ...options };
    this.#room = room;
    this.#options = { ...merged, emotionSmoothing: Math.min(merged.emotionSmoothing, merged.smoothing) };
    this.#label = new DwellingLabel(merged.dwell, resume?.label);
    if (resume) this.#smooth = { valence: resume.valence, arousal: resume.arousal, stress: resume.stress };
  }

  /** Takes a reading in. One that is older than what its source said last changes nothing. */
  observe(observation: Observation, now: Moment): Mood {
    if (observation.modality === 'presence') this.#sense(observation);
    else this.#hear(observation);
    return { ...this.#mood(now), trigger: observation.id };
  }

  /** Lets time pass: readings fade, the label follows. To be called about every second. */
  tick(now: Moment): Mood {
    return this.#mood(now);
  }

  /** Forgets what a source said: it was switched off, and what it saw before must not linger. */
  forget(source: string): void {
    for (const [key, witness] of this.#witnesses) if (witness.source === source) this.#witnesses.delete(key);
    this.#presence.delete(source);
  }

  #sense(observation: PresenceObservation): void {
    const before = this.#presence.get(observation.source);
    if (!before || before.at <= observation.at) this.#presence.set(observation.source, observation);
  }

  #hear(observation: Exclude<Observation, PresenceObservation>): void {
    const key = `${observation.source}/${observation.modality}`;
    const before = this.#witnesses.get(key);
    if (observation.modality === 'face') {
      const witness = before instanceof FaceWitness ? before : new FaceWitness(observation.source, this.#options);
      witness.add(observation);
      this.#witnesses.set(key, witness);
      return;
    }
    const reading = readingOf(observation, this.#options);
    if (reading && !(before && before.at > observation.at)) {
      this.#witnesses.set(key, new SingleWitness(observation, reading, this.#options));
    }
  }

  #mood(moment: Moment): Mood {
    const now = Math.max(this.#now, moment.mono);
    const occupancy = this.#occupancy(now);
    const pooled = pool(occupancy.occupied === false ? [] : this.#evidence(now));
    const { valence, arousal, stress } = this.#follow({ ...pooled.affect, stress: pooled.stress }, now);
    return {
      v: 1,
      room: this.#room,
      at: moment.wall,
      label: this.#label.follow({ valence, arousal }, now),
      emotion: strongest(pooled.probabilities),
      probabilities: pooled.probabilities,
      valence,
      arousal,
      stress,
      hiddenStress: false,
      confidence: pooled.confidence,
      occupancy: occupancy.occupied,
      people: occupancy.people,
      contributions: pooled.contributions,
      ...(this.#options.demo ? { demo: true as const } : {}),
    };
  }

  #occupancy(now: number): Occupancy {
    const faces = [...this.#witnesses.values()].filter((each) => each instanceof FaceWitness);
    return occupancyOf({ presence: this.#presence.values(), faces }, { now, options: this.#options });
  }

  /** In the order of the keys, so that the order in which sources spoke makes no difference, not even by rounding. */
  #evidence(now: number): Evidence[] {
    const evidence: Evidence[] = [];
    for (const [key, witness] of [...this.#witnesses].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const each = witness.evidence(now);
      if (each) evidence.push(each);
      else if (now - witness.at >= this.#options.faceHold) this.#witnesses.delete(key);
    }
    return evidence;
  }

  /**
   * The average takes what was felt since the last moment, not what was only just read: readings of the same moment so
   * count alike whichever comes first.
   */
  #follow(felt: Felt, now: number): Felt {
    const { smoothing } = this.#options;
    const share = this.#now === Number.NEGATIVE_INFINITY ? 0 : smoothingShare(now - this.#now, smoothing);
    this.#smooth = smoothing === 0 ? felt : toward(this.#smooth, this.#raw, share);
    this.#raw = felt;
    this.#now = now;
    return this.#smooth;
  }
}

function pool(evidence: readonly Evidence[]): Pooled {
  const opinions = evidence.flatMap(({ probabilities, ...rest }) => (probabilities ? [{ ...rest, probabilities }] : []));
  const total = opinions.reduce((sum, each) => sum + each.weight, 0);
  const probabilities = logPool([...opinions, { probabilities: REST, weight: REST_WEIGHT }]);
  const contributions = opinions.map(({ source, modality, weight }) => ({ source, modality, weight: weight / total }));
  const affect = pooledAffect(opinions);
  const confidence = 1 - opinions.reduce((doubt, each) => doubt * (1 - each.weight), 1);
  return { probabilities, affect, stress: stressOf(affect, evidence), confidence, contributions };
}

/**
 * A dimension that a source reads itself is taken from it; for the others, what all that was told of the emotions means
 * stands in. Where only arousal was read, nobody knows how pleasant it is: more emotions have unpleasant names than pleasant
 * ones, and what arousal makes likely among the names would read as displeasure.
 */
function pooledAffect(opinions: readonly Evidence[]): Affect {
  const told = opinions.flatMap(({ categories, weight }) => (categories ? [{ ...categories, weight: weight * categories.weight }] : []));
  const expected = expectedAffect(logPool([...told, { probabilities: REST, weight: REST_WEIGHT }]));
  const mean = (name: keyof Affect): number => {
    let sum = REST_WEIGHT * expected[name];
    let total = REST_WEIGHT;
    for (const { affect, categories, weight } of opinions) {
      const share = affect[name] === undefined ? (categories?.weight ?? 0) : 1;
      sum += weight * share * (affect[name] ?? expected[name]);
      total += weight * share;
    }
    return sum / total;
  };
  return { valence: mean('valence'), arousal: mean('arousal') };
}

function toward(from: Felt, to: Felt, share: number): Felt {
  const step = (name: keyof Felt): number => from[name] + share * (to[name] - from[name]);
  return { valence: step('valence'), arousal: step('arousal'), stress: step('stress') };
}
