import { randomUUID } from 'node:crypto';
import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A file system in memory (Linux, shm_overview(7)). */
const IN_MEMORY = '/dev/shm';

/**
 * Text that a library will only read from a file, where it must not lie on a disk: a file in memory that has lost its name,
 * and is gone with the process at the latest.
 */
export class MemoryFile {
  readonly #handle: number;

  constructor(text: string) {
    const name = join(IN_MEMORY, `roomtone-${randomUUID()}`);
    this.#handle = openSync(name, 'wx+', 0o600);
    unlinkSync(name);
    writeSync(this.#handle, text);
  }

  /** Opens it, from its beginning, for this process alone (proc_pid_fd(5)). */
  get path(): string {
    return `/proc/self/fd/${this.#handle}`;
  }

  close(): void {
    closeSync(this.#handle);
  }
}
