import type { Logger } from 'pino';
import type { Clock, Timer } from '../api/clock.ts';
import type { MoodStorePort } from '../api/ports.ts';
import type { Contribution, Mood } from '../mood/mood.ts';
import { type Db, guarded } from './database.ts';

/** Longest that a mood stays in memory alone: what a power cut may take. */
const FLUSH_MS = 5000;
/** An unchanged mood is written this often, so that history has no holes. */
const REPEAT_MS = 60_000;
/** Kept while the disk refuses them; the oldest go first. */
const MAX_PENDING = 5000;

/** Changes of this size are history; smaller ones wait for the minute. About what a person could tell apart on the panel. */
const NOTICEABLE = { valence: 0.15, arousal: 0.15, stress: 10, confidence: 0.25 };

export interface MoodHistoryOptions {
  db: Db;
  clock: Clock;
  log: Logger;
}

/** Moods in batches: one transaction every few seconds at most, and none while nothing changes and the minute is not over. */
export class MoodHistory implements MoodStorePort {
  readonly #options: MoodHistoryOptions;
  readonly #newest = new Map<string, Mood>();
  readonly #written = new Map<string, { mood: Mood; at: number }>();
  #pending: Mood[] = [];
  #timer: Timer | undefined;
  #isFailing = false;

  constructor(options: MoodHistoryOptions) {
    this.#options = options;
  }

  record(mood: Mood): void {
    if (mood.demo) return;
    const now = this.#options.clock.mono();
    this.#newest.set(mood.room, mood);
    const last = this.#written.get(mood.room);
    if (last && now - last.at < REPEAT_MS && !isNoticeable(last.mood, mood)) return;
    this.#written.set(mood.room, { mood, at: now });
    this.#pending.push(mood);
    this.#timer ??= this.#options.clock.after(FLUSH_MS, () => this.#flush());
  }

  latest(room: string): Mood | undefined {
    const { db } = this.#options;
    const inMemory = this.#newest.get(room);
    if (inMemory) return inMemory;
    const row = guarded(db, () => db.prepare<[string], MoodRow>('SELECT * FROM moods WHERE room = ? ORDER BY at DESC LIMIT 1').get(room));
    return row && fromRow(row);
  }

  /** Writes what waits. */
  close(): void {
    this.#timer?.cancel();
    if (this.#pending.length > 0) this.#flush();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #flush(): void {
    const { db, clock, log } = this.#options;
    this.#timer = undefined;
    try {
      guarded(db, () => this.#write(this.#pending));
      this.#pending = [];
      if (this.#isFailing) log.info('moods are written again');
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) log.error({ err: error }, 'moods cannot be written; they are kept in memory for now');
      this.#isFailing = true;
      this.#pending = this.#pending.slice(-MAX_PENDING);
      this.#timer = clock.after(FLUSH_MS, () => this.#flush());
    }
  }

  #write(moods: readonly Mood[]): void {
    const { db } = this.#options;
    const insert = db.prepare(`INSERT OR REPLACE INTO moods VALUES (
      @room, @at, @label, @emotion, @probabilities, @valence, @arousal, @stress, @hidden_stress, @confidence, @occupancy, @people, @contributions)`);
    db.transaction(() => {
      for (const mood of moods) insert.run(toRow(mood));
    })();
  }
}

function isNoticeable(before: Mood, after: Mood): boolean {
  const isOther = (['label', 'emotion', 'hiddenStress', 'occupancy', 'people'] as const).some((key) => before[key] !== after[key]);
  return (
    isOther || (Object.keys(NOTICEABLE) as (keyof typeof NOTICEABLE)[]).some((key) => Math.abs(before[key] - after[key]) >= NOTICEABLE[key])
  );
}

interface MoodRow extends Pick<Mood, 'room' | 'at' | 'label' | 'emotion' | 'valence' | 'arousal' | 'stress' | 'confidence' | 'people'> {
  probabilities: string;
  hidden_stress: number;
  occupancy: number | null;
  contributions: string;
}

/** Three decimals are more than any model is good for, and halve the row. */
const round = (value: number): number => Math.round(value * 1000) / 1000;

function toRow(mood: Mood): MoodRow {
  const { room, label, emotion, people } = mood;
  return {
    room,
    at: Math.round(mood.at),
    label,
    emotion,
    probabilities: JSON.stringify(Object.fromEntries(Object.entries(mood.probabilities).map(([name, value]) => [name, round(value)]))),
    valence: round(mood.valence),
    arousal: round(mood.arousal),
    stress: round(mood.stress),
    hidden_stress: Number(mood.hiddenStress),
    confidence: round(mood.confidence),
    occupancy: mood.occupancy === null ? null : Number(mood.occupancy),
    people,
    contributions: JSON.stringify(mood.contributions.map((each) => ({ ...each, weight: round(each.weight) }))),
  };
}

function fromRow({ hidden_stress, ...row }: MoodRow): Mood {
  return {
    v: 1,
    ...row,
    probabilities: JSON.parse(row.probabilities) as Mood['probabilities'],
    hiddenStress: hidden_stress === 1,
    occupancy: row.occupancy === null ? null : row.occupancy === 1,
    contributions: JSON.parse(row.contributions) as Contribution[],
  };
}
