import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { definitionOf, type Kind, labelOf } from '../../test/simulators/zigbee2mqtt/catalog.ts';
import { attributesIn, confirms, messageFor, readingsIn } from './attributes.ts';
import { hueAndSaturation, xyOf } from './color.ts';
import { capabilitiesOf, type Part, partsOf } from './features.ts';
import { readDevices } from './payloads.ts';

function parts(kind: Kind): Part[] {
  const { model_id, manufacturer, power_source } = labelOf(kind);
  const device = {
    ieee_address: '0x1',
    type: 'Router',
    friendly_name: 'it',
    definition: definitionOf(kind),
    model_id,
    manufacturer,
    power_source,
  };
  return readDevices(JSON.stringify([device]))?.entries.flatMap(partsOf) ?? [];
}

function featuresOf(kind: Kind) {
  const [part] = parts(kind);
  assert.ok(part, `${kind} has something of ours`);
  return part.features;
}

describe('what devices expose', () => {
  it('lamps by what they can do', () => {
    assert.deepEqual(capabilitiesOf(featuresOf('hueColor')), {
      on: true,
      brightness: { min: 0.4 },
      colorTemperature: { min: 2000, max: 6536 },
      color: {},
      effect: {
        names: [
          ...['candle', 'fireplace', 'colorloop', 'sunset', 'sunrise', 'sparkle', 'opal', 'glisten', 'underwater', 'cosmos'],
          ...['sunbeam', 'enchant', 'none'],
        ],
      },
    });
    assert.deepEqual(capabilitiesOf(featuresOf('ikeaWhite')), {
      on: true,
      brightness: { min: 0.4 },
      colorTemperature: { min: 2203, max: 4000 },
    });
    assert.deepEqual(capabilitiesOf(featuresOf('ikeaDimmable')), { on: true, brightness: { min: 0.4 } });
    assert.deepEqual(capabilitiesOf(featuresOf('ikeaPlug')), { on: true });
  });

  it('sensors by what they measure, in units that are ours', () => {
    assert.deepEqual(capabilitiesOf(featuresOf('hueMotion')), { occupancy: true, illuminance: true, temperature: true, battery: true });
    assert.deepEqual(capabilitiesOf(featuresOf('aqaraMotion')), { occupancy: true, illuminance: true, battery: true });
    assert.deepEqual(capabilitiesOf(featuresOf('aqaraClimate')), { temperature: true, battery: true });
  });

  it('a valve by its setpoint', () => {
    assert.deepEqual(capabilitiesOf(featuresOf('danfossValve')), { setpoint: { min: 5, max: 35 }, temperature: true, battery: true });
  });

  it('a double switch as two switches, and what else is in its housing beside them', () => {
    const found = parts('aqaraDoubleSwitch').map(({ endpoint, features }) => [endpoint, Object.keys(capabilitiesOf(features))]);
    assert.deepEqual(found, [
      [undefined, ['button']],
      ['left', ['on']],
      ['right', ['on']],
    ]);
  });

  it('one of several shows itself as its housing does, or by an effect of its own', () => {
    const state = (endpoint: string) => ({
      type: 'light',
      endpoint,
      features: [{ name: 'state', property: `state_${endpoint}`, access: 7 }],
    });
    const effect = (endpoint: string) => ({
      type: 'enum',
      name: 'effect',
      property: `effect_${endpoint}`,
      endpoint,
      access: 2,
      values: ['blink'],
    });
    const identify = { type: 'enum', name: 'identify', property: 'identify', access: 2, values: ['identify'] };
    const shownBy = (...exposes: object[]) => {
      const definition = { model: 'm', vendor: 'v', exposes };
      const devices = readDevices(JSON.stringify([{ ieee_address: '0x1', type: 'Router', friendly_name: 'it', definition }]));
      return devices?.entries.flatMap(partsOf).map(({ features }) => features.identify?.property);
    };
    assert.deepEqual(shownBy(state('l1'), state('l2'), identify), ['identify', 'identify']);
    assert.deepEqual(shownBy(state('l1'), state('l2'), effect('l1'), effect('l2')), ['effect_l1', 'effect_l2']);
  });
});

