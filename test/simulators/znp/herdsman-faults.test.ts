import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Controller } from 'zigbee-herdsman';
import { endpointOf, homeFor, pair } from './herdsman.helper.ts';

const turnOn = async (controller: Controller, ieee: string) => {
  const device = controller.getDeviceByIeeeAddr(ieee);
  assert.ok(device);
  await endpointOf(device).command('genOnOff', 'on', {});
};

test('a coordinator that loses power comes back with its network; so does one whose connection broke', async (t) => {
  const { home, simulator, controller } = await homeFor(t);
  const lamp = simulator.lamp('dimmable');
  await pair(controller, lamp);
  const disconnected = once(controller, 'adapterDisconnected');
  await simulator.unplug();
  await disconnected;
  await simulator.plugIn();
  const second = await home.startHost();
  assert.equal(second.result, 'resumed');
  await turnOn(second.controller, lamp.ieee);
  assert.equal(lamp.state.lit, true);

  const again = once(second.controller, 'adapterDisconnected');
  simulator.dropConnection();
  await again;
  const third = await home.startHost();
  assert.equal(third.result, 'resumed');
  lamp.light.switch(false);
  await turnOn(third.controller, lamp.ieee);
  assert.equal(lamp.state.lit, true);
  assert.deepEqual(simulator.violations, []);
});

test('a coordinator that lost its memory gets its network back from the backup', async (t) => {
  const { home, simulator, controller } = await homeFor(t);
  const lamp = simulator.lamp('dimmable');
  await pair(controller, lamp);
  const { network } = simulator;
  await home.stopHost();
  await simulator.unplug();
  await simulator.plugIn({ memory: 'lost' });
  const { controller: next, result } = await home.startHost();
  assert.equal(result, 'restored');
  assert.equal(simulator.network, network);
  await turnOn(next, lamp.ieee);
  assert.equal(lamp.state.lit, true);
  assert.deepEqual(simulator.violations, []);
});

test('a lamp that is cut at the wall gives no acknowledgment; with power again it announces itself and shines', async (t) => {
  const { simulator, controller } = await homeFor(t);
  const lamp = simulator.lamp('dimmable');
  const endpoint = endpointOf(await pair(controller, lamp));
  lamp.cutAtTheWall();
  await assert.rejects(endpoint.command('genOnOff', 'on', {}, { disableRecovery: true }), /MAC_NO_ACK|233/);
  const announced = once(controller, 'deviceAnnounce');
  lamp.restoreAtTheWall();
  await announced;
  assert.deepEqual(await endpoint.read('genOnOff', ['onOff']), { onOff: 1 });
  assert.deepEqual(simulator.violations, []);
});

test('a sleepy device answers late, but it answers', async (t) => {
  const { simulator, controller } = await homeFor(t, { devices: [{ kind: 'thermometer', name: 'Window', pollEvery: 3000 }] });
  const sensor = simulator.thermometer('Window');
  const endpoint = endpointOf(await pair(controller, sensor));
  sensor.node.sleep?.fallAsleep();
  sensor.degrees(19.5);
  assert.deepEqual(await endpoint.read('msTemperatureMeasurement', ['measuredValue'], { sendPolicy: 'immediate' }), {
    measuredValue: 1950,
  });
  assert.deepEqual(simulator.violations, []);
});

test('frames cut into bytes, merged, sent twice, or broken once: the host goes on', async (t) => {
  const { simulator, controller } = await homeFor(t);
  const lamp = simulator.lamp('dimmable');
  const endpoint = endpointOf(await pair(controller, lamp));
  for (const chunking of ['split', 'merged', 'frames'] as const) {
    simulator.cutFrames(chunking);
    simulator.duplicateIndications();
    await endpoint.command('genOnOff', 'toggle', {});
  }
  simulator.recover();
  assert.equal(lamp.state.lit, true, 'three times toggled');
  simulator.loseRequests(1);
  await assert.rejects(endpoint.command('genOnOff', 'on', {}), /after 6000ms/);
  await endpoint.command('genOnOff', 'off', {});
  assert.equal(lamp.state.lit, false);
  assert.deepEqual(simulator.violations, []);
});
