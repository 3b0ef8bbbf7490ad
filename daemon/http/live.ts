import type { ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Clock, Timer } from '../api/clock.ts';
import { RoomtoneError } from '../api/errors.ts';
import type { HubApi, HubEvents } from '../api/hub.ts';
import type { Authenticator, Identity } from '../auth/authenticator.ts';
import type { DeviceId } from '../devices/device.ts';
import type { Mood } from '../mood/mood.ts';

/** Shortest time between two batches to a stream, ms. */
const PACE = 250;
/** A comment this often keeps proxies from closing a silent stream, and finds out whether anybody still reads; ms. */
const PING = 15_000;
const MOST_STREAMS = 32;

type Change =
  | { event: 'house' }
  | { event: 'mood'; mood: Mood }
  | { event: 'room'; room: string }
  | { event: 'device'; device: DeviceId }
  | { event: 'mesh'; adapter: string };

interface Stream {
  identity: Identity;
  response: ServerResponse;
  /** Newest change by what it is about, still to be sent. */
  pending: Map<string, Change>;
  sentAt: number;
  timer?: Timer;
  /** The last ping found the reader behind. */
  late: boolean;
}

export interface LiveOptions {
  clock: Clock;
  log: Logger;
  hub: HubApi;
  auth: Authenticator;
}

/**
 * Server-sent events (WHATWG HTML §9.2): the whole house first, then what changes, the newest state of each thing at most
 * four times a second. A reader that is slow gets fewer, newer states; while its buffer is full nothing is added, and one that
 * has not emptied it from one ping to the next is let go. The browser connects anew and begins with the whole house.
 */
export class LiveStreams {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #hub: HubApi;
  readonly #auth: Authenticator;
  readonly #streams = new Set<Stream>();
  #ping: Timer | undefined;

  constructor(options: LiveOptions) {
    this.#clock = options.clock;
    this.#log = options.log;
    this.#hub = options.hub;
    this.#auth = options.auth;
  }

  get size(): number {
    return this.#streams.size;
  }

  start(): void {
    this.#hub.events.on('mood', this.#onMood).on('room', this.#onRoom).on('device', this.#onDevice).on('house', this.#onHouse);
    this.#hub.events.on('mesh', this.#onMesh);
    this.#auth.events.on('revoked', this.#onRevoked);
    this.#ping = this.#clock.every(PING, () => this.#pingAll());
  }

  close(): void {
    this.#hub.events.off('mood', this.#onMood).off('room', this.#onRoom).off('device', this.#onDevice).off('house', this.#onHouse);
    this.#hub.events.off('mesh', this.#onMesh);
    this.#auth.events.off('revoked', this.#onRevoked);
    this.#ping?.cancel();
    for (const stream of [...this.#streams]) this.#end(stream);
  }

  /** Takes the response over. @throws RoomtoneError `http.too_many_streams` */
  open(response: ServerResponse, identity: Identity): void {
    if (this.#streams.size >= MOST_STREAMS) throw new RoomtoneError('http.too_many_streams', { params: { most: MOST_STREAMS } });
    const stream: Stream = { identity, response, pending: new Map(), sentAt: this.#clock.mono(), late: false };
    this.#streams.add(stream);
    response.on('close', () => this.#forget(stream));
    response.on('error', () => this.#forget(stream));
    response.on('drain', () => this.#flush(stream));
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
    response.write('retry: 2000\n\n');
    response.write(format('house', this.#hub.queries.house()));
  }

  readonly #onMood = (mood: Mood): void => this.#changed(`mood ${mood.room}`, { event: 'mood', mood });
  readonly #onRoom = ({ room }: HubEvents['room'][0]): void => this.#changed(`room ${room}`, { event: 'room', room });
  readonly #onDevice = ({ device }: HubEvents['device'][0]): void => this.#changed(`device ${device}`, { event: 'device', device });
  readonly #onMesh = ({ adapter }: HubEvents['mesh'][0]): void => this.#changed(`mesh ${adapter}`, { event: 'mesh', adapter });
  readonly #onHouse = (): void => this.#changed('house', { event: 'house' });
  readonly #onRevoked = (isRevoked: (identity: Identity) => boolean): void => {
    for (const stream of [...this.#streams]) if (isRevoked(stream.identity)) this.#end(stream);
  };

  #changed(key: string, change: Change): void {
    for (const stream of this.#streams) {
      stream.pending.set(key, change);
      stream.timer ??= this.#clock.after(Math.max(0, stream.sentAt + PACE - this.#clock.mono()), () => this.#flush(stream));
    }
  }

  #flush(stream: Stream): void {
    stream.timer?.cancel();
    delete stream.timer;
    if (stream.pending.size === 0 || stream.response.writableNeedDrain) return;
    // The whole house says it all, but for what is not in it.
    const changes = [...stream.pending.values()].filter(
      ({ event }) => !stream.pending.has('house') || event === 'house' || event === 'mesh',
    );
    stream.pending.clear();
    stream.sentAt = this.#clock.mono();
    stream.response.write(changes.map((change) => this.#render(change)).join(''));
  }

  /** Empty where what changed has vanished since: a `house` event tells of that. */
  #render(change: Change): string {
    try {
      if (change.event === 'mood') return format('mood', change.mood);
      if (change.event === 'room') return format('room', this.#hub.queries.room(change.room));
      if (change.event === 'device') return format('device', this.#hub.queries.device(change.device));
      if (change.event === 'mesh') return format('mesh', { adapter: change.adapter, ...this.#hub.meshes.view(change.adapter) });
      return format('house', this.#hub.queries.house());
    } catch (error) {
      if (error instanceof RoomtoneError) return '';
      throw error;
    }
  }

  #pingAll(): void {
    for (const stream of [...this.#streams]) {
      const isBehind = stream.response.writableNeedDrain;
      if (!this.#auth.holds(stream.identity)) this.#end(stream);
      else if (isBehind && stream.late) this.#drop(stream);
      else if (!isBehind) stream.response.write(': ping\n\n');
      stream.late = isBehind;
    }
  }

  #end(stream: Stream): void {
    this.#forget(stream);
    stream.response.end();
  }

  #drop(stream: Stream): void {
    this.#log.warn({ buffered: stream.response.writableLength }, 'live stream dropped: its reader does not keep up');
    this.#forget(stream);
    stream.response.destroy();
  }

  #forget(stream: Stream): void {
    this.#streams.delete(stream);
    stream.timer?.cancel();
  }
}

const format = (event: string, data: unknown): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
