import { VirtualClock } from './clock.virtual.ts';

/** The clock of tests. */
export class FakeClock extends VirtualClock {
  constructor({ mono = 1_000_000, wall = Date.UTC(2026, 10, 1, 12) }: { mono?: number; wall?: number } = {}) {
    super({ mono, wall });
  }

  /** As `advance`, letting promises settle after every timer, for code that awaits between timers. */
  async advanceAsync(ms: number): Promise<void> {
    const target = this.mono() + ms;
    await settle();
    while (this.fireNext(target)) await settle();
    this.advanceTo(target);
    await settle();
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
