import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bridgeFor, part, references, type StreamReader, streamFor } from '../client.helper.ts';
import type { ClipObject } from './resource.ts';

const home = {
  accessories: [
    { kind: 'motion', name: 'Hall', room: 'Hall' },
    { kind: 'dimmer', name: 'Door' },
    { kind: 'dial', name: 'Table' },
    { kind: 'button', name: 'Bed' },
  ],
} as const;

const now = '2026-01-15T20:00:00.000Z';

test('a device tells what it is and which services it has', async (t) => {
  const { bridge, get } = await bridgeFor(t, home);
  const { device } = bridge.motionSensor('Hall');
  const [resource] = await get(`/device/${device.id}`);
  assert.deepEqual(resource?.product_data, {
    certified: true,
    hardware_platform_type: '100b-11b',
    manufacturer_name: 'Signify Netherlands B.V.',
    model_id: 'SML003',
    product_archetype: 'unknown_archetype',
    product_name: 'Hue motion sensor',
    software_version: '2.85.1',
  });
  const services = async (id: string) => {
    const [found] = await get(`/device/${id}`);
    return references(found, 'services').map((each) => each.rtype);
  };
  assert.deepEqual(await services(device.id), ['zigbee_connectivity', 'motion', 'light_level', 'temperature', 'device_power']);
  const buttons = ['button', 'button', 'button', 'button'];
  assert.deepEqual(await services(bridge.switch('Table').device.id), [
    ...buttons,
    'relative_rotary',
    'device_power',
    'zigbee_connectivity',
  ]);
  assert.equal((await get('/button')).length, 9);
  for (const type of ['motion', 'light_level', 'temperature', 'relative_rotary']) assert.equal((await get(`/${type}`)).length, 1);
});

test('someone walks in: true at once, nothing while they move, false when all is still; the room follows', async (t) => {
  const { bridge, clock, get, stream } = await streamFor(t, home);
  const sensor = bridge.motionSensor();
  sensor.moves();
  const [seen] = (await stream.frame()).data;
  assert.deepEqual(seen, {
    motion: { motion: true, motion_report: { changed: now, motion: true }, motion_valid: true },
    id: sensor.ids.motion,
    id_v1: '/sensors/2',
    owner: { rid: sensor.device.id, rtype: 'device' },
    type: 'motion',
  });
  clock.advance(1000);
  const [room] = (await stream.frame()).data.filter(({ type }) => type === 'grouped_motion');
  assert.deepEqual(room?.motion, { motion_report: { changed: now, motion: true } });
  clock.advance(9000);
  sensor.moves();
  const frames = bridge.framesSent;
  clock.advance(13_000);
  assert.equal(bridge.framesSent, frames, 'still moving, or not yet still for long enough');
  clock.advance(500);
  const motion = (await stream.frame()).data.find(({ type }) => type === 'motion')?.motion as { motion: boolean };
  assert.equal(motion.motion, false);
  assert.deepEqual((await get(`/motion/${sensor.ids.motion}`))[0]?.motion, motion);
});

test('light is told on a logarithmic scale, temperature in hundredths, the battery with its state', async (t) => {
  const { bridge, clock, stream } = await streamFor(t, home);
  const sensor = bridge.motionSensor();
  const told = async (): Promise<ClipObject> => {
    const [first = {}] = (await stream.frame()).data;
    clock.advance(2000);
    return first;
  };
  sensor.lux(500);
  const light = { light_level: 26_991, light_level_report: { changed: now, light_level: 26_991 }, light_level_valid: true };
  assert.deepEqual((await told()).light, light);
  sensor.lux(0);
  assert.equal(part(await told(), 'light').light_level, 0);
  sensor.lux(1.2);
  assert.equal(part(await told(), 'light').light_level, 793);
  sensor.degrees(22.554);
  assert.equal(part(await told(), 'temperature').temperature, 22.55);
  sensor.battery.falls(15);
  const power = await told();
  assert.deepEqual([power.type, power.power_state], ['device_power', { battery_level: 15, battery_state: 'low' }]);
});

