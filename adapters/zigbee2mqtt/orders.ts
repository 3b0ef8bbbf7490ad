import type { Clock } from '../../daemon/api/clock.ts';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import type { DeviceId } from '../../daemon/devices/device.ts';
import { within } from '../../daemon/devices/within.ts';
import { confirms } from './attributes.ts';
import type { DeviceMessage, Failure } from './payloads.ts';

export interface OrderTimings {
  /** ms without a word on a command after which the device is asked how it stands: it may be set not to answer by itself */
  askAfter: number;
  /** ms until some answer must be there; Zigbee2MQTT itself gives a device 10 s and more, and the command queue 10 s */
  answerWithin: number;
}

export interface OrdersOptions {
  clock: Clock;
  timings: OrderTimings;
  publish(topic: string, payload: string): void;
}

/** What a device or group is told. */
export interface Order {
  /** For messages to people. */
  device: DeviceId;
  /** Of the device or group: its topic. */
  name: string;
  message: DeviceMessage;
  /** Whom to ask about it, and what: a group cannot be asked. */
  question?: { name: string; properties: readonly string[] } | undefined;
}

interface Waiting {
  order: Order;
  isAsked: boolean;
  resolve(): void;
  reject(error: RoomtoneError): void;
}

/**
 * Commands on `<name>/set`, and what shows that they were taken. Nothing answers a command by name; Zigbee2MQTT publishes
 * the state of a device once it has acknowledged it, and says in its log when it has not.
 */
export class Orders {
  readonly #options: OrdersOptions;
  readonly #waiting = new Set<Waiting>();

  constructor(options: OrdersOptions) {
    this.#options = options;
  }

  /** @throws RoomtoneError `device.timeout`, `device.unreachable`, `device.refused`, `zigbee2mqtt.bad_answer`, the signal's reason */
  async send(order: Order, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { clock, timings, publish } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting: Waiting = { order, isAsked: false, resolve, reject };
    const error = new RoomtoneError('device.timeout', { params: { device: order.device } });
    const question = clock.after(timings.askAfter, () => this.#ask(waiting));
    this.#waiting.add(waiting);
    publish(`${order.name}/set`, JSON.stringify(order.message));
    try {
      await within({ clock, ms: timings.answerWithin, error, signal }, () => promise);
    } finally {
      question.cancel();
      this.#waiting.delete(waiting);
    }
  }

  /** Whether what a device says next is an answer to our question. */
  isAsked(name: string): boolean {
    return [...this.#waiting].some(({ order, isAsked }) => isAsked && order.question?.name === name);
  }

  /** @param message undefined where it could not be read */
  onMessage(name: string, message: DeviceMessage | undefined): void {
    for (const { order, isAsked, resolve, reject } of [...this.#waiting]) {
      const isAnswer = isAsked && order.question?.name === name;
      if (order.name !== name && !isAnswer) continue;
      if (!message) reject(new RoomtoneError('zigbee2mqtt.bad_answer', { params: { topic: name } }));
      else if (isAnswer || confirms(message, order.message)) resolve();
    }
  }

  onFailure({ name, verb, what, refused }: Failure): void {
    for (const { order, reject } of [...this.#waiting]) {
      if (order.name !== name || verb !== 'set') continue;
      const { device } = order;
      reject(
        refused
          ? new RoomtoneError('device.refused', { params: { device, what } })
          : new RoomtoneError('device.unreachable', { params: { device }, cause: new Error(what) }),
      );
    }
  }

  failAll(error: RoomtoneError): void {
    for (const { reject } of [...this.#waiting]) reject(error);
  }

  #ask(waiting: Waiting): void {
    const { question } = waiting.order;
    if (!question) return;
    waiting.isAsked = true;
    this.#options.publish(`${question.name}/get`, JSON.stringify(Object.fromEntries(question.properties.map((each) => [each, '']))));
  }
}
