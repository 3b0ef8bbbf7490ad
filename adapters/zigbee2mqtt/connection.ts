import { connect, type MqttClient } from 'mqtt';
import type { Clock, Timer } from '../../daemon/api/clock.ts';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import { backoff } from '../../daemon/devices/pace.ts';
import type { Zigbee2MqttOptions } from './options.ts';

export interface ConnectionTimings {
  /** ms that connecting may take */
  connectWithin: number;
  /** seconds, whole: a broker that is silent for one and a half of it is taken for away (MQTT 3.1.1 §3.1.2.10) */
  keepalive: number;
  /** ms before the second attempt to reach the broker; doubles up to `longestRetry`, short because it is in the house */
  firstRetry: number;
  longestRetry: number;
}

export interface ConnectionOptions {
  broker: Zigbee2MqttOptions;
  clock: Clock;
  /** Uniform in [0, 1) */
  random: () => number;
  timings: ConnectionTimings;
  onOnline(): void;
  /** Once for each connection that ended, and for each attempt that came to nothing. */
  onOffline(error: RoomtoneError): void;
  onMessage(topic: string, payload: string, retained: boolean): void;
}

/** "Bad user name or password" and "not authorized" of CONNACK (MQTT 3.1.1 §3.2.2.3). */
const REFUSED_LOGIN: ReadonlySet<unknown> = new Set([4, 5]);

/** One connection to a broker, opened again with growing pauses for as long as it takes. */
export class BrokerConnection {
  readonly #options: ConnectionOptions;
  #client: MqttClient | undefined;
  #retry: Timer | undefined;
  #failures = 0;
  #isOnline = false;
  #isClosed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  start(): void {
    if (!this.#client && !this.#isClosed) this.#attempt();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#isOnline = false;
    this.#retry?.cancel();
    const client = this.#client;
    this.#client = undefined;
    await client?.endAsync(true);
  }

  /** Goes on its way, or is lost while there is no connection. */
  publish(topic: string, payload: string): void {
    // What becomes of it shows in what comes back.
    if (this.#isOnline) this.#client?.publish(topic, payload, () => {});
  }

  /** What is kept of these topics comes before anything that is sent later. */
  subscribe(topics: readonly string[]): void {
    if (this.#isOnline && topics.length > 0) this.#client?.subscribe([...topics], () => {});
  }

  unsubscribe(topics: readonly string[]): void {
    if (this.#isOnline && topics.length > 0) this.#client?.unsubscribe([...topics], () => {});
  }

  #attempt(): void {
    const { broker, random, timings, onMessage } = this.#options;
    const { url, username, password } = broker;
    const client = connect(url, {
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      // Nobody else may have it: a client that takes an id over ends the connection that had it.
      clientId: `roomtone-zigbee2mqtt-${random().toString(36).slice(2, 12)}`,
      protocolVersion: 4,
      clean: true,
      keepalive: timings.keepalive,
      connectTimeout: timings.connectWithin,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
    });
    this.#client = client;
    let failure: unknown;
    client.on('error', (error) => {
      failure = error;
    });
    client.on('connect', () => this.#connected(client));
    client.on('message', (topic, payload, { retain }) => {
      if (client === this.#client) onMessage(topic, payload.toString('utf8'), retain);
    });
    client.on('close', () => this.#lost(client, failure));
  }

  #connected(client: MqttClient): void {
    if (client !== this.#client) return;
    const { stream } = client;
    // A command must not wait until the one before it was acknowledged (Nagle).
    if ('setNoDelay' in stream && typeof stream.setNoDelay === 'function') stream.setNoDelay(true);
    this.#isOnline = true;
    this.#failures = 0;
    this.#options.onOnline();
  }

  #lost(client: MqttClient, failure: unknown): void {
    if (client !== this.#client) return;
    const { clock, random, timings, onOffline } = this.#options;
    this.#client = undefined;
    this.#isOnline = false;
    client.end(true);
    this.#failures += 1;
    const delay = backoff({ first: timings.firstRetry, longest: timings.longestRetry }, this.#failures, random);
    this.#retry = clock.after(delay, () => this.#attempt());
    onOffline(this.#errorOf(failure));
  }

  #errorOf(failure: unknown): RoomtoneError {
    const { url } = this.#options.broker;
    const { code, message } = (failure ?? {}) as { code?: unknown; message?: string };
    if (REFUSED_LOGIN.has(code)) return new RoomtoneError('zigbee2mqtt.login', { params: { url }, cause: failure });
    const what = message || (typeof code === 'string' ? code : 'the connection was closed');
    return new RoomtoneError('mqtt.unreachable', { params: { url, what }, cause: failure });
  }
}
