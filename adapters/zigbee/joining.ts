import type { Clock } from '../../daemon/api/clock.ts';
import type { JoiningStep } from '../../daemon/devices/mesh.ts';

/** Seconds that a network stays open: the most that the specification lets it without being open for good (255). */
export const JOIN_SECONDS = 254;

/** Who is on the way in, and how long the door is open. */
export class Joining {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #steps = new Map<string, JoiningStep>();
  readonly #waiting = new Set<(node: string) => void>();
  #openUntil = 0;

  constructor(clock: Clock, onChange: () => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** Seconds, rounded up. */
  get secondsLeft(): number {
    return Math.max(0, Math.ceil((this.#openUntil - this.#clock.mono()) / 1000));
  }

  opened(seconds: number): void {
    this.#openUntil = this.#clock.mono() + seconds * 1000;
    this.#onChange();
  }

  /** Undefined: in, or not on the way. */
  step(node: string): JoiningStep | undefined {
    const step = this.#steps.get(node);
    return step === 'ready' ? undefined : step;
  }

  /** All that are on the way in. */
  all(): { node: string; step: JoiningStep }[] {
    return [...this.#steps].flatMap(([node, step]) => (step === 'ready' ? [] : [{ node, step }]));
  }

  reached(node: string, step: JoiningStep): void {
    if (this.#steps.get(node) === step) return;
    this.#steps.set(node, step);
    if (step === 'ready') for (const tell of this.#waiting) tell(node);
    this.#onChange();
  }

  forget(node: string): void {
    this.#steps.delete(node);
  }

  clear(): void {
    this.#steps.clear();
    this.#openUntil = 0;
  }

  /** The next node that is in. @throws the signal's reason */
  async newcomer(signal: AbortSignal): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const giveUp = (): void => reject(signal.reason);
    this.#waiting.add(resolve);
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    try {
      return await promise;
    } finally {
      this.#waiting.delete(resolve);
      signal.removeEventListener('abort', giveUp);
    }
  }
}
