import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../api/clock.ts';
import { RoomtoneError } from '../api/errors.ts';
import type { AuditPort, CredentialsPort, MoodStorePort, StatePort } from '../api/ports.ts';
import type { Problem } from '../api/views.ts';
import { ActivityLog } from './activity.ts';
import { auditStore } from './audit.ts';
import { credentialsStore } from './credentials.ts';
import { openDatabase } from './database.ts';
import { readHubId } from './files.ts';
import { lockFolder } from './lock.ts';
import { MoodHistory } from './moods.ts';
import { Retention } from './retention.ts';
import { stateStore } from './state.ts';
import { Vault } from './vault.ts';

export interface StoreOptions {
  /** Data folder; made if need be, for its owner alone. */
  dir: string;
  clock: Clock;
  log: Logger;
  /** $CREDENTIALS_DIRECTORY */
  credentialsDir?: string | undefined;
  /** False for a tool that looks in beside a running hub: it takes no lock and repairs nothing. */
  exclusive?: boolean;
}

/** Everything on disk but the configuration. Open before that is read: the configuration may name secrets of the vault. */
export interface Store {
  /** A UUID, made once for this data folder. */
  readonly hubId: string;
  readonly state: StatePort;
  readonly audit: AuditPort;
  readonly moods: MoodStorePort;
  readonly credentials: CredentialsPort;
  readonly vault: Vault;
  /** What happened to each device. */
  readonly activity: ActivityLog;
  /** What opening found out: a damaged database that was set aside. */
  readonly problem: Problem | null;
  /** From `storage.retentionDays`; may be called again. */
  keepMoods(days: number): void;
  /** Writes what waits, gives the folder back. May be called more than once. */
  close(): void;
}

/**
 * @throws RoomtoneError `store.locked`, `store.newer_version`, `store.unopenable`
 */
export function openStore({ dir, clock, log, credentialsDir, exclusive = true }: StoreOptions): Store {
  const file = join(dir, 'roomtone.db');
  const unlock = prepare(dir, exclusive);
  try {
    const hubId = readHubId(dir);
    const { db, problem } = openDatabase({ file, now: clock.wall(), exclusive });
    if (problem) log.error({ code: problem.code, ...problem.params }, 'the database was damaged and has been set aside');
    const moods = new MoodHistory({ db, clock, log });
    const activity = new ActivityLog({ db, clock, log });
    const retention = new Retention({ db, clock, log });
    return {
      hubId,
      state: stateStore(db),
      audit: auditStore(db, clock),
      moods,
      credentials: credentialsStore(db, clock),
      vault: new Vault({ db, dir, credentialsDir }),
      activity,
      problem,
      keepMoods: (days) => retention.keep(days),
      close() {
        if (!db.open) return;
        retention.close();
        moods.close();
        activity.close();
        db.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw unopenable(dir, error);
  }
}

function prepare(dir: string, exclusive: boolean): () => void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    return exclusive ? lockFolder(dir) : () => {};
  } catch (error) {
    throw unopenable(dir, error);
  }
}

function unopenable(dir: string, error: unknown): RoomtoneError {
  if (error instanceof RoomtoneError) return error;
  const what = error instanceof Error ? error.message : String(error);
  return new RoomtoneError('store.unopenable', { params: { file: dir, what }, cause: error });
}
