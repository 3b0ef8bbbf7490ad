import type { ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Clock, Timer } from '../api/clock.ts';
import { RoomtoneError } from '../api/errors.ts';
import type { HubApi } from '../api/hub.ts';
import type { Authenticator, Identity } from '../auth/authenticator.ts';
import { formatLogEntry, formatLogHeader, type LogEntry } from '../mood/log.ts';

/** An empty line this often, which a log may have anywhere, keeps the stream open; ms. */
const PING = 15_000;
const MOST_STREAMS = 4;

/** Bytes that may wait for a reader. A log with holes would be worse than one that ends. */
const MOST_WAITING = 1_000_000;

interface Reader {
  identity: Identity;
  response: ServerResponse;
}

export interface ObservationStreamsOptions {
  clock: Clock;
  log: Logger;
  hub: HubApi;
  auth: Authenticator;
}

/** What the hub observes, as it observes it: every observation and every hand, in the log format (JSON lines). */
export class ObservationStreams {
  readonly #options: ObservationStreamsOptions;
  readonly #readers = new Set<Reader>();
  #ping: Timer | undefined;

  constructor(options: ObservationStreamsOptions) {
    this.#options = options;
  }

  start(): void {
    const { auth, clock, hub } = this.#options;
    hub.events.on('observed', this.#onObserved);
    auth.events.on('revoked', this.#onRevoked);
    this.#ping = clock.every(PING, () => this.#pingAll());
  }

  close(): void {
    const { auth, hub } = this.#options;
    hub.events.off('observed', this.#onObserved);
    auth.events.off('revoked', this.#onRevoked);
    this.#ping?.cancel();
    for (const reader of [...this.#readers]) this.#end(reader);
  }

  /** Takes the response over. @throws RoomtoneError `http.too_many_streams` */
  open(response: ServerResponse, identity: Identity): void {
    if (this.#readers.size >= MOST_STREAMS) throw new RoomtoneError('http.too_many_streams', { params: { most: MOST_STREAMS } });
    const { clock } = this.#options;
    const reader = { identity, response };
    this.#readers.add(reader);
    response.on('close', () => this.#readers.delete(reader));
    response.on('error', () => this.#readers.delete(reader));
    response.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8', 'x-accel-buffering': 'no' });
    response.write(formatLogHeader({ zero: Math.round(clock.wall() - clock.mono()) }));
  }

  readonly #onObserved = (entry: LogEntry): void => {
    if (this.#readers.size === 0) return;
    const line = formatLogEntry(entry);
    for (const reader of [...this.#readers]) this.#write(reader, line);
  };

  readonly #onRevoked = (isRevoked: (identity: Identity) => boolean): void => {
    for (const reader of [...this.#readers]) if (isRevoked(reader.identity)) this.#end(reader);
  };

  #pingAll(): void {
    for (const reader of [...this.#readers]) {
      if (this.#options.auth.holds(reader.identity)) this.#write(reader, '\n');
      else this.#end(reader);
    }
  }

  #write(reader: Reader, text: string): void {
    reader.response.write(text);
    if (reader.response.writableLength <= MOST_WAITING) return;
    this.#options.log.warn({ buffered: reader.response.writableLength }, 'a recording ended: its reader does not keep up');
    this.#readers.delete(reader);
    reader.response.destroy();
  }

  #end(reader: Reader): void {
    this.#readers.delete(reader);
    reader.response.end();
  }
}