test('a sense that is turned off is not valid and reports nothing', async (t) => {
  const { bridge, clock, get, put, stream } = await streamFor(t, home);
  const sensor = bridge.motionSensor();
  assert.equal((await put(`/motion/${sensor.ids.motion}`, { enabled: false })).status, 200);
  assert.deepEqual((await stream.frame()).data[0]?.enabled, false);
  clock.advance(2000);
  const frames = bridge.framesSent;
  sensor.moves();
  assert.equal(bridge.framesSent, frames);
  const [motion] = await get(`/motion/${sensor.ids.motion}`);
  assert.deepEqual([motion?.enabled, part(motion, 'motion').motion_valid], [false, false]);
  sensor.lux(3);
  assert.equal((await stream.frame()).data[0]?.type, 'light_level', 'its other senses go on');
  assert.equal((await put(`/motion/${sensor.ids.motion}`, { enabled: true, sensitivity: { sensitivity: 9 } })).status, 400);
});

test('an accessory that the bridge hears no longer is told like a lamp without power', async (t) => {
  const { bridge, clock, get, stream } = await streamFor(t, home);
  const { connectivity } = bridge.motionSensor();
  bridge.hearAccessory('Hall', false);
  const [lost] = (await stream.frame()).data;
  assert.deepEqual([lost?.id, lost?.type, lost?.status], [connectivity.id, 'zigbee_connectivity', 'connectivity_issue']);
  clock.advance(2000);
  bridge.hearAccessory('Hall', true);
  assert.equal((await stream.frame()).data[0]?.status, 'connected');
  assert.equal((await get(`/zigbee_connectivity/${connectivity.id}`))[0]?.status, 'connected');
});

const presses = async (stream: StreamReader): Promise<unknown[]> =>
  (await stream.frame()).data.map((each) => (each.button as { button_report: { event: string } } | undefined)?.button_report.event);

test('a press is told with its release, even within one frame', async (t) => {
  const { bridge, clock, stream } = await streamFor(t, home);
  const dimmer = bridge.switch('Door');
  dimmer.press(1);
  const [down] = (await stream.frame()).data;
  assert.deepEqual(down, {
    button: { button_report: { event: 'initial_press', updated: now }, last_event: 'initial_press' },
    metadata: { control_id: 1 },
    id: dimmer.buttonIds[0],
    id_v1: '/sensors/3',
    owner: { rid: dimmer.device.id, rtype: 'device' },
    type: 'button',
  });
  clock.advance(500);
  dimmer.press(1);
  clock.advance(500);
  const { events } = await stream.frame();
  const found = events.map((event) => event.data.map((each) => (each.button as { last_event: string }).last_event));
  assert.deepEqual(found, [['short_release'], ['initial_press'], ['short_release']]);
});

test('a button that is held repeats until it is let go', async (t) => {
  const { bridge, clock, stream } = await streamFor(t, { ...home, eventInterval: 0 });
  bridge.switch('Bed').hold(1, 2000);
  assert.deepEqual(await presses(stream), ['initial_press']);
  clock.advance(2000);
  assert.deepEqual(
    [...(await presses(stream)), ...(await presses(stream)), ...(await presses(stream))],
    ['long_press', 'repeat', 'long_release'],
  );
  assert.throws(() => bridge.switch('Bed').press(2), /no button 2/);
});

test('a ring tells how far it was turned', async (t) => {
  const { bridge, stream } = await streamFor(t, home);
  const dial = bridge.switch('Table');
  dial.rotate(-30, 800);
  const [turned] = (await stream.frame()).data;
  const last_event = { action: 'start', rotation: { direction: 'counter_clock_wise', duration: 800, steps: 30 } };
  assert.deepEqual(turned?.relative_rotary, { last_event, rotary_report: { ...last_event, updated: now } });
  assert.equal(turned.id, dial.rotaryId);
  assert.throws(() => bridge.switch('Door').rotate(1), /no ring/);
});

test('a device makes itself seen when asked, if it can', async (t) => {
  const { bridge, put } = await bridgeFor(t, home);
  const lamp = bridge.light('color');
  const before = bridge.state(lamp.id);
  const identify = { identify: { action: 'identify' } };
  assert.equal((await put(`/device/${lamp.deviceId}`, identify)).status, 200);
  assert.equal((await put(`/light/${lamp.id}`, identify)).status, 200);
  assert.equal((await put(`/light/${lamp.id}`, { alert: { action: 'breathe' } })).status, 200);
  assert.equal(bridge.identified(lamp.deviceId), 3);
  assert.deepEqual(bridge.state(lamp.id), before, 'it comes back to what it showed');
  assert.equal((await put(`/device/${bridge.switch('Table').device.id}`, identify)).status, 400);
  assert.equal((await put(`/device/${lamp.deviceId}`, { identify: { action: 'shout' } })).status, 400);
});
