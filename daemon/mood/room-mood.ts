import { Belief } from './belief.ts';
import { Contradictions } from './contradiction.ts';
import { halfLifeDecay, smoothingShare } from './decay.ts';
import { toDistribution, toProbabilities } from './distribution.ts';
import { type Fused, fuse, NOTHING_KNOWN, type Voice, weightOf } from './fusion.ts';
import { Label } from './label.ts';
import { wordOf } from './looks.ts';
import type { Mood, StressTerm } from './mood.ts';
import type { Modality, Observation, PresenceObservation } from './observation.ts';
import { type Occupancy, type OccupancyOptions, occupancyOf, type Sensed, sense } from './occupancy.ts';
import { type Reading, readingOf } from './readings.ts';
import { followTerms, stressOf, stressTerms } from './stress.ts';
import { opinionOfReading } from './testimony.ts';
import { FaceWitness, SingleWitness, type Witness, type WitnessOptions } from './witness.ts';

/** One moment on both clocks: `mono` for ages, `wall` for the stamp. */
export interface Moment {
  mono: number;
  wall: number;
}

export interface MoodOptions extends WitnessOptions, OccupancyOptions {
  /** ms: time constant of the average over valence, arousal and the terms of stress. 0: follows at once, and readings are not averaged either. */
  smoothing: number;
  /** ms of evidence that a new label needs against one that has long been in force. 0: at once. */
  dwell: number;
  /** ms after which confidence in what was last read is halved: people come to feel otherwise. */
  persistence: number;
  /** ms after which what was last read is forgotten. */
  memory: number;
  /** The observations are a recording, and every mood says so. */
  demo: boolean;
}

/** docs/fusion.md says where each number comes from. */
export const MOOD_DEFAULTS: MoodOptions = {
  reliability: { face: 0.9, voice: 0.8, text: 0.8, body: 0.7, presence: 1 },
  halfLife: { face: 90_000, voice: 90_000, text: 120_000, body: 120_000, presence: 90_000 },
  voiceCategories: 0.5,
  voiceValence: 0,
  frames: 10,
  smoothing: 2000,
  dwell: 10_000,
  persistence: 300_000,
  memory: 1_800_000,
  faceHold: 30_000,
  presenceHold: 900_000,
  absenceHold: 300_000,
  demo: false,
};

/** ms per modality that halve what a reading is worth as evidence of a contradiction; after that it is memory alone. */
const EVIDENT: Readonly<Record<Modality, number>> = { face: 5000, voice: 10_000, text: 30_000, body: 30_000, presence: 0 };

/** What label a room has where nobody is known of: neutral. */
const AT_REST = toDistribution({ neutral: 1, happiness: 0, sadness: 0, anger: 0, surprise: 0, fear: 0, disgust: 0 });

/** What is known of a room from before a restart. */
export type Resumed = Pick<Mood, 'label' | 'valence' | 'arousal'>;

/**
 * Keeps the one mood of one room: what every source last said, pooled and smoothed. Pure: the same observations at the same
 * moments give the same moods. What is pooled changes with observations alone; as time passes only confidence, smoothing
 * and label move.
 */
export class RoomMood {
  readonly #room: string;
  #options: MoodOptions;
  /** In the order of their keys, so that the order in which sources spoke makes no difference to the pool, not even by rounding. */
  readonly #witnesses: { key: string; witness: FaceWitness | SingleWitness }[] = [];
  #faces: FaceWitness[] = [];
  readonly #sensors = new Map<string, Sensed>();
  readonly #belief = new Belief();
  readonly #label: Label;
  readonly #contradictions = new Contradictions();
  #fused: Fused = NOTHING_KNOWN;
  /** Terms of stress as they were last read. */
  #terms: StressTerm[] = [];
  #occupancy: Occupancy = { occupied: null, people: null };
  #now = Number.NEGATIVE_INFINITY;
  #valence: number;
  #arousal: number;
  #stress: StressTerm[] = [];

  /** @param resume what to begin with; otherwise neutral */
  constructor({ room, options = {}, resume }: { room: string; options?: Partial<MoodOptions>; resume?: Resumed }) {
    this.#room = room;
    this.#options = completed({ ...MOOD_DEFAULTS, ...options });
    this.#label = new Label(this.#options.dwell, resume?.label);
    this.#valence = resume?.valence ?? 0;
    this.#arousal = resume?.arousal ?? 0;
  }

  /** Takes a reading in. One that is older than what its source said last changes nothing. */
  observe(observation: Observation, now: Moment): Mood {
    this.#pass(now.mono);
    if (observation.modality === 'presence') this.#sense(observation);
    else this.#hear(observation);
    this.#settle();
    return this.#mood(now.wall, observation.id);
  }

