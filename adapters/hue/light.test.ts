import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { attributesIn, attributesOf, capabilitiesOf, putFor, updated } from './light.ts';
import type { HueLight } from './resources.ts';

const light: HueLight = {
  type: 'light',
  id: 'a',
  owner: { rid: 'd', rtype: 'device' },
  on: { on: true },
  dimming: { brightness: 50, min_dim_level: 0.2 },
  color_temperature: { mirek: 400, mirek_valid: true, mirek_schema: { mirek_minimum: 153, mirek_maximum: 500 } },
  color: { xy: { x: 0.48, y: 0.41 }, gamut: { red: { x: 0.6915, y: 0.3083 }, green: { x: 0.17, y: 0.7 }, blue: { x: 0.1532, y: 0.0475 } } },
};

describe('a Hue light', () => {
  it('shows a white as color temperature, anything else as color', () => {
    assert.deepEqual(attributesOf(light), { on: true, brightness: 50, colorTemperature: 2500 });
    const colored = updated(light, {
      type: 'light',
      id: 'a',
      color: { xy: { x: 0.6, y: 0.3 } },
      color_temperature: { mirek: null, mirek_valid: false },
    });
    assert.deepEqual(attributesOf(colored), { on: true, brightness: 50, color: { x: 0.6, y: 0.3 } });
    assert.deepEqual(capabilitiesOf(colored), capabilitiesOf(light), 'an update takes no ability away');
  });

  it('an update speaks of what it names alone', () => {
    const update = { type: 'light', id: 'a', dimming: { brightness: 10 } } as const;
    assert.deepEqual(attributesIn(update, updated(light, update)), { brightness: 10 });
  });

  it('mends the mirek range of lamps that say 0 to 65535', () => {
    const odd: HueLight = { ...light, color_temperature: { mirek: 300, mirek_schema: { mirek_minimum: 0, mirek_maximum: 65_535 } } };
    assert.deepEqual(capabilitiesOf(odd).colorTemperature, { min: 2000, max: 6536 });
  });

  it('what is sent is in range whatever is asked, and a white comes back within its rounding', () => {
    const wish = fc.record({
      brightness: fc.double({ min: 0, max: 100, noNaN: true }),
      colorTemperature: fc.double({ min: 1000, max: 20_000, noNaN: true }),
      transition: fc.double({ min: 0, max: 1e9, noNaN: true }),
    });
    fc.assert(
      fc.property(wish, ({ transition, ...attributes }) => {
        const body = putFor(attributes, transition, light) as { color_temperature: { mirek: number }; dynamics: { duration: number } };
        const { mirek } = body.color_temperature;
        assert.ok(Number.isInteger(mirek) && mirek >= 153 && mirek <= 500);
        assert.ok(Number.isInteger(body.dynamics.duration) && body.dynamics.duration <= 6_000_000);
        const within = Math.min(6536, Math.max(2000, attributes.colorTemperature));
        assert.ok(Math.abs(1e6 / mirek - within) <= within ** 2 / 2e6 / 0.98);
      }),
    );
  });
});
