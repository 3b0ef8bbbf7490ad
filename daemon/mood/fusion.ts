import { halfLifeDecay } from './decay.ts';
import { type Distribution, logOf, pool, probabilityOf, strongestOf } from './distribution.ts';
import { EMOTIONS, type Emotion } from './emotion.ts';
import type { Contribution } from './mood.ts';
import type { Modality } from './observation.ts';
import type { Dimension, Testimony } from './testimony.ts';

/** A source beside the others of its room. */
export interface Voice {
  source: string;
  modality: Modality;
  /** When it last said something: ms of CLOCK_MONOTONIC. */
  at: number;
  testimony: Testimony;
  /** 0..1: what age leaves of it beside the newest word in the room. */
  freshness: number;
  /** Its exponent in the pool; those of the strongest modality add up to 1. */
  exponent: number;
}

/** What all sources of a room say together. */
export interface Fused {
  probabilities: Distribution;
  emotion: Emotion;
  /** 0..1: the probability of the emotion. */
  certainty: number;
  /** -1..1; 0 where nobody reads it. */
  valence: number;
  arousal: number;
  contributions: Contribution[];
  voices: Voice[];
  /** When any of them last said something: ms of CLOCK_MONOTONIC. */
  newest: number;
}

/** What a room is taken for when nothing is known: people mostly are at rest. */
const REST: Distribution = [14, 1, 1, 1, 1, 1, 1].map((each) => each / 20);

export const NOTHING_KNOWN: Fused = {
  probabilities: REST,
  emotion: 'neutral',
  certainty: 0,
  valence: 0,
  arousal: 0,
  contributions: [],
  voices: [],
  newest: Number.NEGATIVE_INFINITY,
};

/** The share that what was felt of late has in the pool, beside what is said now. Our own choice. */
const MEMORY = 0.7;

/** A source of which this is left beside the newest has no say any more. */
const FADED = 0.005;

/**
 * Pools what the sources say. Age counts beside the newest word in the room, not beside the clock: where all fall silent
 * nothing is known that was not known before, and only confidence goes.
 * @param lately what was felt of late, which outvotes a source that errs by itself
 */
export function fuse(
  witnesses: readonly { source: string; modality: Modality; at: number; testimony: Testimony }[],
  { halfLife, lately }: { halfLife: Readonly<Record<Modality, number>>; lately?: Distribution | undefined },
): Fused {
  let newest = Number.NEGATIVE_INFINITY;
  for (const { at } of witnesses) newest = Math.max(newest, at);
  const voices: Voice[] = [];
  for (const { source, modality, at, testimony } of witnesses) {
    const freshness = halfLifeDecay(newest - at, halfLife[modality]);
    if (testimony.weight * freshness > 0 && freshness >= FADED) voices.push({ source, modality, at, testimony, freshness, exponent: 0 });
  }
  const heard = voices.filter(({ testimony }) => testimony.log);
  if (heard.length === 0) return { ...NOTHING_KNOWN, voices, newest };
  setExponents(heard);
  const now = lately ? 1 - MEMORY : 1;
  const opinions = heard.map(({ testimony, exponent }) => ({ log: testimony.log as Distribution, exponent: now * exponent }));
  if (lately) opinions.push({ log: logOf(lately), exponent: MEMORY });
  const probabilities = pool(opinions);
  const emotion = strongestOf(probabilities);
  return {
    probabilities,
    emotion,
    certainty: probabilityOf(probabilities, emotion),
    valence: meanOf(heard, (each) => each.valence),
    arousal: meanOf(heard, (each) => each.arousal),
    contributions: contributionsOf(heard, emotion),
    voices,
    newest,
  };
}

/**
 * Sources of one modality share its exponent, since they look at the same people and err together; modalities are taken as
 * independent, so that two that agree are surer than one. The strongest modality has 1: alone it is believed as it is.
 */
function setExponents(heard: readonly Voice[]): void {
  let most = 0;
  for (const voice of heard) most = Math.max(most, weightOf(voice));
  for (const voice of heard) {
    let strongest = 0;
    let total = 0;
    for (const other of heard) {
      if (other.modality !== voice.modality) continue;
      strongest = Math.max(strongest, weightOf(other));
      total += weightOf(other);
    }
    voice.exponent = ((strongest / most) * voice.testimony.weight * voice.freshness) / total;
  }
}

/** How much a source counts beside the others, of whatever modality. */
export const weightOf = ({ testimony, freshness }: Voice): number => testimony.weight * freshness;

function contributionsOf(heard: readonly Voice[], emotion: Emotion): Contribution[] {
  let total = 0;
  for (const { exponent } of heard) total += exponent;
  return heard.map(({ source, modality, testimony, exponent }) => ({
    source,
    modality,
    weight: exponent / total,
    agrees: probabilityOf(testimony.opinion as Distribution, emotion) > 1 / EMOTIONS.length,
  }));
}

/** The mean over those who speak of the dimension. */
function meanOf(heard: readonly Voice[], dimension: (testimony: Testimony) => Dimension | undefined): number {
  let sum = 0;
  let total = 0;
  for (const { testimony, exponent } of heard) {
    const said = dimension(testimony);
    if (!said) continue;
    sum += exponent * said.share * said.value;
    total += exponent * said.share;
  }
  return total > 0 ? sum / total : 0;
}
