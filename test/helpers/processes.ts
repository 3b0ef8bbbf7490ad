import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
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

/** UDP sockets of a process: every connection of a device to the senses has some. */
export function udpSockets(pid: number): number {
  const table = ['udp', 'udp6'].flatMap((name) => readFileSync(`/proc/${pid}/net/${name}`, 'utf8').trim().split('\n').slice(1));
  const inodes = new Set(table.map((line) => line.trim().split(/\s+/)[9]));
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return inodes.has(/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? '');
    } catch {
      return false;
    }
  }).length;
}

/** CPU time that the processes used so far, s; of their children that ended, too. */
export function cpuSeconds(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // proc(5): utime, stime, cutime and cstime are the fields 14 to 17; the first after the name is the third.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 15);
    return fields.reduce((sum, each) => sum + Number(each), 0);
  });
  return ticks.reduce((sum, each) => sum + each, 0) / CLOCK_TICKS;
}

/** A second of proc(5), on every Linux that there is. */
const CLOCK_TICKS = 100;
