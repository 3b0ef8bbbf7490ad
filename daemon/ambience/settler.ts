import type { Clock } from '../api/clock.ts';
import type { DeviceView } from '../api/views.ts';
import type { Command, QueueEvent } from '../devices/command.ts';
import type { Attributes, Capabilities, Device, DeviceId } from '../devices/device.ts';
import { arbitrate, type Decision, isAutomated, type Merges } from './arbiter.ts';
import type { Before } from './before.ts';
import type { Calendar } from './calendar.ts';
import type { Claim } from './claim.ts';
import type { Claims } from './claims.ts';
import type { DeviceDesk, Known } from './desk.ts';
import { FlashGuard, type Glow, glowOf, meanGlow } from './flash.ts';
import { clampTo, rampOf, strictest } from './limits.ts';
import { ChangePace } from './pace.ts';
import { isScene } from './person.ts';
import type { RoomAmbience } from './room.ts';
import type { Slot } from './slots.ts';
import { byPeople, type Want } from './wants.ts';

/** ms after which a command that the flash limit held back is tried again. */
const FLASH_PAUSE = 250;

export interface SettlerOptions {
  clock: Clock;
  desk: DeviceDesk;
  claims: Claims;
  before: Before;
  roomsOf: (device: DeviceId) => readonly RoomAmbience[];
  /** ms before a command that failed is tried again. */
  retryAfter: number;
  onCommand: (command: Command) => void;
}

/** What of the configuration is the same in the whole house. */
export interface Rules {
  merges: Merges;
  calendar: Calendar;
}

/**
 * Brings devices to what is decided of them: commands what is not so yet, as often and as steeply as the limits allow, and keeps
 * what stood there before a scene. Asked again and again, it commands nothing twice.
 */
export class Settler {
  readonly #the: SettlerOptions;
  readonly #pace = new ChangePace();
  readonly #flashes = new FlashGuard();
  /** When a device must be looked at again though nothing is heard of it: ms of CLOCK_MONOTONIC. */
  readonly #due = new Map<DeviceId, number>();
  readonly #held = new Set<DeviceId>();
  #rules: Rules;
  #serial = 0;

  constructor(options: SettlerOptions, rules: Rules) {
    this.#the = options;
    this.#rules = rules;
  }

  configure(rules: Rules): void {
    this.#rules = rules;
  }

