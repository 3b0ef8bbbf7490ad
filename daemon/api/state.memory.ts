import type { z } from 'zod';
import type { StatePort } from './ports.ts';

/** State in memory that passes through JSON, as on disk. */
export class MemoryState implements StatePort {
  readonly #entries = new Map<string, string>();

  get<T>(key: string, schema: z.ZodType<T>): T | undefined {
    const stored = this.#entries.get(key);
    return stored === undefined ? undefined : schema.safeParse(JSON.parse(stored)).data;
  }

  set(key: string, value: unknown): void {
    this.#entries.set(key, JSON.stringify(value));
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  keys(prefix: string): string[] {
    return [...this.#entries.keys()].filter((key) => key.startsWith(prefix)).sort();
  }
}
