import { type FileHandle, open as openFile } from 'node:fs/promises';
import { RoomtoneError } from '../api/errors.ts';
import type { Arguments } from './arguments.ts';
import { type Open, withHub } from './hub-client.ts';

/** ms between two words about how far it is: on a terminal, and elsewhere. */
const SHOW = { terminal: 1000, file: 60_000 };

/**
 * `roomtone record FILE`: writes down what the running hub observes, as numbers, until Ctrl-C or until the hub ends. The file is
 * made anew and holds whole lines at any moment.
 * @throws RoomtoneError `cli.no_hub`, `log.unwritable`
 */
export async function record({ operands: [file = ''], data }: Arguments): Promise<void> {
  const over = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => over.abort());
  await withHub(data, async (_ask, open) => {
    const log = await create(file);
    try {
      const count = await copy({ open, log, file, signal: over.signal });
      process.stderr.write(`${count} observations are in ${file}.\n`);
    } finally {
      await log.close();
    }
  });
}

/** @returns how many observations were written */
async function copy({ open, log, file, signal }: { open: Open; log: FileHandle; file: string; signal: AbortSignal }): Promise<number> {
  const progress = new Progress();
  let rest = '';
  try {
    const decoder = new TextDecoder();
    for await (const chunk of await open('/api/observations', signal)) {
      const text = rest + decoder.decode(chunk, { stream: true });
      const whole = text.lastIndexOf('\n') + 1;
      rest = text.slice(whole);
      // Lines without anything in them keep the connection open.
      const lines = text.slice(0, whole).split('\n').filter(Boolean);
      if (lines.length === 0) continue;
      await log.write(`${lines.join('\n')}\n`).catch((cause: unknown) => Promise.reject(unwritable(file, cause)));
      progress.add(lines.length);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    progress.end();
  }
  return progress.observations;
}

/** @throws RoomtoneError `log.unwritable`, also for a file that is there already */
function create(file: string): Promise<FileHandle> {
  return openFile(file, 'wx').catch((cause: unknown) => Promise.reject(unwritable(file, cause)));
}

const unwritable = (file: string, cause: unknown): RoomtoneError =>
  new RoomtoneError('log.unwritable', { params: { file, what: (cause as Error).message }, cause });

/** Says how much was written: in place on a terminal, now and then elsewhere. */
class Progress {
  readonly #timer: NodeJS.Timeout;
  readonly #began = Date.now();
  /** The header is a line too. */
  #lines = 0;

  constructor() {
    this.#timer = setInterval(() => this.#show(), process.stderr.isTTY ? SHOW.terminal : SHOW.file);
  }

  get observations(): number {
    return Math.max(0, this.#lines - 1);
  }

  add(lines: number): void {
    this.#lines += lines;
  }

  end(): void {
    clearInterval(this.#timer);
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }

  #show(): void {
    const seconds = Math.round((Date.now() - this.#began) / 1000);
    const words = `${this.observations} observations in ${seconds} s; Ctrl-C ends it`;
    process.stderr.write(process.stderr.isTTY ? `\r${words}\x1b[K` : `${words}\n`);
  }
}
