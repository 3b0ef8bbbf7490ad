import type { DeviceId } from '../devices/device.ts';
import type { Limits } from './limits.ts';

type Rate = Pick<Limits, 'minBetween' | 'changesPerHour'>;

interface Spent {
  /** ms of CLOCK_MONOTONIC */
  at: number;
  /** Changes that were left at that moment. */
  left: number;
}

const HOUR = 3_600_000;

/** How often automation may change a device: never sooner than so long after the last time, and so often in an hour (a token bucket). */
export class ChangePace {
  readonly #spent = new Map<DeviceId, Spent>();

  /** ms until the next change may go; 0: now. */
  wait(device: DeviceId, { now, rate }: { now: number; rate: Rate }): number {
    const last = this.#spent.get(device);
    if (!last) return 0;
    const pause = last.at + rate.minBetween - now;
    const missing = 1 - leftAt(last, { now, rate });
    return Math.max(0, pause, (missing * HOUR) / rate.changesPerHour);
  }

  take(device: DeviceId, { now, rate }: { now: number; rate: Rate }): void {
    const last = this.#spent.get(device);
    const left = last ? leftAt(last, { now, rate }) : rate.changesPerHour;
    this.#spent.set(device, { at: now, left: Math.max(0, left - 1) });
  }

  forget(device: DeviceId): void {
    this.#spent.delete(device);
  }
}

const leftAt = ({ at, left }: Spent, { now, rate }: { now: number; rate: Rate }): number =>
  Math.min(rate.changesPerHour, left + ((now - at) * rate.changesPerHour) / HOUR);
