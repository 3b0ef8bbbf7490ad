import { createHash } from 'node:crypto';
import { availableParallelism, cpus } from 'node:os';
import { env } from 'onnxruntime-node';
import type { Role } from '../protocol.ts';
import { candidates, type FoundModel, type ModelEntry } from './models.ts';
import { openSession } from './session.ts';
import { ordinaryFeeds } from './trial.ts';

/** How many threads the networks of pictures do best with, on the machine and for the networks that `key` stands for. */
export interface Tuning {
  key: string;
  threads: number;
}

/** One number of threads, and the least ms that one frame with one face took with it. */
export interface Timing {
  threads: number;
  ms: number;
}

/** The roles whose networks are large enough to gain: those of sound and text take a few ms at most, on one thread. */
export const TUNED_ROLES: readonly Role[] = ['face-detection', 'face-emotion'];

/** Past four threads networks of this size gain nothing, and a hub has other work. */
const MOST = 4;
/** What more threads must save before they are worth taking cores from others: a tenth. */
const WORTH = 1.1;
/** Runs with every number of threads, in turn, so that a busy moment hits all alike; fewer where they take long. */
const ROUNDS = { least: 5, most: 20, within: 3000 };

/** The greatest number of threads that is tried here. */
export const mostThreads = (): number => Math.min(MOST, availableParallelism());

/** Names this machine, this runtime and the networks of pictures that are there: what was measured for one key holds for it alone. */
export async function tuningKey(entries: readonly ModelEntry[], dirs: readonly string[]): Promise<string> {
  const digests = (await networks(entries, dirs)).map(({ entry }) => entry.sha256);
  const facts = [cpus()[0]?.model ?? '', availableParallelism(), env.versions.node ?? env.versions.common, ...digests];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
}

/**
 * Times the networks of pictures with 1 thread to `mostThreads()`. Its sessions stay open: for a process that ends after it.
 * @throws RoomtoneError `model.invalid`
 */
export async function measure(entries: readonly ModelEntry[], dirs: readonly string[]): Promise<Tuning & { timings: Timing[] }> {
  const models = await networks(entries, dirs);
  const contenders = [];
  for (let threads = 1; threads <= mostThreads(); threads++) {
    const sessions = await Promise.all(models.map((model) => openSession(model, threads)));
    const runs = sessions.map((session, index) => ({ session, feeds: ordinaryFeeds((models[index] as FoundModel).entry, session) }));
    contenders.push({ threads, ms: Number.POSITIVE_INFINITY, runs });
  }
  const begun = performance.now();
  for (let round = 0; round < ROUNDS.most; round++) {
    if (round >= ROUNDS.least && performance.now() - begun > ROUNDS.within) break;
    for (const contender of contenders) {
      const start = performance.now();
      for (const { session, feeds } of contender.runs) await session.run(feeds);
      contender.ms = Math.min(contender.ms, performance.now() - start);
    }
  }
  const timings = contenders.map(({ threads, ms }) => ({ threads, ms: Math.round(ms * 100) / 100 }));
  return { key: await tuningKey(entries, dirs), threads: fewest(timings), timings };
}

/** The smallest number of threads that comes close to the fastest. */
export function fewest(timings: readonly Timing[]): number {
  const best = Math.min(...timings.map(({ ms }) => ms));
  return timings.find(({ ms }) => ms <= best * WORTH)?.threads ?? 1;
}

/** Of each role the file that is tried first: the one that is used, unless it turns out not to fit. */
async function networks(entries: readonly ModelEntry[], dirs: readonly string[]): Promise<FoundModel[]> {
  const found: FoundModel[] = [];
  for (const role of TUNED_ROLES) {
    for await (const candidate of candidates(role, entries, dirs)) {
      if ('problem' in candidate) continue;
      found.push(candidate);
      break;
    }
  }
  return found;
}
