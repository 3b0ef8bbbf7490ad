import { createReadStream, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { RoomtoneError } from '../api/errors.ts';
import { configError } from '../config/load.ts';
import { configParts, readConfiguration } from '../house/configuration.ts';
import { ambiencePlan, moodRooms } from '../house/plan.ts';
import type { ReplayHouse } from '../house/replay.ts';
import type { LogEntry, LogReader } from '../mood/log.ts';
import type { ProgressLine } from './progress.ts';

/** What the commands that replay a log share: the log's entries, and the house they are replayed in. */
interface Reading {
  reader: LogReader;
  progress: ProgressLine;
  /** Where it is given, it must have the rooms that the log speaks of. */
  house: ReplayHouse | undefined;
  signal: AbortSignal;
}

/** @throws RoomtoneError `log.invalid`, `log.unknown_room` */
export async function* entriesOf(file: string, { reader, progress, house, signal }: Reading): AsyncGenerator<LogEntry> {
  let bytes = 0;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (signal.aborted) return;
    bytes += Buffer.byteLength(text) + 1;
    const entry = reader.take(text);
    progress.show(bytes);
    if (!entry) continue;
    if (house && 'observation' in entry) assertKnown(entry.observation.room, { house, file, line: reader.line });
    yield entry;
  }
  // A file without even a header is no log.
  void reader.header;
}

function assertKnown(room: string, { house, file, line }: { house: ReplayHouse; file: string; line: number }): void {
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

/**
 * Rooms, policies and scenes of a configuration. What it would only suggest, it does here: there is nobody to ask.
 * @throws RoomtoneError `config.*`
 */
export async function houseOf(file: string): Promise<ReplayHouse> {
  const result = readConfiguration({ file, parts: await configParts(), secrets: () => '', env: process.env });
  if (!result.ok) throw configError(result);
  const ambience = ambiencePlan(result.config);
  const rooms = ambience.rooms.map((room) => ({ ...room, defaultMode: 'auto' as const }));
  return { moods: moodRooms(result.config), ambience: { ...ambience, rooms } };
}
