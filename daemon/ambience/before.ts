import { z } from 'zod';
import type { StatePort } from '../api/ports.ts';
import { attributesSchema } from '../devices/attributes.ts';
import type { Attributes, Device, DeviceId } from '../devices/device.ts';
import type { Claim } from './claim.ts';
import { omit, pick, SLOTS, type Slot, slotsOf } from './slots.ts';

const PREFIX = 'ambience.before/';

const keptSchema = z.object({
  values: attributesSchema,
  /** Slots that are to be given back. */
  due: z.array(z.enum(SLOTS)),
});

type Kept = z.output<typeof keptSchema>;

/** Seconds in which music of a scene that ended fades out. */
const FADE_BACK = 3;

const NOTHING: Kept = { values: {}, due: [] };

/** Who ends what there was: only a person's word may light a lamp again, or let music go on that a scene silenced. */
export type GivenBackBy = 'person' | 'rule';

/**
 * Where attributes stood before a scene took them, so that its end gives them back. What a person sets by hand or slider is no
 * scene: it is where things stand from then on. On disk, as scenes outlive the process.
 */
export class Before {
  readonly #state: StatePort;
  readonly #kept = new Map<DeviceId, Kept>();

  constructor(state: StatePort) {
    this.#state = state;
    for (const key of state.keys(PREFIX)) this.#kept.set(key.slice(PREFIX.length) as DeviceId, state.get(key, keptSchema) ?? NOTHING);
  }

  of(device: DeviceId): Attributes {
    return this.#kept.get(device)?.values ?? {};
  }

  /** A scene takes these slots: what stands there now is kept, unless something from before an earlier scene is. */
  take(device: DeviceId, slots: readonly Slot[], now: (slot: Slot) => Attributes | undefined): void {
    const kept = this.#kept.get(device) ?? NOTHING;
    const known = slotsOf(kept.values);
    const fresh = slots.filter((slot) => !known.has(slot));
    const due = kept.due.filter((slot) => !slots.includes(slot));
    if (fresh.length === 0 && due.length === kept.due.length) return;
    this.#store(device, { values: Object.assign({ ...kept.values }, ...fresh.map((slot) => now(slot) ?? {})), due });
  }

  /** What nobody wishes for any more is to stand again where it stood. */
  giveBack(device: DeviceId, { by, claimed }: { by: GivenBackBy; claimed: ReadonlySet<Slot> }): void {
    const kept = this.#kept.get(device);
    if (!kept) return;
    const isByRule = (slot: Slot): boolean => by === 'rule' && !claimed.has(slot);
    const begun = new Set<Slot>();
    if (kept.values.on === true && isByRule('on')) begun.add('on');
    if (kept.values.transport === 'playing' && isByRule('transport')) begun.add('transport');
    const values = omit(kept.values, begun);
    this.#store(device, { values, due: [...slotsOf(values)].filter((slot) => !claimed.has(slot)) });
  }

  /** A person set these: they are where things stand. */
  settle(device: DeviceId, slots: ReadonlySet<Slot>): void {
    const kept = this.#kept.get(device);
    if (!kept) return;
    this.#store(device, { values: omit(kept.values, slots), due: kept.due.filter((slot) => !slots.has(slot)) });
  }

  forget(device: DeviceId): void {
    this.#store(device, NOTHING);
  }

  /** The lowest claim of all, where something is to be given back. */
  claimOn({ id }: Device): Claim | undefined {
    const kept = this.#kept.get(id);
    if (!kept || kept.due.length === 0) return undefined;
    return {
      id: `before:${id}`,
      device: id,
      attributes: Object.assign({}, ...kept.due.map((slot) => pick(kept.values, slot))),
      rung: 'idle',
      owner: { kind: 'system', name: 'restore' },
      room: '',
      confidence: 1,
      ...(kept.due.includes('transport') && { transition: FADE_BACK }),
      placedAt: 0,
      reason: { code: 'reason.before', params: {} },
    };
  }

  #store(device: DeviceId, kept: Kept): void {
    if (JSON.stringify(kept) === JSON.stringify(this.#kept.get(device) ?? NOTHING)) return;
    if (Object.keys(kept.values).length === 0) {
      this.#kept.delete(device);
      this.#state.delete(PREFIX + device);
    } else {
      this.#kept.set(device, kept);
      this.#state.set(PREFIX + device, kept);
    }
  }
}
