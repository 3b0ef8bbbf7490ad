import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { ERRORS, RoomtoneError } from '../api/errors.ts';
import { render } from '../api/render.ts';
import { configError } from '../config/load.ts';
import { configParts, readConfiguration } from '../house/configuration.ts';
import { modelDirs } from '../house/plan.ts';
import { Digests } from '../models/digest.ts';
import { fetchModel } from '../models/fetch.ts';
import { findModel, lacking, prefer, preference, type Stocked, standIns, takeStock } from '../models/inventory.ts';
import { loadManifest, type ModelEntry, type Preference } from '../senses/perception/models.ts';
import { readUserModels } from '../senses/perception/user-models.ts';
import { latestTuning } from '../senses/tuner.ts';
import { type Arguments, usage } from './arguments.ts';
import { createLog } from './log.ts';
import { ProgressLine } from './progress.ts';
import { standInsLine } from './stand-ins.ts';
import { withStore } from './store.ts';
import { table } from './table.ts';

interface Shelf {
  args: Arguments;
  dirs: string[];
  tuning: ReturnType<typeof latestTuning>;
  entries: ModelEntry[];
  prefer: Preference;
}

const SUBCOMMANDS: Record<string, { operands: number; run: (shelf: Shelf, operands: string[]) => Promise<void> }> = {
  list: { operands: 0, run: list },
  fetch: { operands: 1, run: fetchNamed },
  use: { operands: 2, run: use },
  verify: { operands: 0, run: verify },
};

/** `roomtone models list | fetch [ID | --recommended] | use ROLE ID | verify`, beside a hub that may be running. */
export async function models(args: Arguments): Promise<void> {
  const [name = 'list', ...operands] = args.operands;
  const subcommand = Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined;
  if (!subcommand) throw usage(`"models" knows ${Object.keys(SUBCOMMANDS).join(', ')}`);
  const all = name === 'fetch' && args.recommended;
  if (name !== 'fetch' && (args.from !== undefined || args.recommended || args.yes)) {
    throw usage('--from, --recommended and --yes go with models fetch');
  }
  const takes = all ? 0 : subcommand.operands;
  if (operands.length !== takes)
    throw usage(`"models ${name}" takes ${name === 'fetch' ? 'an ID, or --recommended' : `${takes} argument(s)`}`);
  await subcommand.run(await openShelf(args), operands);
}

async function openShelf(args: Arguments): Promise<Shelf> {
  const { prefer, dirs, tuning } = await withStore(args.data, async ({ state, vault }) => ({
    prefer: preference(state),
    tuning: latestTuning(state),
    dirs: await folders(args, (name) => vault.secrets.get(name)),
  }));
  const manifest = await loadManifest();
  const own = readUserModels(dirs[0], manifest.models);
  for (const { code, params } of own.problems) process.stderr.write(`${render(code, params)}\n`);
  return { args, dirs, prefer, tuning, entries: [...manifest.models, ...own.entries] };
}

/** As the hub finds them: a configuration that cannot be used would send files to the wrong folder. */
async function folders({ config, data }: Arguments, secrets: (name: string) => string | undefined): Promise<string[]> {
  const file = config ?? join(data, 'roomtone.yaml');
  const programDir = fileURLToPath(new URL('../..', import.meta.url));
  if (!existsSync(file)) {
    if (config !== undefined) throw new RoomtoneError('config.not_found', { params: { file } });
    return modelDirs({ configured: undefined, dataDir: data, programDir });
  }
  const read = readConfiguration({ file, parts: await configParts(), secrets, env: process.env });
  if (!read.ok) throw configError(read);
  return modelDirs({ configured: read.config.models.dir, dataDir: data, programDir });
}

const stockOf = ({ entries, dirs, prefer }: Shelf): Promise<Stocked[]> => takeStock({ entries, dirs, prefer, digests: new Digests() });

const STATES = { 'in-use': 'in use', present: 'present', wrong: 'another file', missing: 'not there' } as const;

