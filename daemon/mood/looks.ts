import type { Word } from './belief.ts';
import type { Observation, PresenceObservation } from './observation.ts';

type Telling = Exclude<Observation, PresenceObservation>;

/**
 * Of the looks of each modality: `within` which time the next word belongs to the same (a message stands by itself), and how often one is
 * misread as a whole: chosen on days of the simulated home (docs/accuracy.md); a message as its network errs, and of a body only arousal
 * is known.
 */
const LOOKS: Readonly<Record<Telling['modality'], Pick<Word, 'within' | 'misread'>>> = {
  face: { within: 3000, misread: 0.15 },
  voice: { within: 30_000, misread: 0.35 },
  text: { within: -1, misread: 0.3 },
  body: { within: 60_000, misread: 0.5 },
};

/** ms of readings of a face or a body that say as much as one independent one: those that follow each other show the same. */
const REPEATS = { face: 4000, body: 60_000 };

/** Utterances that follow each other are by the same voice about the same. */
const UTTERANCE = 0.5;

/** ms that a first reading stands for, and the most that one does. */
const FIRST = 500;
const MOST = 1000;

/** The dwell for which these hold, ms. Half as long a dwell makes a word worth twice as much. */
const STANDARD_DWELL = 10_000;

/** What a reading is worth as a word in a look. @param since ms since the last reading of the same face, or of the source */
export function wordOf(
  observation: Telling,
  { since, dwell }: { since: number; dwell: number },
): Pick<Word, 'evidence' | 'within' | 'misread'> {
  return { evidence: evidenceOf(observation, since) * (STANDARD_DWELL / dwell), ...LOOKS[observation.modality] };
}

function evidenceOf(observation: Telling, since: number): number {
  const length = Number.isFinite(since) ? Math.min(MOST, since) : FIRST;
  switch (observation.modality) {
    case 'face':
      return length / REPEATS.face / observation.people;
    case 'body':
      return length / REPEATS.body;
    case 'voice':
      return UTTERANCE;
    case 'text':
      return 1;
  }
}
