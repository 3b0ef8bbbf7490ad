import { EventEmitter } from 'node:events';
import type { MqttMessage, MqttPort, MqttPortEvents, PublishOptions } from './mqtt-port.ts';

/** A connection that ends in memory and keeps what was published. Filters are whole topics. */
export class FakeMqttPort implements MqttPort {
  readonly events = new EventEmitter<MqttPortEvents>();
  connected = false;
  readonly published: Array<{ topic: string; payload: string } & PublishOptions> = [];
  readonly retained = new Map<string, string>();
  readonly #handlers = new Map<string, (message: MqttMessage) => void>();

  async publish(topic: string, payload: string, options: PublishOptions = {}): Promise<void> {
    if (!this.connected) return;
    this.published.push({ topic, payload, ...options });
    if (!options.retain) return;
    if (payload === '') this.retained.delete(topic);
    else this.retained.set(topic, payload);
  }

  subscribe(filter: string, handler: (message: MqttMessage) => void): () => void {
    this.#handlers.set(filter, handler);
    return () => this.#handlers.delete(filter);
  }

  goOnline(): void {
    this.connected = true;
    this.events.emit('online');
  }

  goOffline(): void {
    this.connected = false;
    this.events.emit('offline');
  }

  /** A message of somebody else. */
  deliver(topic: string, payload: string, retain = false): void {
    this.#handlers.get(topic)?.({ topic, payload: Buffer.from(payload), retain });
  }
}
