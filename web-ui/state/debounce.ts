import type { Clock, Timer } from '../../daemon/api/clock.ts';

export interface Debounce<T> {
  /** The latest value replaces one that still waits. */
  push(value: T): void;
  /** Passes on what waits, now. */
  flush(): void;
}

/** Passes a value on once `wait` ms went by without another. */
export function debounce<T>({ clock, wait, send }: { clock: Clock; wait: number; send: (value: T) => void }): Debounce<T> {
  let waiting: { value: T; timer: Timer } | null = null;
  const flush = (): void => {
    if (!waiting) return;
    const { value, timer } = waiting;
    timer.cancel();
    waiting = null;
    send(value);
  };
  return {
    push(value) {
      waiting?.timer.cancel();
      waiting = { value, timer: clock.after(wait, flush) };
    },
    flush,
  };
}
