import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { HueHouse } from './house.ts';
import { readingsOf } from './sensors.ts';

const owner = { rid: 'd', rtype: 'device' };
const device = { type: 'device', id: 'd', metadata: { name: 'Hall' }, product_data: { product_name: 'Hue motion sensor' } };
const events = ['initial_press', 'repeat', 'short_release', 'long_release', 'long_press'];
const motion = { type: 'motion', id: 'm', owner, enabled: true, motion: { motion: false, motion_valid: true } };
const level = { type: 'light_level', id: 'l', owner, enabled: true, light: { light_level: 1, light_level_valid: true } };
const power = { type: 'device_power', id: 'p', owner, power_state: { battery_level: 53, battery_state: 'normal' } };
const button = (id: number) => ({ type: 'button', id: `b${id}`, owner, metadata: { control_id: id }, button: { event_values: events } });
const dial = { type: 'relative_rotary', id: 'r', owner, relative_rotary: {} };

function house(...resources: object[]): HueHouse {
  const found = new HueHouse();
  assert.equal(found.replace(resources), 0);
  return found;
}

const pressed = (id: string, event: string) => ({
  type: 'button',
  id,
  button: { button_report: { event, updated: '' }, last_event: event },
});

describe('a Hue sensor', () => {
  it('is one device with all that its parts tell', () => {
    const [found] = house(device, motion, level, power).describe('001788fffe123456');
    assert.deepEqual(found, {
      id: 'hue:001788fffe123456.d',
      adapter: 'hue',
      name: 'Hall',
      model: 'Hue motion sensor',
      capabilities: { occupancy: true, illuminance: true, battery: true },
    });
  });

  it('tells what it measures, of the report rather than of the old place', () => {
    const all = house(device, motion, level, power);
    assert.deepEqual(all.readings('d'), { occupancy: false, illuminance: 1, battery: 53 });
    const update = { type: 'motion', id: 'm', owner, motion: { motion: false, motion_report: { changed: '', motion: true } } };
    assert.deepEqual(all.update(update), { kind: 'readings', device: 'd', readings: { occupancy: true } });
    assert.deepEqual(house(device, { ...motion, enabled: false }).readings('d'), {});
  });

  it('light levels are a logarithm of lux, and 0 is dark', () => {
    const lux = (light_level: number) => readingsOf({ type: 'light_level', id: 'l', owner, light: { light_level } }).illuminance ?? -1;
    assert.equal(lux(0), 0);
    fc.assert(
      fc.property(fc.double({ min: 1, max: 83_000, noNaN: true }), (wanted) => {
        const read = lux(Math.round(10_000 * Math.log10(wanted) + 1));
        assert.ok(Math.abs(read - wanted) <= 0.05 + wanted * 2e-4);
      }),
    );
  });

  it('that stands with a lamp in one housing is told apart from it; a battery alone makes no sensor', () => {
    const light = { type: 'light', id: 'a', owner, on: { on: true } };
    assert.deepEqual(
      house(device, light, motion)
        .describe('001788fffe123456')
        .map(({ id }) => id),
      ['hue:001788fffe123456.a', 'hue:001788fffe123456.d'],
    );
    const portable = house(device, light, power);
    assert.deepEqual(portable.ids(), ['a']);
    assert.deepEqual(portable.readings('a'), { battery: 53 });
    assert.deepEqual(portable.update({ ...power, power_state: { battery_level: 52 } }), {
      kind: 'readings',
      device: 'a',
      readings: { battery: 52 },
    });
  });
});

describe('a Hue switch', () => {
  const all = house(device, button(1), button(2), dial);

  it('has its buttons and its dial, and what can be done with them', () => {
    assert.deepEqual(all.describe('001788fffe123456')[0]?.capabilities, {
      button: { count: 3, actions: ['hold', 'press', 'release', 'turn'] },
    });
  });

  it('says what was done', () => {
    const touches = ['initial_press', 'short_release', 'long_press', 'long_release'].map((event) => all.update(pressed('b2', event)));
    assert.deepEqual(touches, [
      undefined,
      { kind: 'touch', device: 'd', touch: { button: 2, action: 'press' } },
      { kind: 'touch', device: 'd', touch: { button: 2, action: 'hold' } },
      { kind: 'touch', device: 'd', touch: { button: 2, action: 'release' } },
    ]);
  });

  it('turns by degrees, clockwise positive', () => {
    const turned = (direction: string) =>
      all.update({
        type: 'relative_rotary',
        id: 'r',
        relative_rotary: { rotary_report: { action: 'start', rotation: { direction, steps: 250, duration: 400 } } },
      });
    assert.deepEqual(turned('clock_wise'), { kind: 'touch', device: 'd', touch: { button: 3, action: 'turn', degrees: 90 } });
    assert.deepEqual(turned('counter_clock_wise'), { kind: 'touch', device: 'd', touch: { button: 3, action: 'turn', degrees: -90 } });
  });

  it('an update that is not about a press is none', () => {
    all.update(pressed('b1', 'short_release'));
    assert.equal(all.update({ type: 'button', id: 'b1', metadata: { control_id: 1 } }), undefined);
  });
});

describe('rooms and scenes of a bridge', () => {
  const light = (id: string, of: string) => ({ type: 'light', id, owner: { rid: of, rtype: 'device' }, on: { on: true } });
  const room = { type: 'room', id: 'k', metadata: { name: 'Kitchen' }, children: [{ rid: 'd1', rtype: 'device' }] };
  const zone = {
    type: 'zone',
    id: 'z',
    metadata: { name: 'Table' },
    children: [
      { rid: 'a', rtype: 'light' },
      { rid: 'c', rtype: 'light' },
    ],
  };
  const home = {
    type: 'bridge_home',
    id: 'h',
    children: [
      { rid: 'k', rtype: 'room' },
      { rid: 'd1', rtype: 'device' },
      { rid: 'd2', rtype: 'device' },
    ],
  };
  const grouped = (id: string, rid: string) => ({ type: 'grouped_light', id, owner: { rid, rtype: 'room' } });
  const scene = {
    type: 'scene',
    id: 's',
    metadata: { name: 'Dinner' },
    group: { rid: 'z', rtype: 'zone' },
    actions: [
      {
        target: { rid: 'a', rtype: 'light' },
        action: { on: { on: true }, dimming: { brightness: 60 }, color_temperature: { mirek: 400 } },
      },
      { target: { rid: 'c', rtype: 'light' }, action: { on: { on: true }, color: { xy: { x: 0.5, y: 0.4 } } } },
    ],
  };
  const all = house(
    light('a', 'd1'),
    light('b', 'd1'),
    light('c', 'd2'),
    room,
    zone,
    home,
    grouped('gk', 'k'),
    grouped('gz', 'z'),
    grouped('gh', 'h'),
    scene,
  );

  it('a command to a group reaches the lights of its devices, its rooms, and its own', () => {
    assert.deepEqual(all.groups(), [
      { id: 'gk', lights: ['a', 'b'] },
      { id: 'gz', lights: ['a', 'c'] },
      { id: 'gh', lights: ['a', 'b', 'c'] },
    ]);
  });

  it('who moves into another room is in another group', () => {
    assert.deepEqual(all.update({ ...room, children: [] }), { kind: 'list' });
    assert.deepEqual(
      all.groups().map(({ id }) => id),
      ['gz', 'gh'],
    );
  });

  it('a scene belongs to its zone', () => {
    assert.deepEqual(
      all.scenes().map(({ metadata, room: place }) => [metadata.name, place]),
      [['Dinner', 'Table']],
    );
  });
});
