import type { Clock } from '../api/clock.ts';
import type { RoomtoneError } from '../api/errors.ts';

export interface Limit {
  clock: Clock;
  ms: number;
  /** What the work is called off with when time is up. */
  error: RoomtoneError;
  /** Calls it off earlier. */
  signal: AbortSignal;
}

/** Waits for work no longer than the limit, also where it does not heed its signal. @throws the limit's error, the signal's reason */
export async function within<T>({ clock, ms, error, signal }: Limit, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const timeout = new AbortController();
  const either = AbortSignal.any([signal, timeout.signal]);
  either.throwIfAborted();
  const { promise: calledOff, reject } = Promise.withResolvers<never>();
  const callOff = (): void => reject(either.reason);
  either.addEventListener('abort', callOff, { once: true });
  const timer = clock.after(ms, () => timeout.abort(error));
  try {
    return await Promise.race([work(either), calledOff]);
  } finally {
    timer.cancel();
    either.removeEventListener('abort', callOff);
  }
}
