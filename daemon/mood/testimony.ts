import { affectOf, likelihood } from './affect.ts';
import { type Distribution, discount, logOf, pool } from './distribution.ts';
import type { Modality } from './observation.ts';

/** One dimension of affect, and how far a source speaks of it: what it does not speak of counts as neither pleasant nor unpleasant. */
export interface Dimension {
  /** -1..1 */
  value: number;
  /** 0..1 */
  share: number;
}

/** What one source has to say, until it says more. What is undefined it does not say. */
export interface Testimony {
  /** 0..1: confidence x quality x reliability. */
  weight: number;
  /** Of the emotions, discounted by how far the source is trusted. Undefined: it has no voice in the pool. */
  opinion: Distribution | undefined;
  /** Logarithms of the opinion. */
  log: Distribution | undefined;
  valence: Dimension | undefined;
  arousal: Dimension | undefined;
  /** 0..1: strain of the voice, or stress of the body. */
  strain: number | undefined;
}

/** Means of what a source read. */
export interface Said {
  worth: { weight: number; quality: number; confidence: number };
  categories: Distribution | undefined;
  valence: number | undefined;
  arousal: number | undefined;
  strain: number | undefined;
}

export interface TrustOptions {
  /** 0..1 per modality: how often a reading means what it seems to mean. */
  reliability: Readonly<Record<Modality, number>>;
  /** 0..1: share of the categories in what a voice says of the emotions; its arousal has the rest. */
  voiceCategories: number;
}

/**
 * Weighs what a source read. An opinion is trusted as far as its modality is reliable, its input was good, and the source
 * is as sure as its distribution looks; the rest of it is uniform, so that a wrong reading is never taken for a sure one.
 */
export function testimonyOf(said: Said, modality: Modality, { reliability, voiceCategories }: TrustOptions): Testimony {
  const { worth, valence, arousal, strain } = said;
  /** Arousal and categories of a voice are read from the same sound: two opinions of one source, and never two votes. */
  const share = said.categories === undefined ? 0 : modality === 'voice' ? voiceCategories : 1;
  const told = share > 0 && said.categories ? affectOf(said.categories) : undefined;
  const read = opinionOf(said, share);
  const trust = read && reliability[modality] * Math.sqrt(worth.quality) * Math.min(1, worth.confidence / Math.max(...read));
  const opinion = read && discount(read, trust ?? 0);
  return {
    weight: worth.weight * reliability[modality],
    opinion,
    log: opinion && logOf(opinion),
    valence: valence === undefined ? told && { value: share * told.valence, share } : { value: valence, share: 1 },
    arousal: arousal === undefined ? told && { value: share * told.arousal, share } : { value: arousal, share: 1 },
    strain,
  };
}

function opinionOf({ categories, valence, arousal }: Said, share: number): Distribution | undefined {
  const told = share > 0 ? categories : undefined;
  if (told && share === 1) return told;
  const felt = valence === undefined && arousal === undefined ? undefined : likelihood({ valence, arousal });
  if (!told || !felt) return told ?? felt;
  return pool([
    { log: logOf(felt), exponent: 1 - share },
    { log: logOf(told), exponent: share },
  ]);
}
