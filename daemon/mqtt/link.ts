import { EventEmitter } from 'node:events';
import type { IClientOptions, MqttClient } from 'mqtt';
import type { Logger } from 'pino';
import type { Clock, Timer } from '../api/clock.ts';
import type { MessageParams } from '../api/errors.ts';
import type { Part } from '../api/part.ts';
import type { MqttMessage, MqttPort, MqttPortEvents, PublishOptions } from '../devices/mqtt-port.ts';

type ProtocolVersion = 4 | 5;

const CONNECT_TIMEOUT = 10_000;
const KEEPALIVE_SECONDS = 30;
const FIRST_DELAY = 1000;
const LONGEST_DELAY = 60_000;
/** How long a stop waits for the broker to take the last message, ms. */
const FAREWELL = 2000;
/** "Unacceptable protocol version" of MQTT 3.1.1 §3.2.2.3, and its successor of MQTT 5 §3.2.2.2. */
const UNSUPPORTED_VERSION = new Set<unknown>([1, 0x84]);

export interface LinkOptions {
  log: Logger;
  clock: Clock;
  /** 0..1, spreads reconnections. */
  random: () => number;
  /** Opens one connection. It must not reconnect by itself. */
  connect: (options: IClientOptions) => MqttClient;
  /** The newest version to try; 4 is MQTT 3.1.1. */
  version: ProtocolVersion;
  clientId: string;
  /** Says `online` or `offline`, retained, also as the last will. */
  statusTopic: string;
  /** As shown to people: without credentials. */
  url: string;
  /** Called when the broker can't be reached, and with null when it can again. */
  onProblem: (problem: { code: 'mqtt.unreachable'; params: MessageParams } | null) => void;
}

interface Subscription {
  filter: string;
  handler: (message: MqttMessage) => void;
}