  /** Commands what is not yet as it was decided. */
  settle(id: DeviceId, trigger?: string): void {
    const known = this.#the.desk.get(id);
    if (!known) return;
    if ((this.#due.get(id) ?? 0) <= this.#the.clock.mono()) this.#due.delete(id);
    this.#held.delete(id);
    const decision = this.#decide(known);
    this.#the.before.take(id, takenByScenes(decision), (slot) => this.#the.desk.expected(id, slot));
    const want = this.#the.desk.wantFor(id, decision);
    if (want) this.#send(known, { decision, want, trigger });
  }

  /** Looks at a device again though nothing may be heard of it until then. @param at ms of CLOCK_MONOTONIC */
  settleAt(device: DeviceId, at: number): void {
    if (Number.isFinite(at)) this.#lookAgain(device, at);
  }

  /** Lets time pass. */
  settleDue(): void {
    const now = this.#the.clock.mono();
    for (const [device, at] of this.#due) if (at <= now) this.settle(device);
  }

  /** A command that ended may have left its device other than it should be. */
  onQueueEvent({ phase, command, at, reason }: QueueEvent): void {
    if (phase === 'queued' || phase === 'sent') return;
    this.#flashes.ended(command.id, at);
    const failed = phase === 'failed' || reason === 'expired';
    this.#lookAgain(command.device, failed ? at + this.#the.retryAfter : at);
  }

  /** The light of a device changed by itself, or by a hand. */
  noteLight({ device, values }: Known): void {
    this.#noteGlow(device, [values, values]);
  }

  /** Whether the flash limit holds a command back is part of the answer. */
  why(known: Known): DeviceView['why'] {
    const { why, attributes } = this.#decide(known);
    if (!this.#held.has(known.device.id)) return why;
    const reason = { code: 'reason.safety', params: { limit: 'flashes' } } as const;
    const told = Object.entries(why).map(([name, entries]) => {
      const value = known.values[name as keyof Attributes];
      if (!(name in attributes) || value === undefined) return [name, entries];
      return [name, [{ rung: 'safety', value, reason, wins: true }, ...entries.map((entry) => ({ ...entry, wins: false }))]];
    });
    return Object.fromEntries(told);
  }

  forget(device: DeviceId): void {
    this.#due.delete(device);
    this.#held.delete(device);
    this.#pace.forget(device);
    this.#flashes.forget(device);
  }

  #decide(known: Known): Decision {
    const { device, values } = known;
    const limits = this.#the.roomsOf(device.id).map(({ plan }) => plan.limits);
    const { merges, calendar } = this.#rules;
    const claims = this.#the.claims.of(known);
    const leaves = (claim: Claim): boolean => this.#the.claims.isOthersMusic(known, claim);
    return arbitrate({ device, claims, values, merges, leaves, clamp: clampTo(limits, calendar) });
  }

  #send(known: Known, { decision, want, trigger }: { decision: Decision; want: Want; trigger: string | undefined }): void {
    const { id } = known.device;
    const now = this.#the.clock.mono();
    const rate = strictest(this.#the.roomsOf(id).map(({ plan }) => plan.limits));
    const pause = isByPeople(want) ? 0 : this.#pace.wait(id, { now, rate });
    if (pause > 0) this.#lookAgain(id, now + pause);
    const due = pause > 0 ? this.#the.desk.wantFor(id, byPeople(decision)) : want;
    if (!due) return;
    if (!this.#mayFlash(known, due.attributes, now)) {
      this.#held.add(id);
      this.#lookAgain(id, now + FLASH_PAUSE);
      return;
    }
    const automated = due.claims.every(({ rung }) => isAutomated(rung));
    if (automated) this.#pace.take(id, { now, rate });
    const from = this.#the.desk.standing(id);
    const command: Command = {
      id: this.#nextId(),
      device: id,
      attributes: due.attributes,
      transition: automated ? Math.max(due.transition, rampOf(rate.ramp, { from, to: due.attributes })) : due.transition,
      cause: due.claims.map((claim) => claim.id),
      ...(trigger === undefined ? {} : { trigger }),
    };
    this.#noteGlow(known.device, [from, { ...from, ...due.attributes }], command.id);
    this.#the.desk.asked(command);
    this.#the.onCommand(command);
  }

  #lookAgain(device: DeviceId, at: number): void {
    this.#due.set(device, Math.min(at, this.#due.get(device) ?? Number.POSITIVE_INFINITY));
  }

  #mayFlash({ device }: Known, attributes: Attributes, now: number): boolean {
    const glow = glowOf({ ...this.#the.desk.standing(device.id), ...attributes });
    return this.#scopes(device).every(({ key, others }) => this.#flashes.allows(key, { glow: meanGlow([glow, ...others]), now }));
  }

  #noteGlow(device: Device, [from, to]: readonly [Attributes, Attributes], command?: string): void {
    const common = { now: this.#the.clock.mono(), ...(command === undefined ? {} : { command }) };
    for (const { key, others } of this.#scopes(device)) {
      const [before, after] = [from, to].map((values) => meanGlow([glowOf(values), ...others])) as [Glow, Glow];
      this.#flashes.note(key, { from: before, glow: after, ...common });
    }
  }

  /** What is not to flash: the device itself, and the lamps of each of its rooms together. */
  #scopes({ id, capabilities }: Device): { key: string; others: Glow[] }[] {
    if (!capabilities.on && !isLamp(capabilities)) return [];
    const rooms = isLamp(capabilities) ? this.#the.roomsOf(id) : [];
    const scopes = rooms.map(({ plan }) => {
      const others = plan.devices.filter((each) => each !== id && isLamp(this.#the.desk.get(each)?.device.capabilities ?? {}));
      return { key: `room/${plan.id}`, others: others.map((each) => glowOf(this.#the.desk.standing(each))) };
    });
    return [{ key: id, others: [] }, ...scopes];
  }

  /** Unique also among those of earlier runs. */
  #nextId(): string {
    this.#serial += 1;
    return `command-${this.#the.clock.wall().toString(36)}-${this.#serial}`;
  }
}

const isByPeople = ({ claims }: Want): boolean => claims.every(({ rung }) => !isAutomated(rung));

const isLamp = ({ brightness, colorTemperature, color }: Capabilities): boolean => Boolean(brightness ?? colorTemperature ?? color);

/** Slots that a scene has, whoever activated it: their values are to come back when it ends. */
function takenByScenes({ winners }: Decision): Slot[] {
  return (Object.entries(winners) as [Slot, Decision['winners'][Slot]][]).flatMap(([slot, claims = []]) =>
    claims.some((claim) => isScene(claim) || claim.rung === 'schedule' || claim.rung === 'mood') ? [slot] : [],
  );
}
