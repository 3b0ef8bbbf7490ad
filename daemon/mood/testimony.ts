import { affectOf, likelihood } from './affect.ts';
import { type Distribution, discount, logOf, normalize, pool, toDistribution } from './distribution.ts';
import type { Modality } from './observation.ts';
import type { Reading, Worth } from './readings.ts';

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
  worth: Worth;
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
  /** 0..1: how far those categories count for valence, too, and with it for the label of the room. */
  voiceValence: number;
}

/**
 * Weighs what a source read. An opinion is trusted as far as its modality is reliable, its input was good, and the source
 * is as sure as its distribution looks; the rest of it is uniform, so that a wrong reading is never taken for a sure one.
 */
export function testimonyOf(said: Said, modality: Modality, { reliability, voiceCategories, voiceValence }: TrustOptions): Testimony {
  const { worth, categories, valence, arousal, strain } = said;
  const share = shareOf(categories, modality, voiceCategories);
  const told = share > 0 && categories ? affectOf(categories) : undefined;
  const opinion = weighed(opinionOf({ categories, valence, arousal }, share), { worth, reliability: reliability[modality] });
  return {
    weight: worth.weight * reliability[modality],
    opinion,
    log: opinion && logOf(opinion),
    valence: dimension(valence, { told: told?.valence, share: modality === 'voice' ? share * voiceValence : share }),
    arousal: dimension(arousal, { told: told?.arousal, share }),
    strain,
  };
}

/** As it was read, or else as categories tell it. */
function dimension(read: number | undefined, { told, share }: { told: number | undefined; share: number }): Dimension | undefined {
  if (read !== undefined) return { value: read, share: 1 };
  return told === undefined || share === 0 ? undefined : { value: share * told, share };
}

/** An input from this quality on is as good as the ones that its model was measured on. */
const GOOD_QUALITY = 0.6;

/**
 * Readings in a row do not err quite together, nor each by itself: the opinion of `count` of them is raised to this power of
 * `count`. 0 would take them for one reading, 1 for independent ones; a compromise of our own.
 */
const INDEPENDENCE = 0.25;

/**
 * How often each emotion is among the faces of FER+, from which networks learn to expect it as often. What a face says beside that expectation is
 * p divided by it (Saerens et al. 2002, "Adjusting the outputs of a classifier to new a priori probabilities", Neural Computation 14, 21-41).
 * How often each is in a home nobody knows: halfway, that is by the root, so that what is rare among pictures is not rare for ever.
 */
const LEARNED = toDistribution({
  neutral: 0.376,
  happiness: 0.253,
  sadness: 0.116,
  anger: 0.09,
  surprise: 0.128,
  fear: 0.021,
  disgust: 0.016,
});

const beyondLearned = (read: Distribution): Distribution => normalize(read.map((each, i) => each / Math.sqrt(LEARNED[i] as number)));

/** What one reading by itself says of the emotions, as far as it is trusted. */
export function opinionOfReading(
  reading: Reading,
  modality: Modality,
  { reliability, voiceCategories }: TrustOptions,
): Distribution | undefined {
  const { confidence, quality } = reading;
  const categories = modality === 'face' && reading.categories ? beyondLearned(reading.categories) : reading.categories;
  const share = shareOf(categories, modality, voiceCategories);
  const worth = { weight: confidence * quality, quality, confidence, count: 1 };
  return weighed(opinionOf({ ...reading, categories }, share), { worth, reliability: reliability[modality] });
}

/** Arousal and categories of a voice are read from the same sound: two opinions of one source, and never two votes. */
function shareOf(categories: Distribution | undefined, modality: Modality, voiceCategories: number): number {
  if (categories === undefined) return 0;
  return modality === 'voice' ? voiceCategories : 1;
}

function weighed(read: Distribution | undefined, { worth, reliability }: { worth: Worth; reliability: number }): Distribution | undefined {
  if (!read) return undefined;
  const clear = Math.min(1, worth.quality + 1 - GOOD_QUALITY);
  const sure = Math.min(1, worth.confidence / Math.max(...read));
  const many = worth.count > 1 ? pool([{ log: logOf(read), exponent: worth.count ** INDEPENDENCE }]) : read;
  return discount(many, reliability * clear * sure);
}

function opinionOf(
  { categories, valence, arousal }: Pick<Said, 'categories' | 'valence' | 'arousal'>,
  share: number,
): Distribution | undefined {
  const told = share > 0 ? categories : undefined;
  if (told && share === 1) return told;
  const felt = valence === undefined && arousal === undefined ? undefined : likelihood({ valence, arousal });
  if (!told || !felt) return told ?? felt;
  return pool([
    { log: logOf(felt), exponent: 1 - share },
    { log: logOf(told), exponent: share },
  ]);
}
