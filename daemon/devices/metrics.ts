import type { QueueView } from '../api/devices.ts';
import type { QueueEvent } from './command.ts';

/** Commands whose waits are remembered. */
const REMEMBERED = 500;

/** Counts what happens in the queue. */
export class QueueMetrics {
  acked = 0;
  calls = 0;
  groupCalls = 0;
  rateLimited = 0;
  readonly #dropped = new Map<string, number>();
  readonly #failed = new Map<string, number>();
  /** When each command was first asked for: ms of CLOCK_MONOTONIC. */
  readonly #askedAt = new Map<string, number>();
  readonly #waits: number[] = [];

  note({ phase, command: { id }, at, reason = '' }: QueueEvent): void {
    switch (phase) {
      case 'queued':
        this.#askedAt.set(id, at);
        return;
      case 'sent':
        this.#noteWait(id, at);
        return;
      case 'acked':
        this.acked += 1;
        break;
      case 'dropped':
        this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + 1);
        break;
      case 'failed':
        this.#failed.set(reason, (this.#failed.get(reason) ?? 0) + 1);
    }
    this.#askedAt.delete(id);
  }

  read({ waiting, flying }: { waiting: number; flying: number }): QueueView {
    const { acked, calls, groupCalls, rateLimited } = this;
    const sorted = this.#waits.toSorted((a, b) => a - b);
    const quantile = (q: number): number | null => sorted[Math.ceil(q * sorted.length) - 1] ?? null;
    return {
      waiting,
      flying,
      acked,
      dropped: Object.fromEntries(this.#dropped),
      failed: Object.fromEntries(this.#failed),
      calls,
      groupCalls,
      rateLimited,
      wait: { p50: quantile(0.5), p95: quantile(0.95) },
    };
  }

  #noteWait(id: string, at: number): void {
    const askedAt = this.#askedAt.get(id);
    if (askedAt === undefined) return;
    this.#askedAt.delete(id);
    this.#waits.push(at - askedAt);
    if (this.#waits.length > REMEMBERED) this.#waits.shift();
  }
}
