import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeClock } from '../../daemon/api/clock.fake.ts';
import { FakeState } from '../../daemon/api/state.fake.ts';
import { fakeContext } from '../../daemon/devices/adapter.fake.ts';
import type { Report } from '../../daemon/devices/command.ts';
import type { Attributes } from '../../daemon/devices/device.ts';
import { adapterContract } from '../../test/contract/adapter-contract.ts';
import { VirtualAdapter } from './adapter.ts';
import { virtualOptions } from './options.ts';

function build(options: unknown = {}, state = new FakeState()) {
  const clock = new FakeClock();
  const adapter = new VirtualAdapter(virtualOptions.parse(options), fakeContext({ clock, state }));
  const reports: Report[] = [];
  adapter.events.on('report', (report) => reports.push(report));
  const apply = (attributes: Attributes, transition = 0) =>
    adapter.apply({ id: 'c', device: 'virtual:lamp', attributes, transition, cause: ['test'] }, new AbortController().signal);
  return { adapter, clock, state, reports, apply };
}

adapterContract('the virtual adapter', async () => {
  const { adapter, clock } = build();
  return {
    adapter,
    lamp: 'virtual:lamp',
    hand: (attributes) => adapter.setByHand('virtual:lamp', attributes),
    cutPower: () => adapter.setAway('virtual:lamp', true),
    returnPower: () => adapter.setAway('virtual:lamp', false),
    shows: () => ({ on: adapter.shows('virtual:lamp').on, brightness: adapter.shows('virtual:lamp').brightness }),
    pendingTimers: () => clock.pending,
    close: async () => {},
  };
});

describe('a virtual lamp', () => {
  it('begins on, warm white, at half brightness', async () => {
    const { adapter, reports } = build();
    await adapter.start();
    assert.deepEqual(Object.fromEntries(reports.map(({ attribute, value }) => [attribute, value])), {
      on: true,
      brightness: 50,
      colorTemperature: 2700,
    });
  });

  it('fades in steps on the way and ends where it was told', async () => {
    const { clock, reports, apply } = build();
    await apply({ brightness: 100 }, 2);
    clock.advance(1000);
    const halfWay = reports.at(-1);
    assert.equal(halfWay?.value, 75);
    assert.equal(halfWay.transitional, true);
    clock.advance(1000);
    assert.deepEqual([reports.at(-1)?.value, reports.at(-1)?.transitional, reports.at(-1)?.commandId], [100, false, 'c']);
    assert.equal(clock.pending, 0);
  });

  it('a second command takes along what the first has left to do', async () => {
    const { clock, reports, apply } = build();
    await apply({ brightness: 100 }, 2);
    clock.advance(500);
    await apply({ colorTemperature: 4000 }, 1);
    clock.advance(1000);
    assert.deepEqual(
      reports
        .slice(-2)
        .map(({ attribute, value }) => [attribute, value])
        .sort(),
      [
        ['brightness', 100],
        ['colorTemperature', 4000],
      ],
    );
  });

  it('off ends a fade at once, and a hand ends it where it is', async () => {
    const { adapter, clock, reports, apply } = build();
    await apply({ brightness: 100 }, 10);
    await apply({ on: false }, 10);
    assert.equal(clock.pending, 0);
    assert.deepEqual([reports.at(-1)?.attribute, reports.at(-1)?.value], ['on', false]);
    await apply({ on: true, brightness: 100 });
    await apply({ brightness: 10 }, 10);
    clock.advance(1000);
    adapter.setByHand('virtual:lamp', { brightness: 60 });
    clock.advance(10_000);
    assert.deepEqual([reports.at(-1)?.value, reports.at(-1)?.origin], [60, 'external']);
  });

  it('shows the nearest color it can, and a color or a white, never both', async () => {
    const { adapter, reports, state, apply } = build();
    await apply({ color: { x: 0.7, y: 0.3 } });
    const color = reports.at(-1)?.value;
    assert.ok(typeof color === 'object' && Math.hypot(color.x - 0.64, color.y - 0.33) < 0.02);
    await adapter.close();
    const after = build({}, state);
    await after.adapter.start();
    assert.deepEqual(after.reports.map(({ attribute }) => attribute).sort(), ['brightness', 'color', 'on']);
  });

  it('is at its target after a restart, even if the hub died on the way', async () => {
    const { state, apply } = build();
    await apply({ brightness: 90 }, 60);
    const after = build({}, state);
    await after.adapter.start();
    assert.equal(after.reports.find(({ attribute }) => attribute === 'brightness')?.value, 90);
  });

  it('does only what its kind can', async () => {
    const { adapter, reports, apply } = build({ lamps: [{ id: 'lamp', name: 'Plug', kind: 'switch' }] });
    await apply({ on: false, brightness: 30 });
    assert.deepEqual(
      reports.map(({ attribute }) => attribute),
      ['on'],
    );
    assert.deepEqual(adapter.list()[0]?.capabilities, { on: true });
  });

  it('refuses options it does not know', () => {
    assert.equal(virtualOptions.safeParse({ lamp: [] }).success, false);
    assert.equal(virtualOptions.safeParse({ lamps: [{ id: 'Big Lamp', name: 'x' }] }).success, false);
  });
});
