import type { Logger } from 'pino';
import type { Clock, Timer } from '../api/clock.ts';
import type { RoomtoneError } from '../api/errors.ts';
import { render } from '../api/render.ts';
import type { Topics } from '../api/topics.ts';
import type { MqttPort } from '../devices/mqtt-port.ts';
import { iso } from './payloads.ts';

const MOST = 10;
const WINDOW = 10_000;

export interface RefusalsOptions {
  log: Logger;
  clock: Clock;
  port: MqttPort;
  topics: Topics;
}

/** Says on `bridge/event` and in the log what was refused and why: ten times in ten seconds at most, then how often more. */
export class Refusals {
  readonly #options: RefusalsOptions;
  #count = 0;
  #window: Timer | undefined;

  constructor(options: RefusalsOptions) {
    this.#options = options;
  }

  close(): void {
    this.#window?.cancel();
    this.#window = undefined;
  }

  report(topic: string, { code, params }: RoomtoneError): void {
    this.#window ??= this.#options.clock.after(WINDOW, () => this.#endWindow());
    if (++this.#count > MOST) return;
    const { clock, log, port, topics } = this.#options;
    log.warn({ topic, code, params }, 'message refused');
    const event = { v: 1, event_type: 'refused', at: iso(clock.wall()), topic, code, message: render(code, params), params };
    void port.publish(topics.bridge('event'), JSON.stringify(event), { qos: 1 });
  }

  #endWindow(): void {
    if (this.#count > MOST) this.#options.log.warn({ count: this.#count - MOST }, 'more messages refused');
    this.#window = undefined;
    this.#count = 0;
  }
}
