import { halfLifeDecay } from './decay.ts';
import { type Distribution, entropy } from './distribution.ts';
import type { FaceObservation, Modality } from './observation.ts';
import { type Reading, Readings } from './readings.ts';
import { keepOf, RunningMean } from './running.ts';
import { type Said, type Testimony, type TrustOptions, testimonyOf } from './testimony.ts';

export interface WitnessOptions extends TrustOptions {
  /** ms per modality: a reading counts half where the newest of the room is this much younger. */
  halfLife: Readonly<Record<Modality, number>>;
  /** Readings of a face whose moving average its own is as old as. 1: of faces, voices and texts alike the newest counts alone. */
  frames: number;
}

/** One source in one modality. */
export interface Witness {
  readonly source: string;
  readonly modality: Modality;
  /** When it last said something: ms of CLOCK_MONOTONIC. */
  readonly at: number;
  readonly testimony: Testimony;
  /** Other options hold from now on, for what it has said already too. */
  configure(options: WitnessOptions): void;
}

/** A source that says one thing at a time: a voice, a text, a wearable. */
export class SingleWitness implements Witness {
  readonly source: string;
  readonly modality: Modality;
  #options: WitnessOptions;
  readonly #readings = new Readings();
  #testimony: Testimony | undefined;

  constructor(source: string, modality: Modality, options: WitnessOptions) {
    this.source = source;
    this.modality = modality;
    this.#options = options;
  }

  get at(): number {
    return this.#readings.at;
  }

  get testimony(): Testimony {
    this.#testimony ??= testimonyOf(this.#readings, this.modality, this.#options);
    return this.#testimony;
  }

  /** A reading that is older than the newest is passed over. */
  add(reading: Reading): void {
    if (reading.at < this.at) return;
    this.#readings.add(reading, this.#keep(reading.at));
    this.#testimony = undefined;
  }

  configure(options: WitnessOptions): void {
    this.#options = options;
    this.#testimony = undefined;
  }

  /** Each message is a statement of its own; what is said or measured one after the other is about the same. */
  #keep(at: number): number {
    const { frames, halfLife } = this.#options;
    return frames === 1 || this.modality === 'text' ? 0 : halfLifeDecay(at - this.at, halfLife[this.modality]);
  }
}

/** ms: a face that others of the same camera have outlasted by this counts half as present. */
const PRESENCE_HALF_LIFE = 2000;

/** A face of which this is left has gone. */
const GONE = 0.005;

/** A camera: every face in view is followed by itself, then they count by how present they are. */
export class FaceWitness implements Witness {
  readonly source: string;
  readonly modality = 'face';
  #options: WitnessOptions;
  readonly #tracks = new Map<number, Readings>();
  #at = Number.NEGATIVE_INFINITY;
  #people = 0;
  #testimony: Testimony | undefined;
  #disagreement: number | undefined;

  constructor(source: string, options: WitnessOptions) {
    this.source = source;
    this.#options = options;
  }

  get at(): number {
    return this.#at;
  }

  /** Faces in the newest frame. */
  get people(): number {
    return this.#people;
  }

  get testimony(): Testimony {
    this.#testimony ??= this.#hear();
    return this.#testimony;
  }

  /** When this face was read last: ms of CLOCK_MONOTONIC. */
  lastOf(track: number): number {
    return this.#tracks.get(track)?.at ?? Number.NEGATIVE_INFINITY;
  }

  /** How differently the people in view feel: 0 alike, 1 nothing in common. Undefined for fewer than two. */
  get disagreement(): number | undefined {
    this.#testimony ??= this.#hear();
    return this.#disagreement;
  }

  /** A reading that is older than the newest of its track is passed over. */
  add(face: FaceObservation, reading: Reading): void {
    const track = this.#tracks.get(face.track) ?? new Readings();
    if (face.at < track.at) return;
    track.add(reading, keepOf(this.#options.frames));
    this.#tracks.set(face.track, track);
    this.#testimony = undefined;
    if (face.at < this.#at) return;
    this.#at = face.at;
    this.#people = face.people;
  }

  configure(options: WitnessOptions): void {
    this.#options = options;
    this.#testimony = undefined;
  }

  #hear(): Testimony {
    const present = this.#present();
    const said = present.length === 1 ? (present[0] as Present).track : mixture(present);
    this.#disagreement = present.length < 2 ? undefined : disagreementOf(present.filter(({ presence }) => presence >= 0.5));
    const heard = testimonyOf(said, 'face', this.#options);
    const strongest = Math.max(...present.map(({ weight }) => weight));
    return { ...heard, weight: strongest * this.#options.reliability.face };
  }

  /** Those long gone are forgotten. */
  #present(): Present[] {
    const present: Present[] = [];
    for (const [id, track] of this.#tracks) {
      const presence = halfLifeDecay(this.#at - track.at, PRESENCE_HALF_LIFE);
      if (presence < GONE) this.#tracks.delete(id);
      else present.push({ track, presence, weight: track.worth.weight * presence });
    }
    return present;
  }
}

interface Present {
  track: Readings;
  /** 0..1: how much of it is there still. */
  presence: number;
  weight: number;
}

/** The weighted arithmetic mean: several faces are several people, who may well feel differently, not several opinions of one. */
function mixture(present: readonly Present[]): Said {
  const worth = new RunningMean(4);
  const categories = new RunningMean(7);
  const valence = new RunningMean();
  const arousal = new RunningMean();
  for (const { track, weight } of present) {
    const how = { weight, keep: 1 };
    worth.add([track.worth.weight, track.worth.quality, track.worth.confidence, track.worth.count], how);
    if (track.categories) categories.add(track.categories, how);
    if (track.valence !== undefined) valence.add([track.valence], how);
    if (track.arousal !== undefined) arousal.add([track.arousal], how);
  }
  const [weight = 0, quality = 0, confidence = 0, count = 0] = worth.weight > 0 ? worth.means : [];
  /** Where only some of the faces were read in a dimension, what all are in their categories stands for it. */
  const all = (mean: RunningMean): number | undefined => (mean.weight >= worth.weight && mean.weight > 0 ? mean.mean : undefined);
  return {
    worth: { weight, quality, confidence, count },
    categories: categories.weight > 0 ? categories.means : undefined,
    valence: all(valence),
    arousal: all(arousal),
    strain: undefined,
  };
}

/**
 * Jensen-Shannon divergence of what they feel, as a share of the most it could be, which is the entropy of the weights
 * (Lin 1991, "Divergence measures based on the Shannon entropy", IEEE Transactions on Information Theory 37, 145-151).
 */
function disagreementOf(present: readonly Present[]): number | undefined {
  const read = present.flatMap(({ track, weight }) => (track.categories && weight > 0 ? [{ felt: track.categories, weight }] : []));
  if (read.length < 2) return undefined;
  const total = read.reduce((sum, { weight }) => sum + weight, 0);
  const shares = read.map(({ weight }) => weight / total);
  const all: Distribution = [0, 0, 0, 0, 0, 0, 0];
  let within = 0;
  for (const [k, { felt }] of read.entries()) {
    const share = shares[k] as number;
    within += share * entropy(felt);
    for (let i = 0; i < all.length; i++) all[i] = (all[i] as number) + share * (felt[i] as number);
  }
  return Math.min(1, Math.max(0, (entropy(all) - within) / entropy(shares)));
}