  /** Lets time pass: confidence goes, the label follows. To be called about every second. */
  tick(now: Moment): Mood {
    this.#pass(now.mono);
    this.#settle();
    return this.#mood(now.wall);
  }

  /** Forgets what a source said: it was switched off, and what it saw before must not linger. */
  forget(source: string): void {
    this.#sensors.delete(source);
    this.#belief.reset();
    this.#keepOnly((witness) => witness.source !== source);
  }

  /** Modalities are trusted so far from now on. */
  trust(reliability: MoodOptions['reliability']): void {
    this.#options = { ...this.#options, reliability };
    for (const { witness } of this.#witnesses) witness.configure(this.#options);
    this.#fuse();
  }

  /** What was felt since the last moment goes into the averages: readings of one moment so count alike whichever comes first. */
  #pass(mono: number): void {
    const now = Math.max(this.#now, mono);
    const elapsed = this.#now === Number.NEGATIVE_INFINITY ? 0 : now - this.#now;
    const share = smoothingShare(elapsed, this.#options.smoothing);
    const { valence, arousal } = this.#felt;
    this.#valence += share * (valence - this.#valence);
    this.#arousal += share * (arousal - this.#arousal);
    if (elapsed > 0) this.#stress = followTerms(this.#stress, { to: this.#isEmpty ? [] : this.#terms, share });
    this.#contradictions.pass(this.#evidence(now));
    this.#now = now;
    // Who comes into a room that was empty brings their own mood along.
    if (this.#isEmpty && elapsed > 0 && this.#witnesses.length > 0) {
      this.#keepOnly(() => false);
      this.#belief.reset();
    }
    if (this.#witnesses.some(({ witness }) => now - witness.at >= this.#options.memory)) {
      this.#keepOnly((witness) => now - witness.at < this.#options.memory);
    }
  }

  #sense(observation: PresenceObservation): void {
    const { source } = observation;
    this.#sensors.set(source, sense(this.#sensors.get(source), observation));
  }

  #hear(observation: Exclude<Observation, PresenceObservation>): void {
    const reading = readingOf(observation);
    const witness = this.#witness(observation);
    if (!reading) return;
    this.#learn(observation, { reading, witness });
    if (witness instanceof FaceWitness) {
      if (observation.modality === 'face') witness.add(observation, reading);
    } else witness.add(reading);
    this.#fuse();
  }

