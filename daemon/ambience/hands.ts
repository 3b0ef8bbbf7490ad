import type { Command, QueueEvent, Report } from '../devices/command.ts';
import type { AttributeName, Attributes, DeviceId } from '../devices/device.ts';
import { type Flight, flightExplains, isTarget } from './flight.ts';
import { type Lost, Proof } from './proof.ts';
import { differs, distinct, LIGHT_SLOTS, NOTICEABLE, pick, ROUNDING, type Slot, slotOf, slotsOf } from './slots.ts';

/**
 * What a report is:
 * - `echo` of our own command, `unchanged`, or `transitional` on the way of one;
 * - `stale`: a late word of a command that a newer one or a hand has overtaken; the device does not stand there any more;
 * - `overrun`: a command that a hand came before was carried out all the same: the hand's value must be restored;
 * - `lost`: where the attribute stood before a command that was answered and never carried out;
 * - `adopted`: different, but nobody's act (the first picture, power-on defaults, a lamp that is off);
 * - `hand`: a person did it.
 */
export type Verdict = 'echo' | 'unchanged' | 'transitional' | 'stale' | 'overrun' | 'lost' | 'adopted' | 'hand';

export interface Finding {
  verdict: Verdict;
  /** On `hand`: what the person set. */
  held: Attributes;
  /** On `lost`: what was asked for in vain. */
  lost?: Lost;
}

export interface HandsOptions {
  /** ms after a command's transition during which reports of it may still come in. */
  echoWindow: number;
  /** ms that an unanswered command is taken to be under way. */
  answerWindow: number;
  /** ms after a device came back in which what it says is its power-on state. */
  returnWindow: number;
  /** ms before a wish that could not be carried out is tried again. */
  retryAfter: number;
}

export const HANDS_DEFAULTS: HandsOptions = { echoWindow: 5000, answerWindow: 30_000, returnWindow: 10_000, retryAfter: 60_000 };

/** ms between the parts of one act, such as "on" and a brightness in two reports. */
const ONE_ACT = 1000;

/**
 * ms after its window in which a command that was overtaken, and of which nothing was heard, may be found carried out. Longer would take a
 * person for it who sets the same value later.
 */
const STRAGGLES = 30_000;

/** The last values that we or a person gave an attribute on purpose, newest first. Two: the newest may not have arrived before a crash. */
export type Targets = Partial<Record<Slot, Attributes[]>>;

interface Watched {
  /** Where the attribute stands, as far as it is explained. Small drift does not move it, so that many small steps add up to a hand. */
  anchor?: Attributes;
  targets: Attributes[];
  /** What we asked for last and have no answer to yet. */
  pending?: { command: string; value: Attributes };
  failed?: { value: Attributes; until: number };
  flights: Flight[];
  proof: Proof;
  /** Where commands that were overtaken may yet turn out to have brought it. */
  stragglers: { value: Attributes; until: number }[];
  /** A change while the lamp was off: a person's, if the lamp is switched on in the same moment. */
  whileOff?: { value: Attributes; at: number };
}

/** The attribute that a report is about. */
interface Subject {
  slot: Slot;
  value: Attributes;
  watched: Watched;
}

interface WatchedDevice {
  slots: Map<Slot, Watched>;
  /** Reports count as the power-on state before this moment: ms of CLOCK_MONOTONIC. */
  returningUntil: number;
}

/**
 * Tells, per attribute, a person's hand from the echo of our own commands. Knows what commands are under way and what
 * they explain: their target, what lies between it and the start, and late or repeated words of either. What nothing
 * explains by less than a noticeable difference is a hand. Adapters report the chroma attribute of the mode that a lamp
 * is in, so a white reported as the color of a black body is understood.
 */
export class Hands {
  readonly #options: HandsOptions;
  readonly #devices = new Map<DeviceId, WatchedDevice>();

  constructor(options: Partial<HandsOptions> = {}) {
    this.#options = { ...HANDS_DEFAULTS, ...options };
  }

  /** Gives back what was known before the program was restarted. */
  restore(device: DeviceId, targets: Targets): void {
    for (const [slot, values] of Object.entries(targets)) this.#watch(device, slot as Slot).targets = [...values];
  }

