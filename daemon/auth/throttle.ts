import { isIPv6 } from 'node:net';
import type { Clock } from '../api/clock.ts';
import { RoomtoneError } from '../api/errors.ts';

interface Record {
  attempts: number;
  /** ms of the monotonic clock; earlier attempts are refused unseen. */
  openAt: number;
  lastAt: number;
}

interface Allowance {
  /** Attempts that cost no waiting. */
  free: number;
  /** Seconds the waiting grows to, doubling from one. */
  longest: number;
}

const PER_ADDRESS: Allowance = { free: 5, longest: 60 };
const GLOBAL: Allowance = { free: 20, longest: 30 };
const FORGET_AFTER = 15 * 60_000;
const MOST_ADDRESSES = 1024;

/**
 * Slows guessing down, by address and over all addresses. An attempt counts as failed from the moment it is admitted, so
 * that a hundred at once count as a hundred. Addresses that logged in before are spared the global wait: others'
 * guessing must not lock out the owner.
 */
export class LoginThrottle {
  readonly #clock: Clock;
  readonly #addresses = new Map<string, Record>();
  readonly #known = new Set<string>();
  #global: Record = { attempts: 0, openAt: 0, lastAt: 0 };

  constructor(options: { clock: Clock }) {
    this.#clock = options.clock;
  }

  /** @throws RoomtoneError `auth.too_many` with the `seconds` to wait */
  admit(address: string): void {
    const now = this.#clock.mono();
    const key = networkOf(address);
    const own = this.#current(this.#addresses.get(key), now);
    this.#global = this.#current(this.#global, now);
    const openAt = this.#known.has(key) ? own.openAt : Math.max(own.openAt, this.#global.openAt);
    if (openAt > now) throw new RoomtoneError('auth.too_many', { params: { seconds: Math.ceil((openAt - now) / 1000) } });
    this.#keep(key, count(own, PER_ADDRESS, now));
    if (!this.#known.has(key)) this.#global = count(this.#global, GLOBAL, now);
  }

  succeeded(address: string): void {
    const key = networkOf(address);
    this.#addresses.delete(key);
    if (this.#known.has(key)) return;
    this.#global = { ...this.#global, attempts: Math.max(0, this.#global.attempts - 1) };
    remember(this.#known, key);
  }

  #current(record: Record | undefined, now: number): Record {
    return record && now - record.lastAt < FORGET_AFTER ? record : { attempts: 0, openAt: 0, lastAt: now };
  }

  #keep(key: string, record: Record): void {
    this.#addresses.delete(key);
    this.#addresses.set(key, record);
    const oldest = this.#addresses.keys().next();
    if (this.#addresses.size > MOST_ADDRESSES && !oldest.done) this.#addresses.delete(oldest.value);
  }
}

function count(record: Record, allowance: Allowance, now: number): Record {
  const attempts = record.attempts + 1;
  const over = attempts - allowance.free;
  const seconds = over < 0 ? 0 : Math.min(2 ** over, allowance.longest);
  return { attempts, openAt: now + seconds * 1000, lastAt: now };
}

function remember(known: Set<string>, key: string): void {
  known.delete(key);
  known.add(key);
  const oldest = known.keys().next();
  if (known.size > MOST_ADDRESSES && !oldest.done) known.delete(oldest.value);
}

/** One household gets a /64 of IPv6 (RFC 6177), so all of it counts as one address. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1]) return mapped[1];
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array<string>(Math.max(0, zeros)).fill('0'), ...right].slice(0, 4).join(':');
}
