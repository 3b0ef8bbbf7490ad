import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

interface Stat {
  /** One letter of proc(5): Z and X are gone but for their exit code. */
  state: string;
  parent: number;
}

function stat(pid: number): Stat | null {
  try {
    // The name stands in parentheses and may hold any character; the fields follow the last one.
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', parent = '0'] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return null;
  }
}

export function isAlive(pid: number): boolean {
  const found = stat(pid);
  return found !== null && found.state !== 'Z' && found.state !== 'X';
}

/** Process ids of the children of `pid`, and of theirs. */
export function descendants(pid: number): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const direct = all.map(Number).filter((each) => stat(each)?.parent === pid);
  return direct.flatMap((each) => [each, ...descendants(each)]);
}

/** The ones of `pids` that still live after `ms`; returns as soon as none does. */
export async function survivors(pids: readonly number[], ms: number): Promise<number[]> {
  const until = performance.now() + ms;
  let alive = pids.filter(isAlive);
  while (alive.length > 0 && performance.now() < until) {
    await delay(20);
    alive = alive.filter(isAlive);
  }
  return alive;
}
