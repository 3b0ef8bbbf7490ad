import type { Logger } from 'pino';
import type { Clock } from '../../daemon/api/clock.ts';
import { RoomtoneError, toRoomtoneError } from '../../daemon/api/errors.ts';
import type { Command, Report } from '../../daemon/devices/command.ts';
import type { AttributeName, Attributes, Device, DeviceId } from '../../daemon/devices/device.ts';
import { HueClient } from './client.ts';
import type { HueCredentials } from './credentials.ts';
import { Fades } from './fades.ts';
import { deviceId, HueHouse, isOurs } from './house.ts';
import { putFor } from './light.ts';
import { eventsSchema } from './resources.ts';
import { readEvents } from './stream.ts';

export interface HueTimings {
  /** ms until an answer must be there */
  answerWithin: number;
  /** ms without a byte on the event stream after which it is opened anew */
  silence: number;
  /** ms before the second attempt to reach the bridge; doubles up to `longestRetry`, short because it is on the local network */
  firstRetry: number;
  longestRetry: number;
  /** ms between attempts while only a person can mend it */
  blockedRetry: number;
}

export const HUE_TIMINGS: HueTimings = { answerWithin: 5000, silence: 60_000, firstRetry: 500, longestRetry: 4000, blockedRetry: 60_000 };

/** A session this short (ms) does not count as a recovery: reconnecting to a bridge that hangs up at once must slow down. */
const SHORT_SESSION = 10_000;
/** Full pictures taken in a row before one is believed although changes came in meanwhile. */
const PICTURES = 3;

export interface HueBridgeOptions {
  host: string;
  log: Logger;
  clock: Clock;
  credentials: HueCredentials;
  timings: HueTimings;
  onReport(report: Report): void;
  onAvailability(device: DeviceId, available: boolean): void;
  onDevices(): void;
  onProblem(problem: RoomtoneError | null): void;
}

/** One bridge: keeps a session with it alive, knows its lamps, sends commands. */
export class HueBridge {
  readonly host: string;
  /** Known from the first contact on. */
  id: string | undefined;
  readonly #options: HueBridgeOptions;
  readonly #house = new HueHouse();
  readonly #fades = new Fades();
  readonly #available = new Set<DeviceId>();
  /** What was reported of each light last. */
  readonly #reported = new Map<string, Attributes>();
  /** Attributes commanded since they were reported last: the next full picture speaks of them even if nothing differs. */
  readonly #unconfirmed = new Map<string, Set<AttributeName>>();
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;
  #listed = false;
  #client: HueClient | undefined;
  #lastEventId: string | undefined;
  /** When the session went live; undefined while there is none. */
  #liveSince: number | undefined;
  /** A change came in while the full picture was on its way. */
  #disturbed = false;
  #problem: RoomtoneError | null = null;

  constructor(options: HueBridgeOptions) {
    this.#options = options;
    this.host = options.host;
  }

  start(): void {
    this.#running ??= this.#run(this.#closing.signal);
  }

  async close(): Promise<void> {
    this.#closing.abort(new RoomtoneError('api.closed'));
    await this.#running;
    await this.#dropClient();
  }

  /** Whether the bridge has given its whole list: a lamp that is not on it is none of its own any more. */
  get isListed(): boolean {
    return this.#listed;
  }

  devices(): Device[] {
    return this.id === undefined ? [] : this.#house.describe(this.id);
  }