  /** To be kept for `restore`, whenever a call says that it changed. */
  targets(device: DeviceId): Targets {
    const watched = [...(this.#devices.get(device)?.slots ?? [])].filter(([, { targets }]) => targets.length > 0);
    return Object.fromEntries(watched.map(([slot, { targets }]) => [slot, targets]));
  }

  forget(device: DeviceId): void {
    this.#devices.delete(device);
  }

  knows(device: DeviceId, name: AttributeName): boolean {
    return this.#devices.get(device)?.slots.get(slotOf(name))?.anchor !== undefined;
  }

  /**
   * Where an attribute will stand once what is under way has arrived. Before the first report after a start, that is where
   * it was last put; undefined where nobody knows.
   */
  expected(device: DeviceId, slot: Slot): Attributes | undefined {
    const watched = this.#devices.get(device)?.slots.get(slot);
    return watched?.pending?.value ?? watched?.anchor ?? watched?.targets[0];
  }

  /** Whether asking for this value failed a short while ago. */
  gaveUp(device: DeviceId, { slot, value, now }: { slot: Slot; value: Attributes; now: number }): boolean {
    const failed = this.#devices.get(device)?.slots.get(slot)?.failed;
    return failed !== undefined && now < failed.until && !differs(slot, [value, failed.value], ROUNDING);
  }

  /** A person wants it: what failed or was lost a while ago is tried anew. */
  tryAgain(device: DeviceId): void {
    for (const watched of this.#devices.get(device)?.slots.values() ?? []) {
      delete watched.failed;
      watched.proof.tryAgain();
    }
  }

  /** A command is about to go to the queue. */
  asked(command: Command): void {
    for (const slot of slotsOf(command.attributes)) {
      const watched = this.#watch(command.device, slot);
      watched.pending = { command: command.id, value: pick(command.attributes, slot) };
      delete watched.failed;
    }
  }

  /** @returns whether `targets` changed */
  onQueueEvent({ phase, command, at, reason }: QueueEvent): boolean {
    switch (phase) {
      case 'queued':
        this.asked(command);
        return false;
      case 'sent':
        return this.#sent(command, at);
      default:
        this.#ended(command, { at, acked: phase === 'acked', failed: phase === 'failed' || reason === 'expired' });
        return false;
    }
  }

  /** @param at ms of CLOCK_MONOTONIC */
  onAvailability(device: DeviceId, { available, at }: { available: boolean; at: number }): void {
    const known = this.#device(device);
    known.returningUntil = available ? Math.min(known.returningUntil, at + this.#options.returnWindow) : Number.POSITIVE_INFINITY;
    this.tryAgain(device);
  }

  /** Judges a report, and remembers what it says. After `hand` and `overrun`, `targets` or the state of commands changed. */
  take(report: Report): Finding {
    const slot = slotOf(report.attribute);
    const value: Attributes = { [report.attribute]: report.value };
    const watched = this.#watch(report.device, slot);
    watched.flights = watched.flights.filter((each) => report.at < each.until);
    const verdict = this.#judge(report, { slot, value, watched });
    if (verdict === 'adopted') watched.anchor = value;
    if (verdict === 'lost') return this.#lose(report, { slot, value, watched });
    if (verdict !== 'hand') return { verdict, held: {} };
    return { verdict, held: this.#grasp(report, { slot, value, watched }) };
  }

  #judge(report: Report, subject: Subject): Verdict {
    const { slot, value, watched } = subject;
    const byFlight = this.#explain(report, subject);
    if (byFlight) return byFlight;
    if (watched.anchor && !differs(slot, [value, watched.anchor], NOTICEABLE)) {
      // With nothing under way any more, that settles it.
      if (watched.flights.length === 0) watched.stragglers = [];
      watched.proof.give();
      return 'unchanged';
    }
    // It came after its time, or was told then alone: a command that had been overtaken was carried out last.
    const late = watched.stragglers.find((each) => report.at < each.until && !differs(slot, [value, each.value], NOTICEABLE));
    if (late) {
      watched.stragglers = [];
      watched.anchor = value;
      return 'overrun';
    }
    if (report.origin === 'device') return this.#endedByItself(report, watched);
    if (this.#wasLost(report, subject)) return 'lost';
    // A lamp that fades out may say 0 before it says that it is off; nobody sets 0.
    if (report.transitional || value.brightness === 0) return 'transitional';
    if (report.origin === 'command') return 'adopted';
    if (report.kind === 'resync' || !watched.anchor) return this.#judgeAfterGap(report, subject);
    if (LIGHT_SLOTS.includes(slot) && this.#isOff(report.device)) {
      watched.whileOff = { value, at: report.at };
      return 'adopted';
    }
    return 'hand';
  }

  /** What a device ended is not begun anew at once: it may have been for a reason. */
  #endedByItself({ at }: Report, watched: Watched): Verdict {
    if (watched.anchor) watched.failed = { value: watched.anchor, until: at + this.#options.retryAfter };
    return 'adopted';
  }

  /** By what is under way: the newest command first, since an older one may have had the same target. */
  #explain(report: Report, { slot, value, watched }: Subject): Verdict | undefined {
    const flights = watched.flights.toReversed();
    const target = flights.find((flight) => isTarget(slot, { flight, value }) || names(report, flight));
    if (target?.overtaken) return this.#overran(watched, { slot, value, flight: target });
    if (target) return this.#arrived(watched, { flight: target, value });
    // Who names another cause does not speak of our way.
    if (report.origin !== 'external' && flights.some((flight) => flightExplains(slot, { flight, value }))) return 'transitional';
    // Asked before the command took effect. What knows no values in between tells of itself only when it changed.
    const stoodThere = flights.some(({ origins }) => origins.some((origin) => !differs(slot, [value, origin], NOTICEABLE)));
    return stoodThere && report.kind === 'poll' ? 'transitional' : undefined;
  }

  /**
   * Whether what was answered was never carried out: its time is over, nothing was seen of it, and the attribute is where it stood before.
   * Only where we asked: what a device tells by itself is a change, so somebody put it back. One that had no power tells its default.
   */
  #wasLost({ kind, device, at, transitional, origin }: Report, { value, watched }: Subject): boolean {
    if (kind === 'event' || transitional || origin !== 'unknown' || at < this.#device(device).returningUntil) return false;
    return watched.proof.isRefutedBy(value);
  }

  #lose({ at }: Report, { value, watched }: Subject): Finding {
    const lost = watched.proof.lose(at, this.#options.retryAfter);
    watched.anchor = value;
    if (lost) watched.failed = { value: lost.asked, until: lost.againAt };
    return { verdict: 'lost', held: {}, ...(lost && { lost }) };
  }

  /** The device carried out, or only now tells of, what a person has overruled. It stands there now, for all we know. */
  #overran(watched: Watched, { slot, value, flight }: { slot: Slot; value: Attributes; flight: Flight }): Verdict {
    if (watched.anchor && !differs(slot, [value, watched.anchor], NOTICEABLE)) return 'unchanged';
    if (flight.overran) return 'stale';
    flight.overran = true;
    watched.stragglers = watched.stragglers.filter((each) => differs(slot, [each.value, value], NOTICEABLE));
    watched.anchor = value;
    return 'overrun';
  }

  #arrived(watched: Watched, { flight, value }: { flight: Flight; value: Attributes }): Verdict {
    if (flight !== newestAsked(watched)) {
      watched.stragglers.push({ value, until: flight.until + STRAGGLES });
      return 'stale';
    }
    if (flight.to) watched.anchor = flight.to;
    flight.shown = true;
    watched.proof.forget();
    if (watched.pending?.command === flight.command) delete watched.pending;
    return 'echo';
  }

  /**
   * A difference after a gap is a hand only against what we or a person last set. What a lamp shows after its power was
   * cut is its default, except that somebody wanted it on.
   */
  #judgeAfterGap(report: Report, { slot, value, watched }: Subject): Verdict {
    if (watched.targets.length === 0) return 'adopted';
    if (watched.targets.some((target) => !differs(slot, [value, target], NOTICEABLE))) return 'adopted';
    const returning = report.at < this.#device(report.device).returningUntil;
    if (slot !== 'on' && (returning || this.#isOff(report.device))) return 'adopted';
    return 'hand';
  }

  /** A person did it: whatever we have under way on this attribute is overtaken. */
  #grasp(report: Report, { value, watched }: Subject): Attributes {
    this.#settle(watched, value);
    return value.on ? { ...value, ...this.#sameAct(report) } : value;
  }

  /** What was set on the lamp in the moment before it was switched on belongs to the same act. */
  #sameAct(report: Report): Attributes {
    let held: Attributes = {};
    for (const slot of LIGHT_SLOTS) {
      const watched = this.#watch(report.device, slot);
      const { whileOff } = watched;
      delete watched.whileOff;
      if (!whileOff || report.at - whileOff.at > ONE_ACT) continue;
      this.#settle(watched, whileOff.value);
      held = { ...held, ...whileOff.value };
    }
    return held;
  }

  #settle(watched: Watched, value: Attributes): void {
    watched.anchor = value;
    watched.targets = [value];
    watched.stragglers = watched.flights.flatMap(({ to, until }) => (to ? [{ value: to, until: until + STRAGGLES }] : []));
    for (const flight of watched.flights) {
      flight.overtaken = true;
      flight.origins.push(value);
    }
    watched.proof.forget();
    delete watched.pending;
    delete watched.failed;
  }

