import type { Clock } from '../api/clock.ts';
import { RoomtoneError } from '../api/errors.ts';

/** Offers that a source takes at once, and ms until there is one more. A device on a bad network tries every second or so. */
const BURST = 20;
const REFILL = 1000;

/** Keeps a device that offers over and over from making a connection each time. */
export class OfferBudget {
  readonly #clock: Clock;
  readonly #sources = new Map<string, { left: number; at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws RoomtoneError `phone.too_many_offers` */
  spend(source: string): void {
    const now = this.#clock.mono();
    const { left, at } = this.#sources.get(source) ?? { left: BURST, at: now };
    const refilled = Math.min(BURST, left + (now - at) / REFILL);
    if (refilled < 1) {
      const seconds = Math.ceil(((1 - refilled) * REFILL) / 1000);
      throw new RoomtoneError('phone.too_many_offers', { params: { source, seconds } });
    }
    this.#sources.set(source, { left: refilled - 1, at: now });
  }
}
