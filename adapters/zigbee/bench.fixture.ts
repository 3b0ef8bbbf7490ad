import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { FakeState } from '../../daemon/api/state.fake.ts';
import { FakeVault, fakeContext } from '../../daemon/devices/adapter.fake.ts';
import type { ButtonEvent, Reading } from '../../daemon/devices/adapter.ts';
import type { Command, Report } from '../../daemon/devices/command.ts';
import type { Attributes, DeviceId } from '../../daemon/devices/device.ts';
import { CountingClock } from '../../test/helpers/counting-clock.ts';
import { ZnpSimulator, type ZnpSimulatorOptions } from '../../test/simulators/znp/simulator.ts';
import { ZigbeeAdapter } from './adapter.ts';
import { zigbeeOptions } from './options.ts';
import type { ZigbeeTimings } from './timings.ts';

/** Short where faults are to show soon; no test measures them. */
const TIMINGS: Partial<ZigbeeTimings> = { firstRetry: 20, longestRetry: 100, readAfter: 1500, betweenChores: 1, backUpAfter: 50 };

interface LogLine {
  level: number;
  event?: string;
}

/** What ends when a test does. */
interface Ending {
  after(close: () => Promise<void>): void;
}

/** A simulated coordinator with its devices, an adapter, and everything the adapter says. */
export class ZigbeeBench {
  readonly simulator: ZnpSimulator;
  readonly vault = new FakeVault();
  readonly state = new FakeState();
  readonly clock = new CountingClock();
  readonly folder = mkdtempSync(join(tmpdir(), 'roomtone-zigbee-'));
  readonly readings: Reading[] = [];
  readonly touches: ButtonEvent[] = [];
  readonly reports: Report[] = [];
  readonly availability = new Map<DeviceId, boolean>();
  /** Codes of problems in the order they were raised; null when one passed. */
  readonly problems: (string | null)[] = [];
  readonly logged: LogLine[] = [];
  readonly #said = new EventEmitter<{ something: [] }>();
  #adapter: ZigbeeAdapter | undefined;
  #ids = 0;

  private constructor(options: ZnpSimulatorOptions) {
    this.simulator = new ZnpSimulator({ airTime: [0, 1], restartTime: 5, tables: { addresses: 8, trustCenterKeys: 4 }, ...options });
    this.#said.setMaxListeners(0);
  }

  /** A coordinator that has formed no network yet, and devices that are in none. */
  static async open(t: Ending, options: ZnpSimulatorOptions = {}): Promise<ZigbeeBench> {
    const bench = new ZigbeeBench(options);
    t.after(() => bench.close());
    await bench.simulator.start();
    return bench;
  }

  /** With a network, and these devices in it. */
  static async with(t: Ending, names: readonly string[], options: ZnpSimulatorOptions = {}): Promise<ZigbeeBench> {
    const bench = await ZigbeeBench.open(t, options);
    await bench.build().start();
    await bench.until(() => bench.adapter.mesh.view().state === 'online');
    for (const name of names) await bench.join(name);
    return bench;
  }

  get adapter(): ZigbeeAdapter {
    if (!this.#adapter) throw new Error('no adapter yet');
    return this.#adapter;
  }

  /** @param port where the adapter looks for the coordinator, if not at its own address */
  build(timings: Partial<ZigbeeTimings> = {}, port = this.simulator.path): ZigbeeAdapter {
    const { vault, state, clock, folder } = this;
    const log = pino({ level: 'info' }, { write: (line: string) => void this.logged.push(JSON.parse(line)) });
    const context = fakeContext({ log, vault, state, clock, folder: () => folder });
    const adapter = new ZigbeeAdapter(zigbeeOptions.parse({ port }), context, { ...TIMINGS, ...timings });
    this.#adapter = adapter;
    adapter.events.on('report', (report) => this.#note(() => this.reports.push(report)));
    adapter.events.on('availability', ({ device, available }) => this.#note(() => this.availability.set(device, available)));
    adapter.events.on('problem', ({ problem }) => this.#note(() => this.problems.push(problem?.code ?? null)));
    adapter.events.on('reading', (reading) => this.#note(() => this.readings.push(reading)));
    adapter.events.on('button', (event) => this.#note(() => this.touches.push(event)));
    adapter.events.on('devices', () => this.#note(() => {}));
    adapter.events.on('mesh', () => this.#note(() => {}));
    return adapter;
  }

  /** A person puts a device into pairing mode while the network is open. Resolves when it is in and there. */
  async join(name: string): Promise<DeviceId> {
    const { signal } = new AbortController();
    const { mesh } = this.adapter;
    if (mesh.view().joinSeconds === 0) await mesh.permitJoin(120, signal);
    const device = this.simulator.devices.find((each) => each.name === name);
    if (!device?.join()) throw new Error(`${name} was not let in`);
    await this.until(() => mesh.view().nodes.some(({ id, joining, available }) => id === device.ieee && !joining && available));
    return this.device(name);
  }

  async close(): Promise<void> {
    await this.#adapter?.close();
    await this.simulator.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  device(name: string): DeviceId {
    const device = this.simulator.devices.find((each) => each.name === name);
    if (!device) throw new Error(`there is no ${name}`);
    return `zigbee:${device.ieee}/${device.endpoint.id}`;
  }

  command(name: string, attributes: Attributes, transition = 0): Command {
    this.#ids += 1;
    return { id: `c${this.#ids}`, device: this.device(name), attributes, transition, cause: ['test'] };
  }

  apply(name: string, attributes: Attributes, transition = 0): Promise<void> {
    return this.adapter.apply(this.command(name, attributes, transition), new AbortController().signal);
  }

  /** Reports of a lamp, each as `[attribute, value]`. */
  said(name: string, kind?: Report['kind']): [string, unknown][] {
    const device = this.device(name);
    return this.reports
      .filter((each) => each.device === device && (kind === undefined || each.kind === kind))
      .map(({ attribute, value }) => [attribute, value]);
  }

  /** Waits until the adapter has said what makes it so. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await once(this.#said, 'something');
  }

  #note(take: () => void): void {
    take();
    this.#said.emit('something');
  }
}