  #sent(command: Command, at: number): boolean {
    const until = at + this.#options.answerWindow + command.transition * 1000;
    const wasOn = this.#watch(command.device, 'on').anchor?.on;
    const { on } = command.attributes;
    if (on !== undefined && on !== wasOn) this.#launch(command, { slot: 'brightness', flight: this.#ramp(command, until), at });
    let changed = false;
    for (const slot of slotsOf(command.attributes)) {
      const watched = this.#watch(command.device, slot);
      const to = pick(command.attributes, slot);
      const from = slot === 'brightness' && wasOn === false ? { brightness: 0 } : watched.anchor;
      const underWay = watched.flights.filter((each) => each.until > at).flatMap((each) => [...each.origins, each.to ?? []].flat());
      const origins = distinct(slot, [...(from ? [from] : []), ...underWay, ...watched.proof.origins]);
      const flight: Flight = { command: command.id, to, until, overtaken: false, origins };
      this.#launch(command, { slot, flight, at });
      changed = aim(watched, { slot, to }) || changed;
    }
    return changed;
  }

  #launch(command: Command, { slot, flight, at }: { slot: Slot; flight: Flight; at: number }): void {
    const watched = this.#watch(command.device, slot);
    watched.flights = watched.flights.filter((each) => each.until > at && each.command !== command.id);
    watched.flights.push(flight);
  }

  /** A lamp that we switch passes through all brightnesses below its own. */
  #ramp({ id, device, attributes }: Command, until: number): Flight {
    const level = this.#watch(device, 'brightness').anchor ?? { brightness: 100 };
    const [from, between] = attributes.on ? [{ brightness: 0 }, level] : [level, { brightness: 0 }];
    return { command: id, origins: [from], between, until, overtaken: false };
  }

  #ended(command: Command, { at, acked, failed }: { at: number; acked: boolean; failed: boolean }): void {
    const until = at + command.transition * 1000 + this.#options.echoWindow;
    for (const { flights } of this.#device(command.device).slots.values()) {
      for (const flight of flights) if (flight.command === command.id) flight.until = Math.min(flight.until, until);
    }
    for (const slot of slotsOf(command.attributes)) {
      const watched = this.#watch(command.device, slot);
      const value = pick(command.attributes, slot);
      const newest = newestAsked(watched);
      if (acked && newest?.command === command.id && !newest.overtaken) {
        watched.anchor = value;
        if (!newest.shown) watched.proof.expect(value, newest.origins);
      }
      if (watched.pending?.command === command.id) delete watched.pending;
      if (failed) watched.failed = { value, until: at + this.#options.retryAfter };
    }
  }

  #isOff(device: DeviceId): boolean {
    return this.#watch(device, 'on').anchor?.on === false;
  }

  #device(id: DeviceId): WatchedDevice {
    const known = this.#devices.get(id) ?? { slots: new Map(), returningUntil: Number.NEGATIVE_INFINITY };
    this.#devices.set(id, known);
    return known;
  }

  #watch(id: DeviceId, slot: Slot): Watched {
    const { slots } = this.#device(id);
    const watched = slots.get(slot) ?? { targets: [], flights: [], proof: new Proof(slot), stragglers: [] };
    slots.set(slot, watched);
    return watched;
  }
}

const newestAsked = ({ flights }: Watched): Flight | undefined => flights.findLast((each) => each.to !== undefined);

/** Whether a device says that a value is the outcome of this command, whatever the value. */
const names = ({ origin, commandId, transitional }: Report, flight: Flight): boolean =>
  origin === 'command' && !transitional && flight.to !== undefined && (commandId ?? flight.command) === flight.command;

/** @returns whether this is another target than before */
function aim(watched: Watched, { slot, to }: { slot: Slot; to: Attributes }): boolean {
  const [newest] = watched.targets;
  if (newest && !differs(slot, [to, newest], ROUNDING)) return false;
  watched.targets = [to, ...watched.targets].slice(0, 2);
  return true;
}
