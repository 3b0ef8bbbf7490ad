import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hasProgram } from './needs.ts';

const run = promisify(execFile);

export interface FakeMicrophone {
  /** What a program needs in its environment to find the device. */
  env: { ALSA_CONFIG_PATH: string; HOME: string; XDG_RUNTIME_DIR: string; PULSE_SERVER: string };
  /** Name of the ALSA device. */
  device: string;
  /** Speaks into the room, from 16 kHz mono (anything else is not played in real time); resolves when all was said. */
  play(wav: string): Promise<void>;
  /** How many programs hold the device open, as the sound server counts them. */
  recorders(): Promise<number>;
  /** Pulls it out, and puts it back in. */
  unplug(): Promise<void>;
  plug(): Promise<void>;
  close(): Promise<void>;
}

/** Options for a test that needs `startMicrophone`. */
export function needsMicrophone(): { skip?: string } {
  const missing = ['pulseaudio', 'pactl', 'paplay', 'arecord'].filter((program) => !hasProgram(program));
  if (missing.length === 0 || process.env.ROOMTONE_NO_SKIP === '1') return {};
  return { skip: `needs ${missing.join(', ')}` };
}

/**
 * A microphone without hardware, in real time: an ALSA device that records what is played into a PulseAudio sink of its own.
 * It is silent (zeros) while nothing is played.
 */
export async function startMicrophone(): Promise<FakeMicrophone> {
  const dir = await mkdtemp(join(tmpdir(), 'roomtone-alsa-'));
  const env = {
    ALSA_CONFIG_PATH: join(dir, 'asoundrc'),
    HOME: join(dir, 'home'),
    XDG_RUNTIME_DIR: join(dir, 'run'),
    PULSE_SERVER: `unix:${join(dir, 'run/native')}`,
  };
  await Promise.all([mkdir(env.HOME), mkdir(env.XDG_RUNTIME_DIR, { mode: 0o700 })]);
  await writeFile(env.ALSA_CONFIG_PATH, alsaConfig(env.PULSE_SERVER));
  const whole = { ...process.env, ...env };
  const server = spawn('pulseaudio', serverArguments(join(dir, 'run/native')), { env: whole, stdio: ['ignore', 'ignore', 'pipe'] });
  const close = () => stop(server, dir);
  try {
    await listening(server);
    await run('pactl', ['info'], { env: whole });
  } catch (error) {
    await close();
    throw error;
  }
  const play = async (wav: string) => void (await run('paplay', ['--device=room', wav], { env: whole }));
  const recorders = async () => {
    const { stdout } = await run('pactl', ['list', 'short', 'source-outputs'], { env: whole });
    return stdout.split('\n').filter(Boolean).length;
  };
  const pactl = async (...args: string[]) => void (await run('pactl', args, { env: whole }));
  const unplug = () => pactl('unload-module', 'module-null-sink');
  const plug = () => pactl('load-module', ...SINK);
  return { env, device: 'roommic', play, unplug, plug, recorders, close };
}

/** Its monitor is the microphone. */
const SINK = ['module-null-sink', 'sink_name=room', 'rate=16000', 'channels=1', 'format=s16le'];

function serverArguments(socket: string): string[] {
  return [
    ...['-n', '--daemonize=no', '--exit-idle-time=-1', '--disallow-exit', '--realtime=no', '--high-priority=no', '--log-level=info'],
    ...['-L', SINK.join(' ')],
    ...['-L', `module-native-protocol-unix socket=${socket} auth-anonymous=1`],
  ];
}

/** ALSA's own configuration is included, as it is not read where ALSA_CONFIG_PATH names another. */
function alsaConfig(server: string): string {
  return [
    '</usr/share/alsa/alsa.conf>',
    `pcm.roommic { type pulse server "${server}" device "room.monitor" }`,
    'pcm.!default { type plug slave.pcm "roommic" }',
    'ctl.!default { type null }',
    '',
  ].join('\n');
}

/** PulseAudio listens once it has loaded the module; it says when it is up. */
async function listening(server: ChildProcess): Promise<void> {
  let said = '';
  for await (const chunk of server.stderr?.iterator({ destroyOnReturn: false }) ?? []) {
    said += String(chunk);
    if (said.includes('Daemon startup complete')) {
      server.stderr?.resume();
      return;
    }
  }
  throw new Error(`pulseaudio did not start: ${said}`);
}

async function stop(server: ChildProcess, dir: string): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    server.kill('SIGTERM');
    await once(server, 'exit');
  }
  await rm(dir, { recursive: true, force: true });
}
