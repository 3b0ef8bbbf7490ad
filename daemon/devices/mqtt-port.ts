import type { EventEmitter } from 'node:events';

export interface MqttMessage {
  topic: string;
  payload: Buffer;
  /** It was kept by the broker rather than sent just now; from brokers of MQTT 5 also: its sender asked to keep it. */
  retain: boolean;
}

export interface MqttPortEvents {
  /** Connected, and subscribed to everything: time to publish what should be known. */
  online: [];
  offline: [];
}

export interface PublishOptions {
  retain?: boolean;
  qos?: 0 | 1;
}

/** The hub's own connection to its broker, for whatever speaks MQTT. */
export interface MqttPort {
  readonly connected: boolean;
  readonly events: EventEmitter<MqttPortEvents>;
  /** Resolves when the broker has it (QoS 1) or it is on its way (QoS 0). Without a connection it is lost: publish again on `online`. */
  publish(topic: string, payload: string, options?: PublishOptions): Promise<void>;
  /** Lasts over reconnections until the returned function is called. */
  subscribe(filter: string, handler: (message: MqttMessage) => void): () => void;
}
