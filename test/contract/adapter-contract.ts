import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import type { AdapterHarness, Keeps } from './harness.ts';
import { goneBut, isRetryable, near, openResources, soon, turns, Watched } from './watched.ts';
import { describeWire } from './wire.ts';

export type { AdapterHarness, Wire } from './harness.ts';

/** ms that a test may take: an adapter that never says what is waited for fails by it. */
const PATIENCE = 60_000;

/** What every adapter must do, whatever it speaks to. Call it from the adapter's own tests. */
export function adapterContract(name: string, build: () => Promise<AdapterHarness>): void {
  const keeps: Keeps = (what, test) => {
    it(what, { timeout: PATIENCE }, async () => {
      const harness = await build();
      const watched = new Watched(harness.adapter, harness.lamp);
      try {
        await test(watched, harness);
      } finally {
        await harness.adapter.close();
        await harness.close();
      }
    });
  };

  describe(`${name} keeps the adapter contract`, () => {
    describeDevices(keeps);
    describeCommands(keeps);
    describeHands(keeps);
    describeEnds(keeps, build);
  });
  describe(`${name} keeps the adapter contract on a bad wire`, () => describeWire(keeps));
}

function describeDevices(keeps: Keeps): void {
  keeps('lists its devices, says that they are there, and reports how they stand', async (watched, { adapter, lamp }) => {
    await watched.start();
    const device = adapter.list().find(({ id }) => id === lamp);
    assert.equal(device?.adapter, adapter.id);
    assert.ok(device.id.startsWith(`${adapter.id}:`));
    assert.ok(device.name.length > 0);
    assert.ok(device.capabilities.on && device.capabilities.brightness);
    assert.equal((await watched.report('on', (value) => value === true)).kind, 'resync');
    const ids = adapter.list().map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, 'no device is listed twice');
  });

  keeps('names the way to a device, the same every time, listed or not', async (watched, { adapter, lamp }) => {
    const route = adapter.route(lamp);
    const { key, limits } = route;
    assert.ok(key.startsWith(adapter.id));
    assert.ok(limits.rate > 0 && limits.burst >= 1 && limits.inFlight >= 1);
    await watched.start();
    assert.deepEqual(adapter.route(lamp), route);
    assert.ok(adapter.route(`${adapter.id}:nobody`).limits.rate > 0);
  });

  keeps('takes no listed device for gone, and none for gone before it has looked', async (watched, { adapter, lamp, wire }) => {
    if (wire) assert.equal(adapter.isGone(lamp), false);
    await watched.start();
    for (const { id } of adapter.list()) assert.equal(adapter.isGone(id), false);
  });

  keeps('names groups of devices that it lists, where it has any', async (watched, { adapter }) => {
    await watched.start();
    const listed = new Set(adapter.list().map(({ id }) => id));
    for (const { members, pace } of adapter.groups?.() ?? []) {
      assert.ok(pace.rate > 0 && pace.burst >= 1);
      for (const member of members) assert.ok(listed.has(member));
    }
    if (adapter.groups) assert.ok(adapter.applyToGroup, 'what names groups can speak to them');
  });

  keeps('lets a device show itself and leaves it as it was, where it can', async (watched, { adapter, lamp, shows }) => {
    await watched.start();
    if (!adapter.identify) return;
    const before = shows();
    await adapter.identify(lamp, new AbortController().signal);
    assert.deepEqual(shows(), before);
    assert.ok(watched.reports.every(({ origin, kind }) => origin !== 'external' || kind === 'resync'));
    await assert.rejects(adapter.identify(`${adapter.id}:nobody`, new AbortController().signal), RoomtoneError);
  });
}

