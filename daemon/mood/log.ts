import { z } from 'zod';
import { RoomtoneError } from '../api/errors.ts';
import { ATTRIBUTE_NAMES, attributesSchema } from '../devices/attributes.ts';
import { EMOTIONS } from './emotion.ts';
import { MOOD_LABELS } from './mood.ts';
import { idSchema, observationSchema } from './observation.ts';

export const LOG_FORMAT = 'roomtone-observations';
export const LOG_VERSION = 1;

const headerSchema = z.object({ format: z.literal(LOG_FORMAT), v: z.number().int() });

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

/** First line of every log. */
export const formatLogHeader = (): string => `${JSON.stringify({ format: LOG_FORMAT, v: LOG_VERSION })}\n`;

/** One line. Observations stand bare, as most lines are observations; all else is named. */
export const formatLogEntry = (entry: LogEntry): string => `${JSON.stringify('observation' in entry ? entry.observation : entry)}\n`;

/** @throws RoomtoneError `log.invalid` for a foreign file, or one of a newer version */
export function parseLogHeader(text: string, place: LogPlace): void {
  const header = parse(headerSchema, json(text, place), place);
  if (header.v > LOG_VERSION) {
    throw invalid(place, `the log is of version ${header.v}; this program reads versions up to ${LOG_VERSION}. Update Roomtone`);
  }
}

/** @throws RoomtoneError `log.invalid`, naming file, line and field */
export function parseLogLine(text: string, place: LogPlace): LogEntry {
  const value = json(text, place);
  if (isRecord(value) && 'truth' in value) return { truth: parse(truthSchema, value.truth, place) };
  if (isRecord(value) && 'hand' in value) return { hand: parse(handSchema, value.hand, place) };
  return { observation: parse(observationSchema, value, place) };
}

/**
 * Reads a whole log: JSON lines, the header first. Empty lines are passed over, fields it does not know are ignored.
 * @throws RoomtoneError `log.invalid`, naming file, line and field
 */
export function parseLog(text: string, file: string): LogEntry[] {
  const entries: LogEntry[] = [];
  let headed = false;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const place = { file, line: index + 1 };
    if (headed) entries.push(parseLogLine(line, place));
    else parseLogHeader(line, place);
    headed = true;
  }
  if (!headed) throw invalid({ file, line: 1 }, `the file is empty; the first line must be ${formatLogHeader().trim()}`);
  return entries;
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
