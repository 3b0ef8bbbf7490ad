import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../daemon/api/clock.ts';
import type { DeviceId } from '../../daemon/devices/device.ts';
import { type DeviceDescription, ZnpSimulator, type ZnpSimulatorOptions } from '../simulators/znp/simulator.ts';
import { ALONE, HubHere, SOMEBODY } from './hub.ts';

/** ms between two looks at what is waited for. */
const LOOK_EVERY = 20;

/**
 * The whole hub in real time, since zigbee-herdsman has a clock of its own, and a simulated coordinator with its devices. All of them
 * stand in the room `den`.
 */
export class ZigbeeHome {
  readonly simulator: ZnpSimulator;
  #here: HubHere | undefined;

  private constructor(options: ZnpSimulatorOptions) {
    this.simulator = new ZnpSimulator({ airTime: [1, 4], restartTime: 5, ...options, tables: { addresses: 40, trustCenterKeys: 4 } });
  }

  static async open(devices: readonly DeviceDescription[], options: ZnpSimulatorOptions = {}): Promise<ZigbeeHome> {
    const home = new ZigbeeHome({ ...options, devices });
    await home.simulator.start();
    const ids = home.simulator.devices.map(({ name }) => `"${home.id(name)}"`).join(', ');
    const config = `${ALONE}adapters: { zigbee: { port: "${home.simulator.path}" } }\nrooms: { den: { devices: [${ids}] } }\n`;
    home.#here = await HubHere.start(config, systemClock);
    await home.until(() => home.mesh.state === 'online');
    await home.joinAll();
    return home;
  }

  get here(): HubHere {
    if (!this.#here) throw new Error('the hub does not run yet');
    return this.#here;
  }

  get mesh() {
    return this.here.hub.meshes.view('zigbee');
  }

  id(name: string): DeviceId {
    const device = this.simulator.devices.find((each) => each.name === name);
    if (!device) throw new Error(`there is no ${name}`);
    return `zigbee:${device.ieee}/${device.endpoint.id}`;
  }

  device(name: string) {
    return this.here.hub.queries.device(this.id(name));
  }

  areThere(there: boolean): boolean {
    const { devices } = this.here.hub.queries.house();
    return devices.length === this.simulator.devices.length && devices.every(({ available }) => available === there);
  }

  get problems(): string[] {
    return this.here.hub.queries.house().problems.map(({ code }) => code);
  }

  /** A person puts one device after the other into pairing mode. */
  async joinAll(): Promise<void> {
    const { signal } = new AbortController();
    await this.here.hub.meshes.permitJoin(SOMEBODY, { adapter: 'zigbee', seconds: 254, signal });
    for (const device of this.simulator.devices) {
      if (!device.join()) throw new Error(`${device.name} was not let in`);
      await this.until(() => this.here.available(this.id(device.name)));
    }
    await this.here.hub.meshes.permitJoin(SOMEBODY, { adapter: 'zigbee', seconds: 0, signal });
  }

  /**
   * Lets time pass until it holds.
   * @param within ms
   * @returns ms that passed
   */
  async until(holds: () => boolean, within = 20_000): Promise<number> {
    const start = systemClock.mono();
    while (!holds()) {
      if (systemClock.mono() - start > within) throw new Error(`not within ${within} ms`);
      await wait(LOOK_EVERY);
    }
    return systemClock.mono() - start;
  }

  async close(): Promise<void> {
    await this.#here?.close();
    await this.simulator.close();
  }
}
