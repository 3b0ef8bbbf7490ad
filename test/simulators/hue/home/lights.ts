import { type SimulatorClock, Timers } from '../clock.ts';
import { type Random, type Span, uuid, within } from '../random.ts';
import { asWish, Lamp, type LampDescription, type LampState, type LampWish } from './lamp.ts';
import type { Powerup } from './lamp-models.ts';
import type { Announcer, ResourceUpdate } from './resource.ts';

interface LightsOptions {
  lamps: readonly LampDescription[];
  clock: SimulatorClock;
  random: Random;
  announcer: Announcer;
  /** From a change of a lamp to the moment the bridge knows it, ms; asked anew for each change. */
  echoDelay: () => Span;
  onChange: () => void;
  /** A lamp was told something new, by whomever. */
  onCommand: (lamp: Lamp) => void;
}

interface Fade {
  from: LampState;
  to: LampState;
  /** ms */
  duration: number;
}

/** How long a lamp in a transition waits before it reports where it is, ms. */
const progressPause: Span = [14_000, 22_000];

/** From the end of a transition to the report of its target, ms. */
const settleTime = 2000;

/** Until the bridge hears from a lamp itself that a command never reached it, ms. */
const truthDelay = 4000;

/** The lamps of a home: what commands and hands do to them, and when the bridge tells of it. */
export class Lights {
  readonly #options: LightsOptions;
  readonly #timers: Timers;
  readonly #fades = new Map<Lamp, { cancel(): void }>();
  #lamps: Lamp[];
  #added: number;

  constructor(options: LightsOptions) {
    this.#options = options;
    this.#timers = new Timers(options.clock);
    this.#lamps = options.lamps.map((each, index) => new Lamp(each, index + 1, options.random));
    this.#added = this.#lamps.length;
  }

  get lamps(): readonly Lamp[] {
    return this.#lamps;
  }

  add(description: LampDescription): Lamp {
    this.#added += 1;
    const lamp = new Lamp(description, this.#added, this.#options.random);
    this.#lamps.push(lamp);
    return lamp;
  }

  remove(lamp: Lamp): void {
    this.#stopFade(lamp);
    this.#lamps = this.#lamps.filter((each) => each !== lamp);
  }

  /** A command of an application: the target is the state at once, and echoed; a long transition reports its progress later. */
  command(lamp: Lamp, wish: LampWish, duration: number): void {
    this.#obey(lamp, wish, duration);
  }

  /** One command to several lamps; what of it comes in one frame is told in one event. */
  commandAll(wishes: readonly { lamp: Lamp; wish: LampWish }[], duration: number): void {
    const batch = uuid(this.#options.random);
    for (const { lamp, wish } of wishes) this.#obey(lamp, wish, duration, batch);
  }

  /** A command that the bridge took and echoed, and that never reached the lamp. */
  commandInVain(lamp: Lamp, wish: LampWish): void {
    const truth = lamp.state;
    this.#stopFade(lamp);
    this.#echo(lamp.change(wish));
    this.#fadeStep(lamp, truthDelay, () => this.#report(lamp.change(asWish(truth))));
  }

  /** Another application or a switch changed the lamp. */
  changeByHand(lamp: Lamp, wish: LampWish): void {
    this.#obey(lamp, wish, 0);
  }

  setPowerup(lamp: Lamp, preset: Powerup): void {
    this.#echo(lamp.setPowerup(preset));
  }

  losePower(lamp: Lamp): void {
    this.#stopFade(lamp);
    this.#report(lamp.setReachable(false));
  }

  /** The lamp joins again and falls back to its power-on state, which the bridge learns a moment later. */
  regainPower(lamp: Lamp): void {
    this.#report(lamp.setReachable(true));
    this.#echo(lamp.powerOn());
  }

  /** Tells of something that follows from commands to lamps: after what they echo, and in the order of the calls. */
  tellAfterEchoes(update: ResourceUpdate): void {
    const [, longest] = this.#options.echoDelay();
    this.#timers.after(longest, () => this.#options.announcer.update(update));
  }

  close(): void {
    this.#timers.cancelAll();
  }

  #obey(lamp: Lamp, wish: LampWish, duration: number, batch?: string): void {
    this.#stopFade(lamp);
    const from = lamp.state;
    const update = lamp.change(wish);
    this.#echo(update && batch !== undefined ? { ...update, batch } : update);
    this.#options.onCommand(lamp);
    if (from.on && lamp.state.on) this.#reportProgress(lamp, { from, to: lamp.state, duration }, 0);
  }

  #echo(update: ResourceUpdate | undefined): void {
    const { announcer, echoDelay, onChange, random } = this.#options;
    onChange();
    if (update) this.#timers.after(within(echoDelay(), random), () => announcer.update(update));
  }

  #report(update: ResourceUpdate | undefined): void {
    this.#options.onChange();
    if (update) this.#options.announcer.update(update);
  }

  #reportProgress(lamp: Lamp, fade: Fade, elapsed: number): void {
    const pause = within(progressPause, this.#options.random);
    const next = elapsed + pause;
    if (next < fade.duration) {
      this.#fadeStep(lamp, pause, () => {
        this.#report(lamp.change(between(fade, next / fade.duration)));
        this.#reportProgress(lamp, fade, next);
      });
    } else if (elapsed > 0) {
      this.#fadeStep(lamp, fade.duration - elapsed + settleTime, () => this.#report(lamp.change(between(fade, 1))));
    }
  }

  #fadeStep(lamp: Lamp, delay: number, step: () => void): void {
    this.#fades.set(lamp, this.#timers.after(delay, step));
  }

  #stopFade(lamp: Lamp): void {
    this.#fades.get(lamp)?.cancel();
    this.#fades.delete(lamp);
  }
}

/** Where a lamp is when `share` of its transition is over; colors off the white curve go straight from one to the other. */
function between({ from, to }: Fade, share: number): LampWish {
  const mix = (a: number, b: number): number => a + (b - a) * share;
  const at: LampWish = {};
  if (from.brightness !== undefined && to.brightness !== undefined) at.brightness = mix(from.brightness, to.brightness);
  if (typeof from.mirek === 'number' && typeof to.mirek === 'number') at.mirek = mix(from.mirek, to.mirek);
  else if (share === 1 && typeof to.mirek === 'number') at.mirek = to.mirek;
  else if (from.xy && to.xy) at.xy = { x: mix(from.xy.x, to.xy.x), y: mix(from.xy.y, to.xy.y) };
  return at;
}
