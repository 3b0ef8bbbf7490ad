import { Writer } from '../serial/bytes.ts';
import { clusterId } from '../zcl/cluster.ts';
import { Battery } from './battery.ts';
import { Device, type DeviceIdentity, type Model, type Surroundings } from './device.ts';

const model: Model = {
  manufacturer: 'IKEA of Sweden',
  model: 'TRADFRI on/off switch',
  manufacturerCode: 0x117c,
  device: 0x0820,
  endpoint: 1,
  battery: true,
  groups: false,
  outputs: [clusterId.identify, clusterId.groups, clusterId.onOff, clusterId.levelControl],
};

/** A remote with two buttons: it sends its commands to what it is bound to, lamps, groups or the coordinator. */
export class Remote extends Device {
  readonly battery: Battery;

  constructor(parts: { surroundings: Surroundings; identity: DeviceIdentity }) {
    let changed = () => {};
    const battery = new Battery(() => changed());
    super({ ...parts, model, clusters: [battery.cluster] });
    this.battery = battery;
    changed = () => this.changed();
  }

  press(button: 'on' | 'off' | 'toggle'): void {
    this.endpoint.command(clusterId.onOff, { off: 0, on: 1, toggle: 2 }[button], Buffer.alloc(0));
  }

  /** Dims while the button is held; `release` ends it. */
  hold(direction: 'up' | 'down'): void {
    const down = direction === 'down';
    const payload = new Writer()
      .u8(down ? 1 : 0)
      .u8(83)
      .done();
    this.endpoint.command(clusterId.levelControl, down ? 0x01 : 0x05, payload);
  }

  release(): void {
    this.endpoint.command(clusterId.levelControl, 0x07, Buffer.alloc(0));
  }
}
