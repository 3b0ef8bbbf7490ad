import type { Clock, Timer } from '../../daemon/api/clock.ts';
import { clipToGamut } from '../../daemon/devices/color.ts';
import type { Report } from '../../daemon/devices/command.ts';
import type { AttributeName, Attributes, Capabilities, Device, DeviceId } from '../../daemon/devices/device.ts';
import { mergeAttributes } from '../../daemon/devices/merge.ts';
import { CAPABILITIES, type LampOptions } from './options.ts';

/** A fade shows this many steps, unless they would come faster than one in `SHORTEST_STEP_MS`. */
const STEPS = 20;
const SHORTEST_STEP_MS = 100;
const BLINK_MS = 500;

interface Fade {
  from: Attributes;
  to: Attributes;
  startedAt: number;
  /** ms */
  duration: number;
  commandId: string;
  timer: Timer;
}

interface LampHooks {
  clock: Clock;
  onReport(report: Report): void;
  /** What the lamp will show in the end: a real lamp finishes its fade even if nobody listens any more. */
  onTarget(values: Attributes): void;
}

/** A lamp in memory: on, warm white at half brightness when it is new. It fades, and says how far it has come. */
export class VirtualLamp {
  readonly device: Device;
  readonly #hooks: LampHooks;
  #values: Attributes;
  #fade: Fade | undefined;
  #blink: Timer | undefined;

  constructor(options: LampOptions, remembered: Attributes | undefined, hooks: LampHooks) {
    const id: DeviceId = `virtual:${options.id}`;
    this.device = { id, adapter: 'virtual', name: options.name, capabilities: CAPABILITIES[options.kind] };
    this.#hooks = hooks;
    this.#values = remembered ?? this.#able({ on: true, brightness: 50, colorTemperature: 2700 });
  }

  /** Says all it has: the first picture after a start. */
  introduce(): void {
    this.#say(this.#values, { origin: 'unknown', transitional: false, kind: 'resync' });
  }

  /** Goes to new values within `transition` seconds, together with what an earlier fade has left to do; off is at once. */
  obey(wish: Attributes, transition: number, commandId: string): void {
    const to = mergeAttributes(this.#fade?.to ?? {}, this.#able(wish));
    this.#stopFade();
    this.#hooks.onTarget(exclusive({ ...this.#values, ...to }, to));
    if (transition > 0 && this.#values.on !== false && to.on !== false) this.#startFade(to, transition * 1000, commandId);
    else this.#become(to, { origin: 'command', commandId, transitional: false, kind: 'event' });
  }

  /** What a person does at the lamp itself: it stays as they leave it, and a fade ends where it is. */
  setByHand(wish: Attributes): void {
    this.#stopFade();
    this.#become(this.#able(wish), { origin: 'external', transitional: false, kind: 'event' });
    this.#hooks.onTarget(this.#values);
  }

  /** Shows itself for a moment; what it was told goes on underneath. */
  blink(): void {
    const how = { origin: 'command', kind: 'event' } as const;
    this.#blink?.cancel();
    this.#say({ on: this.#values.on === false }, { ...how, transitional: true });
    this.#blink = this.#hooks.clock.after(BLINK_MS, () => this.#say({ on: this.#values.on !== false }, { ...how, transitional: false }));
  }

  get values(): Attributes {
    return { ...this.#values };
  }

  close(): void {
    this.#blink?.cancel();
    this.#stopFade();
  }

  #startFade(to: Attributes, duration: number, commandId: string): void {
    const { clock } = this.#hooks;
    const timer = clock.every(Math.max(SHORTEST_STEP_MS, duration / STEPS), () => this.#step());
    this.#fade = { from: this.#values, to, startedAt: clock.mono(), duration, commandId, timer };
    this.#step();
  }

  #stopFade(): void {
    this.#fade?.timer.cancel();
    this.#fade = undefined;
  }

  #step(): void {
    const fade = this.#fade;
    if (!fade) return;
    const share = (this.#hooks.clock.mono() - fade.startedAt) / fade.duration;
    const done = share >= 1;
    if (done) this.#stopFade();
    const values = done ? fade.to : between(fade.from, fade.to, share);
    this.#become(values, { origin: 'command', commandId: fade.commandId, transitional: !done, kind: 'event' });
  }

  #become(values: Attributes, how: How): void {
    this.#values = exclusive({ ...this.#values, ...values }, values);
    this.#say(values, how);
  }

  #say(values: Attributes, how: How): void {
    const at = this.#hooks.clock.mono();
    for (const [attribute, value] of Object.entries(values) as [AttributeName, NonNullable<Attributes[AttributeName]>][]) {
      this.#hooks.onReport({ device: this.device.id, attribute, value, at, ...how });
    }
  }

  /** The wish as far as this lamp can follow. */
  #able(wish: Attributes): Attributes {
    const can: Capabilities = this.device.capabilities;
    const able: Attributes = {};
    if (wish.on !== undefined) able.on = wish.on;
    if (wish.brightness !== undefined && can.brightness) able.brightness = Math.max(can.brightness.min, wish.brightness);
    if (wish.color && can.color) able.color = can.color.gamut ? clipToGamut(wish.color, can.color.gamut) : wish.color;
    else if (wish.colorTemperature !== undefined && can.colorTemperature) {
      able.colorTemperature = Math.min(can.colorTemperature.max, Math.max(can.colorTemperature.min, wish.colorTemperature));
    }
    return able;
  }
}

type How = Pick<Report, 'origin' | 'commandId' | 'transitional' | 'kind'>;

/** A lamp shows a white or a color: the one just set. */
function exclusive(values: Attributes, set: Attributes): Attributes {
  const { color, colorTemperature, ...rest } = values;
  if (set.color) return { ...rest, color: set.color };
  if (set.colorTemperature !== undefined) return { ...rest, colorTemperature: set.colorTemperature };
  return values;
}

/** On the way. What has no number, or none at the start, is there at once. */
function between(from: Attributes, to: Attributes, share: number): Attributes {
  const mix = (a: number, b: number): number => a + (b - a) * share;
  const values: Attributes = { ...to };
  if (from.brightness !== undefined && to.brightness !== undefined) values.brightness = mix(from.brightness, to.brightness);
  if (from.colorTemperature !== undefined && to.colorTemperature !== undefined) {
    values.colorTemperature = mix(from.colorTemperature, to.colorTemperature);
  }
  if (from.color && to.color) values.color = { x: mix(from.color.x, to.color.x), y: mix(from.color.y, to.color.y) };
  return values;
}
