import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RoomtoneError } from '../api/errors.ts';
import { lacking as lackingModels, standIns as standInModels } from '../api/offer.ts';
import type { StatePort } from '../api/ports.ts';
import { inOrder, type ModelEntry, type Preference } from '../senses/perception/models.ts';
import type { Digests } from './digest.ts';

/** A model and what of it is there. */
export interface Stocked {
  entry: ModelEntry;
  /** `wrong`: a file of that name is there, and is another one. */
  state: 'in-use' | 'present' | 'wrong' | 'missing';
  /** Where it lies; of a wrong one too. */
  path: string | null;
}

/** Looks for every model in `dirs`, in order, and reads what it finds. In use is what the senses would take for its role. */
export async function takeStock(options: {
  entries: readonly ModelEntry[];
  dirs: readonly string[];
  prefer: Preference;
  digests: Digests;
}): Promise<Stocked[]> {
  const { entries, dirs, prefer, digests } = options;
  const stock: Stocked[] = [];
  for (const entry of entries) stock.push({ entry, ...(await look(entry, dirs, digests)) });
  const order = inOrder(entries, prefer);
  for (const role of new Set(entries.map((entry) => entry.role))) {
    const found = order.flatMap((entry) => stock.filter((each) => each.entry === entry && entry.role === role && each.state === 'present'));
    if (found[0]) found[0].state = 'in-use';
  }
  return stock;
}

async function look(entry: ModelEntry, dirs: readonly string[], digests: Digests): Promise<Omit<Stocked, 'entry'>> {
  let wrong: string | null = null;
  for (const dir of dirs) {
    const path = join(dir, entry.file);
    const digest = await digests.of(path, entry.bytes);
    if (digest === entry.sha256) return { state: 'present', path };
    if (digest !== null) wrong ??= path;
  }
  return wrong === null ? { state: 'missing', path: null } : { state: 'wrong', path: wrong };
}

/** What the recommended set still lacks: for each role, the entries to try, the best first. */
export function lacking(stock: readonly Stocked[]): ModelEntry[][] {
  return lackingModels(stock.map(offered)).map((ofRole) => ofRole.map(({ entry }) => entry));
}

/** What is in use until the better model of its role, which is recommended, is there. */
export function standIns(stock: readonly Stocked[]): { model: ModelEntry; better: ModelEntry }[] {
  return standInModels(stock.map(offered)).map(({ model, better }) => ({ model: model.entry, better: better.entry }));
}

const offered = ({ entry, state }: Stocked) => ({ entry, role: entry.role, recommended: entry.recommended === true, state });

/** @throws RoomtoneError `model.unknown` */
export function findModel(entries: readonly ModelEntry[], id: string, role?: string): ModelEntry {
  const candidates = role === undefined ? entries : entries.filter((entry) => entry.role === role);
  const found = candidates.find((entry) => entry.id === id);
  if (found) return found;
  const known = candidates.map((entry) => entry.id).join(', ') || 'none';
  throw new RoomtoneError('model.unknown', { params: { model: id, where: role === undefined ? '' : ` for ${role}`, known } });
}

const PREFIX = 'models.use.';

/** What a person chose, by role. */
export function preference(state: StatePort): Preference {
  const chosen = state.keys(PREFIX).map((key) => [key.slice(PREFIX.length), state.get(key, z.string())] as const);
  return Object.fromEntries(chosen.filter((each): each is readonly [string, string] => each[1] !== undefined));
}

export function prefer(state: StatePort, { role, id }: Pick<ModelEntry, 'role' | 'id'>): void {
  state.set(`${PREFIX}${role}`, id);
}

/** A digest of names, sizes and times of the models and descriptions in a folder: when it changes, models are to be loaded anew. */
export function edition(dir: string): string {
  const hash = createHash('sha256');
  for (const name of names(dir)) {
    const { size, mtimeMs } = statSync(join(dir, name), { throwIfNoEntry: false }) ?? { size: -1, mtimeMs: 0 };
    hash.update(`${name}\0${size}\0${mtimeMs}\0`);
  }
  return hash.digest('hex');
}

function names(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => /\.(onnx|json)$/.test(name))
      .sort();
  } catch {
    return [];
  }
}
