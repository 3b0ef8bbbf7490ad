import type { Mode } from '../api/mode.ts';
import type { DeviceId } from '../devices/device.ts';
import { Almanac, type Place } from './almanac.ts';
import { LATEST, type Merges } from './arbiter.ts';
import { Calendar } from './calendar.ts';
import { type LimitsSpec, limitsOf } from './limits.ts';
import { DEFAULT_POLICIES, type Policy } from './policy.ts';
import type { HoldLength, RoomPlan } from './room.ts';
import type { Scene } from './scene.ts';
import type { Schedule } from './schedule.ts';

/** What the house says of itself and its rooms; what is left out is as docs/ambience.md says. */
export interface AmbienceConfig {
  rooms: readonly AmbienceRoom[];
  scenes: readonly Scene[];
  /** Empty: those that come with the program. */
  policies: readonly Policy[];
  schedules?: readonly Schedule[];
  limits?: LimitsSpec;
  hold?: HoldLength;
  merges?: Partial<Merges>;
  /** IANA; UTC where it is left out. */
  timezone?: string;
  /** Without it there is no sunrise. */
  location?: Place | undefined;
}

export interface AmbienceRoom {
  id: string;
  name: string;
  devices: readonly DeviceId[];
  /** In place of those of the house with the same id, and beside them. */
  scenes?: readonly Scene[];
  /** Empty: those of the house. */
  policies: readonly Policy[];
  /** Empty: those of the house. */
  schedules?: readonly Schedule[];
  /** Key by key in place of those of the house. */
  limits?: LimitsSpec;
  hold?: HoldLength | undefined;
  weight?: number;
  defaultMode?: Mode;
}

/** ms */
const HOLD = 3_600_000;

export function roomPlans({ rooms, scenes, policies, schedules = [], limits = {}, hold = HOLD }: AmbienceConfig): RoomPlan[] {
  const house = policies.length > 0 ? policies : DEFAULT_POLICIES;
  return rooms.map((room) => ({
    id: room.id,
    name: room.name,
    devices: [...new Set(room.devices)],
    scenes: new Map([...scenes, ...(room.scenes ?? [])].map((scene) => [scene.id, scene])),
    policies: room.policies.length > 0 ? room.policies : house,
    schedules: room.schedules?.length ? room.schedules : schedules,
    limits: limitsOf(limits, room.limits ?? {}),
    hold: room.hold ?? hold,
    weight: room.weight ?? 1,
    defaultMode: room.defaultMode ?? 'auto',
  }));
}

export const calendarOf = ({ timezone = 'UTC', location: place }: AmbienceConfig): Calendar =>
  new Calendar(new Almanac({ timezone, place }));

export const mergesOf = ({ merges = {} }: AmbienceConfig): Merges => ({ ...LATEST, ...merges });
