import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { HUE_TIMINGS } from '../../adapters/hue/session.ts';
import type { DeviceId } from '../../daemon/devices/device.ts';
import { type HueBridgeOptions, HueBridgeSimulator } from '../simulators/hue/simulator.ts';
import { ALONE, HubHere } from './hub.ts';
import { PatientClock } from './patient-clock.ts';
import { Wire } from './wire.ts';

/** A hub and its Hue bridge, on one virtual clock; what is on the wire is real. Lamps and motion sensors are in the room `den`. */
export class HueHome {
  readonly clock: PatientClock;
  readonly bridge: HueBridgeSimulator;
  readonly #options: HueBridgeOptions;
  readonly #wire = new Wire();
  #here: HubHere | undefined;

  constructor(options: HueBridgeOptions) {
    this.#options = options;
    this.clock = new PatientClock({ answerWithin: HUE_TIMINGS.answerWithin, wire: this.#wire });
    this.bridge = new HueBridgeSimulator({ clock: this.clock, answerDelay: [0, 0], echoDelay: [0, 0], ...options });
    this.#wire.watch(this.bridge);
  }

  static async for(t: TestContext, options: HueBridgeOptions, configure?: (home: HueHome) => string): Promise<HueHome> {
    const home = new HueHome(options);
    t.after(() => home.close());
    await home.open(configure);
    return home;
  }

  /**
   * Pairs the two, and waits until all devices are there.
   * @param configure more of the configuration
   */
  async open(configure: (home: HueHome) => string = () => ''): Promise<void> {
    await this.bridge.start();
    const sensors = (this.#options.accessories ?? []).flatMap(({ kind, name }) => (kind === 'motion' ? this.sensor(name) : []));
    const devices = [...this.bridge.lights.map(({ id }) => this.id(id)), ...sensors];
    const bridges = `adapters: { hue: { bridges: [{ host: "${this.bridge.address}" }] } }\n`;
    const rooms = `rooms: { den: { devices: ${JSON.stringify(devices)} } }\n`;
    this.#here = await HubHere.start(ALONE + bridges + rooms + configure(this), this.clock);
    await this.pair();
    await this.passUntil(() => devices.every((device) => this.here.available(device)));
  }

  /** The bridge's button is pressed; its answers take their time by the clock. */
  async pair(): Promise<void> {
    this.bridge.pressLinkButton();
    let isOver = false;
    const end = (): void => {
      isOver = true;
    };
    const pairing = this.here.pair('hue', this.bridge.address);
    pairing.then(end, end);
    await this.clock.passUntil(() => isOver, 60_000, 10);
    await pairing;
  }

  get here(): HubHere {
    assert.ok(this.#here, 'the hub runs');
    return this.#here;
  }

  lamp(name: string): DeviceId {
    return this.id(this.bridge.light(name).id);
  }

  sensor(name?: string): DeviceId {
    return this.id(this.bridge.motionSensor(name).device.id);
  }

  /** @param rid as the bridge names a lamp, a scene, or what a sensor or switch is in */
  id(rid: string): DeviceId {
    return `hue:${this.bridge.bridgeId.toLowerCase()}.${rid}`;
  }

  device(id: DeviceId) {
    return this.here.hub.queries.device(id);
  }

  /**
   * Lets time pass until it holds.
   * @param within ms
   * @returns ms that passed
   */
  async passUntil(holds: () => boolean, within = 60_000): Promise<number> {
    const took = await this.clock.passUntil(holds, within);
    assert.ok(holds(), `not within ${within} ms`);
    return took;
  }

  async close(): Promise<void> {
    await this.#here?.close();
    await this.bridge.close();
    this.#wire.close();
  }
}
