import { readFileSync } from 'node:fs';
import { ERRORS, toRoomtoneError } from './api/errors.ts';
import { render } from './api/render.ts';
import { type Arguments, HELP, parseArguments } from './cli/arguments.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

/** Each command loads its own code: `--help` needs no database. */
const COMMANDS: Record<Arguments['command'], (args: Arguments) => Promise<void>> = {
  help: async () => void process.stdout.write(HELP),
  version: async () => void process.stdout.write(`${version}\n`),
  start: async (args) => (await import('./cli/start.ts')).start(args, version),
  check: async (args) => (await import('./cli/check.ts')).check(args),
  password: async (args) => (await import('./cli/password.ts')).password(args),
  secret: async (args) => (await import('./cli/secret.ts')).secret(args),
  models: async (args) => (await import('./cli/models.ts')).models(args),
  devices: async (args) => (await import('./cli/devices.ts')).devices(args),
  vault: async (args) => (await import('./cli/vault.ts')).vault(args),
  record: async (args) => (await import('./cli/record.ts')).record(args),
  replay: async (args) => (await import('./cli/replay.ts')).replay(args),
  policy: async (args) => (await import('./cli/policy.ts')).policy(args),
  pair: async (args) => (await import('./cli/pair.ts')).pair(args),
};

try {
  const args = parseArguments(process.argv.slice(2), process.env);
  await COMMANDS[args.command](args);
} catch (thrown) {
  const error = toRoomtoneError(thrown);
  process.stderr.write(`roomtone: ${render(error.code, error.params)}${error.hint ? ` ${error.hint}` : ''}\n`);
  if (error.code === 'internal.unexpected') process.stderr.write(`${thrown instanceof Error ? thrown.stack : String(thrown)}\n`);
  process.exitCode = ERRORS[error.code].exit;
}
