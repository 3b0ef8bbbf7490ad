import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { coordinatorEndpoint, endpointOf, homeFor, message, pair } from './herdsman.helper.ts';

const report = <A extends string>(attribute: A, change: number) => ({
  attribute,
  minimumReportInterval: 0,
  maximumReportInterval: 3600,
  reportableChange: change,
});

test('a network is formed with its memory of real size, and every kind of device joins and is interviewed', async (t) => {
  const { simulator, controller, result } = await homeFor(t, { tables: { addresses: 257, trustCenterKeys: 200 } });
  assert.equal(result, 'reset');
  const { panID, channel } = await controller.getNetworkParameters();
  assert.deepEqual([panID, channel], [0x1a62, 15]);
  const seen: Record<string, unknown> = {};
  for (const device of simulator.devices) {
    const known = await pair(controller, device);
    seen[device.name] = [known.type, known.manufacturerName, known.modelID, known.powerSource];
  }
  assert.deepEqual(seen, {
    color: ['Router', 'innr', 'RB 285 C', 'Mains (single phase)'],
    ambiance: ['Router', 'innr', 'RB 278 T', 'Mains (single phase)'],
    dimmable: ['Router', 'innr', 'RB 265', 'Mains (single phase)'],
    plug: ['Router', 'innr', 'SP 220', 'Mains (single phase)'],
    remote: ['EndDevice', 'IKEA of Sweden', 'TRADFRI on/off switch', 'Battery'],
    motion: ['EndDevice', 'Philips', 'SML001', 'Battery'],
    thermometer: ['EndDevice', 'eWeLink', 'TH01', 'Battery'],
  });
  await controller.permitJoin(0);
  assert.equal(simulator.permitsJoin, false);
  assert.deepEqual(simulator.violations, []);
});

test('a lamp is switched, dimmed and colored with a transition, and read back', async (t) => {
  const { simulator, controller } = await homeFor(t);
  const lamp = simulator.lamp('color');
  const endpoint = endpointOf(await pair(controller, lamp));
  await endpoint.command('genOnOff', 'on', {});
  assert.equal(lamp.state.lit, true);
  await endpoint.command('genLevelCtrl', 'moveToLevelWithOnOff', { level: 127, transtime: 3 });
  await endpoint.command('lightingColorCtrl', 'moveToColor', { colorx: 10_000, colory: 4_000, transtime: 3 });
  await simulator.until(() => lamp.light.remainingTime === 0);
  assert.deepEqual(lamp.state, { lit: true, level: 127, color: { x: 10_000, y: 4_000 } });
  assert.deepEqual(await endpoint.read('genLevelCtrl', ['currentLevel']), { currentLevel: 127 });
  assert.deepEqual(await endpoint.read('lightingColorCtrl', ['currentX', 'currentY', 'colorMode']), {
    currentX: 10_000,
    currentY: 4_000,
    colorMode: 1,
  });
  await endpoint.command('lightingColorCtrl', 'moveToColorTemp', { colortemp: 250, transtime: 0 });
  assert.deepEqual(lamp.state.color, { mired: 250 });
  await assert.rejects(endpoint.read('genScenes', ['count']), /UNSUPPORTED_CLUSTER/);
  assert.deepEqual(simulator.violations, []);
});

test('a group is one command for its members alone', async (t) => {
  const { simulator, controller } = await homeFor(t);
  const members = [simulator.lamp('color'), simulator.lamp('dimmable')];
  const group = controller.createGroup(7);
  for (const lamp of members) await endpointOf(await pair(controller, lamp)).addToGroup(group);
  await pair(controller, simulator.lamp('ambiance'));
  await group.command('genOnOff', 'on', {});
  assert.deepEqual(
    simulator.devices.filter((device) => 'light' in device).map((device) => simulator.lamp(device.name).state.lit),
    [true, false, true, false],
  );
  for (const lamp of members) {
    assert.deepEqual([...lamp.groups], [7]);
    assert.deepEqual(
      lamp.commands.map(({ byGroup }) => byGroup),
      [true],
    );
  }
  assert.deepEqual(simulator.violations, []);
});

