import type { Logger } from 'pino';
import { z } from 'zod';
import type { Clock, Timer } from '../../daemon/api/clock.ts';
import type { HubApi } from '../../daemon/api/hub.ts';
import type { Part } from '../../daemon/api/part.ts';
import type { StatePort } from '../../daemon/api/ports.ts';
import type { MqttMessage, MqttPort } from '../../daemon/devices/mqtt-port.ts';
import { announcements, type DeviceConfig, type Platform } from './payloads.ts';

const KEY = 'homeassistant.published';
/** Changes that come together are announced together, ms. */
const SETTLE = 200;
/** Longest wait after Home Assistant has started, so that not everybody answers at once, ms. */
const LONGEST_WAIT = 3000;

const publishedSchema = z.record(z.string(), z.record(z.string(), z.string()));

/** Platform by component id, by config topic. */
type Published = Record<string, Record<string, string>>;

export interface HomeAssistantOptions {
  log: Logger;
  clock: Clock;
  /** 0..1 */
  random: () => number;
  hub: HubApi;
  /** Remembers what was announced, so that it can be taken back after a change made while the hub was off. */
  state: StatePort;
  port: MqttPort;
  /** First part of the hub's own topics. */
  base: string;
  /** Discovery prefix of Home Assistant, usually `homeassistant`. */
  prefix: string;
  /** False takes back whatever is still announced. */
  enabled: boolean;
  /** Publishes the hub's states anew. Called after Home Assistant has started and knows the devices again. */
  republish: () => void;
}

/**
 * Makes rooms appear in Home Assistant by MQTT discovery, in its device form: one retained config for each room and one for
 * the hub (https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery).
 */
export class HomeAssistant implements Part {
  readonly #options: HomeAssistantOptions;
  /** Last payload by config topic, of this connection. */
  readonly #sent = new Map<string, string>();
  #published: Published;
  #settling: Timer | undefined;
  #greeting: Timer | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(options: HomeAssistantOptions) {
    this.#options = options;
    this.#published = {};
  }

  async start(): Promise<void> {
    const { hub, port, prefix, state } = this.#options;
    if (this.#unsubscribe) return;
    this.#published = state.get(KEY, publishedSchema) ?? {};
    this.#unsubscribe = port.subscribe(`${prefix}/status`, this.#onBirth);
    hub.events.on('room', this.#onChange).on('house', this.#onChange);
    port.events.on('online', this.#onOnline);
    if (port.connected) this.#announceAll();
  }

  async close(): Promise<void> {
    const { hub, port } = this.#options;
    hub.events.off('room', this.#onChange).off('house', this.#onChange);
    port.events.off('online', this.#onOnline);
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#settling?.cancel();
    this.#settling = undefined;
    this.#greeting?.cancel();
    this.#greeting = undefined;
  }

  readonly #onOnline = (): void => this.#announceAll();

  readonly #onChange = (): void => {
    this.#settling ??= this.#options.clock.after(SETTLE, () => {
      this.#settling = undefined;
      this.#announce();
    });
  };

  /** Its birth message is retained too, so this also comes with every subscription. */
  readonly #onBirth = ({ payload }: MqttMessage): void => {
    if (payload.toString('utf8') !== 'online') return;
    const { clock, random, republish } = this.#options;
    this.#greeting?.cancel();
    this.#greeting = clock.after(random() * LONGEST_WAIT, () => {
      this.#greeting = undefined;
      this.#announceAll();
      republish();
    });
  };

  #announceAll(): void {
    this.#sent.clear();
    this.#announce();
  }

  #announce(): void {
    const { enabled, hub, port } = this.#options;
    if (!port.connected) return;
    const house = hub.queries.house();
    // With a bad configuration the rooms are unknown, not gone: Home Assistant would forget what people made of them.
    if (enabled && house.config.state === 'safe') return;
    const wanted = enabled ? announcements(house, this.#options) : new Map<string, DeviceConfig>();
    for (const [topic, config] of wanted) this.#publish(topic, config);
    for (const topic of Object.keys(this.#published)) if (!wanted.has(topic)) this.#send(topic, '');
    this.#remember(Object.fromEntries([...wanted].map(([topic, { cmps }]) => [topic, platforms(cmps)])));
  }

  #publish(topic: string, config: DeviceConfig): void {
    const payload = JSON.stringify(config);
    if (this.#sent.get(topic) === payload) return;
    const gone = Object.entries(this.#published[topic] ?? {}).filter(([id]) => !(id in config.cmps));
    if (gone.length > 0) {
      // A component that is left out stays; one that has nothing but its platform is removed.
      const removals = Object.fromEntries(gone.map(([id, p]) => [id, { p }]));
      this.#send(topic, JSON.stringify({ ...config, cmps: { ...config.cmps, ...removals } }));
    }
    this.#send(topic, payload);
  }

  #send(topic: string, payload: string): void {
    this.#options.log.debug({ topic, bytes: payload.length }, 'announcing to Home Assistant');
    if (payload === '') this.#sent.delete(topic);
    else this.#sent.set(topic, payload);
    void this.#options.port.publish(topic, payload, { retain: true, qos: 1 });
  }

  #remember(published: Published): void {
    if (JSON.stringify(published) === JSON.stringify(this.#published)) return;
    this.#published = published;
    this.#options.state.set(KEY, published);
  }
}

const platforms = (components: DeviceConfig['cmps']): Record<string, Platform> =>
  Object.fromEntries(Object.entries(components).map(([id, { p }]) => [id, p]));
