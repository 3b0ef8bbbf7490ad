import { type IncomingHttpHeaders, request } from 'node:http';
import { type SimulatorClock, Timers } from '../../hue/clock.ts';
import { type Random, type Span, within } from '../../hue/random.ts';
import type { ServiceName } from '../services/descriptions.ts';

/** The evented variables of a service by name. Names with `|` carry a channel: `Volume|Master`. */
export type Variables = ReadonlyMap<string, string>;

/** What a service tells its subscribers. */
export interface EventSource {
  variables(service: ServiceName): Variables;
  /** The body of a NOTIFY. */
  body(service: ServiceName, changed: Variables): string;
}

/** A NOTIFY as it went out, or should have. */
export interface SentEvent {
  player: string;
  service: ServiceName;
  sid: string;
  seq: number;
  body: string;
  /** What the subscriber answered; `lost` by a fault, `failed` where nobody answered. Undefined while it is under way. */
  outcome?: number | 'lost' | 'failed';
}

interface Subscription {
  sid: string;
  service: ServiceName;
  callback: URL;
  sent: Variables;
  seq: number;
  expiry: { cancel(): void };
  /** Between a change and the event that tells of it. */
  pending: boolean;
  /** Events go out one after the other. */
  line: Promise<void>;
}

/** What happens to events on their way. */
export interface EventFaults {
  /** How many more are lost. */
  lose: number;
  /** Each goes out twice. */
  duplicate: boolean;
  /** The next two of a subscription change places. */
  reorder: boolean;
  /** The first event of a subscription goes out before its SUBSCRIBE is answered. */
  eager: boolean;
  /** No subscriber can be reached. */
  blocked: boolean;
}

interface SubscribersOptions {
  /** RINCON id of the player. */
  uuid: string;
  clock: SimulatorClock;
  random: Random;
  source: EventSource;
  faults: EventFaults;
  /** From a change to the event that tells of it, ms; changes meanwhile are told together. */
  delay: () => Span;
  onEvent: (event: SentEvent) => void;
  /** Called when the outcome of an event is known, and when someone has come or gone. */
  onProgress: () => void;
}

export interface GenaAnswer {
  status: number;
  headers?: Readonly<Record<string, string>>;
}

/** The answer to a SUBSCRIBE and what goes with it. */
export interface Subscribed extends GenaAnswer {
  /** What has to be over before the answer is given. */
  after?: Promise<void>;
  /** To be called when the answer is given: the first event follows. */
  announce?: () => void;
}

/** How long a subscriber may take to answer a NOTIFY, ms (UPnP Device Architecture 1.0, section 4.2.1). */
const patience = 30_000;
const longest = 86_400;

/** Those who want to hear of one player: UPnP Device Architecture 1.0, section 4. */
export class Subscribers {
  readonly #options: SubscribersOptions;
  readonly #timers: Timers;
  readonly #subscriptions = new Map<string, Subscription>();
  /** Held back by `reorder` until the next one of the subscription has gone out. */
  readonly #heldBack = new Map<string, SentEvent>();
  readonly #closing = new AbortController();

  constructor(options: SubscribersOptions) {
    this.#options = options;
    this.#timers = new Timers(options.clock);
  }

  get services(): ServiceName[] {
    return [...this.#subscriptions.values()].map(({ service }) => service);
  }

  /** A SUBSCRIBE, new or to renew. `number` makes a new SID. */
  subscribe(service: ServiceName, headers: IncomingHttpHeaders, number: number): Subscribed {
    const { sid, nt, callback, timeout } = headers as Record<string, string | undefined>;
    const seconds = readTimeout(timeout);
    if (sid !== undefined) {
      if (nt !== undefined || callback !== undefined) return { status: 400 };
      return this.#renew(service, sid, seconds);
    }
    const url = callback?.match(/^<(http:\/\/[^>]+)>/)?.[1];
    if (nt !== 'upnp:event' || url === undefined || !URL.canParse(url)) return { status: 412 };
    const id = `uuid:${this.#options.uuid}_sub${String(number).padStart(10, '0')}`;
    const subscription: Subscription = {
      ...{ sid: id, service, callback: new URL(url), sent: new Map(), seq: 0, pending: false, line: Promise.resolve() },
      expiry: this.#expiry(id, seconds),
    };
    this.#subscriptions.set(id, subscription);
    this.#options.onProgress();
    if (this.#options.faults.eager) this.#tell(subscription);
    return { ...accepted(id, seconds), after: subscription.line, announce: () => this.#later(subscription) };
  }

  unsubscribe({ sid, nt, callback }: IncomingHttpHeaders): GenaAnswer {
    if (nt !== undefined || callback !== undefined) return { status: 400 };
    if (typeof sid !== 'string' || !this.#subscriptions.has(sid)) return { status: 412 };
    this.#drop(sid);
    return { status: 200 };
  }

  /** To be called after anything changed. */
  update(): void {
    for (const subscription of this.#subscriptions.values()) {
      if (subscription.pending || subscription.seq === 0 || this.#changes(subscription).size === 0) continue;
      this.#later(subscription);
    }
  }

  /** A player that restarts has forgotten everyone. */
  forget(): void {
    for (const sid of this.#subscriptions.keys()) this.#drop(sid);
  }

  close(): void {
    this.#closing.abort();
    this.forget();
    this.#timers.cancelAll();
  }

  #renew(service: ServiceName, sid: string, seconds: number): GenaAnswer {
    const subscription = this.#subscriptions.get(sid);
    if (subscription?.service !== service) return { status: 412 };
    subscription.expiry.cancel();
    subscription.expiry = this.#expiry(sid, seconds);
    return accepted(sid, seconds);
  }

  #expiry(sid: string, seconds: number): { cancel(): void } {
    return this.#timers.after(seconds * 1000, () => this.#drop(sid));
  }

  #drop(sid: string): void {
    this.#subscriptions.get(sid)?.expiry.cancel();
    this.#subscriptions.delete(sid);
    this.#heldBack.delete(sid);
    this.#options.onProgress();
  }

  #later(subscription: Subscription): void {
    if (subscription.pending) return;
    subscription.pending = true;
    this.#timers.after(within(this.#options.delay(), this.#options.random), () => {
      subscription.pending = false;
      this.#tell(subscription);
    });
  }

