import { setTimeout as pause } from 'node:timers/promises';
import { Replay, type ReplayEvent } from '../house/replay.ts';
import { LogReader, timeOf } from '../mood/log.ts';
import type { Arguments } from './arguments.ts';
import { LineOutput } from './line-output.ts';
import { ProgressLine } from './progress.ts';
import { entriesOf, houseOf, sizeOf } from './recorded.ts';

/** ms of real time between two looks at what time has brought, where the replay is paced. */
const STEP = 100;

/**
 * `roomtone replay FILE [--speed N] [--config HOUSE]`: what the brain makes of a log, as JSON lines on stdout. Without
 * --speed as fast as it goes.
 * @throws RoomtoneError `log.*`, `config.*`
 */
export async function replay({ operands: [file = ''], config, speed }: Arguments): Promise<void> {
  const house = config === undefined ? undefined : await houseOf(config);
  const progress = new ProgressLine({ output: process.stderr, name: 'replayed', total: sizeOf(file) });
  const output = new LineOutput(process.stdout);
  const counts = { observations: 0, moods: 0, commands: 0 };
  const print = async (events: readonly ReplayEvent[]): Promise<void> => {
    for (const event of events) counts['mood' in event ? 'moods' : 'commands']++;
    await output.write(events.map(formatEvent).join(''));
  };
  const over = new AbortController();
  process.once('SIGINT', () => over.abort());
  output.onClosed(() => over.abort());

  const reader = new LogReader(file);
  let run: Replay | undefined;
  let now = 0;
  for await (const entry of entriesOf(file, { reader, progress, house, signal: over.signal })) {
    const at = timeOf(entry);
    if (!run) {
      run = new Replay({ zero: reader.header.zero, house });
      now = at;
    }
    if (speed !== undefined)
      for await (const moment of paced({ from: now, to: at, speed, signal: over.signal })) await print(run.passTo(moment));
    if (over.signal.aborted) break;
    now = Math.max(now, at);
    if ('observation' in entry) counts.observations++;
    await print(run.take(entry));
  }
  await print(run?.end() ?? []);
  progress.end();
  process.stderr.write(`${counts.observations} observations gave ${counts.moods} moods and ${counts.commands} commands.\n`);
}

/** Moments of the log's clock between two entries, each given when it has come. */
async function* paced({
  from,
  to,
  speed,
  signal,
}: {
  from: number;
  to: number;
  speed: number;
  signal: AbortSignal;
}): AsyncGenerator<number> {
  for (let at = from; at < to && !signal.aborted; ) {
    const next = Math.min(to, at + STEP * speed);
    await pause((next - at) / speed, undefined, { signal }).catch(() => {});
    at = next;
    yield at;
  }
}

/** Stamps on the wall as they are everywhere in JSON; `at` is that of the log. */
function formatEvent(event: ReplayEvent): string {
  if ('command' in event) return `${JSON.stringify(event)}\n`;
  const { at, mood } = event;
  return `${JSON.stringify({ at, mood: { ...mood, at: new Date(mood.at).toISOString() } })}\n`;
}
