import { createReadStream, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { RoomtoneError } from '../api/errors.ts';
import { configError } from '../config/load.ts';
import { configParts, readConfiguration } from '../house/configuration.ts';
import { ambiencePlan, moodRooms } from '../house/plan.ts';
import { Replay, type ReplayEvent, type ReplayHouse } from '../house/replay.ts';
import { type LogEntry, LogReader, timeOf } from '../mood/log.ts';
import type { Arguments } from './arguments.ts';
import { LineOutput } from './line-output.ts';
import { ProgressLine } from './progress.ts';

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
  for await (const entry of entriesOf(file, { reader, progress, signal: over.signal })) {
    const at = timeOf(entry);
    if (house && 'observation' in entry) assertKnown(entry.observation.room, { house, file, line: reader.line });
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

interface Reading {
  reader: LogReader;
  progress: ProgressLine;
  signal: AbortSignal;
}

/** @throws RoomtoneError `log.invalid` */
export async function* entriesOf(file: string, { reader, progress, signal }: Reading): AsyncGenerator<LogEntry> {
  let bytes = 0;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (signal.aborted) return;
    bytes += Buffer.byteLength(text) + 1;
    const entry = reader.take(text);
    progress.show(bytes);
    if (entry) yield entry;
  }
  // A file without even a header is no log.
  void reader.header;
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

/** Rooms, policies and scenes of a configuration. What it would only suggest, it does here: there is nobody to ask. */
export async function houseOf(file: string): Promise<ReplayHouse> {
  const result = readConfiguration({ file, parts: await configParts(), secrets: () => '', env: process.env });
  if (!result.ok) throw configError(result);
  const ambience = ambiencePlan(result.config);
  const rooms = ambience.rooms.map((room) => ({ ...room, defaultMode: 'auto' as const }));
  return { moods: moodRooms(result.config), ambience: { ...ambience, rooms } };
}

/** @throws RoomtoneError `log.unknown_room` */
export function assertKnown(room: string, { house, file, line }: { house: ReplayHouse; file: string; line: number }): void {
  if (!house.moods.some(({ id }) => id === room)) throw new RoomtoneError('log.unknown_room', { params: { file, line, room } });
}

/** Bytes. @throws RoomtoneError `log.unreadable` */
export function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch (cause) {
    throw new RoomtoneError('log.unreadable', { params: { file, what: (cause as Error).message }, cause });
  }
}
