import type { Command } from '../../../daemon/devices/command.ts';
import type { AttributeName, Attributes, DeviceId } from '../../../daemon/devices/device.ts';
import { type Change, DIALS, type Dial, type Lost, NOTICEABLE } from './unruly-lamps.ts';

/** ms after which a hand that was not found is missed: two polls and the longest delay. */
const FOUND_WITHIN = 65_000;
/** ms from a command to the last moment at which its value may still come about or be told: two delays, and the transition. */
const IN_FLIGHT = 5000;

interface Hand extends Change {
  /** Whether commands in flight explain its value. */
  explained: boolean;
  /** Whether a report of it came in while no command in flight explained it. */
  told: boolean;
  found: boolean;
}

interface Flight {
  device: DeviceId;
  dial: Dial;
  from: number;
  to: number;
  until: number;
}

interface Hold {
  value: number;
  until: number;
}

export interface HandTally {
  /** Values that lamps took on by commands, and by hands. */
  changes: number;
  hands: number;
  /** Hands that do not count: explained by commands in flight, or never told. */
  excluded: number;
  missed: number;
  mistaken: number;
  /** Those of the mistaken where a lamp had answered a command that it did not carry out. */
  unmoved: number;
  broken: number;
}

const keyOf = (device: DeviceId, dial: Dial): string => `${device} ${dial}`;
const isNear = (dial: Dial, a: number, b: number): boolean => Math.abs(a - b) <= NOTICEABLE[dial];

/** Keeps what people really did, and judges what the program makes of it. */
export class Handbook {
  readonly #holdFor: number;
  readonly #hands: Hand[] = [];
  #flights: Flight[] = [];
  readonly #holds = new Map<string, Hold>();
  #changes = 0;
  #mistaken = 0;
  #unmoved = 0;
  readonly #lost = new Map<DeviceId, number>();
  #broken = 0;

  /** @param holdFor ms that a hold lasts */
  constructor(holdFor: number) {
    this.#holdFor = holdFor;
  }

  onChange(change: Change): void {
    this.#changes++;
    if (change.by === 'command') return;
    this.#hands.push({ ...change, explained: this.explains(change), told: false, found: false });
  }

  onLost({ device, at }: Lost): void {
    this.#lost.set(device, at);
  }

  onReport({ device, attribute, value, at }: { device: DeviceId; attribute: AttributeName; value: unknown; at: number }): void {
    const hand = this.#latest(device, attribute as Dial, at);
    if (hand && hand.value === value && !this.explains({ device, dial: hand.dial, value: hand.value, at })) hand.told = true;
  }

  onCommand(command: Command, { at, value }: { at: number; value: (dial: Dial) => number }): void {
    const { device, attributes, transition } = command;
    this.#flights = this.#flights.filter(({ until }) => until > at);
    for (const dial of DIALS) {
      const to = attributes[dial];
      if (to === undefined) continue;
      this.#flights.push({ device, dial, from: value(dial), to, until: at + transition * 1000 + IN_FLIGHT });
      const hold = this.#holds.get(keyOf(device, dial));
      if (hold && at < hold.until && !isNear(dial, hold.value, to)) this.#broken++;
    }
  }

  /** The program says that a person did this. */
  onHand(device: DeviceId, held: Attributes, at: number): void {
    for (const dial of DIALS) {
      const value = held[dial];
      if (value === undefined) continue;
      const real = this.#hands.findLast(
        (hand) => hand.device === device && hand.dial === dial && at - hand.at < FOUND_WITHIN && isNear(dial, hand.value, value),
      );
      if (real) real.found = true;
      else {
        this.#mistaken++;
        if (at - (this.#lost.get(device) ?? Number.NEGATIVE_INFINITY) < FOUND_WITHIN) this.#unmoved++;
      }
      this.#holds.set(keyOf(device, dial), { value, until: at + this.#holdFor });
    }
  }

  isHeld(device: DeviceId, dial: Dial, at: number): boolean {
    if ((this.#holds.get(keyOf(device, dial))?.until ?? 0) > at) return true;
    const hand = this.#latest(device, dial, at);
    return hand !== undefined && at - hand.at < FOUND_WITHIN;
  }

  /** Whether a command in flight brings this value, or passes it. */
  explains({ device, dial, value, at }: Pick<Change, 'device' | 'dial' | 'value' | 'at'>): boolean {
    const margin = NOTICEABLE[dial];
    return this.#flights.some(
      (flight) =>
        flight.device === device &&
        flight.dial === dial &&
        flight.until > at &&
        value >= Math.min(flight.from, flight.to) - margin &&
        value <= Math.max(flight.from, flight.to) + margin,
    );
  }

  tally(): HandTally {
    const counting = this.#hands.filter(({ explained, told }) => !explained && told);
    return {
      changes: this.#changes,
      hands: this.#hands.length,
      excluded: this.#hands.length - counting.length,
      missed: counting.filter(({ found }) => !found).length,
      mistaken: this.#mistaken,
      unmoved: this.#unmoved,
      broken: this.#broken,
    };
  }

  #latest(device: DeviceId, dial: Dial, at: number): Hand | undefined {
    return this.#hands.findLast((hand) => hand.device === device && hand.dial === dial && hand.at <= at);
  }
}
