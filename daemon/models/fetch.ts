import { createHash, type Hash } from 'node:crypto';
import { mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { RoomtoneError } from '../api/errors.ts';
import type { ModelEntry } from '../senses/perception/models.ts';
import { Digests, hashFile } from './digest.ts';
import { type Delivery, Refusal, type Source, sourceOf } from './source.ts';

export interface FetchOptions {
  log: Logger;
  entry: ModelEntry;
  /** A folder or address with a file of the model's name, in place of the model's own address. */
  from?: string | undefined;
  /** The user's models folder; made if it is not there. */
  dir: string;
  fetch: typeof globalThis.fetch;
  /** Called now and then with the bytes that are there. */
  onProgress?: (received: number) => void;
  signal?: AbortSignal | undefined;
  /** ms to wait before each further attempt; bytes that came begin the list anew. */
  delays?: readonly number[];
  /** ms without a byte after which the connection counts as lost. */
  patience?: number;
  /** Bytes that can still be written to the folder. */
  freeBytes?: (dir: string) => Promise<number>;
}

const DELAYS = [1000, 2000, 4000, 8000, 16_000];
const PATIENCE = 30_000;
/** Bytes left free besides the model: the database lives on the same disk. */
const SPARE = 32e6;
const MB = 1e6;

/**
 * Brings a model into the user's folder. It grows as FILE.part, goes on where an earlier attempt ended, and takes its name
 * only once size and SHA-256 are those of the manifest; what is there under that name stays until then.
 * @returns its path
 * @throws RoomtoneError `model.fetch_failed`, `model.digest_mismatch`, `model.no_space`; the signal's reason where it was aborted
 */
export async function fetchModel(options: FetchOptions): Promise<string> {
  const { entry, dir, log } = options;
  const path = join(dir, entry.file);
  if ((await new Digests().of(path, entry.bytes)) === entry.sha256) return path;
  const source = sourceOf(entry, { from: options.from, fetch: options.fetch });
  if (!source) throw failed(entry, { source: 'anywhere', what: 'nobody publishes it; it comes with Roomtone' });
  await makeRoom(options);
  const digest = await download(options, source, `${path}.part`);
  if (digest !== entry.sha256) {
    await rm(`${path}.part`, { force: true });
    throw mismatch(entry, source);
  }
  await rename(`${path}.part`, path);
  await syncFolder(dir);
  log.info({ event: 'model_fetched', model: entry.id, from: source.name, path }, 'model fetched');
  return path;
}

async function makeRoom({ entry, dir, freeBytes = freeOn }: FetchOptions): Promise<void> {
  const there = await mkdir(dir, { recursive: true })
    .then(() => stat(join(dir, `${entry.file}.part`)))
    .catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw failed(entry, { source: entry.url ?? entry.file, what: `${dir} cannot be used (${error.code})`, cause: error });
    });
  const needed = entry.bytes - (there?.size ?? 0) + SPARE;
  const free = await freeBytes(dir);
  if (free >= needed) return;
  const params = { model: entry.id, folder: dir, needed: Math.ceil(needed / MB), free: Math.floor(free / MB) };
  throw new RoomtoneError('model.no_space', { params });
}

async function freeOn(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize;
}

/** Tries until all bytes are there. @returns the hexadecimal SHA-256 of the part */
async function download(options: FetchOptions, source: Source, part: string): Promise<string> {
  const { entry, log, delays = DELAYS, signal } = options;
  await using state = await Part.open(part, entry.bytes);
  for (let attempt = 0; state.size < entry.bytes; ) {
    const before = state.size;
    try {
      await receive(options, source, state);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof RoomtoneError) throw error;
      const what = reasonOf(error);
      if (state.size > before) attempt = 0;
      const delay = delays[attempt++];
      if (error instanceof Refusal || isLocal(error) || delay === undefined)
        throw failed(entry, { source: source.name, what, cause: error });
      log.warn({ event: 'model_fetch_retry', model: entry.id, attempt, delay, received: state.size, what }, 'fetching is tried again');
      await pause(delay, signal);
    }
  }
  await state.sync();
  return state.digest();
}

