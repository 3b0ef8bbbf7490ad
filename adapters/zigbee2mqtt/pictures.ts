import type { Clock } from '../../daemon/api/clock.ts';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import { within } from '../../daemon/devices/within.ts';
import type { Failure } from './payloads.ts';

export interface PicturesOptions {
  clock: Clock;
  /** ms until a device that is there has answered */
  answerWithin: number;
  publish(topic: string, payload: string): void;
  /** @param answered false: it did not say a word */
  onDone(ieee: string, answered: boolean): void;
}

/** A device to be asked how it stands. */
export interface Sitting {
  ieee: string;
  name: string;
  /** Properties, one question for each. */
  questions: readonly string[];
}

/** Devices asked at a time. One question is one message on the air and its answer, and commands must get through beside them. */
const AT_A_TIME = 3;

/**
 * Asks devices how they stand: their states are not kept by the broker, and what Zigbee2MQTT remembers of them is as old as
 * the last word that it heard. One question after the other, so that the next message of the device is the answer.
 */
export class Pictures {
  readonly #options: PicturesOptions;
  readonly #queue = new Map<string, Sitting>();
  /** Being asked now. */
  readonly #sitting = new Set<string>();
  readonly #asked = new Map<string, (answered: boolean) => void>();
  #over = new AbortController();
  #working = 0;

  constructor(options: PicturesOptions) {
    this.#options = options;
  }

  take(sitting: Sitting): void {
    if (this.#sitting.has(sitting.ieee)) return;
    this.#queue.set(sitting.ieee, sitting);
    if (this.#working < AT_A_TIME) void this.#work(this.#over.signal);
  }

  /** Whatever is under way or waits comes to nothing. */
  stop(): void {
    this.#queue.clear();
    this.#sitting.clear();
    this.#over.abort(new RoomtoneError('api.closed'));
    this.#over = new AbortController();
    this.#working = 0;
  }

  onMessage(name: string): void {
    this.#asked.get(name)?.(true);
  }

  onFailure({ name, verb }: Failure): void {
    if (verb === 'get') this.#asked.get(name)?.(false);
  }

  async #work(signal: AbortSignal): Promise<void> {
    this.#working += 1;
    for (;;) {
      const [next] = this.#queue.values();
      if (!next) break;
      this.#queue.delete(next.ieee);
      this.#sitting.add(next.ieee);
      const answered = await this.#sit(next, signal);
      if (signal.aborted) return;
      this.#sitting.delete(next.ieee);
      this.#options.onDone(next.ieee, answered);
    }
    this.#working -= 1;
  }

  async #sit({ name, questions }: Sitting, signal: AbortSignal): Promise<boolean> {
    for (const property of questions) if (!(await this.#ask(name, property, signal))) return false;
    return true;
  }

  async #ask(name: string, property: string, signal: AbortSignal): Promise<boolean> {
    const { clock, answerWithin, publish } = this.#options;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const error = new RoomtoneError('device.timeout', { params: { device: name } });
    this.#asked.set(name, resolve);
    publish(`${name}/get`, JSON.stringify({ [property]: '' }));
    try {
      return await within({ clock, ms: answerWithin, error, signal }, () => promise);
    } catch {
      return false;
    } finally {
      this.#asked.delete(name);
    }
  }
}
