import type { Logger } from 'pino';
import type { Clock, Timer } from '../../daemon/api/clock.ts';
import { RoomtoneError, toRoomtoneError } from '../../daemon/api/errors.ts';
import type { Callback, Callbacks, Notification } from './callbacks.ts';
import { parseProperties } from './events.ts';
import { hostOf, type Service, type UpnpClient } from './upnp.ts';

export interface SubscriptionOptions {
  client: UpnpClient;
  callbacks: Callbacks;
  clock: Clock;
  log: Logger;
  service: Service;
  /** ms for which a device is asked to send events before it must be asked again. */
  lease: number;
  /** Evented variables by name; `isFirst`: everything, after a subscription. */
  onEvent(properties: ReadonlyMap<string, string>, isFirst: boolean): void;
  /** Events were missed. */
  onGap(): void;
}

/** ms within which a device that is told goodbye may answer. */
const GOODBYE_WITHIN = 1000;

/**
 * Events of one service (GENA; UPnP Device Architecture 2.0, section 4.1): renewed at half of what the device granted, begun anew where it
 * does not know the subscription any more (412), and always ended.
 */
export class Subscription {
  readonly #options: SubscriptionOptions;
  readonly #closing = new AbortController();
  #callback: Callback | undefined;
  #sid: string | undefined;
  #next = 0;
  #heard = false;
  #renewal: Timer | undefined;
  /** One request after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: SubscriptionOptions) {
    this.#options = options;
  }

  /** Whether an event has arrived: the first follows a subscription at once, so without it the device cannot reach us. */
  get isHeard(): boolean {
    return this.#heard;
  }

  /** @throws RoomtoneError where it is refused */
  start(): Promise<void> {
    return this.#inTurn(() => this.#subscribe());
  }

  /** Makes sure that the device knows it still. */
  renewNow(): void {
    this.#renewal?.cancel();
    void this.#renew();
  }

  async close(): Promise<void> {
    this.#renewal?.cancel();
    this.#closing.abort(new RoomtoneError('api.closed'));
    await this.#inTurn(() => this.#unsubscribe()).catch(() => {});
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #subscribe(): Promise<void> {
    const { callbacks, service, lease } = this.#options;
    this.#closing.signal.throwIfAborted();
    this.#callback?.close();
    this.#next = 0;
    this.#callback = await callbacks
      .open(service.events, (notification) => this.#take(notification))
      .catch((cause: Error) => {
        throw new RoomtoneError('sonos.no_events', { params: { host: hostOf(service.events), what: cause.message }, cause });
      });
    const headers = { callback: `<${this.#callback.url}>`, nt: 'upnp:event', timeout: `Second-${Math.ceil(lease / 1000)}` };
    await this.#request(headers);
  }

  /** One that was on its way when it was closed is awaited, so that it can be ended. */
  async #request(headers: Record<string, string>): Promise<void> {
    const { client, service, lease, clock } = this.#options;
    const answer = await client.send(service.events, { method: 'SUBSCRIBE', headers, signal: new AbortController().signal });
    if (answer.status === 412 && headers.sid !== undefined) return this.#subscribe();
    const { sid, timeout } = answer.headers;
    if (answer.status !== 200 || typeof sid !== 'string') {
      this.#sid = undefined;
      throw new RoomtoneError('sonos.bad_answer', { params: { host: hostOf(service.events), what: `SUBSCRIBE: status ${answer.status}` } });
    }
    this.#sid = sid;
    const granted = Number(/Second-(\d+)/i.exec(String(timeout))?.[1] ?? 0) * 1000 || lease;
    if (!this.#closing.signal.aborted) this.#renewal = clock.after(Math.min(granted, lease) / 2, () => void this.#renew());
  }

  async #renew(): Promise<void> {
    const { service, log, clock, lease } = this.#options;
    const work = async (): Promise<void> => {
      const timeout = `Second-${Math.ceil(lease / 1000)}`;
      await (this.#sid === undefined ? this.#subscribe() : this.#request({ sid: this.#sid, timeout }));
    };
    try {
      await this.#inTurn(work);
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      log.debug({ event: 'renewal_failed', service: service.type, code: toRoomtoneError(error).code }, 'subscription is tried again');
      this.#renewal = clock.after(lease / 10, () => void this.#renew());
    }
  }

  async #unsubscribe(): Promise<void> {
    this.#renewal?.cancel();
    this.#callback?.close();
    const { client, service, clock } = this.#options;
    const sid = this.#sid;
    this.#sid = undefined;
    if (sid === undefined) return;
    const late = new AbortController();
    const timer = clock.after(GOODBYE_WITHIN, () => late.abort(new RoomtoneError('api.closed')));
    await client.send(service.events, { method: 'UNSUBSCRIBE', headers: { sid }, signal: late.signal }).finally(() => timer.cancel());
  }

  #take({ seq, body }: Notification): void {
    const { onEvent, onGap, log, service } = this.#options;
    if (this.#closing.signal.aborted) return;
    this.#heard = true;
    // One that was overtaken, or comes again, tells what was.
    if (seq < this.#next && seq !== 0) return;
    const isNext = seq === this.#next;
    this.#next = seq + 1;
    try {
      onEvent(parseProperties(body), seq === 0);
      if (!isNext) onGap();
    } catch (error) {
      log.debug({ event: 'event_unread', service: service.type, err: error }, 'an event cannot be read');
      onGap();
    }
  }
}
