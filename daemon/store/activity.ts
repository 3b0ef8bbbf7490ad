import type { Logger } from 'pino';
import type { Clock, Timer } from '../api/clock.ts';
import type { Activity, ActivityEntry } from '../api/devices.ts';
import type { MessageParams } from '../api/errors.ts';
import type { DeviceId } from '../devices/device.ts';
import { type Db, guarded } from './database.ts';

/** Longest that an entry stays in memory alone: what a power cut may take. Long, for a lamp that follows a mood has many. */
const FLUSH_MS = 30_000;
/** Entries kept of each device; the oldest go first. */
export const KEPT = 200;
/** Entries kept in memory while the disk refuses them. */
const MOST_PENDING = 2000;

interface Pending extends ActivityEntry {
  device: DeviceId;
}

interface Row {
  at: number;
  what: string;
  params: string;
}

/** What happened to each device lately: the newest few hundred lines, written together. */
export class ActivityLog {
  readonly #options: { db: Db; clock: Clock; log: Logger };
  #pending: Pending[] = [];
  #timer: Timer | undefined;
  #isFailing = false;

  constructor(options: { db: Db; clock: Clock; log: Logger }) {
    this.#options = options;
  }

  record(device: DeviceId, { what, params }: { what: Activity; params: MessageParams }): void {
    const { clock } = this.#options;
    this.#pending.push({ device, at: Math.round(clock.wall()), what, params });
    if (this.#pending.length > MOST_PENDING) this.#pending.shift();
    this.#timer ??= clock.after(FLUSH_MS, () => this.#flush());
  }

  /** Newest first. */
  of(device: DeviceId, limit: number): ActivityEntry[] {
    const { db } = this.#options;
    const recent = this.#pending.filter((each) => each.device === device).reverse();
    const select = 'SELECT at, what, params FROM device_activity WHERE device = ? ORDER BY id DESC LIMIT ?';
    const rows = guarded(db, () => db.prepare<[string, number], Row>(select).all(device, Math.min(limit, KEPT)));
    const older = rows.map(({ at, what, params }) => ({ at, what: what as Activity, params: JSON.parse(params) as MessageParams }));
    return [...recent.map(({ at, what, params }) => ({ at, what, params })), ...older].slice(0, Math.min(limit, KEPT));
  }

  forget(device: DeviceId): void {
    const { db } = this.#options;
    this.#pending = this.#pending.filter((each) => each.device !== device);
    this.#attempt(() => db.prepare('DELETE FROM device_activity WHERE device = ?').run(device));
  }

  /** Writes what waits. */
  close(): void {
    this.#flush();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#pending.length === 0) return;
    if (this.#attempt(() => this.#write(this.#pending))) this.#pending = [];
    else this.#timer = this.#options.clock.after(FLUSH_MS, () => this.#flush());
  }

  #attempt(write: () => unknown): boolean {
    const { db, log } = this.#options;
    try {
      guarded(db, write);
      this.#isFailing = false;
      return true;
    } catch (error) {
      if (!this.#isFailing) log.error({ event: 'activity_failed', err: error }, 'activity of devices cannot be written');
      this.#isFailing = true;
      return false;
    }
  }

  #write(entries: readonly Pending[]): void {
    const { db } = this.#options;
    const insert = db.prepare('INSERT INTO device_activity (device, at, what, params) VALUES (?, ?, ?, ?)');
    const prune = db.prepare(`DELETE FROM device_activity WHERE device = ? AND id NOT IN
      (SELECT id FROM device_activity WHERE device = ? ORDER BY id DESC LIMIT ${KEPT})`);
    db.transaction(() => {
      for (const { device, at, what, params } of entries) insert.run(device, at, what, JSON.stringify(params));
      for (const device of new Set(entries.map((each) => each.device))) prune.run(device, device);
    })();
  }
}
