import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelEntry } from '../senses/perception/models.ts';

/** Bytes of a model, from a place in it on. */
export interface Delivery {
  /** The place of the first byte; what lies after it already is written anew. */
  offset: number;
  body: AsyncIterable<Uint8Array>;
  /** Bytes of the body, where the source says so. */
  length: number | null;
}

/** What will not become better by asking again. */
export class Refusal extends Error {}

export interface Source {
  /** For people. */
  name: string;
  /** @throws Refusal; whatever else it throws may be tried again. */
  open(offset: number, signal: AbortSignal): Promise<Delivery>;
}

const isUrl = (place: string): boolean => /^https?:\/\//.test(place);

/** Where the model comes from: its own address, or a file of its name in another folder or below another address. Null: nobody publishes it. */
export function sourceOf(entry: ModelEntry, { from, fetch }: { from: string | undefined; fetch: typeof globalThis.fetch }): Source | null {
  if (from !== undefined && !isUrl(from)) return fromFolder(join(from, entry.file));
  const url = from === undefined ? entry.url : `${from.replace(/\/+$/, '')}/${encodeURIComponent(entry.file)}`;
  return url === undefined ? null : fromUrl(url, fetch);
}

function fromFolder(path: string): Source {
  return {
    name: path,
    async open(offset, signal) {
      const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
        throw new Refusal(error.code === 'ENOENT' ? 'there is no such file' : error.message);
      });
      if (!found.isFile()) throw new Refusal('it is no file');
      const start = Math.min(offset, found.size);
      return { offset: start, body: createReadStream(path, { start, signal }), length: found.size - start };
    },
  };
}

function fromUrl(url: string, fetch: typeof globalThis.fetch): Source {
  return {
    name: url,
    async open(offset, signal) {
      // Ranges count the bytes as they are sent: they must be those of the file (RFC 9110, 14.1).
      const headers = { 'accept-encoding': 'identity', ...(offset > 0 ? { range: `bytes=${offset}-` } : {}) };
      const response = await fetch(url, { headers, signal });
      if (response.status === 200 && response.body) return { offset: 0, body: response.body, length: lengthOf(response) };
      if (response.status === 206 && response.body && beginsAt(response) === offset) {
        return { offset, body: response.body, length: lengthOf(response) };
      }
      await response.body?.cancel();
      // What lies here goes on where the source's own file has ended, or the source mixes places up: from the start, then.
      if (offset > 0 && (response.status === 416 || response.status === 206)) return this.open(0, signal);
      const answer = `the answer was ${response.status} ${response.statusText}`.trim();
      throw isPassing(response.status) ? new Error(answer) : new Refusal(answer);
    },
  };
}

const isPassing = (status: number): boolean => status >= 500 || status === 408 || status === 429;

function lengthOf({ headers }: Response): number | null {
  const length = headers.get('content-length');
  return length === null ? null : Number(length);
}

/** First byte position of a partial answer (RFC 9110, 14.4); NaN where it does not say. */
const beginsAt = ({ headers }: Response): number => Number(/^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1] ?? Number.NaN);
