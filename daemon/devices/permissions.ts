import { z } from 'zod';
import { RUNGS, type Rung } from '../api/mode.ts';

/** Who may ask something of a device. Null: no limit. `safety` is always heard. */
export interface Permissions {
  /** Ids of rooms whose claims count. */
  rooms: string[] | null;
  rungs: Rung[] | null;
}

export const permissionsSchema = z.strictObject({
  rooms: z
    .array(z.string().regex(/^[a-z0-9_-]{1,40}$/))
    .max(100)
    .nullable(),
  rungs: z.array(z.enum(RUNGS)).max(RUNGS.length).nullable(),
});

export const UNLIMITED: Permissions = { rooms: null, rungs: null };

export const allows = ({ rooms, rungs }: Permissions, { room, rung }: { room: string; rung: Rung }): boolean =>
  rung === 'safety' || ((rooms?.includes(room) ?? true) && (rungs?.includes(rung) ?? true));