function describeCommands(keeps: Keeps): void {
  keeps('carries out a command and reports it, never as a hand', async (watched, { shows }) => {
    await watched.start();
    await watched.apply({ brightness: 30 });
    assert.ok(near(30)(shows().brightness), `the lamp itself stands at ${shows().brightness}`);
    const report = await watched.report('brightness', near(30));
    assert.notEqual(report.origin, 'external');
    assert.equal(report.transitional, false);
    await watched.apply({ on: false });
    assert.equal(shows().on, false);
    await watched.report('on', (value) => value === false);
  });

  keeps('does what it can of a command, and nothing that was not asked', async (watched, { shows }) => {
    await watched.start();
    await watched.apply({ brightness: 40, volume: 10, setpoint: 20 });
    assert.ok(near(40)(shows().brightness));
    await watched.apply({ on: false });
    await watched.apply({ on: true });
    assert.equal(shows().on, true);
  });

  keeps('rejects a command that was called off before it went out, and does nothing', async (watched, { shows }) => {
    await watched.start();
    const calledOff = AbortSignal.abort(new RoomtoneError('api.closed'));
    await assert.rejects(watched.apply({ on: false }, calledOff), { code: 'api.closed' });
    assert.equal(shows().on, true);
  });

  keeps('rejects a command for a device it does not know, with a code', async (watched, { adapter }) => {
    await watched.start();
    const command = { ...watched.command({ on: true }), device: `${adapter.id}:nobody` as const };
    await assert.rejects(adapter.apply(command, new AbortController().signal), RoomtoneError);
  });

  keeps('rejects commands before it has started, with a code that allows another attempt', async (watched, { wire }) => {
    if (!wire) return;
    await assert.rejects(watched.apply({ on: true }), isRetryable);
  });

  keeps('does not do anything without a command', async (watched, { shows }) => {
    const before = shows();
    await watched.start();
    await watched.report('brightness', () => true);
    assert.deepEqual(shows(), before);
  });
}

function describeHands(keeps: Keeps): void {
  keeps("reports a person's change, never as our command", async (watched, { hand }) => {
    await watched.start();
    hand({ brightness: 80 });
    const report = await watched.report('brightness', near(80));
    assert.notEqual(report.origin, 'command');
    assert.equal(report.kind, 'event');
    assert.equal(report.transitional, false);
  });

  keeps('reports what a person does right after a command, and last', async (watched, { hand, shows }) => {
    await watched.start();
    await watched.apply({ brightness: 30 });
    hand({ brightness: 80 });
    await watched.report('brightness', near(80));
    assert.ok(near(80)(shows().brightness));
    assert.ok(near(80)(watched.reports.findLast(({ attribute }) => attribute === 'brightness')?.value));
  });

  keeps('says when a device is gone and when it is back, each once', async (watched, { adapter, lamp, cutPower, returnPower }) => {
    await watched.start();
    cutPower();
    await watched.available(false);
    assert.ok(
      adapter.list().some(({ id }) => id === lamp),
      'a device that is away is still listed',
    );
    assert.equal(adapter.isGone(lamp), false);
    returnPower();
    await watched.available(true);
    await watched.apply({ brightness: 20 });
    await watched.report('brightness', near(20));
    assert.deepEqual(watched.availability, [true, false, true]);
  });
}

function describeEnds(keeps: Keeps, build: () => Promise<AdapterHarness>): void {
  keeps('closes as often as asked, and leaves no timer', async (watched, { adapter, pendingTimers }) => {
    await watched.start();
    await watched.apply({ brightness: 10 }, undefined, 5);
    await adapter.close();
    await adapter.close();
    assert.equal(pendingTimers(), 0);
  });

  keeps('closes before it has started, and while it starts', async (_watched, { adapter, pendingTimers }) => {
    const unstarted = await build();
    await unstarted.adapter.close();
    assert.equal(unstarted.pendingTimers(), 0);
    await unstarted.close();
    const starting = adapter.start(new AbortController().signal).catch(() => {});
    await adapter.close();
    await starting;
    assert.equal(pendingTimers(), 0);
  });

  keeps('says nothing once it is closed, and takes no command', async (watched, { adapter, hand }) => {
    await watched.start();
    await watched.apply({ brightness: 60 }, undefined, 5);
    await adapter.close();
    const { words } = watched;
    hand({ brightness: 80 });
    await turns();
    assert.equal(watched.words, words);
    await assert.rejects(watched.apply({ on: true }), RoomtoneError);
  });

  keeps('leaves no socket, timer or child behind', async (_watched, unused) => {
    await unused.adapter.close();
    await unused.close();
    await turns();
    const before = openResources();
    const { adapter, lamp, wire, close } = await build();
    const again = new Watched(adapter, lamp);
    await again.start();
    await again.apply({ brightness: 70 }, undefined, 5);
    await adapter.close();
    if (wire) await soon(wire.disconnected(), 'the connections of a closed adapter are closed');
    await close();
    await goneBut(before);
  });
}
