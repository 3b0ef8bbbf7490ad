import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { systemClock } from '../api/clock.ts';
import { RoomtoneError } from '../api/errors.ts';
import { lacking, standIns } from '../api/offer.ts';
import { ensureStarter } from '../config/starter.ts';
import { findMissing } from '../house/missing.ts';
import { Hub } from '../hub.ts';
import { SystemdNotifier } from '../notify.ts';
import type { Arguments } from './arguments.ts';
import { banner } from './banner.ts';
import { createLog } from './log.ts';
import { standInsLine } from './stand-ins.ts';

const STARTED_ON_TERMINAL = process.stdin.isTTY === true;

/**
 * Runs the hub until SIGINT or SIGTERM; SIGHUP reads the configuration again.
 * @throws RoomtoneError where it cannot run at all
 */
export async function start(args: Arguments, version: string): Promise<void> {
  const log = createLog(args.log, process.stderr);
  const configFile = args.config ?? ensureStarter(args.data).file;
  if (!existsSync(configFile)) throw new RoomtoneError('config.not_found', { params: { file: configFile } });
  const hub = await Hub.open({
    log,
    clock: systemClock,
    random: Math.random,
    randomBytes,
    dataDir: args.data,
    configFile,
    version,
    env: process.env,
    fetchModels: args.fetchModels,
    fetchFrom: args.from,
  });
  const notifier = new SystemdNotifier({ log, clock: systemClock, env: process.env });
  const asked = askedToEnd();
  process.on('SIGHUP', () => {
    if (terminalIsGone()) return void process.kill(process.pid, 'SIGTERM');
    hub.commands.reload({ kind: 'system', name: 'SIGHUP' }).catch((error: unknown) => log.error({ event: 'reload_failed', err: error }));
  });
  try {
    await hub.start();
    notifier.ready();
    process.stdout.write(await describe(hub, { args, version, configFile }));
    await asked;
    notifier.stopping();
  } finally {
    await hub.close();
  }
}

/** A terminal that is closed sends SIGHUP too, to whatever ran in it: then it is meant as the end. */
function terminalIsGone(): boolean {
  if (!STARTED_ON_TERMINAL) return false;
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return false;
  } catch {
    return true;
  }
}

/** Resolves at the first signal. Those that follow change nothing: npm passes Ctrl-C on to a process that already had it from the terminal. */
function askedToEnd(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => resolve());
  });
}

/** Whether anything but this machine can be reached; nothing is sent to find out. */
function hasNetwork(): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ internal }) => !internal));
}

async function describe(
  hub: Hub,
  { args, version, configFile }: { args: Arguments; version: string; configFile: string },
): Promise<string> {
  const { config, https, mqtt, problems } = hub.queries.house();
  const missing = await findMissing({ modelDirs: hub.modelDirs, path: process.env.PATH });
  const models = await hub.queries.models();
  const recommended = lacking(models).flatMap(([best]) => best ?? []);
  return banner({
    version,
    panel: hub.panel.url,
    setup: hub.panel.setup,
    https,
    mqtt: mqtt.url || 'not running',
    data: args.data,
    config: config.state === 'ok' ? configFile : `${configFile} (cannot be used: the panel shows what is wrong)`,
    problems: [...problems, ...missing],
    models: args.fetchModels || args.from !== undefined || hasNetwork() ? recommended : [],
    standIns: standInsLine(standIns(models)),
    fetching: args.fetchModels,
  });
}
