import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** A SHA-256 in progress that has seen the file so far; files of any size pass through it piece by piece. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<Hash> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { signal })) hash.update(piece);
  return hash;
}

/** Hexadecimal SHA-256 of files. One that has not changed since it was last asked for is not read again. */
export class Digests {
  readonly #known = new Map<string, { stamp: string; digest: string }>();

  /** Null where there is no such file; not read where its size already tells that it is another. */
  async of(path: string, size: number): Promise<string | null | 'other-size'> {
    const found = await stat(path).catch(() => null);
    if (!found?.isFile()) return null;
    if (found.size !== size) return 'other-size';
    const stamp = `${found.ino}:${found.mtimeMs}:${found.ctimeMs}`;
    const known = this.#known.get(path);
    if (known?.stamp === stamp) return known.digest;
    const digest = (await hashFile(path)).digest('hex');
    this.#known.set(path, { stamp, digest });
    return digest;
  }
}
