import type { Logger } from 'pino';
import type { Clock, Timer } from '../../daemon/api/clock.ts';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import { BrokerConnection, type ConnectionTimings } from './connection.ts';
import type { Zigbee2MqttOptions } from './options.ts';
import { readOnline } from './payloads.ts';
import { type Request, Requests } from './requests.ts';

export interface SessionTimings extends ConnectionTimings {
  /** ms until Zigbee2MQTT has said that it is well; it is asked again then, and later each time */
  greetEvery: number;
  /** ms after which it counts as away, of a broker that is there */
  silence: number;
}

export interface SessionOptions {
  broker: Zigbee2MqttOptions;
  log: Logger;
  clock: Clock;
  /** Uniform in [0, 1) */
  random: () => number;
  timings: SessionTimings;
  /** Topics of devices and groups below the base, to listen to whenever there is a connection. */
  topics(): readonly string[];
  /** Below the base. */
  onMessage(topic: string, payload: string, retained: boolean): void;
  /** It runs, and all that the broker keeps of it has come. */
  onLive(): void;
  /** It does not, or may not. Also said where it was not live. */
  onLost(): void;
  onProblem(problem: RoomtoneError | null): void;
}

/** ms between two questions whether it is there, at most */
const LONGEST_SILENCE = 30_000;

/** Topics that speak of Zigbee2MQTT itself. */
const ITS_OWN = ['state', 'info', 'devices', 'groups', 'event', 'logging', 'response/#'].map((topic) => `bridge/${topic}`);

/**
 * One running Zigbee2MQTT, by the broker that it speaks to. What the broker keeps of it says little: the word `online` may be
 * left over from a crash, and `offline` be the last will of a connection that it has replaced. So it counts as there once it
 * has answered a question, which also shows that everything kept has come before the answer.
 */
export class Session {
  readonly requests: Requests;
  readonly #options: SessionOptions;
  readonly #connection: BrokerConnection;
  #greeting: AbortController | undefined;
  #patience: Timer | undefined;
  #isConnected = false;
  #isLive = false;
  #isListed = false;
  /** What `bridge/state` said last. */
  #saysOnline = false;
  #problem: RoomtoneError | null = null;

  constructor(options: SessionOptions) {
    const { broker, clock, random, timings } = options;
    this.#options = options;
    this.requests = new Requests({ clock, random, publish: (topic, payload) => this.publish(topic, payload) });
    this.#connection = new BrokerConnection({
      broker,
      clock,
      random,
      timings,
      onOnline: () => this.#onConnected(),
      onOffline: (error) => this.#onDisconnected(error),
      onMessage: (topic, payload, retained) => this.#onMessage(topic.slice(broker.base.length + 1), payload, retained),
    });
  }

  get isLive(): boolean {
    return this.#isLive;
  }

  start(): void {
    this.#connection.start();
  }

  async close(): Promise<void> {
    this.#stopGreeting();
    this.#patience?.cancel();
    this.#isLive = false;
    this.requests.failAll(new RoomtoneError('api.closed'));
    await this.#connection.close();
  }

  publish(topic: string, payload: string): void {
    this.#connection.publish(this.#full(topic), payload);
  }

  /** From now on these too, and those no more. */
  listen(topics: readonly string[], noMore: readonly string[]): void {
    this.#connection.unsubscribe(noMore.map((topic) => this.#full(topic)));
    this.#connection.subscribe(topics.map((topic) => this.#full(topic)));
  }

  /** @throws RoomtoneError as `Requests.ask`, `zigbee2mqtt.offline` */
  async ask(request: Request, signal: AbortSignal): Promise<unknown> {
    if (!this.#isLive) throw this.#offline();
    return this.requests.ask(request, signal);
  }

  /** Its whole list of devices has come, and their topics are listened to. */
  listed(): void {
    if (this.#isListed) return;
    this.#isListed = true;
    if (!this.#isLive) this.#greet();
  }

  #onConnected(): void {
    this.#isConnected = true;
    this.#saysOnline = false;
    this.#connection.subscribe([...ITS_OWN, ...this.#options.topics()].map((topic) => this.#full(topic)));
    this.#expectSoon();
    // The list may have been lost with the broker's memory; the one from before will do.
    if (this.#isListed) this.#greet();
  }

  #onDisconnected(error: RoomtoneError): void {
    this.#isConnected = false;
    this.#patience?.cancel();
    this.#lose(error);
  }

  #onMessage(topic: string, payload: string, retained: boolean): void {
    if (topic.startsWith('bridge/response/')) this.requests.onResponse(payload);
    else if (topic === 'bridge/state') this.#onState(readOnline(payload), retained);
    else this.#options.onMessage(topic, payload, retained);
  }

  #onState(online: boolean | undefined, retained: boolean): void {
    this.#saysOnline = online === true;
    if (online === false) {
      this.#lose(this.#offline());
      if (this.#isListed) this.#greet();
    } else if (online && !retained && this.#isListed) {
      // It has started anew, or was away from the broker: whatever it said meanwhile is missing.
      this.#lose();
      this.#expectSoon();
      this.#greet();
    }
  }

  /** @param problem none: it is only to be looked at again */
  #lose(problem?: RoomtoneError): void {
    this.#stopGreeting();
    this.#isLive = false;
    this.requests.failAll(this.#offline());
    this.#options.onLost();
    // However an outage shows from moment to moment, it is one, unless it turns out that a person must mend it.
    if (problem && (!this.#problem || problem.fault === 'user')) this.#tell(problem);
  }

  #expectSoon(): void {
    this.#patience?.cancel();
    this.#patience = this.#options.clock.after(this.#options.timings.silence, () => this.#tell(this.#silent()));
  }

  /** A broker that was restarted and keeps nothing has lost the list of devices, and Zigbee2MQTT does not publish it again. */
  #silent(): RoomtoneError {
    const { url, base } = this.#options.broker;
    return this.#saysOnline && !this.#isListed ? new RoomtoneError('zigbee2mqtt.no_list', { params: { url, base } }) : this.#offline();
  }

  #greet(): void {
    this.#greeting?.abort(new RoomtoneError('api.closed'));
    this.#greeting = new AbortController();
    void this.#greetUntilAnswered(this.#greeting.signal);
  }

  async #greetUntilAnswered(signal: AbortSignal): Promise<void> {
    const { greetEvery } = this.#options.timings;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      // One that starts says so: there is no hurry to ask on and on.
      const within = Math.min(LONGEST_SILENCE, greetEvery * 2 ** attempt);
      const asked = this.requests.ask({ call: 'health_check', payload: {}, within }, signal);
      const answered = await asked.then(
        () => true,
        () => false,
      );
      if (answered) break;
    }
    if (signal.aborted || !this.#isConnected) return;
    this.#stopGreeting();
    this.#patience?.cancel();
    this.#isLive = true;
    this.#tell(null);
    this.#options.onLive();
  }

  #stopGreeting(): void {
    this.#greeting?.abort(new RoomtoneError('api.closed'));
    this.#greeting = undefined;
  }

  #tell(problem: RoomtoneError | null): void {
    if (problem?.code === this.#problem?.code) return;
    this.#problem = problem;
    this.#options.onProblem(problem);
  }

  #offline(): RoomtoneError {
    const { url, base } = this.#options.broker;
    return new RoomtoneError('zigbee2mqtt.offline', { params: { url, base } });
  }

  #full(topic: string): string {
    return `${this.#options.broker.base}/${topic}`;
  }
}
