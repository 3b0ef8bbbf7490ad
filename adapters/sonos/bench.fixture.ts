import { systemClock } from '../../daemon/api/clock.ts';
import { fakeContext } from '../../daemon/devices/adapter.fake.ts';
import type { Reading } from '../../daemon/devices/adapter.ts';
import type { Report } from '../../daemon/devices/command.ts';
import type { Attributes, DeviceId } from '../../daemon/devices/device.ts';
import { SonosAdapter } from './adapter.ts';
import { sonosOptions } from './options.ts';
import type { SonosTimings } from './player.ts';

/** An adapter at work, and all that it says. */
export class SonosBench {
  readonly adapter: SonosAdapter;
  readonly reports: Report[] = [];
  readonly readings: Reading[] = [];
  readonly available = new Map<DeviceId, boolean>();
  readonly problems: (string | null)[] = [];
  #ids = 0;
  #waiting: (() => void)[] = [];

  constructor(hosts: readonly string[], timings: Partial<SonosTimings> = {}, callbackPort = 0) {
    const options = sonosOptions.parse({ players: hosts.map((host) => ({ host })), callbackPort });
    this.adapter = new SonosAdapter(options, fakeContext({ clock: systemClock }), timings);
    const { events } = this.adapter;
    events.on('report', (report) => this.#note(() => this.reports.push(report)));
    events.on('reading', (reading) => this.#note(() => this.readings.push(reading)));
    events.on('availability', ({ device, available }) => this.#note(() => this.available.set(device, available)));
    events.on('problem', ({ problem }) => this.#note(() => this.problems.push(problem?.code ?? null)));
    events.on('devices', () => this.#note(() => {}));
  }

  /** Until all of these are there. */
  async start(...devices: readonly DeviceId[]): Promise<void> {
    await this.adapter.start();
    await this.until(() => devices.every((device) => this.available.get(device)));
  }

  apply(device: DeviceId, attributes: Attributes, transition = 0): Promise<void> {
    this.#ids += 1;
    const command = { id: `command-${this.#ids}`, device, attributes, transition, cause: ['test'] };
    return this.adapter.apply(command, new AbortController().signal);
  }

  /** As last reported. */
  of(device: DeviceId): Attributes {
    const mine = this.reports.filter((report) => report.device === device);
    return Object.fromEntries(mine.map(({ attribute, value }) => [attribute, value]));
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Until a report fits, from the ones after the first `from`. */
  async report(fits: (report: Report) => boolean, from = 0): Promise<Report> {
    await this.until(() => this.reports.slice(from).some(fits));
    return this.reports.slice(from).find(fits) as Report;
  }

  #note(take: () => unknown): void {
    take();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
