import { uuid } from '../random.ts';
import { Battery } from './battery.ts';
import { Connectivity, Device, type Product } from './device.ts';
import type { AccessoryContext } from './motion-sensor.ts';
import type { ClipObject, Service } from './resource.ts';

/** `dimmer`: four buttons; `dial`: four buttons and a ring that turns; `button`: one. */
export type SwitchKind = 'dimmer' | 'dial' | 'button';

export type ButtonEvent = 'initial_press' | 'repeat' | 'short_release' | 'long_press' | 'long_release';

const models: Record<SwitchKind, Product & { buttons: number; ring?: true }> = {
  dimmer: {
    modelId: 'RWL022',
    productName: 'Hue dimmer switch',
    archetype: 'unknown_archetype',
    hardware: '100b-119',
    software: '2.85.1',
    buttons: 4,
  },
  dial: {
    modelId: 'RDM002',
    productName: 'Hue tap dial switch',
    archetype: 'unknown_archetype',
    hardware: '100b-121',
    software: '2.85.1',
    buttons: 4,
    ring: true,
  },
  button: {
    modelId: 'ROM001',
    productName: 'Hue smart button',
    archetype: 'unknown_archetype',
    hardware: '100b-116',
    software: '2.85.1',
    buttons: 1,
  },
};

/** Between two events of a button that is held, ms, as its resource says. */
const repeatInterval = 800;

/** From a short press to its release, ms. */
const shortPress = 200;

/** A switch on the wall or on the table; a test presses and turns it. */
export class Switch {
  readonly kind: SwitchKind;
  readonly device: Device;
  readonly battery: Battery;
  readonly connectivity: Connectivity;
  /** Of the buttons, in the order of their `control_id`, which begins with 1. */
  readonly buttonIds: readonly string[];
  /** Of the ring; undefined where there is none. */
  readonly rotaryId: string | undefined;
  readonly #context: AccessoryContext;
  readonly #lastEvents = new Map<string, { event: ButtonEvent; updated: string }>();
  #rotation: ClipObject | undefined;

  constructor(kind: SwitchKind, described: { name: string; idV1: string }, context: AccessoryContext) {
    const { random } = context;
    const { buttons, ring, ...product } = models[kind];
    this.kind = kind;
    this.#context = context;
    this.device = new Device({ name: described.name, product, idV1: described.idV1, identifies: false }, random);
    this.connectivity = new Connectivity(this.device, random);
    this.battery = new Battery(this.device, context);
    this.buttonIds = Array.from({ length: buttons }, () => uuid(random));
    this.rotaryId = ring && uuid(random);
    const rotary: Service[] = this.rotaryId ? [{ id: this.rotaryId, type: 'relative_rotary', resource: () => this.#rotary() }] : [];
    const pushed = this.buttonIds.map((id, index): Service => ({ id, type: 'button', resource: () => this.#button(id, index + 1) }));
    this.device.services.push(...pushed, ...rotary, this.battery, this.connectivity);
  }

  /** A short press: down now, up 200 ms later. */
  press(control: number): void {
    this.#happens(control, 'initial_press');
    this.#context.timers.after(shortPress, () => this.#happens(control, 'short_release'));
  }

  /** A press that lasts: a long press after 800 ms, repeats every 800 ms, a long release at the end. */
  hold(control: number, ms: number): void {
    this.#happens(control, 'initial_press');
    for (let at = repeatInterval; at < ms; at += repeatInterval) {
      this.#context.timers.after(at, () => this.#happens(control, at === repeatInterval ? 'long_press' : 'repeat'));
    }
    this.#context.timers.after(ms, () => this.#happens(control, 'long_release'));
  }

  /** Turns the ring: to the right by a positive number of steps (a detent is 15), to the left by a negative one, within `duration` ms. */
  rotate(steps: number, duration = 400): void {
    const id = this.rotaryId;
    if (id === undefined) throw new Error(`${this.device.name} has no ring to turn.`);
    const rotation = { direction: steps < 0 ? 'counter_clock_wise' : 'clock_wise', duration, steps: Math.abs(steps) };
    const last_event = { action: 'start', rotation };
    this.#rotation = { last_event, rotary_report: { ...last_event, updated: this.#now() } };
    this.#tell(id, 'relative_rotary', { relative_rotary: this.#rotation });
  }

  #happens(control: number, event: ButtonEvent): void {
    const id = this.buttonIds[control - 1];
    if (id === undefined) throw new Error(`${this.device.name} has no button ${control}.`);
    const report = { event, updated: this.#now() };
    this.#lastEvents.set(id, report);
    this.#tell(id, 'button', { button: { button_report: report, last_event: event }, metadata: { control_id: control } });
  }

  #tell(id: string, type: string, changed: ClipObject): void {
    this.#context.announcer.update({ id, type, fixed: this.device.fixedOfService(), changed, everyOne: true });
  }

  #button(id: string, control: number): ClipObject {
    const last = this.#lastEvents.get(id);
    return {
      button: {
        ...(last && { button_report: last, last_event: last.event }),
        event_values: ['initial_press', 'repeat', 'short_release', 'long_release', 'long_press'],
        repeat_interval: repeatInterval,
      },
      id,
      ...this.device.fixedOfService(),
      metadata: { control_id: control },
      type: 'button',
    };
  }

  #rotary(): ClipObject {
    return { id: this.rotaryId, ...this.device.fixedOfService(), relative_rotary: this.#rotation ?? {}, type: 'relative_rotary' };
  }

  #now(): string {
    return new Date(this.#context.clock.wall()).toISOString();
  }
}
