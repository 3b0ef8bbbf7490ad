import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

/** Logs go to standard error: lines of JSON for a collector, readable ones for a person at a terminal. */
export function createLog(level: string, stream: { fd: number; isTTY?: boolean }): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (!stream.isTTY) return pino(options, pino.destination({ fd: stream.fd, sync: true }));
  return pino(
    options,
    pretty({
      destination: stream.fd,
      sync: true,
      colorize: true,
      translateTime: 'HH:MM:ss',
      messageFormat: '{part} {event} {msg}',
      ignore: 'part,event',
    }),
  );
}
