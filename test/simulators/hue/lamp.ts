import { gamutC, mirekToXy, reportedBrightness, reportedXy, type Xy } from './color.ts';
import { hex, type Random, uuid } from './random.ts';

/** `color`: white and color, gamut C; `ambiance`: tunable white; `white`: dimmable; `plug`: on and off alone. */
export type LampKind = 'color' | 'ambiance' | 'white' | 'plug';

interface Model {
  modelId: string;
  productName: string;
  archetype: string;
  function: string;
  /** % */
  minDimLevel?: number;
  mirek?: { min: number; max: number };
  color?: true;
}

const models: Record<LampKind, Model> = {
  color: {
    modelId: 'LCA001',
    productName: 'Hue color lamp',
    archetype: 'sultan_bulb',
    function: 'mixed',
    minDimLevel: 0.2,
    mirek: { min: 153, max: 500 },
    color: true,
  },
  ambiance: {
    modelId: 'LTA009',
    productName: 'Hue ambiance lamp',
    archetype: 'sultan_bulb',
    function: 'mixed',
    minDimLevel: 0.2,
    mirek: { min: 153, max: 454 },
  },
  white: { modelId: 'LWA001', productName: 'Hue white lamp', archetype: 'sultan_bulb', function: 'functional', minDimLevel: 2 },
  plug: { modelId: 'LOM001', productName: 'Hue smart plug', archetype: 'plug', function: 'functional' },
};

/** What a lamp can be asked for. Brightness in %, color temperature in mirek, color in CIE 1931 xy. */
export interface LampWish {
  on?: boolean;
  brightness?: number;
  mirek?: number;
  xy?: Xy;
}

export type LampAttribute = keyof LampWish;

/** What the bridge reports of a lamp. `mirek` is null while the color is off the white curve; absent: the lamp has no such attribute. */
export interface LampState {
  on: boolean;
  brightness?: number;
  mirek?: number | null;
  xy?: Xy;
  /** False while its `zigbee_connectivity` is `connectivity_issue`. */
  reachable: boolean;
}

export interface LampDescription {
  kind: LampKind;
  name: string;
  state?: LampWish;
}

/** Properties of a resource as CLIP v2 writes them. */
export type ClipObject = Record<string, unknown>;

/** What a lamp does when its power returns, preset `safety`: on, full, warm white. */
const powerOnDefault: LampWish = { on: true, brightness: 100, mirek: 366 };

/** One lamp with its three resources: `light`, `device`, `zigbee_connectivity`. Changes return what changed, in CLIP's form. */
export class Lamp {
  readonly kind: LampKind;
  readonly name: string;
  readonly lightId: string;
  readonly deviceId: string;
  readonly connectivityId: string;
  readonly idV1: string;
  readonly #model: Model;
  readonly #mac: string;
  #state: LampState;

  constructor(description: LampDescription, number: number, random: Random) {
    this.kind = description.kind;
    this.name = description.name;
    this.lightId = uuid(random);
    this.deviceId = uuid(random);
    this.connectivityId = uuid(random);
    this.idV1 = `/lights/${number}`;
    this.#model = models[description.kind];
    this.#mac = `00:17:88:01:${(hex(10, random).match(/../g) ?? []).join(':')}`;
    this.#state = { on: true, reachable: true };
    if (this.has('brightness')) this.#state.brightness = 100;
    if (this.has('mirek')) this.#state.mirek = 366;
    if (this.has('xy')) this.#state.xy = mirekToXy(366);
    this.change(description.state ?? {});
  }