  /** @throws RoomtoneError */
  async apply(light: string, command: Command, signal: AbortSignal): Promise<void> {
    const client = this.#client;
    const resource = this.#house.light(light);
    if (!client || !resource) throw new RoomtoneError('device.unreachable', { params: { device: command.device } });
    const body = putFor(command.attributes, command.transition, resource);
    if (!body) return;
    const now = this.#options.clock.mono();
    const before = this.#house.attributes(light);
    for (const name of Object.keys(command.attributes) as AttributeName[]) this.#waitFor(light, name);
    const remarks = await client.putLight(light, body, AbortSignal.any([signal, this.#closing.signal]));
    if (remarks.length > 0) this.#options.log.debug({ event: 'hue_remarks', device: command.device, remarks }, 'taken with remarks');
    if (remarks.some(({ error_code }) => error_code === 'communication_error')) {
      throw new RoomtoneError('device.unreachable', { params: { device: command.device } });
    }
    this.#fades.begin(light, { before, target: command.attributes, duration: command.transition * 1000, now });
  }

  async #run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const error = await this.#session(signal);
      if (signal.aborted) return;
      const wentLive = this.#liveSince;
      this.#liveSince = undefined;
      if (error?.fault === 'us') this.#options.log.error({ event: 'hue_session_broke', host: this.host, err: error }, 'session broke');
      if (error && wentLive === undefined) await this.#onFailure(error);
      const lived = wentLive === undefined ? 0 : this.#options.clock.mono() - wentLive;
      failures = lived >= SHORT_SESSION ? 0 : failures + 1;
      await this.#pause(this.#delay(error, failures), signal);
    }
  }

  /** After a good session the next attempt is at once. */
  #delay(error: RoomtoneError | undefined, failures: number): number {
    const { firstRetry, longestRetry, blockedRetry } = this.#options.timings;
    if (error?.fault === 'user') return blockedRetry;
    return failures === 0 ? 0 : Math.min(longestRetry, firstRetry * 2 ** (failures - 1));
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#options.clock.after(ms, resolve);
    const stop = (): void => {
      timer.cancel();
      resolve();
    };
    signal.addEventListener('abort', stop, { once: true });
    return promise.finally(() => signal.removeEventListener('abort', stop));
  }

  /** Connects, takes a full picture and listens. Returns what ended it; undefined if it is to begin anew at once. */
  async #session(closing: AbortSignal): Promise<RoomtoneError | undefined> {
    const over = new AbortController();
    const signal = AbortSignal.any([closing, over.signal]);
    const { host, clock, timings } = this.#options;
    let work: Promise<void>[] = [];
    try {
      this.#client ??= await this.#connect(signal);
      const stream = await this.#client.openStream(this.#lastEventId, signal);
      const onMessage = (message: { id: string | undefined; data: string }): boolean => this.#onMessage(message);
      work = [readEvents(stream, { host, clock, silence: timings.silence, onMessage }), this.#goLive(this.#client, signal)];
      await Promise.all(work);
      return undefined;
    } catch (error) {
      return toRoomtoneError(error);
    } finally {
      over.abort(new RoomtoneError('api.closed'));
      await Promise.allSettled(work);
    }
  }