test('what is bound and configured is reported: a hand at a lamp, motion, light, temperature, a falling battery', async (t) => {
  const { simulator, controller } = await homeFor(t);
  const coordinator = coordinatorEndpoint(controller);
  const lamp = simulator.lamp('dimmable');
  const bulb = endpointOf(await pair(controller, lamp));
  await bulb.bind('genOnOff', coordinator);
  await bulb.configureReporting('genOnOff', [report('onOff', 0)]);
  const switched = message(controller, 'attributeReport');
  lamp.light.switch(true);
  assert.deepEqual((await switched).data, { onOff: 1 });

  const sensor = simulator.motionSensor('motion');
  const eye = endpointOf(await pair(controller, sensor), 2);
  for (const [cluster, attribute, act, data] of [
    ['msOccupancySensing', 'occupancy', () => sensor.moves(), { occupancy: 1 }],
    ['msIlluminanceMeasurement', 'measuredValue', () => sensor.lux(100), { measuredValue: 20_001 }],
    ['msTemperatureMeasurement', 'measuredValue', () => sensor.degrees(-3.5), { measuredValue: -350 }],
    ['genPowerCfg', 'batteryPercentageRemaining', () => sensor.battery.falls(40), { batteryPercentageRemaining: 80 }],
  ] as const) {
    await eye.bind(cluster, coordinator);
    await eye.configureReporting(cluster, [report(attribute, 1)]);
    const reported = message(controller, 'attributeReport');
    act();
    assert.deepEqual((await reported).data, data);
  }
  assert.deepEqual(simulator.violations, []);
});

test('a remote is heard by the coordinator, and by a lamp that it is bound to', async (t) => {
  const { simulator, controller } = await homeFor(t);
  const lamp = simulator.lamp('dimmable');
  const remote = simulator.remote('remote');
  const bulb = endpointOf(await pair(controller, lamp));
  const buttons = endpointOf(await pair(controller, remote));
  await buttons.bind('genOnOff', coordinatorEndpoint(controller));
  await buttons.bind('genOnOff', bulb);
  const pressed = message(controller, 'commandOn');
  remote.press('on');
  assert.equal((await pressed).device.ieeeAddr, remote.ieee);
  await simulator.until(() => lamp.state.lit);
  assert.deepEqual(simulator.violations, []);
});

test('a device leaves when it is told to, and when a person resets it', async (t) => {
  const { simulator, controller } = await homeFor(t);
  const lamp = simulator.lamp('dimmable');
  const known = await pair(controller, lamp);
  await known.removeFromNetwork();
  assert.equal(lamp.node.network, undefined);
  assert.equal(controller.getDeviceByIeeeAddr(lamp.ieee), undefined);
  const plug = simulator.lamp('plug');
  await pair(controller, plug);
  const gone = once(controller, 'deviceLeave');
  plug.leave();
  assert.deepEqual(await gone, [{ ieeeAddr: plug.ieee }]);
  assert.deepEqual(simulator.violations, []);
});

test('the host learns who hears whom and what is bound', async (t) => {
  const { simulator, controller } = await homeFor(t);
  const coordinator = coordinatorEndpoint(controller);
  const lamps = ['color', 'ambiance', 'dimmable', 'plug'].map((name) => simulator.lamp(name));
  for (const lamp of lamps) await pair(controller, lamp);
  const neighbors = await coordinator.getDevice().lqi();
  assert.deepEqual(
    neighbors.map(({ eui64 }) => eui64),
    lamps.map(({ ieee }) => ieee),
  );
  const device = controller.getDeviceByIeeeAddr(lamps[0]?.ieee ?? '');
  assert.ok(device);
  await endpointOf(device).bind('genOnOff', coordinator);
  assert.equal((await device.bindingTable()).length, 1);
  await endpointOf(device).unbind('genOnOff', coordinator);
  assert.deepEqual(await device.bindingTable(), []);
  assert.deepEqual(simulator.violations, []);
});
