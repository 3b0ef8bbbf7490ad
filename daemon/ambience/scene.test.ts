import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import type { Capabilities, Device } from '../devices/device.ts';
import { redmean } from './chroma.ts';
import { DEFAULT_POLICIES } from './policy.ts';
import { atIntensity, type Scene, sceneAttributes, scenesSchema, toScenes } from './scene.ts';

const lamp = (capabilities: Capabilities): Device => ({ id: 'virtual:lamp', adapter: 'virtual', name: 'Lamp', capabilities });
const scene = (lights: Scene['lights'], over: Partial<Scene> = {}): Scene => {
  return { id: 'test', name: 'Test', lights, speakers: {}, switches: {}, climate: {}, transition: 1, ...over };
};

describe('fitting a scene to a lamp', () => {
  const warm = scene({ on: true, brightness: 1, colorTemperature: 1800, color: { x: 0.7, y: 0.25 } });

  test('takes the color where the lamp can show colors, moved into its gamut', () => {
    const gamut = [
      { x: 0.6, y: 0.35 },
      { x: 0.3, y: 0.6 },
      { x: 0.15, y: 0.05 },
    ] as const;
    const attributes = sceneAttributes(warm, lamp({ on: true, color: { gamut }, colorTemperature: { min: 2000, max: 6500 } }));
    assert.deepEqual(attributes, { color: { x: 0.6, y: 0.35 }, on: true });
  });

  test('else the color temperature, within the range of the lamp', () => {
    assert.deepEqual(sceneAttributes(warm, lamp({ colorTemperature: { min: 2200, max: 6500 } })), { colorTemperature: 2200 });
  });

  test('else brightness alone, no less than the lamp glows at', () => {
    assert.deepEqual(sceneAttributes(warm, lamp({ brightness: { min: 5 } })), { brightness: 5 });
  });

  test('shows a white on a lamp that only knows colors', () => {
    const { color } = sceneAttributes(scene({ colorTemperature: 2700 }), lamp({ color: {} }));
    assert.ok(color && redmean(color, { x: 0.4599, y: 0.4106 }) < 5);
  });

  test('leaves a device that is on or off and no more to what the scene says of switches', () => {
    const plug = lamp({ on: true });
    assert.deepEqual(sceneAttributes(scene({ on: false }), plug), {});
    assert.deepEqual(sceneAttributes(scene({}, { switches: { on: false } }), plug), { on: false });
  });

  test('tells players and thermostats what is theirs; an offset is from what was set before', () => {
    const both = scene({ on: true }, { speakers: { volume: 20, transport: 'paused' }, climate: { offset: -2 } });
    assert.deepEqual(sceneAttributes(both, lamp({ volume: true, transport: true })), { volume: 20, transport: 'paused' });
    const thermostat = lamp({ setpoint: { min: 5, max: 30 } });
    assert.deepEqual(sceneAttributes(both, thermostat, { setpoint: 20.5 }), { setpoint: 18.5 });
    assert.deepEqual(sceneAttributes(both, thermostat), {});
  });

  test('is empty where the device can do none of it', () => assert.deepEqual(sceneAttributes(warm, lamp({ volume: true })), {}));
});

describe('the default scenes', () => {
  const scenes = toScenes(scenesSchema.parse(parse(readFileSync(new URL('../../config/scenes.yaml', import.meta.url), 'utf8'))));

  test('are those that the documents name', () => {
    const ids = ['calm', 'soothe', 'focus', 'energise', 'cheer', 'wind-down', 'movie', 'sleep', 'night-light', 'neutral'];
    assert.deepEqual(
      scenes.map((each) => each.id),
      ids,
    );
  });

  test('hold every scene that the default policy asks for', () => {
    for (const policy of DEFAULT_POLICIES) assert.ok(scenes.some((each) => each.id === policy.then.scene));
  });

  test('can be told apart on a lamp that knows only whites', () => {
    const white = lamp({ on: true, brightness: { min: 1 }, colorTemperature: { min: 2200, max: 6500 } });
    const looks = scenes.map((each) => JSON.stringify(sceneAttributes(each, white)));
    assert.equal(new Set(looks).size, scenes.length);
  });
});

test('a scene that says what no lamp knows is refused', () => {
  assert.equal(scenesSchema.safeParse({ mine: { lights: { hue: 3 } } }).success, false);
  assert.equal(scenesSchema.safeParse({ mine: { lights: { brightness: 120 } } }).success, false);
  assert.deepEqual(scenesSchema.parse({ mine: {} }), { mine: { lights: {}, speakers: {}, switches: {}, climate: {}, transition: 2 } });
});

test('a scene at half its strength is half way from neutral, in steps that look equal', () => {
  const [full, neutral] = [
    { on: true, brightness: 20, colorTemperature: 2000, volume: 10 },
    { on: true, brightness: 60, colorTemperature: 4000 },
  ];
  const half = atIntensity(full, { neutral, intensity: 50 });
  assert.deepEqual(half, { on: true, brightness: 40, colorTemperature: 2667, volume: 10 });
  assert.deepEqual(atIntensity(full, { neutral, intensity: 100 }), full);
  assert.deepEqual(atIntensity(full, { neutral, intensity: 0 }), { ...neutral, volume: 10 });
});
