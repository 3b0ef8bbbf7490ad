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
  roomtone models list       the models: what there is, what is in use
  roomtone models fetch ID   fetch a model, or --recommended for the set that Roomtone works best with
  roomtone models use ROLE ID  take this model for its role from now on
  roomtone models verify     read every model file and compare it with the manifest
  roomtone pair ADAPTER HOST pair with a bridge while no hub runs, such as: roomtone pair hue 192.168.1.20
  roomtone devices list      the devices that the running hub knows, and where they stand
  roomtone devices discover  look around the network
  roomtone devices scenes    scenes made elsewhere, such as in the Hue app, that a scene can be taken from
  roomtone devices pair ADAPTER [HOST]  pair with a bridge, or let devices join
  roomtone devices identify ID  let a device show itself
  roomtone devices forget ID    leave nothing of a device
  roomtone vault rotate      seal all secrets with a new key
  roomtone policy try FILE LOG  what the policies of a configuration would have done with a recorded log
  roomtone record FILE       write down what the running hub observes, as numbers, until Ctrl-C
  roomtone replay FILE       show what the brain makes of such a file: moods and commands, as JSON lines

Options
  --config FILE   the configuration (default: roomtone.yaml in the data folder, written at first start)
  --data DIR      database, models and keys (default: $ROOMTONE_DATA, or ~/.local/share/roomtone)
  --log LEVEL     trace, debug, info, warn or error (default: info)
  --fetch-models  with start: fetch what the recommended set lacks, while the hub runs
  --from PLACE    with start and models fetch: a folder or address that models are fetched from
  --speed N       with replay: N times as fast as it was recorded (default: as fast as it goes)
  --yes           with models fetch: the licence is known; do not ask
  --help          this text
  --version       the version

Exit codes
  0 stopped as asked   64 wrong usage      69 something needed is missing   70 a defect of Roomtone
  73 data folder unusable   77 not permitted   78 a configuration that cannot be used
`;

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
const COMMANDS = {
  start: 0,
  check: 1,
  password: 0,
  secret: 1,
  pair: 2,
  policy: 3,
  record: 1,
  replay: 1,
  models: undefined,
  devices: undefined,
  vault: undefined,
} as const;

export interface Arguments {
  command: keyof typeof COMMANDS | 'help' | 'version';
  operands: string[];
  config: string | undefined;
  data: string;
  log: (typeof LEVELS)[number];
  fetchModels: boolean;
  from: string | undefined;
  recommended: boolean;
  yes: boolean;
  /** Undefined: as fast as it goes. */
  speed: number | undefined;
}

/** @throws RoomtoneError `cli.usage` */
export function parseArguments(argv: string[], env: NodeJS.ProcessEnv): Arguments {
  const { values, positionals } = parse(argv);
  const [name = 'start', ...operands] = positionals;
  const data = resolve(values.data ?? defaultDataDir(env));
  const { 'fetch-models': fetchModels, from, recommended, yes } = values;
  const config = values.config && resolve(values.config);
  const speed = values.speed === undefined ? undefined : factor(values.speed);
  const common = { operands, config, data, log: level(values.log), fetchModels, from, recommended, yes, speed };
  if (values.help) return { ...common, command: 'help' };
  if (values.version) return { ...common, command: 'version' };
  const command = known(name);
  const takes = COMMANDS[command];
  if (takes !== undefined && operands.length !== takes) throw usage(`"${command}" takes ${takes || 'no'} argument(s)`);
  if (fetchModels && command !== 'start') throw usage('--fetch-models goes with start');
  if (command !== 'models' && (recommended || yes)) throw usage('--recommended and --yes go with models fetch');
  if (command !== 'models' && command !== 'start' && from !== undefined) throw usage('--from goes with start and models fetch');
  if (command !== 'replay' && speed !== undefined) throw usage('--speed goes with replay');
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
        'fetch-models': { type: 'boolean', default: false },
        from: { type: 'string' },
        recommended: { type: 'boolean', default: false },
        yes: { type: 'boolean', default: false },
        speed: { type: 'string' },
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

function factor(text: string): number {
  const speed = Number(text);
  if (speed > 0 && Number.isFinite(speed)) return speed;
  throw usage('--speed takes a number above 0');
}

export const usage = (what: string): RoomtoneError => new RoomtoneError('cli.usage', { params: { what } });
