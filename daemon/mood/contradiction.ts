import { halfLifeDecay } from './decay.ts';
import type { Contradiction } from './mood.ts';
import type { Modality } from './observation.ts';

/** A source as it stands beside the others. */
export interface Side {
  source: string;
  modality: Modality;
  /** 0..1: how little it has aged beside the newest of the room. */
  freshness: number;
  testimony: {
    /** -1..1 */
    valence: { value: number } | undefined;
    /** 0..1 */
    strain: number | undefined;
  };
}

/** ms of contradiction, or of its absence, that halve the distance to full belief in it or in none. */
const HALF_LIFE = 15_000;

/** Belief at which it is told, and below which it is no longer. */
const TELL = 0.5;
const END = 0.25;

/** How pleasant a face must look, how unpleasant words must be, and how strained a voice or body, to count at all and in full. */
const PLEASANT = { from: 0.25, full: 0.6 };
const UNPLEASANT = { from: 0.3, full: 0.6 };
const STRAINED = { from: 0.5, full: 0.8 };

/**
 * A pleasant face over a strained voice, unpleasant words or a tense body, for a while: what shows and what leaks (Ekman & Friesen 1969,
 * "Nonverbal leakage and clues to deception", Psychiatry 32, 88-106). Follows how strong each contradiction has been lately.
 */
export class Contradictions {
  readonly #beliefs = new Map<string, { contradiction: Contradiction; belief: number; told: boolean }>();
  #current: Contradiction[] = [];

  /** @param elapsed ms for which what was seen last has held */
  pass(elapsed: number): void {
    if (this.#beliefs.size === 0) return;
    const kept = halfLifeDecay(elapsed, HALF_LIFE);
    for (const [key, each] of this.#beliefs) {
      const strength = this.#current.find((other) => keyOf(other) === key)?.strength ?? 0;
      each.belief = each.belief * kept + strength * (1 - kept);
      each.told = each.belief >= (each.told ? END : TELL);
      if (strength === 0 && each.belief < 0.01) this.#beliefs.delete(key);
    }
  }

  /** What the sources say from now on. */
  see(sides: readonly Side[]): void {
    this.#current = contradictionsOf(sides);
    for (const contradiction of this.#current) {
      const known = this.#beliefs.get(keyOf(contradiction));
      if (known) known.contradiction = contradiction;
      else this.#beliefs.set(keyOf(contradiction), { contradiction, belief: 0, told: false });
    }
  }

  /** Those that have lasted, strongest first. */
  get told(): Contradiction[] {
    if (this.#beliefs.size === 0) return [];
    const lasting = [...this.#beliefs.values()].filter(({ told }) => told);
    return lasting.map(({ contradiction, belief }) => ({ ...contradiction, strength: belief })).sort((a, b) => b.strength - a.strength);
  }
}

const keyOf = ({ shown, told }: Contradiction): string => `${shown.source}/${told.source}/${told.modality}`;

/** Only between what was read about the same time. */
function contradictionsOf(sides: readonly Side[]): Contradiction[] {
  const faces = sides.filter(
    ({ modality, freshness, testimony }) => modality === 'face' && freshness >= 0.5 && (testimony.valence?.value ?? 0) > PLEASANT.from,
  );
  if (faces.length === 0) return [];
  const against = sides.flatMap((side) => (side.freshness >= 0.5 ? unease(side) : []));
  return faces.flatMap(({ source, modality, testimony }) =>
    against.map(({ side, by, degree }) => ({
      shown: { source, modality },
      told: { source: side.source, modality: side.modality },
      by,
      strength: Math.min(ramp(testimony.valence?.value ?? 0, PLEASANT), degree),
    })),
  );
}

function unease(side: Side): { side: Side; by: Contradiction['by']; degree: number }[] {
  const { modality, testimony } = side;
  const [strain, valence] = [testimony.strain ?? 0, testimony.valence?.value ?? 0];
  if ((modality === 'voice' || modality === 'body') && strain > STRAINED.from)
    return [{ side, by: 'strain', degree: ramp(strain, STRAINED) }];
  if (modality === 'text' && -valence > UNPLEASANT.from) return [{ side, by: 'words', degree: ramp(-valence, UNPLEASANT) }];
  return [];
}

/** 0 at `from`, 1 from `full` on. */
const ramp = (value: number, { from, full }: { from: number; full: number }): number =>
  Math.min(1, Math.max(0, (value - from) / (full - from)));
