import type { Choice } from './media.ts';

/** What makes a browser a sensor, kept in its localStorage. */
export interface Kept {
  token: string;
  choice: Choice;
}

const KEY = 'roomtone.sensor';

/** What a device gives unless its person chose otherwise. */
export const EVERYTHING: Choice = { camera: 'front', microphone: true };

export type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** The token of a set-up link, `/sensor#rt_...`: behind the #, so that it is in no request and no log. */
export function tokenOf(hash: string): string | null {
  return /^#([\w-]{10,200})$/.exec(hash)?.[1] ?? null;
}

export function keep(shelf: Shelf, kept: Kept): void {
  shelf.setItem(KEY, JSON.stringify(kept));
}

/** Null where nothing is kept, or nothing that can be used. */
export function kept(shelf: Shelf): Kept | null {
  try {
    const { token, choice } = JSON.parse(shelf.getItem(KEY) ?? 'null') as Kept;
    const camera = choice.camera === 'back' || choice.camera === 'none' ? choice.camera : 'front';
    return typeof token === 'string' ? { token, choice: { camera, microphone: choice.microphone !== false } } : null;
  } catch {
    return null;
  }
}

export function forget(shelf: Shelf): void {
  shelf.removeItem(KEY);
}
