import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Clock } from '../../api/clock.ts';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Set where the program could not be started at all. */
  error?: Error;
}

/** One way of asking a child to end, and how long it is given for it (ms). */
export interface StopStep {
  act(child: ChildProcess): void;
  patience: number;
}

const signalStep = (signal: NodeJS.Signals): StopStep => ({ act: (child) => void child.kill(signal), patience: 2000 });

/** ffmpeg says goodbye to the camera when it reads `q`; a camera left without one may refuse the next session for a minute. */
export const FFMPEG_LADDER: readonly StopStep[] = [
  { act: (child) => void child.stdin?.write('q'), patience: 2000 },
  signalStep('SIGTERM'),
  signalStep('SIGKILL'),
];

export const SIGNAL_LADDER: readonly StopStep[] = [signalStep('SIGTERM'), signalStep('SIGKILL')];

/** How the child ended, once it is gone and all it wrote was read. Never rejects. To be called in the turn in which it was spawned. */
export function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.on('error', (error) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, error });
    });
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

/** Goes down the ladder until the child is gone. */
export async function endChild(
  child: ChildProcess,
  { exited, ladder, clock }: { exited: Promise<Exit>; ladder: readonly StopStep[]; clock: Clock },
): Promise<void> {
  for (const step of ladder) {
    step.act(child);
    if (await within(exited, step.patience, clock)) return;
  }
  await exited;
}

async function within(exited: Promise<Exit>, patience: number, clock: Clock): Promise<boolean> {
  let out: () => void = () => {};
  const timedOut = new Promise<boolean>((resolve) => {
    out = () => resolve(false);
  });
  const timer = clock.after(patience, out);
  const gone = await Promise.race([exited.then(() => true), timedOut]);
  timer.cancel();
  return gone;
}

/** `[component @ address]` of ffmpeg, `file:line:(function)` of ALSA, `function:line` of arecord. */
const ORIGIN = /^(\[[^\]]* @ 0x[0-9a-f]+\]|ALSA lib \S+:\d+:\(\w+\)|arecord: \w+:\d+:) */;

/** The last words of a stream that nobody reads in full: at most `limit` characters of it are kept. */
export class Tail {
  #text = '';

  constructor(stream: Readable, limit = 4000) {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      this.#text = (this.#text + chunk).slice(-limit);
    });
  }

  /** The last lines that say something, without where in its source the program says it. */
  get words(): string {
    const lines = this.#text
      .split(/[\r\n]+/)
      .map((line) => line.replace(ORIGIN, '').trim())
      .filter((line) => line !== '');
    return [...new Set(lines.slice(-2))].join('; ').slice(-300);
  }
}

/** In words for a problem: what the child said, else how it ended. */
export function describeExit(exit: Exit, words: string): string {
  if (words !== '') return words;
  if (exit.error) return exit.error.message;
  return exit.signal ? `ended by ${exit.signal}` : `exit code ${exit.code}`;
}
