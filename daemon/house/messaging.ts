import type { Logger } from 'pino';
import { HomeAssistant } from '../../adapters/home-assistant/discovery.ts';
import type { Clock } from '../api/clock.ts';
import type { HubApi } from '../api/hub.ts';
import type { StatePort } from '../api/ports.ts';
import type { HouseView } from '../api/views.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { Mqtt } from '../mqtt/mqtt.ts';
import type { HouseConfig } from './configuration.ts';
import type { ProblemBoard } from './problems.ts';

export interface MessagingOptions {
  log: Logger;
  clock: Clock;
  /** Uniform in [0, 1) */
  random: () => number;
  hub: HubApi;
  auth: Authenticator;
  state: StatePort;
  problems: ProblemBoard;
  /** The connection came or went. */
  onStatus: () => void;
}

interface Running {
  mqtt: Mqtt;
  homeAssistant: HomeAssistant | undefined;
}

/** MQTT and what speaks over it, as the configuration has it now: a changed one ends the old connection and makes a new one. */
export class Messaging {
  readonly #options: MessagingOptions;
  #running: Running | undefined;

  constructor(options: MessagingOptions) {
    this.#options = options;
  }

  async configure(config: HouseConfig['mqtt']): Promise<void> {
    await this.close();
    const { problems, onStatus, ...shared } = this.#options;
    const mqtt = new Mqtt({
      ...shared,
      broker: config.broker,
      listen: config.listen,
      base: config.base,
      homeAssistantPrefix: config.homeAssistant.prefix,
    });
    mqtt.events.on('problem', ({ scope, problem }) => problems.set(scope, problem));
    mqtt.events.on('status', onStatus);
    const homeAssistant = new HomeAssistant({
      ...shared,
      port: mqtt.port,
      base: config.base,
      prefix: config.homeAssistant.prefix,
      enabled: config.homeAssistant.discovery,
      republish: () => mqtt.republish(),
    });
    this.#running = { mqtt, homeAssistant };
    await homeAssistant.start();
    await mqtt.start();
  }

  async close(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.homeAssistant?.close();
    await running?.mqtt.close();
    this.#options.problems.clear('mqtt');
  }

  view(): HouseView['mqtt'] {
    return this.#running?.mqtt.status() ?? { kind: 'embedded', url: '', connected: false };
  }
}
