import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Controller, type Events, type Models, setLogger } from 'zigbee-herdsman';
import type { Device } from './devices/device.ts';
import { ZnpSimulator, type ZnpSimulatorOptions } from './simulator.ts';

// The host leaves a timer of a minute behind for every battery device that announced itself: it must not keep a test alive.
const startTimer = globalThis.setTimeout;
globalThis.setTimeout = ((task: () => void, delay: number) => {
  const timer = startTimer(task, delay);
  return delay >= 60_000 ? timer.unref() : timer;
}) as typeof setTimeout;

const silent = () => {};
setLogger({ debug: silent, info: silent, warning: silent, error: silent });

export const networkKey = [1, 3, 5, 7, 9, 11, 13, 15, 0, 2, 4, 6, 8, 10, 12, 13];

/**
 * A simulator and the folder of its host, closed after the test. The host keeps its devices in variables of its modules: there may
 * be one at a time in a process, and `start` ends the one before.
 */
export class Home {
  readonly simulator: ZnpSimulator;
  readonly #dir = mkdtempSync(join(tmpdir(), 'roomtone-znp-'));
  #controller: Controller | undefined;

  constructor(options: ZnpSimulatorOptions) {
    this.simulator = new ZnpSimulator(options);
  }

  /** A host with the database and the backup of the last one; answers whether the network was `reset`, `resumed` or `restored`. */
  async startHost(): Promise<{ controller: Controller; result: string }> {
    await this.stopHost();
    const controller = new Controller({
      network: { panID: 0x1a62, extendedPanID: [1, 2, 3, 4, 5, 6, 7, 8], channelList: [15], networkKey, networkKeyDistribute: false },
      serialPort: { path: this.simulator.path, adapter: 'zstack' },
      databasePath: join(this.#dir, 'database.db'),
      databaseBackupPath: join(this.#dir, 'database.db.backup'),
      backupPath: join(this.#dir, 'backup.json'),
      adapter: { disableLED: false },
      acceptJoiningDeviceHandler: async () => true,
    });
    this.#controller = controller;
    return { controller, result: await controller.start() };
  }

  async stopHost(): Promise<void> {
    const controller = this.#controller;
    this.#controller = undefined;
    await controller?.stop();
  }

  async close(): Promise<void> {
    await this.stopHost();
    await this.simulator.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

/** A home whose network is formed. */
export async function homeFor(t: TestContext, options: ZnpSimulatorOptions = {}) {
  const home = new Home({ tables: { addresses: 16, trustCenterKeys: 4 }, ...options });
  t.after(() => home.close());
  await home.simulator.start();
  const { controller, result } = await home.startHost();
  return { home, simulator: home.simulator, controller, result };
}

/** A person puts a device in pairing mode; resolves when the host knows it. */
export async function pair(controller: Controller, device: Device): Promise<Models.Device> {
  await controller.permitJoin(10);
  const known = interviewed(controller, device);
  if (!device.join()) throw new Error(`${device.name} was not let in.`);
  return known;
}

async function interviewed(controller: Controller, device: Device): Promise<Models.Device> {
  for (;;) {
    const [event] = (await once(controller, 'deviceInterview')) as [Events.DeviceInterviewPayload];
    if (event.device.ieeeAddr !== device.ieee || event.status === 'started') continue;
    if (event.status === 'failed') throw new Error(`The interview of ${device.name} failed.`);
    return event.device;
  }
}

/** The endpoint of a device that its lamp or sensor has. */
export function endpointOf(device: Models.Device, id = 1): Models.Endpoint {
  const endpoint = device.getEndpoint(id);
  if (!endpoint) throw new Error(`${device.ieeeAddr} has no endpoint ${id}.`);
  return endpoint;
}

/** The coordinator's endpoint for home automation. */
export function coordinatorEndpoint(controller: Controller): Models.Endpoint {
  const [coordinator] = controller.getDevicesByType('Coordinator');
  if (!coordinator) throw new Error('The host has no coordinator.');
  return endpointOf(coordinator);
}

/** The next message of this type that the host hears. */
export async function message(controller: Controller, type: string): Promise<Events.MessagePayload> {
  for (;;) {
    const [heard] = (await once(controller, 'message')) as [Events.MessagePayload];
    if (heard.type === type) return heard;
  }
}
