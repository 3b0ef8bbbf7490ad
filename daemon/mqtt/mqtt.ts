import { EventEmitter } from 'node:events';
import { connect, type IClientOptions, MqttClient } from 'mqtt';
import type { Logger } from 'pino';
import type { Clock } from '../api/clock.ts';
import { type ErrorCode, type MessageParams, RoomtoneError } from '../api/errors.ts';
import type { HubApi } from '../api/hub.ts';
import type { Part } from '../api/part.ts';
import type { StatePort } from '../api/ports.ts';
import { Topics } from '../api/topics.ts';
import type { HouseView } from '../api/views.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import type { MqttPort } from '../devices/mqtt-port.ts';
import { EmbeddedBroker } from './broker.ts';
import { MqttLink } from './link.ts';
import { Refusals } from './refusals.ts';
import { Requests } from './requests.ts';
import { RoomEvents } from './room-events.ts';
import { SetTopics } from './set-topics.ts';
import { StatePublisher } from './states.ts';

export interface OutsideBroker {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://` */
  url: string;
  username?: string | undefined;
  password?: string | undefined;
}

export interface MqttOptions {
  log: Logger;
  clock: Clock;
  /** 0..1, spreads reconnections and names connections. */
  random: () => number;
  hub: HubApi;
  auth: Authenticator;
  state: StatePort;
  broker: 'embedded' | OutsideBroker;
  /** Of the embedded broker. */
  listen: { host: string; port: number };
  base: string;
  /** Of Home Assistant, whose clients may publish `<prefix>/status`. */
  homeAssistantPrefix: string;
}

export interface MqttEvents {
  /** Something a person should mend, or (null) that it has passed. `mqtt:listen` is the embedded broker's port. */
  problem: [{ scope: 'mqtt' | 'mqtt:listen'; problem: { code: ErrorCode; params: MessageParams } | null }];
  /** `status` has changed. */
  status: [];
}

/** Speaks for the hub on MQTT: through the broker inside it, or through one outside. */
export class Mqtt implements Part {
  readonly events = new EventEmitter<MqttEvents>();
  readonly #broker: EmbeddedBroker | undefined;
  readonly #link: MqttLink;
  readonly #url: string;
  readonly #refusals: Refusals;
  readonly #states: StatePublisher;
  readonly #talkers: ReadonlyArray<{ start(): void; close(): void }>;
  #isStarted = false;

  constructor(options: MqttOptions) {
    const topics = new Topics(options.base);
    const { broker } = options;
    this.#broker = broker === 'embedded' ? this.#embed(options, topics) : undefined;
    this.#url = broker === 'embedded' ? '' : withoutCredentials(broker.url);
    this.#link = this.#connectBy(options, topics);
    const shared = { ...options, topics, port: this.#link };
    this.#refusals = new Refusals(shared);
    this.#states = new StatePublisher(shared);
    const inbound = { ...shared, refusals: this.#refusals };
    this.#talkers = [this.#states, new RoomEvents(shared), new SetTopics(inbound), new Requests(inbound)];
  }

  /** The hub's own connection, for adapters that speak MQTT. */
  get port(): MqttPort {
    return this.#link;
  }

  async start(): Promise<void> {
    if (this.#isStarted) return;
    this.#isStarted = true;
    await this.#broker?.start();
    for (const talker of this.#talkers) talker.start();
    await this.#link.start();
  }

  async close(): Promise<void> {
    if (!this.#isStarted) return;
    this.#isStarted = false;
    for (const talker of this.#talkers) talker.close();
    this.#refusals.close();
    await this.#link.close();
    await this.#broker?.close();
  }

  status(): HouseView['mqtt'] {
    const { connected } = this.#link;
    if (!this.#broker) return { kind: 'external', url: this.#url, connected };
    const url = this.#broker.url();
    return { kind: 'embedded', url, connected: connected && url !== '' };
  }

  /** Publishes every retained state anew, as for a subscriber that has lost them. */
  republish(): void {
    this.#states.republish();
  }

  #embed(options: MqttOptions, topics: Topics): EmbeddedBroker {
    const { auth, clock, homeAssistantPrefix, listen, log } = options;
    const broker = new EmbeddedBroker({ log, clock, auth, topics, birthTopic: `${homeAssistantPrefix}/status`, ...listen });
    broker.events.on('problem', (problem) => this.events.emit('problem', { scope: 'mqtt:listen', problem }));
    broker.events.on('refused', ({ topic, code }) => this.#refusals.report(topic, new RoomtoneError(code, { params: { topic } })));
    return broker;
  }

  #connectBy(options: MqttOptions, topics: Topics): MqttLink {
    const { clock, log, random } = options;
    const link = new MqttLink({
      log,
      clock,
      random,
      connect: this.#opener(options),
      // aedes speaks 3.1.1 at most.
      version: this.#broker ? 4 : 5,
      // Nobody else may guess it: a client that takes an id over ends the connection that had it.
      clientId: `roomtone-${random().toString(36).slice(2, 14)}`,
      statusTopic: topics.bridge('state'),
      url: this.#url,
      onProblem: (problem) => this.events.emit('problem', { scope: 'mqtt', problem }),
    });
    for (const event of ['online', 'offline'] as const) link.events.on(event, () => this.events.emit('status'));
    return link;
  }

  #opener({ broker: outside }: MqttOptions): (options: IClientOptions) => MqttClient {
    const broker = this.#broker;
    if (broker) return (options) => new MqttClient(() => broker.connect(), options);
    if (outside === 'embedded') throw new RoomtoneError('internal.unexpected');
    const { url, username, password } = outside;
    return (options) =>
      connect(url, { ...options, ...(username !== undefined && { username }), ...(password !== undefined && { password }) });
  }
}

function withoutCredentials(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
