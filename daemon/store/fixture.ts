import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { FakeClock } from '../api/clock.fake.ts';
import type { Mood } from '../mood/mood.ts';
import { openStore, type Store, type StoreOptions } from './store.ts';

export const silent = pino({ level: 'silent' });

/** A data folder of its own for one test. */
export function dataFolder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'roomtone-store-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A store that the test may reopen: it is closed when the test ends. */
export function openFor(t: TestContext, options: Partial<StoreOptions> & { dir: string }): Store {
  const store = openStore({ clock: new FakeClock(), log: silent, ...options });
  t.after(() => store.close());
  return store;
}

export const aMood: Mood = {
  v: 1,
  room: 'den',
  at: Date.UTC(2026, 10, 1, 12),
  label: 'calm',
  emotion: 'neutral',
  probabilities: { neutral: 0.4, happiness: 0.1, sadness: 0.1, anger: 0.1, surprise: 0.1, fear: 0.1, disgust: 0.1 },
  valence: 0.25,
  arousal: -0.5,
  stress: 12,
  hiddenStress: false,
  confidence: 0.75,
  occupancy: true,
  people: 2,
  contributions: [{ source: 'ceiling', modality: 'face', weight: 1 }],
};
