import { Worker } from 'node:worker_threads';
import type { Options } from '../evaluation.ts';
import type { SampleFiles } from './samples.ts';

/** What a worker is to do. */
export interface Work {
  files: SampleFiles;
  /** One for each day. */
  seeds: number[];
}

/** What a worker tells after each day. */
export interface Done<T> {
  seed: number;
  tally: T;
}

const WORKERS = 2;
const FIRST_SEED = 20_261_001;

/**
 * Shares days out to workers.
 * @param script a module that takes `Work` and tells `Done` of each day
 * @returns what came of each day, in the order of the days, however fast they were
 */
export async function tallyDays<T>(
  script: URL,
  { files, days, progress }: { files: SampleFiles; days: number; progress: Options['progress'] },
): Promise<T[]> {
  const seeds = Array.from({ length: days }, (_, day) => FIRST_SEED + day);
  const tallies = new Map<number, T>();
  progress(`0 of ${days} days`);
  const run = (worker: number): Promise<void> => {
    const workerData: Work = { files, seeds: seeds.filter((_, day) => day % WORKERS === worker) };
    return finished(new Worker(script, { workerData }), ({ seed, tally }: Done<T>) => {
      tallies.set(seed, tally);
      progress(`${tallies.size} of ${days} days`);
    });
  };
  await Promise.all(Array.from({ length: WORKERS }, (_, worker) => run(worker)));
  progress('');
  return seeds.map((seed) => tallies.get(seed) as T);
}

function finished<T>(worker: Worker, onDone: (done: Done<T>) => void): Promise<void> {
  worker.on('message', onDone);
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  });
}
