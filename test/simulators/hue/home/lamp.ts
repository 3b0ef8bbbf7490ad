import { type Random, uuid } from '../random.ts';
import { mirekToXy, reportedBrightness, reportedXy, type Xy } from './color.ts';
import { Connectivity, Device } from './device.ts';
import { gamutOf, type LampKind, type LampModel, lampModels, type Powerup } from './lamp-models.ts';
import type { ClipObject, ResourceUpdate } from './resource.ts';

/** What a lamp can be asked for. Brightness in %, color temperature in mirek, color in CIE 1931 xy. */
export interface LampWish {
  on?: boolean;
  brightness?: number;
  mirek?: number;
  xy?: Xy;
  /** `no_effect` ends one. */
  effect?: string;
}

export type LampAttribute = keyof LampWish;

/** What the bridge reports of a lamp. `mirek` is null while the color is off the white curve; absent: the lamp has no such attribute. */
export interface LampState {
  on: boolean;
  brightness?: number;
  mirek?: number | null;
  xy?: Xy;
  effect?: string;
  /** False while its `zigbee_connectivity` is `connectivity_issue`. */
  reachable: boolean;
}

export interface LampDescription {
  kind: LampKind;
  name: string;
  state?: LampWish;
  /** The room it is in; default `Living room`. */
  room?: string;
  /** What it does when its power returns; default as its kind. */
  powerup?: Powerup;
}

/** What a lamp does when its power returns, preset `safety`: on, full, warm white. */
const safeState: LampWish = { on: true, brightness: 100, mirek: 366 };

/** One lamp: a device with the services `light` and `zigbee_connectivity`. Changes return what is to be told, if anything. */
export class Lamp {
  readonly kind: LampKind;
  readonly lightId: string;
  readonly device: Device;
  readonly connectivity: Connectivity;
  readonly #model: LampModel;
  #powerup: Powerup | undefined;
  #state: LampState;

  constructor(description: LampDescription, number: number, random: Random) {
    const model = lampModels[description.kind];
    this.kind = description.kind;
    this.#model = model;
    this.#powerup = description.powerup ?? model.powerup;
    this.lightId = uuid(random);
    this.device = new Device({ name: description.name, product: model, idV1: `/lights/${number}`, identifies: true }, random);
    this.connectivity = new Connectivity(this.device, random);
    this.device.services.push({ id: this.lightId, type: 'light', resource: () => this.lightResource() }, this.connectivity);
    this.#state = { on: true, reachable: true };
    if (this.has('brightness')) this.#state.brightness = 100;
    if (this.has('mirek')) this.#state.mirek = 366;
    if (this.has('xy')) this.#state.xy = mirekToXy(366);
    if (this.has('effect')) this.#state.effect = 'no_effect';
    this.change(description.state ?? {});
  }

  get name(): string {
    return this.device.name;
  }

