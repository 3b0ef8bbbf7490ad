import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { clipToGamut, type Gamut } from '../../daemon/devices/color.ts';
import type { Xy } from '../../daemon/devices/device.ts';
import { attributesIn, attributesOf, capabilitiesOf, putFor, putForGroup } from './light.ts';
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
    const colored = { ...light, color: { xy: { x: 0.6, y: 0.3 } }, color_temperature: { mirek: null, mirek_valid: false } };
    assert.deepEqual(attributesOf(colored), { on: true, brightness: 50, color: { x: 0.6, y: 0.3 } });
  });

  it('an update speaks of what it names alone', () => {
    const update = { type: 'light', id: 'a', dimming: { brightness: 10 } };
    assert.deepEqual(attributesIn(update, { ...light, dimming: { brightness: 10 } }), { brightness: 10 });
  });

  it('a color that comes without a word on the white is a color', () => {
    const color = { xy: { x: 0.6, y: 0.3 } };
    assert.deepEqual(attributesIn({ type: 'light', id: 'a', color }, { ...light, color }), { color: { x: 0.6, y: 0.3 } });
    assert.deepEqual(attributesIn({ type: 'light', id: 'a', color, color_temperature: { mirek: 400 } }, { ...light, color }), {
      colorTemperature: 2500,
    });
  });

  it('effects are named as the bridge names them, in either of its two forms; none is none', () => {
    const effect_values = ['no_effect', 'candle'];
    const older: HueLight = { ...light, effects: { effect_values, status: 'candle' } };
    const later: HueLight = { ...older, effects_v2: { action: { effect_values }, status: { effect: 'no_effect' } } };
    assert.deepEqual(capabilitiesOf(later).effect, { names: ['none', 'candle'] });
    assert.deepEqual([attributesOf(older).effect, attributesOf(later).effect], ['candle', 'none']);
    assert.deepEqual(putFor({ effect: 'none' }, 0, older), { effects: { effect: 'no_effect' }, dynamics: { duration: 0 } });
    assert.deepEqual(putFor({ effect: 'candle' }, 0, later), { effects_v2: { action: { effect: 'candle' } }, dynamics: { duration: 0 } });
    assert.equal(putFor({ effect: 'fire' }, 0, later), undefined);
  });

  it('a lamp that names the type of its gamut alone gets no color beyond it', () => {
    const blueOf = (gamut_type: string): string => {
      const lamp = { ...light, color: { xy: { x: 0.3, y: 0.3 }, gamut_type } };
      const { color } = putFor({ color: { x: 0.15, y: 0 } }, 0, lamp) as { color: { xy: Xy } };
      return `${color.xy.x.toFixed(4)} ${color.xy.y.toFixed(4)}`;
    };
    const types = ['A', 'B', 'C', 'other', 'constructor'];
    assert.deepEqual(types.map(blueOf), ['0.1380 0.0800', '0.1670 0.0400', '0.1530 0.0480', '0.1500 0.0000', '0.1500 0.0000']);
  });

  it('whatever color is asked, what is sent lies in the gamut, and nothing in it lies nearer', () => {
    // The corners of the three generations of color lamps (https://developers.meethue.com/develop/hue-api/supported-devices/).
    const gamuts: Gamut[] = [
      [
        { x: 0.704, y: 0.296 },
        { x: 0.2151, y: 0.7106 },
        { x: 0.138, y: 0.08 },
      ],
      [
        { x: 0.675, y: 0.322 },
        { x: 0.409, y: 0.518 },
        { x: 0.167, y: 0.04 },
      ],
      [
        { x: 0.6915, y: 0.3083 },
        { x: 0.17, y: 0.7 },
        { x: 0.1532, y: 0.0475 },
      ],
    ];
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const xy = fc.record({ x: share, y: share });
    fc.assert(
      fc.property(xy, xy, fc.constantFrom(...gamuts), (color, other, gamut) => {
        const [red, green, blue] = gamut;
        const lamp = { ...light, color: { xy: color, gamut: { red, green, blue } } };
        const { color: sent } = putFor({ color }, 0, lamp) as { color: { xy: typeof color } };
        const again = clipToGamut(sent.xy, gamut);
        assert.ok(Math.hypot(again.x - sent.xy.x, again.y - sent.xy.y) < 1e-9);
        const inside = clipToGamut(other, gamut);
        const distance = Math.hypot(sent.xy.x - color.x, sent.xy.y - color.y);
        assert.ok(distance <= Math.hypot(inside.x - color.x, inside.y - color.y) + 1e-9);
      }),
    );
  });

  it('a command to a group says what any of its lamps can do, in a range that all of them have', () => {
    const narrow: HueLight = { ...light, color_temperature: { mirek: 400, mirek_schema: { mirek_minimum: 200, mirek_maximum: 400 } } };
    const { color_temperature: _, color: __, ...white } = light;
    const put = putForGroup({ on: true, brightness: 30, colorTemperature: 2000 }, 1, [light, narrow, white]);
    assert.deepEqual(put, {
      on: { on: true },
      dimming: { brightness: 30 },
      color_temperature: { mirek: 400 },
      dynamics: { duration: 1000 },
    });
    assert.deepEqual(putForGroup({ on: false }, 0, [light]), { on: { on: false }, dynamics: { duration: 0 } });
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
