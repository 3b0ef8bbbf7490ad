import { clusterId, setting } from '../zcl/cluster.ts';
import { zclType } from '../zcl/types.ts';
import { Device, type DeviceIdentity, type Model, type Surroundings } from './device.ts';
import { type LampQuirks, type LampState, Light } from './light.ts';
import { colorCluster, type LightSettings, levelCluster, onOffCluster } from './light-clusters.ts';

export type LampKind = 'color' | 'ambiance' | 'dimmable' | 'plug';

const overTheAir = 0x0019;

const innr = (model: string, device: number): Model => ({
  manufacturer: 'innr',
  model,
  manufacturerCode: 0x1166,
  device,
  endpoint: 1,
  battery: false,
  groups: true,
  outputs: [overTheAir],
});

interface LampMake {
  model: Model;
  level: boolean;
  color?: { xy: boolean; mired: readonly [min: number, max: number] };
}

const makes: Readonly<Record<LampKind, LampMake>> = {
  color: { model: innr('RB 285 C', 0x010d), level: true, color: { xy: true, mired: [153, 555] } },
  ambiance: { model: innr('RB 278 T', 0x010c), level: true, color: { xy: false, mired: [200, 454] } },
  dimmable: { model: innr('RB 265', 0x0101), level: true },
  plug: { model: innr('SP 220', 0x010a), level: false },
};

const startUp = { off: 0, on: 1, toggle: 2, previous: 255 } as const;

/** A lamp or plug on the mains. */
export class Lamp extends Device {
  readonly kind: LampKind;
  readonly light: Light;
  readonly #settings: LightSettings;
  #wasOn = false;

  constructor({
    kind,
    quirks = {},
    ...rest
  }: { kind: LampKind; quirks?: LampQuirks; surroundings: Surroundings; identity: DeviceIdentity }) {
    const { model, level, color } = makes[kind];
    const settings = { startUpOnOff: setting(zclType.enum8, kind === 'plug' ? startUp.previous : startUp.on) };
    let changed = () => {};
    const start = color && { mired: Math.min(color.mired[1], 370) };
    const light = new Light({ clock: rest.surroundings.clock, quirks, mired: color?.mired, color: start, changed: () => changed() });
    const clusters = [
      onOffCluster(light, settings),
      ...(level ? [levelCluster(light)] : []),
      ...(color ? [colorCluster(light, color)] : []),
    ];
    super({ ...rest, model, clusters });
    this.kind = kind;
    this.light = light;
    this.#settings = settings;
    changed = () => this.changed();
  }

  get state(): LampState {
    return this.light.state;
  }

  /** Groups it belongs to. */
  get groups(): ReadonlySet<number> {
    return this.endpoint.groups;
  }

  /** Messages that reached it for on/off, level and color. */
  get commands(): readonly { at: number; cluster: number; data: Buffer; byGroup: boolean }[] {
    const lighting: readonly number[] = [clusterId.onOff, clusterId.levelControl, clusterId.colorControl];
    return this.node.heard.filter(({ cluster }) => lighting.includes(cluster));
  }

  /** A person switches the lamp off at the wall. */
  cutAtTheWall(): void {
    this.#wasOn = this.light.on;
    this.node.cutPower();
    this.light.darken();
  }

  /** The wall switch is on again: the lamp comes back as its start-up setting says. */
  restoreAtTheWall(): void {
    const setting = this.#settings.startUpOnOff.value;
    const on = setting === startUp.on || (setting === startUp.previous && this.#wasOn) || (setting === startUp.toggle && !this.#wasOn);
    this.node.restorePower();
    this.light.switch(on);
  }

  override close(): void {
    // First: what it shows then is a change, which would plan a report.
    this.light.darken();
    super.close();
  }
}
