import type { Readable } from 'node:stream';

/** Calls back for every line of a text stream. A line longer than `limit` characters is cut: what a child writes has no bound. */
export function eachLine(stream: Readable, onLine: (line: string) => void, limit = 4000): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = (lines.pop() ?? '').slice(0, limit);
    for (const line of lines) if (line !== '') onLine(line.slice(0, limit));
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}