/** The hub's own client: one connection at a time, tried again with growing pauses, MQTT 5 first and 3.1.1 where a broker knows no better. */
export class MqttLink implements MqttPort, Part {
  readonly events = new EventEmitter<MqttPortEvents>();
  readonly #options: LinkOptions;
  readonly #subscriptions = new Set<Subscription>();
  #version: ProtocolVersion;
  #client: MqttClient | undefined;
  #online = false;
  #failures = 0;
  #retry: Timer | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#version = options.version;
  }

  get connected(): boolean {
    return this.#online;
  }

  /** Begins to connect; whether it succeeds is told by events. */
  async start(): Promise<void> {
    if (!this.#client && !this.#retry) this.#attempt();
  }

  async close(): Promise<void> {
    this.#retry?.cancel();
    this.#retry = undefined;
    const client = this.#client;
    this.#client = undefined;
    if (!client) return;
    if (this.#online) await this.#farewell(client);
    this.#online = false;
    await client.endAsync(true);
  }

  async publish(topic: string, payload: string, { retain = false, qos = 0 }: PublishOptions = {}): Promise<void> {
    if (!this.#online || !this.#client) return;
    await publishOn(this.#client, { topic, payload, retain, qos }).catch((error: unknown) => {
      this.#options.log.debug({ err: error, topic }, 'message lost with the connection');
    });
  }

  subscribe(filter: string, handler: (message: MqttMessage) => void): () => void {
    const subscription = { filter, handler };
    this.#subscriptions.add(subscription);
    if (this.#online) this.#client?.subscribe(filter, this.#subscribeOptions());
    return () => {
      this.#subscriptions.delete(subscription);
      const shared = [...this.#subscriptions].some((other) => other.filter === filter);
      if (this.#online && !shared) this.#client?.unsubscribe(filter);
    };
  }

  #attempt(): void {
    this.#retry = undefined;
    const { clientId, statusTopic } = this.#options;
    const client = this.#options.connect({
      clientId,
      protocolVersion: this.#version,
      clean: true,
      keepalive: KEEPALIVE_SECONDS,
      connectTimeout: CONNECT_TIMEOUT,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      will: { topic: statusTopic, payload: Buffer.from('offline'), qos: 1, retain: true },
    });
    this.#client = client;
    let failure: unknown;
    client.on('error', (error) => {
      failure = error;
    });
    client.on('connect', () => void this.#welcome(client));
    client.on('message', (topic, payload, packet) => this.#deliver({ topic, payload, retain: packet.retain }));
    client.on('close', () => this.#lost(client, failure));
  }

  async #welcome(client: MqttClient): Promise<void> {
    const filters = [...new Set([...this.#subscriptions].map(({ filter }) => filter))];
    try {
      if (filters.length > 0) await client.subscribeAsync(filters, this.#subscribeOptions());
      await publishOn(client, { topic: this.#options.statusTopic, payload: 'online', retain: true, qos: 1 });
    } catch (error) {
      this.#options.log.debug({ err: error }, 'connection lost while it was being set up');
      return;
    }
    if (client !== this.#client) return;
    this.#online = true;
    this.#failures = 0;
    this.#options.log.info({ url: this.#options.url, version: this.#version }, 'connected to the broker');
    this.#options.onProblem(null);
    this.events.emit('online');
  }

  #lost(client: MqttClient, failure: unknown): void {
    if (client !== this.#client) return;
    this.#client = undefined;
    client.end(true);
    const wasOnline = this.#online;
    this.#online = false;
    if (wasOnline) this.events.emit('offline');
    if (this.#version === 5 && UNSUPPORTED_VERSION.has(codeOf(failure))) {
      this.#version = 4;
      this.#options.log.info({ url: this.#options.url }, 'the broker knows no MQTT 5; using 3.1.1');
      this.#attempt();
      return;
    }
    this.#tryLater(failure);
  }

  #tryLater(failure: unknown): void {
    const { clock, log, onProblem, random, url } = this.#options;
    const what = failure instanceof Error ? failure.message || String(codeOf(failure)) : 'the connection was closed';
    if (this.#failures === 0) {
      log.warn({ url, what }, 'broker not reached; trying again');
      onProblem({ code: 'mqtt.unreachable', params: { url, what } });
    }
    const delay = Math.min(FIRST_DELAY * 2 ** this.#failures, LONGEST_DELAY) * (0.5 + random() / 2);
    this.#failures++;
    this.#retry = clock.after(delay, () => this.#attempt());
  }

  #deliver(message: MqttMessage): void {
    for (const { filter, handler } of [...this.#subscriptions]) {
      if (!matches(filter, message.topic)) continue;
      try {
        handler(message);
      } catch (error) {
        this.#options.log.error({ err: error, topic: message.topic }, 'handling a message failed');
      }
    }
  }

  /** With QoS 2 the broker has passed the message on when it answers (aedes acknowledges QoS 1 before), so that it may be closed. */
  async #farewell(client: MqttClient): Promise<void> {
    const gone = new Promise<void>((resolve) => client.once('close', resolve));
    const said = publishOn(client, { topic: this.#options.statusTopic, payload: 'offline', retain: true, qos: 2 }).catch(() => {});
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = this.#options.clock.after(FAREWELL, resolve);
    await Promise.race([said, gone, late]);
    timer.cancel();
  }

  /** With MQTT 5 our own messages don't come back, and `retain` is as the sender set it (§3.8.3.1). */
  #subscribeOptions() {
    return this.#version === 5 ? ({ qos: 1, nl: true, rap: true } as const) : ({ qos: 1 } as const);
  }
}

/** Whether a topic falls under a filter with `+` and `#` (MQTT 3.1.1 §4.7.1). */
export function matches(filter: string, topic: string): boolean {
  const levels = topic.split('/');
  const wanted = filter.split('/');
  if (wanted.at(-1) === '#') return wanted.slice(0, -1).every((level, at) => level === '+' || level === levels[at]);
  return wanted.length === levels.length && wanted.every((level, at) => level === '+' || level === levels[at]);
}

async function publishOn(client: MqttClient, message: { topic: string; payload: string; retain: boolean; qos: 0 | 1 | 2 }): Promise<void> {
  const { topic, payload, ...options } = message;
  await client.publishAsync(topic, payload, options);
}

const codeOf = (failure: unknown): unknown => (failure as { code?: unknown } | undefined)?.code;
