import { z } from 'zod';
import { RoomtoneError } from '../api/errors.ts';
import { ATTRIBUTE_NAMES, attributesSchema } from '../devices/attributes.ts';
import type { Attributes, DeviceId } from '../devices/device.ts';
import { EMOTIONS } from './emotion.ts';
import { MOOD_LABELS } from './mood.ts';
import { idSchema, observationSchema } from './observation.ts';

export const LOG_FORMAT = 'roomtone-observations';
export const LOG_VERSION = 1;

const headerSchema = z.object({
  format: z.literal(LOG_FORMAT),
  v: z.number().int(),
  /** Wall-clock time at which `at` was 0. Without it nobody knows the time of day of the log. */
  zero: z.iso.datetime().optional(),
});

/** What was really the case, where somebody noted it: for evaluation, never for the mood. */
const truthSchema = z.object({ room: idSchema, at: z.number(), label: z.enum(MOOD_LABELS), emotion: z.enum(EMOTIONS) });

/** A person's change of a device, as it happened between the observations. */
const handSchema = z
  .object({
    device: z.templateLiteral([z.string().min(1), ':', z.string().min(1)]),
    attribute: z.enum(ATTRIBUTE_NAMES),
    value: z.union(Object.values(attributesSchema.shape).map((each) => each.unwrap())),
    at: z.number(),
  })
  .refine(({ attribute, value }) => attributesSchema.safeParse({ [attribute]: value }).success, 'the value does not suit the attribute');

export type LogEntry =
  | { observation: z.infer<typeof observationSchema> }
  | { truth: z.infer<typeof truthSchema> }
  | { hand: z.infer<typeof handSchema> };

/** Where a line stands, for messages. */
export interface LogPlace {
  file: string;
  /** From 1 */
  line: number;
}

export interface LogHeader {
  /** Epoch ms at which `at` was 0, where the log says so. */
  zero?: number;
}

/** First line of every log. */
export function formatLogHeader({ zero }: LogHeader = {}): string {
  const header = { format: LOG_FORMAT, v: LOG_VERSION, ...(zero === undefined ? {} : { zero: new Date(zero).toISOString() }) };
  return `${JSON.stringify(header)}\n`;
}

/** One line. Observations stand bare, as most lines are observations; all else is named. */
export const formatLogEntry = (entry: LogEntry): string => `${JSON.stringify('observation' in entry ? entry.observation : entry)}\n`;

/** Reads a log line by line: JSON lines, the header first. Empty lines are passed over, fields it does not know are ignored. */
export class LogReader {
  readonly #file: string;
  #line = 0;
  #header: LogHeader | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** Lines taken so far. */
  get line(): number {
    return this.#line;
  }

  /** @throws RoomtoneError `log.invalid` before the header was read */
  get header(): LogHeader {
    if (!this.#header) {
      throw invalid({ file: this.#file, line: 1 }, `the file is empty; the first line must be ${formatLogHeader().trim()}`);
    }
    return this.#header;
  }

  /**
   * @returns undefined for an empty line, and for the header
   * @throws RoomtoneError `log.invalid`, naming file, line and field
   */
  take(text: string): LogEntry | undefined {
    const place = { file: this.#file, line: ++this.#line };
    if (text.trim() === '') return undefined;
    if (this.#header) return parseLine(text, place);
    this.#header = parseHeader(text, place);
    return undefined;
  }
}

/**
 * Reads a whole log.
 * @throws RoomtoneError `log.invalid`, naming file, line and field
 */
export function parseLog(text: string, file: string): LogEntry[] {
  const reader = new LogReader(file);
  const entries = text.split(/\r?\n/).flatMap((line) => reader.take(line) ?? []);
  return reader.header && entries;
}

/** What a hand set, one attribute at a time. */
export function handsOf(device: DeviceId, held: Attributes): Omit<z.infer<typeof handSchema>, 'at'>[] {
  return ATTRIBUTE_NAMES.flatMap((attribute) => {
    const value = held[attribute];
    return value === undefined ? [] : [{ device, attribute, value }];
  });
}

/** When it happened: ms of the clock that the log was written by. */
export function timeOf(entry: LogEntry): number {
  if ('observation' in entry) return entry.observation.at;
  return 'truth' in entry ? entry.truth.at : entry.hand.at;
}

function parseHeader(text: string, place: LogPlace): LogHeader {
  const { v, zero } = parse(headerSchema, json(text, place), place);
  if (v > LOG_VERSION) {
    throw invalid(place, `the log is of version ${v}; this program reads versions up to ${LOG_VERSION}. Update Roomtone`);
  }
  return zero === undefined ? {} : { zero: Date.parse(zero) };
}

function parseLine(text: string, place: LogPlace): LogEntry {
  const value = json(text, place);
  if (isRecord(value) && 'truth' in value) return { truth: parse(truthSchema, value.truth, place) };
  if (isRecord(value) && 'hand' in value) return { hand: parse(handSchema, value.hand, place) };
  return { observation: parse(observationSchema, value, place) };
}

function json(text: string, place: LogPlace): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(place, `not valid JSON (${(error as Error).message})`);
  }
}

function parse<T>(schema: z.ZodType<T>, value: unknown, place: LogPlace): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.join('.');
  throw invalid(place, `${path ? `${path}: ` : ''}${issue?.message ?? 'not a log line'}`);
}

const invalid = ({ file, line }: LogPlace, what: string): RoomtoneError =>
  new RoomtoneError('log.invalid', { params: { file, line, what } });

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
