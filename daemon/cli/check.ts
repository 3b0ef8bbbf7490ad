import { fileURLToPath } from 'node:url';
import { ERRORS } from '../api/errors.ts';
import { render } from '../api/render.ts';
import type { LoadResult } from '../config/load.ts';
import { configParts, readConfiguration } from '../house/configuration.ts';
import { modelDirs } from '../house/plan.ts';
import { Digests } from '../models/digest.ts';
import { standIns, takeStock } from '../models/inventory.ts';
import { knownModels } from '../senses/perception/models.ts';
import type { Arguments } from './arguments.ts';
import { standInsLine } from './stand-ins.ts';
import { withStore } from './store.ts';

/** `roomtone check FILE`: exit code 0 where the hub would run on it, 78 where it would not. */
export async function check({ operands: [file = ''], data }: Arguments): Promise<void> {
  const parts = await configParts();
  const read = (secrets: (name: string) => string | undefined) => readConfiguration({ file, parts, secrets, env: process.env });
  // Secrets are looked up only where the file names one: a file can be checked without a data folder.
  const bare = read(() => undefined);
  const result = bare.ok ? bare : await withStore(data, async (store) => read((name) => store.vault.secrets.get(name)));
  (result.ok ? process.stdout : process.stderr).write(describe(result));
  if (result.ok) process.stdout.write(await modelsOf({ configured: result.config.models.dir, dataDir: data, programDir: PROGRAM_DIR }));
  if (!result.ok) process.exitCode = ERRORS['config.invalid'].exit;
}

const PROGRAM_DIR = fileURLToPath(new URL('../..', import.meta.url));

/** Which models do the work only until better ones are fetched. */
async function modelsOf(options: Parameters<typeof modelDirs>[0]): Promise<string> {
  const dirs = modelDirs(options);
  const stock = await takeStock({ entries: await knownModels(dirs), dirs, prefer: {}, digests: new Digests() });
  const line = standInsLine(standIns(stock));
  return line ? `${line}\n` : '';
}

/** Every problem on a line of its own that editors can jump to. */
function describe(result: LoadResult): string {
  if (result.ok) {
    const rooms = Object.values(result.config.rooms);
    const sources = rooms.reduce((sum, room) => sum + room.sources.length, 0);
    return `${result.file}: good (${count(rooms.length, 'room')}, ${count(sources, 'source')})\n`;
  }
  const lines = result.problems.map(({ code, line, column, message, params, path }) =>
    line > 0 ? `${result.file}:${line}:${column}: ${path ? `${path}: ` : ''}${message}` : render(code, params),
  );
  return `${lines.join('\n')}\n`;
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