/** One connection. Returns when all bytes are there; throws where they ended too early. */
async function receive(options: FetchOptions, source: Source, part: Part): Promise<void> {
  const { entry, patience = PATIENCE, signal, onProgress } = options;
  const silence = new AbortController();
  const ends = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
  const giveUp = () => silence.abort(new Error(`nothing came for ${patience / 1000} s`));
  let timer = setTimeout(giveUp, patience);
  try {
    const delivery = await source.open(part.size, ends);
    await part.truncate(delivery.offset);
    await refuseOtherSize(delivery, { part, entry, source });
    for await (const piece of delivery.body) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, patience);
      if (part.size + piece.length > entry.bytes) return await refuse(part, entry, source);
      await part.append(piece);
      onProgress?.(part.size);
    }
    if (part.size < entry.bytes) throw new Error('the connection ended early');
  } catch (error) {
    throw silence.signal.aborted ? silence.signal.reason : error;
  } finally {
    clearTimeout(timer);
    // A body that is left unread would hold its connection open.
    silence.abort();
  }
}

/** A source that announces another size has another file: not one byte of it is fetched. */
async function refuseOtherSize(
  delivery: Delivery,
  { part, entry, source }: { part: Part; entry: ModelEntry; source: Source },
): Promise<void> {
  const { offset, length } = delivery;
  if (length !== null && offset + length !== entry.bytes) await refuse(part, entry, source);
}

async function refuse(part: Part, entry: ModelEntry, source: Source): Promise<never> {
  await part.remove();
  throw mismatch(entry, source);
}

/** The file that grows, and its digest, which grows with it. */
class Part {
  readonly #path: string;
  readonly #file: Awaited<ReturnType<typeof open>>;
  #hash: Hash;
  size: number;

  private constructor(path: string, file: Awaited<ReturnType<typeof open>>, begun: { hash: Hash; size: number }) {
    this.#path = path;
    this.#file = file;
    this.#hash = begun.hash;
    this.size = begun.size;
  }

  /** Goes on with what is there, unless it is longer than the whole may be. */
  static async open(path: string, limit: number): Promise<Part> {
    const there = await stat(path).catch(() => null);
    const begun = there?.isFile() && there.size <= limit ? { hash: await hashFile(path), size: there.size } : null;
    return new Part(path, await open(path, begun ? 'r+' : 'w'), begun ?? { hash: createHash('sha256'), size: 0 });
  }

  /** Only to where it ends now, or to nothing. */
  async truncate(size: number): Promise<void> {
    if (size === this.size) return;
    await this.#file.truncate(0);
    this.#hash = createHash('sha256');
    this.size = 0;
    if (size !== 0) throw new Error(`the source began at byte ${size}, which is not here`);
  }

  async append(piece: Uint8Array): Promise<void> {
    for (let written = 0; written < piece.length; ) {
      written += (await this.#file.write(piece, written, piece.length - written, this.size + written)).bytesWritten;
    }
    this.#hash.update(piece);
    this.size += piece.length;
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  digest(): string {
    return this.#hash.digest('hex');
  }

  remove(): Promise<void> {
    return rm(this.#path, { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
    if (this.size === 0) await this.remove();
  }
}

/** Without it, a power cut could bring the old name back. */
async function syncFolder(dir: string): Promise<void> {
  await using folder = await open(dir);
  await folder.sync();
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Errors of the disk, which waiting does not mend. */
const LOCAL = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EIO', 'EISDIR']);
const isLocal = (error: unknown): boolean => LOCAL.has((error as NodeJS.ErrnoException).code ?? '');

/** What fetch throws says only "fetch failed"; its cause says why. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

function failed(entry: ModelEntry, { source, what, cause }: { source: string; what: string; cause?: unknown }): RoomtoneError {
  return new RoomtoneError('model.fetch_failed', { params: { model: entry.id, url: source, what }, cause });
}

function mismatch(entry: ModelEntry, source: Source): RoomtoneError {
  return new RoomtoneError('model.digest_mismatch', {
    params: { role: entry.role, file: source.name, url: entry.url ?? 'the models folder of Roomtone' },
    hint: 'What was fetched has been removed.',
  });
}