async function list(shelf: Shelf): Promise<void> {
  const stock = await stockOf(shelf);
  const rows = stock.map(({ entry, state }) => [
    entry.role,
    entry.id,
    STATES[state],
    megabytes(entry.bytes),
    entry.licence,
    entry.accuracy,
  ]);
  process.stdout.write(table([['ROLE', 'ID', 'STATE', 'SIZE', 'LICENCE', 'ACCURACY'], ...rows]));
  const standing = standInsLine(standIns(stock));
  if (standing) process.stdout.write(`\n${standing}\n`);
  if (shelf.tuning) process.stdout.write(`\n${threadsLine(shelf.tuning)}\n`);
}

function threadsLine({ threads, timings, at }: NonNullable<Shelf['tuning']>): string {
  const times = timings.map((each) => `${each.threads}: ${each.ms} ms`).join(', ');
  return `Threads of the networks of pictures: ${threads} (a frame took with ${times}; measured ${new Date(at).toISOString().slice(0, 10)})`;
}

async function verify(shelf: Shelf): Promise<void> {
  const stock = await stockOf(shelf);
  const words = { 'in-use': 'good', present: 'good', wrong: 'wrong', missing: 'missing' } as const;
  process.stdout.write(table(stock.map(({ entry, state, path }) => [words[state], entry.id, path ?? entry.file])));
  if (stock.some(({ state }) => state === 'wrong')) process.exitCode = ERRORS['model.digest_mismatch'].exit;
}

async function use({ args, entries }: Shelf, [role = '', id = '']: string[]): Promise<void> {
  if (!entries.some((entry) => entry.role === role)) {
    throw usage(`there is no role "${role}"; roles: ${[...new Set(entries.map((entry) => entry.role))].join(', ')}`);
  }
  const chosen = findModel(entries, id, role);
  await withStore(args.data, async ({ state }) => prefer(state, chosen));
  process.stdout.write(`${role}: ${id} from now on. ${TAKEN}\n`);
}

const TAKEN = 'A hub that runs takes it when it reloads its configuration (House page, or SIGHUP).';

async function fetchNamed(shelf: Shelf, [id]: string[]): Promise<void> {
  const wanted = id === undefined ? lacking(await stockOf(shelf)) : [[findModel(shelf.entries, id)]];
  if (wanted.length === 0) return void process.stdout.write('The recommended models are there.\n');
  await agree(shelf.args, wanted.flat());
  const failures: unknown[] = [];
  for (const candidates of wanted) {
    await fetchFirst(shelf, candidates).catch((error: unknown) => failures.push(error));
  }
  if (failures.length < wanted.length) process.stdout.write(`${TAKEN}\n`);
  if (failures.length > 0) throw failures[0];
}

/** Of models for the same role, the first that can be had. @throws what went wrong with the first */
async function fetchFirst({ args, dirs }: Shelf, candidates: readonly ModelEntry[]): Promise<void> {
  const dir = dirs[0] ?? 'models';
  const errors: unknown[] = [];
  for (const entry of candidates) {
    const line = new ProgressLine({ output: process.stderr, name: entry.id, total: entry.bytes });
    try {
      const onProgress = (received: number) => line.show(received);
      const path = await fetchModel({ log: createLog(args.log, process.stderr), entry, from: args.from, dir, fetch, onProgress });
      line.end();
      process.stdout.write(`${entry.id}: ${path}\n`);
      return;
    } catch (error) {
      line.end();
      errors.push(error);
      if (candidates.length > 1 && error instanceof RoomtoneError) process.stderr.write(`${render(error.code, error.params)}\n`);
    }
  }
  throw errors[0];
}

/** Shows the terms, and asks whoever sits at the terminal. @throws RoomtoneError `cli.usage` where nobody does, or who does says no */
async function agree({ yes }: Arguments, entries: readonly ModelEntry[]): Promise<void> {
  const terms = entries.map(({ id, bytes, licence, trainedOn, source }) => {
    return `${id}, ${megabytes(bytes)}\n  licence: ${licence}\n  trained on: ${trainedOn}\n  from: ${source}\n`;
  });
  process.stderr.write(terms.join(''));
  if (yes) return;
  if (!process.stdin.isTTY) throw usage('nobody can be asked about the licence here: give --yes');
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await reader.question('Fetch under these terms? [y/N] ').finally(() => reader.close());
  if (!/^y(es)?$/i.test(answer.trim())) throw usage('nothing was fetched');
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