  #changes({ service, sent }: Subscription): Variables {
    const now = this.#options.source.variables(service);
    return new Map([...now].filter(([name, value]) => sent.get(name) !== value));
  }

  #tell(subscription: Subscription): void {
    const { source, uuid, onEvent } = this.#options;
    const { sid, service } = subscription;
    const changed = this.#changes(subscription);
    if (!this.#subscriptions.has(sid) || (changed.size === 0 && subscription.seq > 0)) return;
    const event: SentEvent = { player: uuid, service, sid, seq: subscription.seq, body: source.body(service, changed) };
    subscription.sent = source.variables(service);
    subscription.seq = subscription.seq === 2 ** 32 - 1 ? 1 : subscription.seq + 1;
    onEvent(event);
    for (const one of this.#disturbed(event)) subscription.line = subscription.line.then(() => this.#send(subscription, one));
  }

  /** What a fault makes of an event: nothing, itself, or more than one, in the order in which they go out. */
  #disturbed(event: SentEvent): SentEvent[] {
    const { faults, onProgress } = this.#options;
    if (event.seq > 0 && faults.lose > 0) {
      faults.lose -= 1;
      event.outcome = 'lost';
      onProgress();
      return [];
    }
    const earlier = this.#heldBack.get(event.sid);
    if (earlier) {
      this.#heldBack.delete(event.sid);
      return [event, earlier];
    }
    if (event.seq > 0 && faults.reorder) {
      faults.reorder = false;
      this.#heldBack.set(event.sid, event);
      return [];
    }
    return event.seq > 0 && faults.duplicate ? [event, event] : [event];
  }

  async #send({ callback }: Subscription, event: SentEvent): Promise<void> {
    if (!this.#subscriptions.has(event.sid)) return;
    const sending = this.#options.faults.blocked ? Promise.reject() : notify(callback, event, this.#closing.signal);
    event.outcome = await sending.catch(() => 'failed' as const);
    if (this.#closing.signal.aborted) return;
    if (event.outcome === 412) this.#drop(event.sid);
    this.#options.onProgress();
  }
}

const accepted = (sid: string, seconds: number): GenaAnswer => ({ status: 200, headers: { SID: sid, TIMEOUT: `Second-${seconds}` } });

/** Seconds that a subscription lasts; what cannot be read, and `infinite`, is as long as it gets. */
function readTimeout(header: string | undefined): number {
  const seconds = Number(header?.match(/^Second-(\d+)$/i)?.[1]);
  return seconds > 0 ? Math.min(seconds, longest) : longest;
}

function notify(callback: URL, { service, sid, seq, body }: SentEvent, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const sending = request(callback, {
      method: 'NOTIFY',
      agent: false,
      timeout: patience,
      signal,
      headers: {
        HOST: callback.host,
        'CONTENT-TYPE': 'text/xml',
        'CONTENT-LENGTH': Buffer.byteLength(body),
        NT: 'upnp:event',
        NTS: 'upnp:propchange',
        SID: sid,
        SEQ: String(seq),
        'X-SONOS-SERVICETYPE': service,
        CONNECTION: 'close',
      },
    });
    sending.on('response', (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', reject);
    });
    sending.on('timeout', () => sending.destroy(new Error('The subscriber does not answer.')));
    sending.on('error', reject);
    sending.end(body);
  });
}
