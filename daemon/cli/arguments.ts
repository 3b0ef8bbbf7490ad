import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { RoomtoneError } from '../api/errors.ts';

export const HELP = `Roomtone senses the mood of your rooms and lets light follow it. Nothing leaves the house.

Usage
  roomtone [start]           run the hub until Ctrl-C
  roomtone check FILE        say whether a configuration file is good, and if not, where
  roomtone password          set the admin password (asks for it, or reads one line from a pipe)
  roomtone secret NAME       keep a secret that the configuration names as !secret NAME
  roomtone pair ADAPTER HOST pair with a bridge, such as: roomtone pair hue 192.168.1.20

Options
  --config FILE   the configuration (default: roomtone.yaml in the data folder, written at first start)
  --data DIR      database, models and keys (default: $ROOMTONE_DATA, or ~/.local/share/roomtone)
  --log LEVEL     trace, debug, info, warn or error (default: info)
  --help          this text
  --version       the version

Exit codes
  0 stopped as asked   64 wrong usage      69 something needed is missing   70 a defect of Roomtone
  73 data folder unusable   77 not permitted   78 a configuration that cannot be used
`;

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
const COMMANDS = { start: 0, check: 1, password: 0, secret: 1, pair: 2 } as const;

export interface Arguments {
  command: keyof typeof COMMANDS | 'help' | 'version';
  operands: string[];
  config: string | undefined;
  data: string;
  log: (typeof LEVELS)[number];
}

/** @throws RoomtoneError `cli.usage` */
export function parseArguments(argv: string[], env: NodeJS.ProcessEnv): Arguments {
  const { values, positionals } = parse(argv);
  const [name = 'start', ...operands] = positionals;
  const data = resolve(values.data ?? defaultDataDir(env));
  const common = { operands, config: values.config && resolve(values.config), data, log: level(values.log) };
  if (values.help) return { ...common, command: 'help' };
  if (values.version) return { ...common, command: 'version' };
  const command = known(name);
  if (operands.length !== COMMANDS[command]) throw usage(`"${command}" takes ${COMMANDS[command] || 'no'} argument(s)`);
  return { ...common, command };
}

/** systemd names a state directory; everybody else has the XDG data home. */
export function defaultDataDir(env: NodeJS.ProcessEnv): string {
  return env.ROOMTONE_DATA ?? env.STATE_DIRECTORY ?? join(env.XDG_DATA_HOME ?? join(env.HOME ?? homedir(), '.local/share'), 'roomtone');
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        data: { type: 'string' },
        log: { type: 'string', default: 'info' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw usage(error instanceof Error ? (error.message.split('.')[0] ?? error.message) : String(error));
  }
}

function known(name: string): keyof typeof COMMANDS {
  if (Object.hasOwn(COMMANDS, name)) return name as keyof typeof COMMANDS;
  throw usage(`there is no command "${name}"`);
}

function level(name: string): Arguments['log'] {
  const found = LEVELS.find((each) => each === name);
  if (!found) throw usage(`--log takes one of ${LEVELS.join(', ')}`);
  return found;
}

const usage = (what: string): RoomtoneError => new RoomtoneError('cli.usage', { params: { what } });
