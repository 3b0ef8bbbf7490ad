import type { ErrorCode } from '../api/errors.ts';
import type { QueueEvent } from './command.ts';

/** What the queue has done since the start, and what it has to do. */
export interface QueueReading {
  /** Commands that wait, for their device or their turn. */
  waiting: number;
  /** Calls that wait for their answer. */
  flying: number;
  /** Commands by how they ended. */
  acked: number;
  dropped: Record<string, number>;
  failed: Partial<Record<ErrorCode, number>>;
  /** Calls of adapters, those for a group counted once. */
  calls: number;
  groupCalls: number;
  /** Times that a bridge said to slow down. */
  rateLimited: number;
  /** ms from being asked for to the first attempt, of the last commands: half took no longer, and 95 of 100 took no longer. */
  wait: { p50: number | null; p95: number | null };
}

/** Commands whose waits are remembered. */
const REMEMBERED = 500;

/** Counts what happens in the queue. */
export class QueueMetrics {
  acked = 0;
  calls = 0;
  groupCalls = 0;
  rateLimited = 0;
  readonly #dropped = new Map<string, number>();
  readonly #failed = new Map<ErrorCode, number>();
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
        this.#failed.set(reason as ErrorCode, (this.#failed.get(reason as ErrorCode) ?? 0) + 1);
    }
    this.#askedAt.delete(id);
  }

  read({ waiting, flying }: { waiting: number; flying: number }): QueueReading {
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
