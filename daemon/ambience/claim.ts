import type { Actor } from '../api/actor.ts';
import type { Rung } from '../api/mode.ts';
import type { Reason } from '../api/reasons.ts';
import type { HoldEvent } from '../api/views.ts';
import type { Attributes, DeviceId } from '../devices/device.ts';

/** A wish for attributes of one device. Nobody tells a lamp what to do; the arbiter decides among claims, per attribute. */
export interface Claim {
  id: string;
  device: DeviceId;
  attributes: Attributes;
  rung: Rung;
  owner: Actor;
  room: string;
  /** 0..1 */
  confidence: number;
  /** Seconds */
  transition?: number;
  /** Wall clock, epoch ms: claims outlive the process. */
  placedAt: number;
  expiresAt?: number;
  /** What ends it besides: nobody is left in its rooms, or the next sleep. */
  lastsUntil?: HoldEvent;
  /** How much it counts where claims are blended: the weight of its room. */
  weight?: number;
  reason: Reason;
  /** Id of the observation that set it off. */
  trigger?: string;
}
