import type { Logger } from 'pino';
import type { Clock, Timer } from '../api/clock.ts';
import { type Db, guarded } from './database.ts';

const DAY_MS = 24 * 3_600_000;
/** The first pass waits until the start is over. */
const FIRST_PASS_MS = 60_000;
/** Rows of one transaction, and the pause after it: the hub stays quick meanwhile. */
const BATCH_ROWS = 500;
const BATCH_PAUSE_MS = 1000;
/** Entries of the audit that are kept, whatever their age. */
const AUDIT_ROWS = 10_000;

/** Forgets old moods once a day, in small steps. */
export class Retention {
  readonly #options: { db: Db; clock: Clock; log: Logger };
  #days = 0;
  #timer: Timer | undefined;

  constructor(options: { db: Db; clock: Clock; log: Logger }) {
    this.#options = options;
  }

  /** Keeps moods for `days` from now on. May be called again. */
  keep(days: number): void {
    this.#days = days;
    this.#schedule(FIRST_PASS_MS);
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #schedule(delay: number): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(delay, () => this.#schedule(this.#pass() ? BATCH_PAUSE_MS : DAY_MS));
  }

  /** One batch. Returns whether more is left. */
  #pass(): boolean {
    const { db, clock, log } = this.#options;
    const before = Math.round(clock.wall()) - this.#days * DAY_MS;
    try {
      return guarded(db, () => {
        db.prepare('DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ?').run(AUDIT_ROWS);
        const oldest = 'SELECT room, at FROM moods WHERE room = ? AND at < ? LIMIT ?';
        const remove = db.prepare(`DELETE FROM moods WHERE (room, at) IN (${oldest})`);
        const removed = roomsOf(db).map((room) => remove.run(room, before, BATCH_ROWS).changes);
        return removed.some((count) => count === BATCH_ROWS);
      });
    } catch (error) {
      log.error({ err: error }, 'old moods cannot be forgotten');
      return false;
    }
  }
}

/** Skips from room to room along the key instead of reading every row. */
function roomsOf(db: Db): string[] {
  const next = db.prepare<[string], { room: string | null }>('SELECT min(room) AS room FROM moods WHERE room > ?');
  const rooms: string[] = [];
  for (let room = next.get('')?.room; room; room = next.get(room)?.room) rooms.push(room);
  return rooms;
}