  /** Finds out which bridge answers, and speaks to it only if it is one we were paired with. */
  async #connect(signal: AbortSignal): Promise<HueClient> {
    const { host, clock, credentials, timings } = this.#options;
    const base = { host, clock, answerWithin: timings.answerWithin };
    const stranger = new HueClient(base);
    try {
      const { id, certificate } = await stranger.identify(signal);
      const known = credentials.get(id);
      if (known && known.certificate === certificate) {
        this.id = id;
        credentials.rememberHost(host, id);
        return new HueClient({ ...base, ...known });
      }
      const replaced = known !== undefined || credentials.bridgeAt(host) !== undefined;
      throw new RoomtoneError(replaced ? 'hue.certificate_changed' : 'hue.not_paired', { params: { host } });
    } finally {
      await stranger.close();
    }
  }

  /**
   * Fetches everything. The stream is open by then, so no change can be missed; but one that came in before the answer may
   * be older or newer than it, so the picture is taken again until nothing came in meanwhile.
   */
  async #goLive(client: HueClient, signal: AbortSignal): Promise<void> {
    let resources: unknown[] = [];
    for (let taken = 0; taken < PICTURES; taken += 1) {
      this.#disturbed = false;
      resources = await client.resources(signal);
      if (!this.#disturbed) break;
    }
    // From here on in one go: a message must find either the old session state or the new one.
    this.#liveSince = this.#options.clock.mono();
    this.#take(resources);
    if (this.#problem) {
      this.#options.log.info({ event: 'hue_bridge_back', host: this.host }, 'bridge is back');
      this.#problem = null;
      this.#options.onProblem(null);
    }
    this.#tellAvailability();
  }

  #take(resources: readonly unknown[]): void {
    const unread = this.#house.replace(resources);
    if (unread > 0) this.#options.log.warn({ event: 'hue_resources_unread', host: this.host, unread }, 'resources passed over');
    this.#forgetGone();
    this.#listed = unread === 0;
    this.#options.onDevices();
    for (const light of this.#house.lights()) this.#tell(light, this.#news(light), 'resync');
  }

  /** Of a full picture: what differs from the last report, and what was commanded since. */
  #news(light: string): Attributes {
    const reported = this.#reported.get(light) ?? {};
    const unconfirmed = this.#unconfirmed.get(light);
    const news = Object.entries(this.#house.attributes(light)).filter(
      ([name, value]) => unconfirmed?.has(name as AttributeName) || !same(reported[name as AttributeName], value),
    );
    return Object.fromEntries(news);
  }

  /** @returns false if the list of lamps changed, so that everything must be fetched anew */
  #onMessage({ id, data }: { id: string | undefined; data: string }): boolean {
    const events = this.#parse(data);
    this.#lastEventId = id ?? this.#lastEventId;
    this.#disturbed = true;
    if (this.#liveSince === undefined) return true;
    const entries = (wanted: (type: string) => boolean): unknown[] =>
      events.filter(({ type }) => wanted(type)).flatMap((each) => each.data);
    for (const entry of entries((type) => type === 'update')) this.#onUpdate(entry);
    return !entries((type) => type === 'add' || type === 'delete').some(isOurs);
  }

  #parse(data: string) {
    try {
      return eventsSchema.parse(JSON.parse(data));
    } catch (cause) {
      throw new RoomtoneError('hue.bad_answer', { params: { host: this.host, what: 'an event that cannot be read' }, cause });
    }
  }

  #onUpdate(entry: unknown): void {
    const change = this.#house.update(entry);
    if (change?.kind === 'attributes') this.#tell(change.light, change.attributes, 'event');
    if (change?.kind === 'reachability') this.#tellAvailability();
    if (change?.kind === 'name') this.#options.onDevices();
  }

  /** Lamps that were removed from the bridge; should they come back, all is to be told again. */
  #forgetGone(): void {
    const here = new Set(this.#house.lights());
    for (const light of this.#reported.keys()) {
      if (here.has(light) || this.id === undefined) continue;
      this.#reported.delete(light);
      this.#unconfirmed.delete(light);
      this.#fades.end(light);
      this.#setAvailable(deviceId(this.id, light), false);
    }
  }

  #tell(light: string, attributes: Attributes, kind: Report['kind']): void {
    if (this.id === undefined) return;
    const device = deviceId(this.id, light);
    const at = this.#options.clock.mono();
    this.#reported.set(light, { ...this.#reported.get(light), ...attributes });
    for (const [name, value] of Object.entries(attributes) as [AttributeName, NonNullable<Attributes[AttributeName]>][]) {
      this.#unconfirmed.get(light)?.delete(name);
      const transitional = this.#fades.onTheWay(light, name, { value, now: at });
      // A bridge never says who made a change.
      this.#options.onReport({ device, attribute: name, value, at, origin: 'unknown', transitional, kind });
    }
  }

  #waitFor(light: string, name: AttributeName): void {
    const waiting = this.#unconfirmed.get(light) ?? new Set();
    this.#unconfirmed.set(light, waiting.add(name));
  }

  #tellAvailability(): void {
    if (this.id === undefined) return;
    const live = this.#liveSince !== undefined;
    for (const light of this.#house.lights()) this.#setAvailable(deviceId(this.id, light), live && this.#house.reachable(light));
  }

  #setAvailable(device: DeviceId, available: boolean): void {
    if (this.#available.has(device) === available) return;
    if (available) this.#available.add(device);
    else this.#available.delete(device);
    this.#options.onAvailability(device, available);
  }

  /** The bridge could not be reached, or must not be used. One line per outage, however long it lasts. */
  async #onFailure(error: RoomtoneError): Promise<void> {
    await this.#dropClient();
    if (error.code === 'device.rate_limited') return;
    this.#tellAvailability();
    if (this.#problem?.code === error.code) return;
    const first = this.#problem === null;
    this.#problem = error;
    if (first || error.fault === 'user')
      this.#options.log.warn({ event: 'hue_bridge_lost', host: this.host, code: error.code }, 'bridge cannot be used');
    this.#options.onProblem(error);
  }

  async #dropClient(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.close();
  }
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
