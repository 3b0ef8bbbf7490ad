import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Report } from '../../daemon/devices/command.ts';
import { turns } from '../../test/contract/watched.ts';
import { realClock, type SimulatorClock } from '../../test/simulators/hue/clock.ts';
import { ZigbeeBench } from './bench.fixture.ts';

const soon = new AbortController().signal;

/** Where a lamp stands once it fades no more, in %. */
async function rest(bench: ZigbeeBench, name: string): Promise<number> {
  const lamp = bench.simulator.lamp(name);
  await bench.simulator.until(() => lamp.light.remainingTime === 0);
  return Math.round((lamp.state.level / 254) * 100);
}

/** Time that passes faster for devices than for the hub. */
function hurried(times: number): SimulatorClock {
  return { ...realClock, mono: () => realClock.mono() * times, after: (delay, task) => realClock.after(delay / times, task) };
}

const brightness = ({ attribute, value }: Report): number[] => (attribute === 'brightness' ? [value as number] : []);

describe('a Zigbee network', () => {
  it('takes in lamps, plugs, remotes and sensors, and knows what each can do', async (t) => {
    const bench = await ZigbeeBench.with(t, ['color', 'ambiance', 'dimmable', 'plug', 'remote', 'motion', 'thermometer']);
    const devices = Object.fromEntries(bench.adapter.list().map(({ id, capabilities }) => [id, capabilities]));
    const abilities = (name: string) => devices[bench.device(name)];
    const lamp = { on: true, brightness: { min: 0.4 } };
    assert.deepEqual(abilities('color'), { ...lamp, colorTemperature: { min: 1802, max: 6536 }, color: {} });
    assert.deepEqual(abilities('ambiance'), { ...lamp, colorTemperature: { min: 2203, max: 5000 } });
    assert.deepEqual(abilities('dimmable'), lamp);
    assert.deepEqual(abilities('plug'), { on: true });
    assert.deepEqual(abilities('remote'), { battery: true, button: { count: 2, actions: ['press', 'hold', 'release'] } });
    assert.deepEqual(abilities('motion'), { occupancy: true, illuminance: true, temperature: true, battery: true });
    assert.deepEqual(abilities('thermometer'), { temperature: true, battery: true });
    const { nodes, ...network } = bench.adapter.mesh.view();
    assert.deepEqual([network.state, network.channel, network.coordinator.id], ['online', 15, '0x00124b0012345678']);
    assert.deepEqual(
      nodes.map(({ name, power, available, joining }) => [name, power, available, joining]),
      [
        ['Innr RB 285 C 0001', 'mains', true, undefined],
        ['Innr RB 278 T 0002', 'mains', true, undefined],
        ['Innr RB 265 0003', 'mains', true, undefined],
        ['Innr SP 220 0004', 'mains', true, undefined],
        ['IKEA E1743 0005', 'battery', true, undefined],
        ['Philips 9290012607 0006', 'battery', true, undefined],
        ['SONOFF SNZB-02 0007', 'battery', true, undefined],
      ],
    );
    assert.deepEqual(bench.simulator.violations, []);
    assert.ok(bench.simulator.maxInFlight <= 2);
  });

  it('hears what sensors measure and what a person does with a remote', async (t) => {
    // Sensors tell no more often than every ten seconds: here they pass in one.
    const bench = await ZigbeeBench.with(t, ['motion', 'thermometer', 'remote'], { clock: hurried(10) });
    const motion = bench.simulator.motionSensor('motion');
    const told = (name: string, reading: string, value: unknown) =>
      bench.until(() =>
        bench.readings.some((each) => each.device === bench.device(name) && each.reading === reading && each.value === value),
      );
    motion.moves();
    motion.lux(100);
    motion.degrees(23.5);
    bench.simulator.thermometer('thermometer').degrees(-4);
    await told('motion', 'occupancy', true);
    await told('motion', 'illuminance', 100);
    await told('motion', 'temperature', 23.5);
    await told('thermometer', 'temperature', -4);
    const remote = bench.simulator.remote('remote');
    for (const act of [() => remote.press('on'), () => remote.hold('up'), () => remote.release(), () => remote.press('off')]) {
      const before = bench.touches.length;
      act();
      await bench.until(() => bench.touches.length > before);
    }
    assert.deepEqual(
      bench.touches.map(({ device, button, action }) => [device, button, action]),
      [
        [1, 'press'],
        [1, 'hold'],
        [1, 'release'],
        [2, 'press'],
      ].map(([button, action]) => [bench.device('remote'), button, action]),
    );
    assert.ok(bench.reports.every(({ device }) => device !== bench.device('remote')));
  });

  it('has a lamp fade, and tells what it says on the way from where it stands', async (t) => {
    const bench = await ZigbeeBench.with(t, ['dimmable']);
    await bench.apply('dimmable', { on: true, brightness: 10 });
    await bench.until(() => bench.reports.some((each) => brightness(each)[0] === 9.8));
    const from = bench.reports.length;
    await bench.apply('dimmable', { brightness: 90 }, 3);
    await bench.until(() => bench.reports.some((each) => (brightness(each)[0] ?? 0) > 89));
    const way = bench.reports.slice(from).filter(({ attribute }) => attribute === 'brightness');
    assert.ok(way.length > 1, 'it reports while it fades');
    for (const { value, transitional } of way) if ((value as number) < 85) assert.ok(transitional, `${value} %`);
    assert.equal(way.at(-1)?.transitional, false);
    assert.ok(way.every(({ kind, origin }) => kind === 'event' && origin === 'unknown'));
  });

  it('puts a color on a lamp before it comes on, and lets one that is off alone where nothing says on', async (t) => {
    const bench = await ZigbeeBench.with(t, ['color']);
    const { light } = bench.simulator.lamp('color');
    await bench.apply('color', { brightness: 50, color: { x: 0.6, y: 0.3 } });
    assert.equal(light.state.lit, false);
    const before = light.history.length;
    await bench.apply('color', { on: true, brightness: 50, color: { x: 0.2, y: 0.2 } });
    const [first] = light.history.slice(before).filter(({ lit }) => lit);
    assert.deepEqual(first?.color, { x: Math.round(0.2 * 65_536), y: Math.round(0.2 * 65_536) });
    assert.equal(await rest(bench, 'color'), 50);
  });

  it('a lamp that forgets its brightness in a fade to off comes on as it was; one that shines when it is faded to off twice stays off', async (t) => {
    const quirks = { forgetsLevel: true, offAgainShines: true };
    const bench = await ZigbeeBench.with(t, ['Old'], { devices: [{ kind: 'dimmable', name: 'Old', quirks }] });
    const lamp = bench.simulator.lamp('Old');
    await bench.apply('Old', { on: true, brightness: 60 });
    await bench.until(() => bench.said('Old', 'event').some(([name, value]) => name === 'brightness' && value === 59.8));
    await bench.apply('Old', { on: false }, 0.5);
    await bench.until(() => bench.said('Old').findLast(([name]) => name === 'on')?.[1] === false);
    for (let again = 0; again < 3; again += 1) {
      await bench.apply('Old', { on: false }, 0.5);
      assert.equal(lamp.state.lit, false);
    }
    assert.equal(bench.said('Old', 'event').findLast(([name]) => name === 'brightness')?.[1], 59.8, 'the way down is nobody’s wish');
    await bench.apply('Old', { on: true });
    assert.deepEqual([lamp.state.lit, await rest(bench, 'Old')], [true, 60]);
  });

  it('finds out that a lamp knows one transition at a time, and comes to both from then on', async (t) => {
    const bench = await ZigbeeBench.with(t, ['One'], { devices: [{ kind: 'color', name: 'One', quirks: { oneTransition: true } }] });
    const lamp = bench.simulator.lamp('One');
    await bench.apply('One', { on: true, brightness: 100, color: { x: 0.3, y: 0.3 } });
    await rest(bench, 'One');
    await bench.apply('One', { brightness: 40, color: { x: 0.5, y: 0.4 } }, 1);
    await bench.until(() => bench.said('One', 'poll').some(([name]) => name === 'color'));
    await turns();
    assert.notDeepEqual(lamp.state.color, { x: 32_768, y: 26_214 }, 'the second command ended the fade of the first');
    await bench.apply('One', { brightness: 70, color: { x: 0.2, y: 0.5 } }, 1);
    assert.deepEqual([await rest(bench, 'One'), lamp.state.color], [70, { x: 13_107, y: 32_768 }]);
    await bench.apply('One', { brightness: 20 }, 2);
    await bench.apply('One', { color: { x: 0.4, y: 0.4 } }, 2);
    assert.deepEqual([await rest(bench, 'One'), lamp.state.color], [20, { x: 26_214, y: 26_214 }]);
  });

  it('makes groups of lamps that stand together and can do the same: one command for them all', async (t) => {
    const devices = ['A', 'B', 'C'].map((name) => ({ kind: 'dimmable' as const, name }));
    const bench = await ZigbeeBench.with(t, ['A', 'B', 'C', 'Plug'], { devices: [...devices, { kind: 'plug', name: 'Plug' }] });
    const ids = ['A', 'B', 'C', 'Plug'].map((name) => bench.device(name));
    bench.adapter.gather([ids]);
    await bench.until(() => bench.adapter.groups().length > 0);
    const [group] = bench.adapter.groups();
    assert.deepEqual(group?.members, ids.slice(0, 3), 'a plug cannot be dimmed');
    const commands = ['A', 'B', 'C'].map((name) => bench.command(name, { on: true, brightness: 30 }));
    const before = bench.simulator.requests.length;
    await bench.adapter.applyToGroup({ group: group?.id ?? '', attributes: { on: true, brightness: 30 }, transition: 0, commands }, soon);
    assert.equal(bench.simulator.requests.slice(before).length, 1);
    for (const name of ['A', 'B', 'C']) {
      assert.equal(await rest(bench, name), 30);
      await bench.until(() => bench.said(name).some(([attribute, value]) => attribute === 'brightness' && value === 29.9));
    }
    bench.adapter.gather([ids.slice(1)]);
    await bench.until(() => bench.adapter.groups().some(({ members }) => members.length === 2));
    assert.equal(bench.simulator.lamp('A').groups.size, 0, 'a command to the group is for its members alone');
  });

  it('names, removes and asks again; who is thrown away without a word, and who leaves, is gone', async (t) => {
    const bench = await ZigbeeBench.with(t, ['color', 'ambiance', 'dimmable', 'plug']);
    const { mesh } = bench.adapter;
    const [color, ambiance, dimmable, plug] = bench.simulator.devices;
    assert.ok(color && ambiance && dimmable && plug);
    await mesh.rename(color.ieee, 'Reading');
    assert.equal(bench.adapter.list()[0]?.name, 'Reading');
    await mesh.interview(color.ieee, soon);
    assert.deepEqual([bench.adapter.list()[0]?.name, mesh.view().nodes[0]?.joining], ['Reading', undefined]);

    await mesh.remove(ambiance.ieee, { force: false, signal: soon });
    assert.equal(ambiance.node.network, undefined);
    bench.simulator.lamp('dimmable').cutAtTheWall();
    await mesh.remove(dimmable.ieee, { force: true, signal: soon });
    plug.leave();
    await bench.until(() => mesh.view().nodes.length === 1);
    for (const name of ['ambiance', 'dimmable', 'plug']) assert.ok(bench.adapter.isGone(bench.device(name)));
    assert.equal(bench.adapter.isGone(bench.device('color')), false);
    await assert.rejects(mesh.rename(plug.ieee, 'Nobody'), { code: 'mesh.unknown_node' });
  });

  it('is paired by what joins first, and closed again', async (t) => {
    const bench = await ZigbeeBench.with(t, []);
    const seen: number[] = [];
    const pairing = bench.adapter.pair({ host: '', signal: soon, onProgress: ({ secondsLeft }) => seen.push(secondsLeft) });
    await bench.until(() => bench.adapter.mesh.view().joinSeconds > 0);
    const lamp = bench.simulator.lamp('color');
    assert.ok(lamp.join());
    assert.deepEqual(await pairing, { id: lamp.ieee, name: 'Innr RB 285 C 0001' });
    assert.equal(bench.simulator.permitsJoin, false);
    assert.equal(bench.adapter.mesh.view().joinSeconds, 0);
    const again = new AbortController();
    const givenUp = bench.adapter.pair({ host: '', signal: again.signal, onProgress: () => {} });
    await bench.until(() => bench.adapter.mesh.view().joinSeconds > 0);
    again.abort(new Error('gone'));
    await assert.rejects(givenUp, { message: 'gone' });
    await bench.until(() => !bench.simulator.permitsJoin);
  });

  it('keeps its key and the copy of its coordinator in the vault alone, and has the same network for good', async (t) => {
    const bench = await ZigbeeBench.with(t, ['dimmable']);
    await bench.until(() => bench.vault.names().includes('backup'));
    const { key } = JSON.parse(bench.vault.get('network') ?? '') as { key: number[] };
    const hex = Buffer.from(key).toString('hex');
    assert.ok(bench.vault.get('backup')?.includes(hex), 'the copy is whole');
    await bench.adapter.close();
    const files = readdirSync(bench.folder).map((name) => readFileSync(join(bench.folder, name), 'latin1'));
    assert.ok(files.length > 0);
    for (const text of files)
      assert.ok(!text.includes(hex) && !text.includes(key.join(',')) && !text.includes(Buffer.from(key).toString('latin1')));
    const { network } = bench.simulator;
    bench.availability.clear();
    await bench.build().start();
    await bench.until(() => bench.availability.get(bench.device('dimmable')) === true);
    assert.equal(bench.simulator.network, network);
    assert.deepEqual(bench.problems, []);
  });
});
