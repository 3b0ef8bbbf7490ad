import type { Clock } from '../../daemon/api/clock.ts';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import { within } from '../../daemon/devices/within.ts';
import { readResponse } from './payloads.ts';

export interface RequestsOptions {
  clock: Clock;
  /** Uniform in [0, 1): others may ask on the same topics, and everybody sees the answers. */
  random: () => number;
  publish(topic: string, payload: string): void;
}

/** What a request is called, what it says, and how long its answer may take. */
export interface Request {
  call: string;
  payload: Readonly<Record<string, unknown>>;
  /** ms */
  within: number;
}

interface Waiting {
  call: string;
  resolve(data: unknown): void;
  reject(error: RoomtoneError): void;
}

/** Calls on `bridge/request/<call>`, and their answers on `bridge/response/<call>` by the transaction that is given back. */
export class Requests {
  readonly #options: RequestsOptions;
  readonly #waiting = new Map<string, Waiting>();
  readonly #name: string;
  #count = 0;

  constructor(options: RequestsOptions) {
    this.#options = options;
    this.#name = `roomtone-${options.random().toString(36).slice(2, 10)}`;
  }

  /** @throws RoomtoneError `device.refused` with Zigbee2MQTT's own words, `device.timeout`, the signal's reason */
  async ask({ call, payload, within: ms }: Request, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    this.#count += 1;
    const transaction = `${this.#name}-${this.#count}`;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(transaction, { call, resolve, reject });
    const error = new RoomtoneError('device.timeout', { params: { device: 'Zigbee2MQTT' } });
    this.#options.publish(`bridge/request/${call}`, JSON.stringify({ ...payload, transaction }));
    try {
      return await within({ clock: this.#options.clock, ms, error, signal }, () => promise);
    } finally {
      this.#waiting.delete(transaction);
    }
  }

  onResponse(payload: string): void {
    const response = readResponse(payload);
    const waiting = this.#waiting.get(String(response?.transaction));
    if (!response || !waiting) return;
    if (response.status === 'ok') waiting.resolve(response.data);
    else waiting.reject(new RoomtoneError('device.refused', { params: { device: 'Zigbee2MQTT', what: response.error ?? waiting.call } }));
  }

  failAll(error: RoomtoneError): void {
    for (const { reject } of this.#waiting.values()) reject(error);
  }
}
