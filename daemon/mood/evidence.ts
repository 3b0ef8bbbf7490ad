import { likelihood } from './affect.ts';
import { halfLifeDecay, smoothingShare } from './decay.ts';
import type { Affect, Probabilities } from './emotion.ts';
import type { FaceObservation, Modality, Observation, VoiceObservation } from './observation.ts';
import { blend, logPool, mixture, type Opinion } from './pool.ts';

/** What one source has to say now. */
export interface Evidence {
  source: string;
  modality: Modality;
  /** 0..1: confidence × quality × reliability × what age has left of it. */
  weight: number;
  /** Undefined where the source read no emotion: it has no voice in the pool then. */
  probabilities: Probabilities | undefined;
  /** Only what the source reads itself. */
  affect: Partial<Affect>;
  /** What it tells of the emotions beyond what its affect implies, weight 0..1; undefined where it reads affect alone. */
  categories?: Opinion;
  /** 0..1: strain in the voice, or stress of the body, where read. */
  strain?: number;
}

export interface EvidenceOptions {
  /** 0..1 per modality: how far a reading is trusted. */
  reliability: Readonly<Record<Modality, number>>;
  /** ms per modality after which a reading counts half. */
  halfLife: Readonly<Record<Modality, number>>;
  /** 0..1: share of the categories in what a voice says of the emotions; its arousal has the rest. */
  voiceCategories: number;
  /** ms: time constant of the average over the readings of one face. 0: the last one alone. */
  emotionSmoothing: number;
}

/** Below this weight a reading is forgotten. */
const FORGOTTEN = 0.005;

/** ms: a face that others of the same camera have outlasted by this counts half as present. */
const PRESENCE_HALF_LIFE = 2000;

/** One source in one modality. */
export interface Witness {
  readonly source: string;
  readonly modality: Modality;
  /** When it last said something: ms of CLOCK_MONOTONIC. */
  readonly at: number;
  /** Undefined once nothing is left of it. */
  evidence(now: number): Evidence | undefined;
}

interface Track {
  at: number;
  weight: number;
  probabilities: Probabilities;
  affect: Affect | undefined;
}

/** A camera: every face in view is followed by itself, then they count by how present they are. */
export class FaceWitness implements Witness {
  readonly modality = 'face';
  readonly source: string;
  readonly #options: EvidenceOptions;
  readonly #tracks = new Map<number, Track>();
  #at = Number.NEGATIVE_INFINITY;
  #people = 0;

  constructor(source: string, options: EvidenceOptions) {
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

  /** A reading older than the newest of its track is passed over. */
  add(face: FaceObservation): void {
    const before = this.#tracks.get(face.track);
    if (before && face.at < before.at) return;
    const share = before ? smoothingShare(face.at - before.at, this.#options.emotionSmoothing) : 1;
    this.#tracks.set(face.track, {
      at: face.at,
      weight: face.confidence * face.quality,
      probabilities: before ? blend(before.probabilities, face.probabilities, share) : face.probabilities,
      affect: face.affect && before?.affect ? blendAffect(before.affect, face.affect, share) : face.affect,
    });
    if (face.at < this.#at) return;
    this.#at = face.at;
    this.#people = face.people;
  }

  evidence(now: number): Evidence | undefined {
    const seen = this.#present();
    const best = Math.max(0, ...seen.map((each) => each.weight));
    const weight = best * this.#options.reliability.face * halfLifeDecay(now - this.#at, this.#options.halfLife.face);
    if (weight < FORGOTTEN) return undefined;
    const read = seen.flatMap(({ weight, affect }) => (affect ? [{ weight, ...affect }] : []));
    const affect = read.length === seen.length ? meanAffect(read) : {};
    const probabilities = mixture(seen);
    return { source: this.source, modality: 'face', weight, probabilities, affect, categories: { probabilities, weight: 1 } };
  }

  /** Tracks weighted by how long ago they were seen before the newest of all; those long gone are forgotten. */
  #present(): Track[] {
    const present: Track[] = [];
    for (const [id, track] of this.#tracks) {
      const presence = halfLifeDecay(this.#at - track.at, PRESENCE_HALF_LIFE);
      if (presence < FORGOTTEN) this.#tracks.delete(id);
      else present.push({ ...track, weight: track.weight * presence });
    }
    return present;
  }
}

/** A source that says one thing at a time: a voice, a text, a wearable. The newest reading stands until it has faded. */
export class SingleWitness implements Witness {
  readonly source: string;
  readonly modality: Modality;
  readonly at: number;
  readonly #fresh: Evidence;
  readonly #halfLife: number;

  constructor(observation: Observation, reading: Reading, options: EvidenceOptions) {
    const { source, modality, at, confidence, quality } = observation;
    this.source = source;
    this.modality = modality;
    this.at = at;
    this.#fresh = { source, modality, weight: confidence * quality * options.reliability[modality], ...reading };
    this.#halfLife = options.halfLife[modality];
  }

  evidence(now: number): Evidence | undefined {
    const weight = this.#fresh.weight * halfLifeDecay(now - this.at, this.#halfLife);
    return weight < FORGOTTEN ? undefined : { ...this.#fresh, weight };
  }
}

type Reading = Pick<Evidence, 'probabilities' | 'affect' | 'categories' | 'strain'>;

/** What an observation says of emotion; undefined where it says nothing, as silence or mere presence. */
export function readingOf(observation: Observation, options: Pick<EvidenceOptions, 'voiceCategories'>): Reading | undefined {
  switch (observation.modality) {
    case 'voice':
      return observation.speech ? readingOfVoice(observation, options.voiceCategories) : undefined;
    case 'text': {
      const { probabilities } = observation;
      return { probabilities, affect: { valence: observation.sentiment }, categories: { probabilities, weight: 1 } };
    }
    case 'body': {
      const affect = { arousal: observation.arousal };
      return { probabilities: likelihood(affect), affect, strain: observation.stress };
    }
    default:
      return undefined;
  }
}

/**
 * Arousal and categories are read from the same sound: two opinions of one source, pooled before it meets the others, and
 * never two votes. Categories without arousal are flattened as far.
 */
function readingOfVoice({ affect = {}, vocalStress, probabilities }: VoiceObservation, share: number): Reading | undefined {
  const strain = vocalStress === undefined ? {} : { strain: vocalStress };
  if (probabilities && share > 0) {
    const categories = { probabilities, weight: share };
    return {
      probabilities: logPool([{ probabilities: likelihood(affect), weight: 1 - share }, categories]),
      affect,
      categories,
      ...strain,
    };
  }
  const felt = affect.arousal !== undefined || affect.valence !== undefined;
  return felt || vocalStress !== undefined ? { probabilities: felt ? likelihood(affect) : undefined, affect, ...strain } : undefined;
}

function blendAffect(from: Affect, to: Affect, share: number): Affect {
  return { valence: from.valence + share * (to.valence - from.valence), arousal: from.arousal + share * (to.arousal - from.arousal) };
}

function meanAffect(readings: readonly (Affect & { weight: number })[]): Affect {
  const total = readings.reduce((sum, each) => sum + each.weight, 0);
  const mean = (name: keyof Affect): number => readings.reduce((sum, each) => sum + each.weight * each[name], 0) / total;
  return { valence: mean('valence'), arousal: mean('arousal') };
}
