import { Timers } from '../../hue/clock.ts';
import { type Attribute, type Cluster, clusterId, fixed, setting } from '../zcl/cluster.ts';
import { zclType } from '../zcl/types.ts';
import { Battery } from './battery.ts';
import { measuring } from './common-clusters.ts';
import { Device, type DeviceIdentity, type Model, type Surroundings } from './device.ts';

interface SensorParts {
  surroundings: Surroundings;
  identity: DeviceIdentity;
}

const motionModel: Model = {
  manufacturer: 'Philips',
  model: 'SML001',
  manufacturerCode: 0x100b,
  device: 0x0107,
  endpoint: 2,
  battery: true,
  groups: false,
  outputs: [0x0019],
};

/** "The light could not be measured" is 0xffff; 1 lux is 1, ten times as much 10,000 more. */
const illuminanceOf = (lux: number): number => (lux < 1 ? 0 : Math.round(10_000 * Math.log10(lux)) + 1);

function occupancyCluster(occupied: () => boolean, delay: Attribute): Cluster {
  return {
    id: clusterId.occupancySensing,
    attributes: new Map<number, Attribute>([
      [0x0000, { type: zclType.bitmap8, read: () => Number(occupied()), reportable: true }],
      [0x0001, fixed(zclType.enum8, 0)],
      [0x0010, delay],
    ]),
    commands: {},
  };
}

/** Motion, illuminance and temperature in one. */
export class MotionSensor extends Device {
  readonly battery: Battery;
  readonly #timers: Timers;
  readonly #measured: { occupied: boolean; lux: number; degrees: number };
  readonly #delay: { value: number };
  #empty: { cancel(): void } | undefined;

  constructor(parts: SensorParts) {
    let changed = () => {};
    const measured = { occupied: false, lux: 50, degrees: 21 };
    const delay = setting(zclType.uint16, 10);
    const battery = new Battery(() => changed());
    const clusters = [
      battery.cluster,
      occupancyCluster(() => measured.occupied, delay),
      measuring(clusterId.illuminance, [[0x0000, zclType.uint16, () => illuminanceOf(measured.lux)]]),
      measuring(clusterId.temperature, [[0x0000, zclType.int16, () => Math.round(measured.degrees * 100)]]),
    ];
    super({ ...parts, model: motionModel, clusters });
    this.battery = battery;
    this.#measured = measured;
    this.#delay = delay;
    this.#timers = new Timers(parts.surroundings.clock);
    changed = () => this.changed();
  }

  /** Someone moves; the room counts as empty some seconds after the last time. */
  moves(): void {
    this.#empty?.cancel();
    this.#measured.occupied = true;
    this.changed();
    this.#empty = this.#timers.after(this.#delay.value * 1000, () => {
      this.#measured.occupied = false;
      this.changed();
    });
  }

  lux(value: number): void {
    this.#measured.lux = value;
    this.changed();
  }

  /** Degrees Celsius. */
  degrees(value: number): void {
    this.#measured.degrees = value;
    this.changed();
  }

  override close(): void {
    super.close();
    this.#timers.cancelAll();
  }
}

const thermometerModel: Model = {
  ...motionModel,
  manufacturer: 'eWeLink',
  model: 'TH01',
  manufacturerCode: 0x1286,
  device: 0x0302,
  endpoint: 1,
};

export class Thermometer extends Device {
  readonly battery: Battery;
  readonly #measured: { degrees: number };

  constructor(parts: SensorParts) {
    let changed = () => {};
    const measured = { degrees: 21 };
    const battery = new Battery(() => changed());
    const temperature = measuring(clusterId.temperature, [[0x0000, zclType.int16, () => Math.round(measured.degrees * 100)]]);
    super({ ...parts, model: thermometerModel, clusters: [battery.cluster, temperature] });
    this.battery = battery;
    this.#measured = measured;
    changed = () => this.changed();
  }

  /** Degrees Celsius. */
  degrees(value: number): void {
    this.#measured.degrees = value;
    this.changed();
  }
}
