import type { ChildProcess } from 'node:child_process';
import type { Logger } from 'pino';
import { z } from 'zod';
import { eachLine } from './lines.ts';

const line = z.looseObject({ level: z.number(), msg: z.string().optional() });

/** Brings what the senses log into the hub's log: JSON lines of theirs with level and fields, anything else as it stands. */
export function forwardLog(child: ChildProcess, log: Logger): void {
  if (child.stdout) eachLine(child.stdout, (text) => forward(text, log));
  if (child.stderr) eachLine(child.stderr, (text) => log.warn({ event: 'senses.stderr' }, text));
}

function forward(text: string, log: Logger): void {
  const parsed = line.safeParse(parse(text));
  if (!parsed.success) {
    log.info({ event: 'senses.stdout' }, text);
    return;
  }
  const { level, msg, time: _, ...fields } = parsed.data;
  log[levelName(level)](fields, msg);
}

/** Levels of pino: 10 trace to 60 fatal. */
function levelName(level: number): 'debug' | 'info' | 'warn' | 'error' {
  if (level < 30) return 'debug';
  if (level < 40) return 'info';
  return level < 50 ? 'warn' : 'error';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