  get state(): LampState {
    return structuredClone(this.#state);
  }

  has(attribute: LampAttribute): boolean {
    if (attribute === 'brightness') return this.#model.minDimLevel !== undefined;
    if (attribute === 'mirek') return this.#model.mirek !== undefined;
    return attribute === 'on' || this.#model.color === true;
  }

  /** Applies what the lamp can do, rounded as a lamp rounds; returns the properties that changed, or undefined. */
  change(wish: LampWish): ClipObject | undefined {
    const before = this.#state;
    const next = { ...before };
    if (wish.on !== undefined) next.on = wish.on;
    if (wish.brightness !== undefined && this.has('brightness')) next.brightness = reportedBrightness(wish.brightness);
    if (wish.mirek !== undefined && this.#model.mirek) {
      next.mirek = Math.min(this.#model.mirek.max, Math.max(this.#model.mirek.min, Math.round(wish.mirek)));
      if (this.has('xy')) next.xy = mirekToXy(next.mirek);
    }
    if (wish.xy !== undefined && this.has('xy')) {
      next.xy = reportedXy(wish.xy);
      next.mirek = null;
    }
    this.#state = next;
    return difference(before, next);
  }

  /** Returns the changed properties of the connectivity resource, or undefined. */
  setReachable(reachable: boolean): ClipObject | undefined {
    if (this.#state.reachable === reachable) return undefined;
    this.#state = { ...this.#state, reachable };
    return { status: connectivityStatus(reachable) };
  }

  /** What the lamp falls back to when power returns. */
  powerOn(): ClipObject | undefined {
    return this.change(powerOnDefault);
  }

  lightResource(): ClipObject {
    const { on, brightness, mirek, xy } = this.#state;
    const dimmable = brightness !== undefined;
    const range = this.#model.mirek;
    return {
      alert: { action_values: ['breathe'] },
      ...(xy && { color: { gamut: gamutC, gamut_type: 'C', xy } }),
      ...(range && {
        color_temperature: {
          mirek,
          mirek_schema: { mirek_maximum: range.max, mirek_minimum: range.min },
          mirek_valid: mirek !== null,
        },
        color_temperature_delta: {},
      }),
      ...(dimmable && { dimming: { brightness, min_dim_level: this.#model.minDimLevel }, dimming_delta: {} }),
      dynamics: { speed: 0, speed_valid: false, status: 'none', status_values: ['none'] },
      id: this.lightId,
      id_v1: this.idV1,
      identify: {},
      metadata: { archetype: this.#model.archetype, function: this.#model.function, name: this.name },
      mode: 'normal',
      on: { on },
      owner: this.owner,
      powerup: {
        ...(range && { color: { color_temperature: { mirek: powerOnDefault.mirek }, mode: 'color_temperature' } }),
        configured: true,
        ...(dimmable && { dimming: { dimming: { brightness: powerOnDefault.brightness }, mode: 'dimming' } }),
        on: { mode: 'on', on: { on: true } },
        preset: 'safety',
      },
      product_data: { function: this.#model.function },
      service_id: 0,
      signaling: { signal_values: ['no_signal', 'on_off'] },
      type: 'light',
    };
  }

  deviceResource(): ClipObject {
    const { archetype, modelId, productName } = this.#model;
    return {
      id: this.deviceId,
      id_v1: this.idV1,
      identify: {},
      metadata: { archetype, name: this.name },
      product_data: {
        certified: true,
        hardware_platform_type: '100b-114',
        manufacturer_name: 'Signify Netherlands B.V.',
        model_id: modelId,
        product_archetype: archetype,
        product_name: productName,
        software_version: '1.163.1',
      },
      services: [
        { rid: this.lightId, rtype: 'light' },
        { rid: this.connectivityId, rtype: 'zigbee_connectivity' },
      ],
      type: 'device',
    };
  }

  connectivityResource(): ClipObject {
    return {
      id: this.connectivityId,
      id_v1: this.idV1,
      mac_address: this.#mac,
      owner: this.owner,
      status: connectivityStatus(this.#state.reachable),
      type: 'zigbee_connectivity',
    };
  }

  get owner(): { rid: string; rtype: 'device' } {
    return { rid: this.deviceId, rtype: 'device' };
  }
}

const connectivityStatus = (reachable: boolean): string => (reachable ? 'connected' : 'connectivity_issue');

function difference(before: LampState, after: LampState): ClipObject | undefined {
  const changed: ClipObject = {};
  if (before.on !== after.on) changed.on = { on: after.on };
  if (before.brightness !== after.brightness) changed.dimming = { brightness: after.brightness };
  if (before.mirek !== after.mirek) changed.color_temperature = { mirek: after.mirek, mirek_valid: after.mirek !== null };
  if (before.xy?.x !== after.xy?.x || before.xy?.y !== after.xy?.y) changed.color = { xy: after.xy };
  return Object.keys(changed).length > 0 ? changed : undefined;
}