  get state(): LampState {
    return structuredClone(this.#state);
  }

  has(attribute: LampAttribute): boolean {
    if (attribute === 'brightness') return this.#model.dims === true;
    if (attribute === 'mirek') return this.#model.mirek !== undefined;
    if (attribute === 'xy') return this.#model.gamut !== undefined;
    return attribute === 'on' || this.#model.effects !== undefined;
  }

  plays(effect: string): boolean {
    return this.effectValues.includes(effect);
  }

  get effectValues(): string[] {
    return ['no_effect', ...(this.#model.effects ?? [])];
  }

  /** Applies what the lamp can do, rounded as a lamp rounds. */
  change(wish: LampWish): ResourceUpdate | undefined {
    const before = this.#state;
    const next = { ...before };
    const gamut = gamutOf(this.#model);
    if (wish.on !== undefined) next.on = wish.on;
    if (wish.brightness !== undefined && this.has('brightness')) next.brightness = reportedBrightness(wish.brightness);
    if (wish.mirek !== undefined && this.#model.mirek) {
      next.mirek = Math.min(this.#model.mirek.max, Math.max(this.#model.mirek.min, Math.round(wish.mirek)));
      if (gamut) next.xy = mirekToXy(next.mirek);
    }
    if (wish.xy !== undefined && gamut) {
      next.xy = reportedXy(wish.xy, gamut);
      next.mirek = null;
    }
    if (next.effect !== undefined) next.effect = effectAfter(next.effect, wish);
    this.#state = next;
    return this.#update(difference(before, next));
  }

  /** The lamp says nothing itself when its power is cut: the bridge hears it no longer. */
  setReachable(reachable: boolean): ResourceUpdate | undefined {
    this.#state = { ...this.#state, reachable };
    return this.connectivity.set(reachable ? 'connected' : 'connectivity_issue');
  }

  /** What the lamp falls back to when power returns. */
  powerOn(): ResourceUpdate | undefined {
    if (this.#powerup === 'powerfail') return undefined;
    return this.change(this.#powerup === 'safety' ? safeState : { on: true });
  }

  setPowerup(preset: Powerup): ResourceUpdate | undefined {
    if (this.#powerup === preset) return undefined;
    this.#powerup = preset;
    return this.#update({ powerup: this.#powerupResource(preset) });
  }

  get configuresPowerup(): boolean {
    return this.#powerup !== undefined;
  }

  /** The deprecated name of the light follows that of its device. */
  rename(name: string): ResourceUpdate[] {
    return [this.device.rename(name), this.#update({ metadata: this.#metadata })].filter((each) => each !== undefined);
  }

  /** What every event of the light repeats. */
  fixed(): ClipObject {
    return { ...this.device.fixedOfService(), service_id: 0 };
  }

  lightResource(): ClipObject {
    const { on, brightness, mirek, xy, effect } = this.#state;
    const model = this.#model;
    return {
      alert: { action_values: ['breathe'] },
      ...(xy && { color: { gamut: gamutOf(model), gamut_type: model.gamut, xy } }),
      ...(model.mirek && {
        color_temperature: {
          mirek,
          mirek_schema: { mirek_maximum: model.mirek.max, mirek_minimum: model.mirek.min },
          mirek_valid: mirek !== null,
        },
        color_temperature_delta: {},
      }),
      ...(model.dims && {
        dimming: { brightness, ...(model.minDimLevel !== undefined && { min_dim_level: model.minDimLevel }) },
        dimming_delta: {},
      }),
      dynamics: { speed: 0, speed_valid: false, status: 'none', status_values: ['none', ...(xy ? ['dynamic_palette'] : [])] },
      ...(effect && effectResources(effect, this.effectValues)),
      ...(model.gradientPoints && { gradient: gradientResource(model.gradientPoints) }),
      id: this.lightId,
      identify: {},
      metadata: this.#metadata,
      mode: 'normal',
      on: { on },
      ...(this.#powerup && { powerup: this.#powerupResource(this.#powerup) }),
      product_data: { function: model.function },
      signaling: { signal_values: ['no_signal', 'on_off', ...(effect && xy ? ['on_off_color', 'alternating'] : [])] },
      type: 'light',
      ...this.fixed(),
    };
  }

  get #metadata(): ClipObject {
    return { ...this.device.metadata, function: this.#model.function };
  }

  #powerupResource(preset: Powerup): ClipObject {
    const modes = powerupModes[preset];
    return {
      ...(this.has('mirek') && { color: modes.color }),
      configured: true,
      ...(this.has('brightness') && modes.dimming && { dimming: modes.dimming }),
      on: modes.on,
      preset,
    };
  }

  #update(changed: ClipObject | undefined): ResourceUpdate | undefined {
    return changed && { id: this.lightId, type: 'light', fixed: this.fixed(), changed };
  }
}

const powerupModes: Record<Powerup, { on: ClipObject; dimming?: ClipObject; color: ClipObject }> = {
  safety: {
    on: { mode: 'on', on: { on: true } },
    dimming: { mode: 'dimming', dimming: { brightness: safeState.brightness } },
    color: { mode: 'color_temperature', color_temperature: { mirek: safeState.mirek } },
  },
  powerfail: { on: { mode: 'previous' }, dimming: { mode: 'previous' }, color: { mode: 'previous' } },
  last_on_state: { on: { mode: 'on', on: { on: true } }, color: { mode: 'previous' } },
};

/** A color, a color temperature or darkness ends an effect; an effect asked for together with a color is not heard. */
function effectAfter(effect: string, { on, mirek, xy, effect: asked }: LampWish): string {
  if (on === false || mirek !== undefined || xy !== undefined) return 'no_effect';
  return asked ?? effect;
}

function effectResources(effect: string, values: readonly string[]): ClipObject {
  return {
    effects: { effect_values: values, status: effect, status_values: values },
    effects_v2: { action: { effect_values: values }, status: { effect, effect_values: values } },
    timed_effects: {
      effect_values: ['no_effect', 'sunrise', 'sunset'],
      status: 'no_effect',
      status_values: ['no_effect', 'sunrise', 'sunset'],
    },
  };
}

const gradientResource = (points: number): ClipObject => ({
  mode: 'interpolated_palette',
  mode_values: ['interpolated_palette', 'interpolated_palette_mirrored', 'random_pixelated', 'segmented_palette'],
  pixel_count: 20,
  points: [],
  points_capable: points,
});

/** What brings a lamp back to a state; off the white curve its color does. */
export function asWish({ on, brightness, mirek, xy, effect }: LampState): LampWish {
  return {
    on,
    ...(brightness !== undefined && { brightness }),
    ...(typeof mirek === 'number' ? { mirek } : xy && { xy }),
    ...(effect !== undefined && { effect }),
  };
}

function difference(before: LampState, after: LampState): ClipObject | undefined {
  const changed: ClipObject = {};
  if (before.on !== after.on) changed.on = { on: after.on };
  if (before.brightness !== after.brightness) changed.dimming = { brightness: after.brightness };
  if (before.mirek !== after.mirek) changed.color_temperature = { mirek: after.mirek, mirek_valid: after.mirek !== null };
  if (before.xy?.x !== after.xy?.x || before.xy?.y !== after.xy?.y) changed.color = { xy: after.xy };
  if (before.effect !== after.effect) {
    changed.effects = { status: after.effect };
    changed.effects_v2 = { status: { effect: after.effect } };
  }
  return Object.keys(changed).length > 0 ? changed : undefined;
}
