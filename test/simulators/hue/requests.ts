import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { monotonicMs } from './clock.ts';

export interface RecordedRequest {
  /** The request's first byte on the bridge's socket, ms of CLOCK_MONOTONIC (comparable between processes of one machine). */
  firstByteAt: number;
  /** Its last byte, same clock. */
  receivedAt: number;
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** The parsed JSON, or the text where it is none; undefined without a body. */
  body: unknown;
  /** Status of the answer; undefined until there is one. */
  status?: number;
}

/** Notes for each socket when the first byte of the request under way came in. */
export class FirstBytes {
  readonly #at = new WeakMap<Duplex, number>();

  watch(socket: Duplex): void {
    socket.prependListener('data', () => {
      if (!this.#at.has(socket)) this.#at.set(socket, monotonicMs());
    });
  }

  /** The stamp for the request that `socket` just delivered whole; the next byte counts as a new request. */
  take(socket: Duplex): number {
    const at = this.#at.get(socket) ?? monotonicMs();
    this.#at.delete(socket);
    return at;
  }
}

/** Reads a request to its end. */
export async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Parsed JSON, or undefined where the text is none (JSON itself has no undefined). */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
