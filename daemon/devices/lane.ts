import type { Timer } from '../api/clock.ts';
import type { DeviceGroup, LaneLimits, PaceLimits } from './adapter.ts';
import type { Command } from './command.ts';
import type { AttributeName, DeviceId } from './device.ts';
import { Pace } from './pace.ts';

/** A device that is spoken to: one command on its way, one waiting behind it. */
export interface Station {
  device: DeviceId;
  lane: Lane;
  pace?: Pace;
  waiting?: Waiting & { expiry: Timer };
  flying?: Flight;
}

export interface Waiting {
  command: Command;
  /** Sends that failed so far. */
  attempts: number;
  /** Not sent again before this moment. */
  notBefore: number;
  /** Dropped at this moment, if it still waits. */
  expiresAt: number;
}

/** A command on its way, alone or as part of what goes to a group. */
export interface Flight {
  station: Station;
  command: Command;
  attempts: number;
  expiresAt: number;
  sending: Sending;
  /** Taken over by a person meanwhile: not to be tried again. */
  cancelled: Set<AttributeName>;
}

/** One call of an adapter that is not answered yet. */
export interface Sending {
  flights: Flight[];
  abort: AbortController;
  deadline: Timer;
}

/** What shares one bridge or coordinator, and so its limits. */
export class Lane {
  readonly key: string;
  readonly limits: LaneLimits;
  readonly pace: Pace;
  /** Calls that wait for their answer. */
  flying = 0;
  /** Whoever waits, longest first: a device that was served goes to the end. */
  readonly line = new Set<Station>();
  /** Told to slow down: nothing goes before this moment. */
  pausedUntil = 0;
  /** Times in a row that it was told so. */
  strikes = 0;
  timer?: Timer | undefined;
  /** Its commands are gathered until everything that is asked for in this moment has come in. */
  isGathering = false;
  readonly #groupPaces = new Map<string, Pace>();

  constructor(key: string, limits: LaneLimits) {
    this.key = key;
    this.limits = limits;
    this.pace = new Pace(limits);
  }

  /** Groups of equal limits share them: they are the lane's, not a group's own. */
  groupPace({ pace }: DeviceGroup): Pace {
    return shared(this.#groupPaces, `${pace.rate}/${pace.burst}`, pace);
  }
}

/** The pace kept under a key. */
export function shared<Key>(paces: Map<Key, Pace>, key: Key, limits: PaceLimits): Pace {
  const pace = paces.get(key) ?? new Pace(limits);
  paces.set(key, pace);
  return pace;
}