  /** What is believed of the room follows each reading by itself. */
  #learn(
    observation: Exclude<Observation, PresenceObservation>,
    { reading, witness }: { reading: Reading; witness: FaceWitness | SingleWitness },
  ): void {
    const { source, modality } = observation;
    const opinion = this.#options.dwell === 0 ? undefined : opinionOfReading(reading, modality, this.#options);
    const since =
      reading.at - (observation.modality === 'face' && witness instanceof FaceWitness ? witness.lastOf(observation.track) : witness.at);
    if (!opinion || since < 0 || reading.confidence * reading.quality === 0) return;
    const { at } = reading;
    this.#belief.hear(`${source}/${modality}`, { at, opinion, ...wordOf(observation, { since, dwell: this.#options.dwell }) });
  }

  #witness({ source, modality }: Exclude<Observation, PresenceObservation>): FaceWitness | SingleWitness {
    const key = `${source}/${modality}`;
    const known = this.#witnesses.find((each) => each.key === key);
    if (known) return known.witness;
    const witness = modality === 'face' ? new FaceWitness(source, this.#options) : new SingleWitness(source, modality, this.#options);
    this.#witnesses.push({ key, witness });
    this.#witnesses.sort((a, b) => (a.key < b.key ? -1 : 1));
    if (witness instanceof FaceWitness) this.#faces.push(witness);
    return witness;
  }

  #keepOnly(keeps: (witness: Witness) => boolean): void {
    const kept = this.#witnesses.filter(({ witness }) => keeps(witness));
    this.#witnesses.splice(0, Number.POSITIVE_INFINITY, ...kept);
    this.#faces = this.#faces.filter(keeps);
    this.#fuse();
  }

  #fuse(): void {
    const heard = this.#witnesses.map(({ witness }) => witness).filter(({ at }) => at > Number.NEGATIVE_INFINITY);
    const { halfLife, dwell } = this.#options;
    this.#fused = fuse(heard, { halfLife, lately: dwell === 0 ? undefined : this.#belief.felt });
    this.#terms = heard.length === 0 ? [] : stressTerms({ ...this.#fused, ...strainsOf(this.#fused.voices) });
    this.#contradictions.see(this.#fused.voices);
  }

  get #isEmpty(): boolean {
    return this.#occupancy.occupied === false;
  }

  /** What is said of the people there: nothing where there are none. */
  get #felt(): Fused {
    return this.#isEmpty ? NOTHING_KNOWN : this.#fused;
  }

  #settle(): void {
    const known = { sensors: this.#sensors.values(), faces: this.#faces };
    this.#occupancy = occupancyOf(known, { now: this.#now, options: this.#options });
    if (this.#options.smoothing === 0) {
      this.#valence = this.#felt.valence;
      this.#arousal = this.#felt.arousal;
      this.#stress = this.#isEmpty ? [] : this.#terms;
    }
    const felt = this.#felt.voices.length === 0 ? AT_REST : this.#belief.felt;
    this.#label.decide(felt, { affect: { valence: this.#valence, arousal: this.#arousal }, now: this.#now });
  }

  /** ms since the last moment for which somebody was just read: a while after each word. */
  #evidence(now: number): number {
    if (this.#now === Number.NEGATIVE_INFINITY) return 0;
    if (this.#felt.voices.length === 0) return now - this.#now;
    let most = 0;
    for (const { modality, at, testimony } of this.#felt.voices) {
      if (testimony.valence) most = Math.max(most, decayedTime({ from: this.#now - at, to: now - at, halfLife: EVIDENT[modality] }));
    }
    return most;
  }

  #confidence(): number {
    const { certainty, newest } = this.#felt;
    return certainty && certainty * halfLifeDecay(this.#now - newest, this.#options.persistence);
  }

  #mood(wall: number, trigger?: string): Mood {
    const { probabilities, emotion, contributions } = this.#felt;
    const contradictions = this.#contradictions.told;
    const disagreement = this.#disagreement();
    const mood: Mood = {
      v: 1,
      room: this.#room,
      at: wall,
      label: this.#label.label,
      emotion,
      probabilities: toProbabilities(probabilities),
      valence: this.#valence,
      arousal: this.#arousal,
      stress: stressOf(this.#stress),
      hiddenStress: contradictions.length > 0,
      confidence: this.#confidence(),
      occupancy: this.#occupancy.occupied,
      people: this.#occupancy.people,
      contributions,
    };
    if (this.#stress.length > 0) mood.stressTerms = this.#stress;
    if (contradictions.length > 0) mood.contradictions = contradictions;
    if (disagreement !== undefined) mood.disagreement = disagreement;
    if (this.#options.demo) mood.demo = true;
    if (trigger !== undefined) mood.trigger = trigger;
    return mood;
  }

  /** Of the camera that sees most of it. */
  #disagreement(): number | undefined {
    let most: number | undefined;
    for (const { at, disagreement } of this.#faces) {
      if (disagreement === undefined || this.#now - at >= this.#options.faceHold) continue;
      most = Math.max(most ?? 0, disagreement);
    }
    return most;
  }
}

const completed = (options: MoodOptions): MoodOptions => (options.smoothing === 0 ? { ...options, frames: 1 } : options);

/** ms between two ages, each counted by how much is left at that age. */
function decayedTime({ from, to, halfLife }: { from: number; to: number; halfLife: number }): number {
  const fresh = Math.max(0, Math.min(0, to) - from);
  const aged = (halfLifeDecay(from, halfLife) - halfLifeDecay(to, halfLife)) * (halfLife / Math.LN2);
  return fresh + aged;
}

/** Strain of voices, negativity of words and stress of bodies, weighed beside the strongest source of the room. */
function strainsOf(voices: readonly Voice[]): Record<'voice' | 'words' | 'body', { value: number; weight: number } | undefined> {
  let most = 0;
  for (const voice of voices) most = Math.max(most, weightOf(voice));
  const mean = (said: (voice: Voice) => number | undefined): { value: number; weight: number } | undefined => {
    let [sum, total, strongest] = [0, 0, 0];
    for (const voice of voices) {
      const value = said(voice);
      if (value === undefined) continue;
      sum += weightOf(voice) * value;
      total += weightOf(voice);
      strongest = Math.max(strongest, weightOf(voice));
    }
    return total === 0 ? undefined : { value: sum / total, weight: strongest / most };
  };
  return {
    voice: mean(({ modality, testimony }) => (modality === 'voice' ? testimony.strain : undefined)),
    words: mean(({ modality, testimony }) =>
      modality === 'text' && testimony.valence ? Math.max(0, -testimony.valence.value) : undefined,
    ),
    body: mean(({ modality, testimony }) => (modality === 'body' ? testimony.strain : undefined)),
  };
}
