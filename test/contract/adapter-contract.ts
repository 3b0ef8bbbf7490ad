import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import type { Adapter } from '../../daemon/devices/adapter.ts';
import type { Command, Report } from '../../daemon/devices/command.ts';
import type { AttributeName, Attributes, DeviceId } from '../../daemon/devices/device.ts';

/** An adapter that is not started yet, and what stands for the hardware behind it. */
export interface AdapterHarness {
  adapter: Adapter;
  /** A lamp that is on, dimmable and there. */
  lamp: DeviceId;
  /** A person changes the lamp by other means than ours. */
  hand(attributes: Attributes): void;
  /** The lamp loses its power and gets it back. */
  cutPower(): void;
  returnPower(): void;
  /** Timers that the adapter has set on its clock. */
  pendingTimers(): number;
  /** Ends what stands for the hardware. */
  close(): Promise<void>;
}

/** What every adapter must do, whatever it speaks to. Call it from the adapter's own tests. */
export function adapterContract(name: string, build: () => Promise<AdapterHarness>): void {
  const withAdapter = (test: (watched: Watched) => Promise<void>) => async () => {
    const watched = new Watched(await build());
    try {
      await test(watched);
    } finally {
      await watched.harness.adapter.close();
      await watched.harness.close();
    }
  };

  describe(`${name} keeps the adapter contract`, () => {
    it(
      'lists its devices, says that they are there, and reports how they stand',
      withAdapter(async (watched) => {
        await watched.start();
        const { adapter, lamp } = watched.harness;
        const device = adapter.list().find(({ id }) => id === lamp);
        assert.equal(device?.adapter, adapter.id);
        assert.ok(device.id.startsWith(`${adapter.id}:`));
        assert.ok(device.capabilities.on && device.capabilities.brightness);
        assert.equal((await watched.report('on', (value) => value === true)).kind, 'resync');
        const { key, limits } = adapter.route(lamp);
        assert.ok(key.startsWith(adapter.id) && limits.rate > 0 && limits.burst >= 1 && limits.inFlight >= 1);
      }),
    );

    it(
      'carries out a command and reports it, never as a hand',
      withAdapter(async (watched) => {
        await watched.start();
        await watched.apply({ brightness: 30 });
        const report = await watched.report('brightness', (value) => near(value, 30));
        assert.notEqual(report.origin, 'external');
        assert.equal(report.transitional, false);
        await watched.apply({ on: false });
        await watched.report('on', (value) => value === false);
      }),
    );

    it(
      "reports a person's change, never as our command",
      withAdapter(async (watched) => {
        await watched.start();
        watched.harness.hand({ brightness: 80 });
        const report = await watched.report('brightness', (value) => near(value, 80));
        assert.notEqual(report.origin, 'command');
        assert.equal(report.kind, 'event');
      }),
    );

    it(
      'says when a device is gone and when it is back',
      withAdapter(async (watched) => {
        await watched.start();
        watched.harness.cutPower();
        await watched.availability(false);
        watched.harness.returnPower();
        await watched.availability(true);
        await watched.apply({ brightness: 20 });
        await watched.report('brightness', (value) => near(value, 20));
      }),
    );

    it(
      'rejects a command that was called off before it went out',
      withAdapter(async (watched) => {
        await watched.start();
        await assert.rejects(watched.apply({ on: false }, AbortSignal.abort(new RoomtoneError('api.closed'))), { code: 'api.closed' });
      }),
    );

    it(
      'rejects a command for a device it does not know, with a code',
      withAdapter(async (watched) => {
        await watched.start();
        const command = { ...watched.command({ on: true }), device: `${watched.harness.adapter.id}:nobody` as const };
        await assert.rejects(watched.harness.adapter.apply(command, new AbortController().signal), RoomtoneError);
      }),
    );

    it(
      'closes as often as asked, before and after a start, and leaves nothing open',
      withAdapter(async (watched) => {
        await watched.start();
        await watched.apply({ brightness: 10 }, undefined, 5);
        await watched.harness.adapter.close();
        await watched.harness.adapter.close();
        assert.equal(watched.harness.pendingTimers(), 0);
        const unstarted = await build();
        await unstarted.adapter.close();
        assert.equal(unstarted.pendingTimers(), 0);
        await unstarted.close();
      }),
    );
  });
}

/** Collects what an adapter says, and waits for what it will say. */
class Watched {
  readonly harness: AdapterHarness;
  readonly #reports: Report[] = [];
  readonly #availability: boolean[] = [];
  #ids = 0;
  #waiting: (() => void)[] = [];

  constructor(harness: AdapterHarness) {
    this.harness = harness;
    harness.adapter.events.on('report', (report) => {
      if (report.device === harness.lamp) this.#reports.push(report);
      this.#wake();
    });
    harness.adapter.events.on('availability', ({ device, available }) => {
      if (device === harness.lamp) this.#availability.push(available);
      this.#wake();
    });
  }

  async start(): Promise<void> {
    await this.harness.adapter.start(new AbortController().signal);
    await this.availability(true);
  }

  command(attributes: Attributes, transition = 0): Command {
    this.#ids += 1;
    return { id: `command-${this.#ids}`, device: this.harness.lamp, attributes, transition, cause: ['test'] };
  }

  apply(attributes: Attributes, signal: AbortSignal = new AbortController().signal, transition = 0): Promise<void> {
    return this.harness.adapter.apply(this.command(attributes, transition), signal);
  }

  /** The first report, past or to come, of this attribute with a value that fits. */
  async report(attribute: AttributeName, fits: (value: unknown) => boolean): Promise<Report> {
    const find = (): Report | undefined => this.#reports.find((each) => each.attribute === attribute && fits(each.value));
    for (let found = find(); ; found = find()) {
      if (found) return found;
      await this.#next();
    }
  }

  /** Until the latest word on the lamp is this. */
  async availability(available: boolean): Promise<void> {
    while (this.#availability.at(-1) !== available) await this.#next();
  }

  #next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** Devices round to their own steps. */
const near = (value: unknown, wanted: number): boolean => typeof value === 'number' && Math.abs(value - wanted) < 0.5;
