import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../daemon/api/clock.ts';
import type { DeviceId } from '../../daemon/devices/device.ts';
import { ALONE, HubHere } from '../../test/helpers/hub.ts';
import type { HueBridgeOptions } from '../../test/simulators/hue/simulator.ts';
import type { BridgeAnswers, BridgeAtWork, BridgeMessage } from './hue-bridge.ts';

export interface BenchLamp {
  /** As the bridge names its light. */
  light: string;
  device: DeviceId;
}

/** The whole hub in real time, and a bridge in another process, with all its lamps in one room. */
export class RealHueHome {
  readonly here: HubHere;
  readonly lamps: readonly BenchLamp[];
  readonly #bridge: ChildProcess;

  private constructor(here: HubHere, lamps: readonly BenchLamp[], bridge: ChildProcess) {
    this.here = here;
    this.lamps = lamps;
    this.#bridge = bridge;
  }

  static async open(lamps: number, options: HueBridgeOptions = {}): Promise<RealHueHome> {
    const described = Array.from({ length: lamps }, (_, index) => ({ kind: 'color', name: `Lamp ${index + 1}` }));
    const child = fileURLToPath(new URL('./hue-bridge.ts', import.meta.url));
    const bridge = fork(child, [JSON.stringify({ lamps: described, ...options })]);
    const [{ address, bridgeId, lights }] = (await once(bridge, 'message')) as [BridgeAtWork];
    const known = lights.map((light) => ({ light, device: `hue:${bridgeId.toLowerCase()}.${light}` as const }));
    const devices = known.map(({ device }) => `"${device}"`).join(', ');
    const config = `${ALONE}adapters: { hue: { bridges: [{ host: "${address}" }] } }\nrooms: { den: { devices: [${devices}] } }\n`;
    const here = await HubHere.start(config, systemClock);
    await here.pair('hue', address);
    await here.until(() => known.every(({ device }) => here.available(device)));
    return new RealHueHome(here, known, bridge);
  }

  async ask(message: BridgeMessage): Promise<BridgeAnswers> {
    const answer = once(this.#bridge, 'message');
    this.#bridge.send(message);
    return (await answer)[0] as BridgeAnswers;
  }

  async close(): Promise<void> {
    await this.here.close();
    this.#bridge.disconnect();
  }
}
