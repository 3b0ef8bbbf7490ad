import type { Track } from './media.ts';

/** What is lined up on one player. Positions count from 1, as on the wire. */
export class Queue {
  /** Counts changes, as `UpdateID` tells them. */
  updateId = 0;
  #tracks: Track[] = [];
  /** What the tracks were last added from, shown as `EnqueuedTransportURI`. */
  container: { uri: string; metadata: string } = { uri: '', metadata: '' };

  get tracks(): readonly Track[] {
    return this.#tracks;
  }

  get length(): number {
    return this.#tracks.length;
  }

  /** At `position`, or at the end for 0 or beyond it. Gives the position of the first one. */
  add(tracks: readonly Track[], position = 0): number {
    const at = position < 1 || position > this.length ? this.length : position - 1;
    this.#change(this.#tracks.toSpliced(at, 0, ...tracks));
    return at + 1;
  }

  replace(tracks: readonly Track[]): void {
    this.#change([...tracks]);
  }

  remove(position: number, count = 1): void {
    this.#change(this.#tracks.toSpliced(position - 1, count));
  }

  /** Moves `count` tracks from `position` to before the one that is at `before` now. */
  move({ position, count, before }: { position: number; count: number; before: number }): void {
    const moved = this.#tracks.slice(position - 1, position - 1 + count);
    const rest = this.#tracks.toSpliced(position - 1, count);
    const at = before > position ? before - 1 - moved.length : before - 1;
    this.#change(rest.toSpliced(at, 0, ...moved));
  }

  #change(tracks: Track[]): void {
    this.#tracks = tracks;
    this.updateId += 1;
  }
}