describe('what a device is told', () => {
  const hue = featuresOf('hueColor');

  it('in its own units', () => {
    assert.deepEqual(messageFor({ on: true, brightness: 50, colorTemperature: 2700 }, 2, hue), {
      state: 'ON',
      brightness: 127,
      color_temp: 370,
      transition: 2,
    });
    assert.deepEqual(messageFor({ on: true, color: { x: 0.45001, y: 0.41 } }, 0, hue), {
      state: 'ON',
      color: { x: 0.45, y: 0.41 },
      transition: 0,
    });
    assert.deepEqual(messageFor({ colorTemperature: 9000 }, 0, hue), { color_temp: 153, transition: 0 });
    assert.deepEqual(messageFor({ setpoint: 50 }, 0, featuresOf('danfossValve')), { occupied_heating_setpoint: 35 });
    assert.deepEqual(messageFor({ effect: 'none' }, 0, hue), { effect: 'none', transition: 0 });
  });

  it('a brightness alone keeps a lamp off that is off, where the lamp takes it so', () => {
    assert.deepEqual(messageFor({ brightness: 10 }, 1, hue), { state: null, brightness: 25, transition: 1 });
    assert.deepEqual(messageFor({ brightness: 10 }, 1, featuresOf('tuyaColor')), { brightness: 25, transition: 1 });
    assert.deepEqual(messageFor({ brightness: 10 }, 1, featuresOf('tuyaDimmer')), { brightness: 25 });
  });

  it('off goes alone, and by the level only where it is to take its time', () => {
    assert.deepEqual(messageFor({ on: false, brightness: 10 }, 0, hue), { state: 'OFF' });
    assert.deepEqual(messageFor({ on: false }, 3, hue), { state: 'OFF', transition: 3 });
    assert.deepEqual(messageFor({ on: true }, 0, hue), { state: 'ON' });
    assert.deepEqual(messageFor({ on: false }, 3, featuresOf('ikeaPlug')), { state: 'OFF' });
  });

  it('one of two by its own name', () => {
    const right = parts('aqaraDoubleSwitch').find(({ endpoint }) => endpoint === 'right');
    assert.ok(right);
    assert.deepEqual(messageFor({ on: true }, 0, right.features), { state_right: 'ON' });
    assert.deepEqual(attributesIn({ state_left: 'ON', state_right: 'OFF' }, right.features), { on: false });
  });

  it('nothing where it can do nothing of it', () => {
    assert.equal(messageFor({ volume: 10 }, 0, hue), undefined);
    assert.equal(messageFor({ brightness: 10 }, 0, featuresOf('ikeaPlug')), undefined);
  });

  it('comes back as what was wished for, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 2000, max: 6500 }),
        (on, brightness, colorTemperature) => {
          const message = messageFor({ on, brightness, colorTemperature }, 0, hue) ?? {};
          const back = attributesIn({ ...message, color_mode: 'color_temp' }, hue);
          assert.equal(back.on, on);
          if (!on) return;
          assert.ok(Math.abs((back.brightness ?? 0) - brightness) < 0.5);
          assert.ok(Math.abs(1e6 / (back.colorTemperature ?? 1) - 1e6 / colorTemperature) < 1);
        },
      ),
    );
  });
});

describe('what a device tells', () => {
  const hue = featuresOf('hueColor');
  const both = { color_temp: 370, color: { x: 0.46, y: 0.41, hue: 28, saturation: 66 } };

  it('a white or a color, by its mode', () => {
    assert.deepEqual(attributesIn({ ...both, color_mode: 'color_temp' }, hue), { colorTemperature: 2703 });
    assert.deepEqual(attributesIn({ ...both, color_mode: 'xy' }, hue), { color: { x: 0.46, y: 0.41 } });
    assert.deepEqual(attributesIn({ ...both, color_mode: 'hs' }, hue), { color: { x: 0.46, y: 0.41 } });
    assert.deepEqual(attributesIn(both, hue), { colorTemperature: 2703 });
  });

  it('nothing where it does not know', () => {
    assert.deepEqual(attributesIn({ state: null, brightness: null, color_mode: null, color: null }, hue), {});
    assert.deepEqual(readingsIn({ occupancy: null, illuminance: null }, featuresOf('hueMotion')), {});
  });

  it('readings within their bounds', () => {
    assert.deepEqual(readingsIn({ occupancy: true, illuminance: -1, temperature: -3.5, battery: 101 }, featuresOf('hueMotion')), {
      ...{ occupancy: true, illuminance: 0, temperature: -3.5, battery: 100 },
    });
  });

  it('confirms a command by all that it says of it, within rounding', () => {
    const told = { state: 'ON', brightness: 127, color: { x: 0.45, y: 0.41 }, transition: 2 };
    assert.ok(confirms({ state: 'ON', brightness: 127, color: { x: 0.4504, y: 0.4098, hue: 1 }, linkquality: 3 }, told));
    assert.ok(!confirms({ state: 'ON', brightness: 254, color: { x: 0.45, y: 0.41 } }, told));
    assert.ok(!confirms({ linkquality: 3 }, told));
    assert.ok(confirms({ brightness: 127, state: 'OFF' }, { state: null, brightness: 127 }));
  });
});

describe('lamps that know no xy', () => {
  it('are told hue and saturation', () => {
    const message = messageFor({ color: { x: 0.64, y: 0.33 } }, 0, featuresOf('tuyaColor'));
    assert.deepEqual(message, { color: { hue: 0, saturation: 100 }, transition: 0 });
    const { color } = attributesIn({ color: { hue: 0, saturation: 100 }, color_mode: 'hs' }, featuresOf('tuyaColor'));
    assert.ok(color && Math.hypot(color.x - 0.64, color.y - 0.33) < 0.002);
  });

  it('every color of sRGB comes back', () => {
    const component = fc.integer({ min: 0, max: 359 });
    fc.assert(
      fc.property(component, fc.integer({ min: 5, max: 100 }), (hue, saturation) => {
        const back = xyOf(hueAndSaturation(xyOf({ hue, saturation })));
        const there = xyOf({ hue, saturation });
        assert.ok(Math.hypot(back.x - there.x, back.y - there.y) < 0.01);
      }),
    );
  });
});
