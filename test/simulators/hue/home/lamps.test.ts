import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bridgeFor, descriptions, streamFor } from '../client.helper.ts';
import { gamuts } from './color.ts';
import { type LampKind, lampModels } from './lamp-models.ts';

const kinds = Object.keys(lampModels) as LampKind[];
const oneOfEach = { lamps: kinds.map((kind) => ({ kind, name: kind })), lightCommands: 1000 };

test('each kind of lamp shows what it can do and no more', async (t) => {
  const { bridge, get } = await bridgeFor(t, oneOfEach);
  const features = ['dimming', 'color_temperature', 'color', 'effects', 'effects_v2', 'timed_effects', 'gradient', 'powerup'];
  const has = async (kind: string) => {
    const [light = {}] = await get(`/light/${bridge.light(kind).id}`);
    return features.filter((each) => each in light).join(' ');
  };
  const shown = new Map<string, string>();
  for (const kind of kinds) shown.set(kind, await has(kind));
  const withEffects = 'effects effects_v2 timed_effects';
  assert.deepEqual(Object.fromEntries(shown), {
    color: 'dimming color_temperature color powerup',
    ambiance: 'dimming color_temperature powerup',
    white: 'dimming powerup',
    plug: 'powerup',
    bloom: 'dimming color_temperature color powerup',
    colorB: 'dimming color_temperature color powerup',
    effects: `dimming color_temperature color ${withEffects} powerup`,
    gradient: `dimming color_temperature color ${withEffects} gradient powerup`,
    candle: `dimming color_temperature ${withEffects} powerup`,
    strip: 'dimming color_temperature',
  });
  const dimming = async (kind: string) => (await get(`/light/${bridge.light(kind).id}`))[0]?.dimming;
  assert.deepEqual(await dimming('bloom'), { brightness: 100, min_dim_level: 10 });
  assert.deepEqual(await dimming('strip'), { brightness: 100 }, 'some do not tell their lowest level');
});

test('a color outside comes back as the nearest of the lamp’s own gamut', async (t) => {
  const { bridge, get, put } = await bridgeFor(t, oneOfEach);
  for (const [kind, type] of [
    ['bloom', 'A'],
    ['colorB', 'B'],
    ['effects', 'C'],
  ] as const) {
    const { id } = bridge.light(kind);
    assert.equal((await put(`/light/${id}`, { color: { xy: { x: 1, y: 0 } } })).status, 200);
    const [light] = await get(`/light/${id}`);
    assert.deepEqual(light?.color, { gamut: gamuts[type], gamut_type: type, xy: gamuts[type].red });
  }
});

test('a color temperature beyond a lamp’s range ends at its range', async (t) => {
  const { bridge, put } = await bridgeFor(t, oneOfEach);
  const { id } = bridge.light('strip');
  for (const [asked, shown] of [
    [153, 158],
    [500, 495],
  ] as const) {
    assert.equal((await put(`/light/${id}`, { color_temperature: { mirek: asked } })).status, 200);
    assert.equal(bridge.state(id).mirek, shown);
  }
});

test('an effect plays until a color, a color temperature or darkness ends it', async (t) => {
  const { bridge, clock, put, stream } = await streamFor(t, oneOfEach);
  const { id } = bridge.light('effects');
  const effect = () => bridge.state(id).effect;
  const start = () => put(`/light/${id}`, { effects: { effect: 'candle' } });
  assert.equal((await start()).status, 200);
  const [told] = (await stream.frame()).data;
  assert.deepEqual([told?.effects, told?.effects_v2], [{ status: 'candle' }, { status: { effect: 'candle' } }]);
  clock.advance(2000);
  await put(`/light/${id}`, { dimming: { brightness: 40 } });
  assert.equal(effect(), 'candle', 'it goes on at another brightness');
  for (const end of [
    { color_temperature: { mirek: 300 } },
    { color: { xy: { x: 0.4, y: 0.4 } } },
    { on: { on: false } },
    { effects: { effect: 'no_effect' } },
  ]) {
    await put(`/light/${id}`, { on: { on: true } });
    await start();
    assert.equal(effect(), 'candle');
    await put(`/light/${id}`, end);
    assert.equal(effect(), 'no_effect', JSON.stringify(end));
  }
  await put(`/light/${id}`, { on: { on: true }, effects_v2: { action: { effect: 'opal', parameters: { speed: 0.5 } } } });
  assert.equal(effect(), 'opal');
});

test('an effect beside a color is not heard, one the lamp lacks and an end of none are refused', async (t) => {
  const { bridge, put } = await bridgeFor(t, oneOfEach);
  const { id } = bridge.light('candle');
  assert.equal((await put(`/light/${id}`, { color_temperature: { mirek: 300 }, effects: { effect: 'candle' } })).status, 200);
  assert.deepEqual([bridge.state(id).mirek, bridge.state(id).effect], [300, 'no_effect']);
  const before = bridge.state(id);
  for (const effect of ['fire', 'no_effect']) {
    const reply = await put(`/light/${id}`, { effects: { effect }, dimming: { brightness: 5 } });
    assert.deepEqual([reply.status, descriptions(reply)], [207, [`invalid attribute value (.effects.effect) for resource ${id}`]]);
  }
  assert.deepEqual(bridge.state(id), before, 'nothing of it is done');
  assert.equal((await put(`/light/${id}`, { effects: { effect: 'disco' } })).status, 400);
  const white = bridge.light('white').id;
  const lacking = await put(`/light/${white}`, { effects: { effect: 'candle' } });
  assert.deepEqual(descriptions(lacking), [`attribute (.effects.effect) is not supported by resource ${white}`]);
});

test('when its power returns a lamp does what it is set to do', async (t) => {
  const { bridge, get, put } = await bridgeFor(t, oneOfEach);
  const afterPowerCut = async (kind: string, preset?: string) => {
    const { id } = bridge.light(kind);
    if (preset) assert.equal((await put(`/light/${id}`, { powerup: { preset } })).status, 200);
    bridge.turnByHand(id, { on: false, brightness: 30, mirek: 400 });
    bridge.unreachableAtTheWall(id);
    bridge.powerReturns(id);
    const { on, brightness, mirek } = bridge.state(id);
    return { on, brightness, mirek };
  };
  assert.deepEqual(await afterPowerCut('color'), { on: true, brightness: 100, mirek: 366 });
  assert.deepEqual(await afterPowerCut('effects'), { on: false, brightness: 30.04, mirek: 400 });
  assert.deepEqual(await afterPowerCut('candle'), { on: true, brightness: 30.04, mirek: 400 });
  assert.deepEqual(await afterPowerCut('ambiance', 'powerfail'), { on: false, brightness: 30.04, mirek: 400 });
  const [light] = await get(`/light/${bridge.light('ambiance').id}`);
  assert.deepEqual(light?.powerup, {
    color: { mode: 'previous' },
    configured: true,
    dimming: { mode: 'previous' },
    on: { mode: 'previous' },
    preset: 'powerfail',
  });
  const { id } = bridge.light('strip');
  const reply = await put(`/light/${id}`, { powerup: { preset: 'safety' } });
  assert.deepEqual(descriptions(reply), [`attribute (.powerup.preset) is not supported by resource ${id}`]);
});

test('a color for a lamp that is off is kept for its next on, and said to be in vain', async (t) => {
  const { bridge, put, stream } = await streamFor(t, oneOfEach);
  const { id } = bridge.light('bloom');
  await put(`/light/${id}`, { on: { on: false } });
  const reply = await put(`/light/${id}`, { color: { xy: { x: 0.3, y: 0.3 } } });
  assert.deepEqual(
    [reply.status, descriptions(reply)],
    [207, [`device (light) ${id} is "soft off", command (.color.xy) may not have effect`]],
  );
  assert.deepEqual(
    (await stream.frame()).data.map(({ on }) => on),
    [{ on: false }],
  );
  await put(`/light/${id}`, { on: { on: true } });
  assert.deepEqual(bridge.state(id).xy, { x: 0.3, y: 0.3 });
});
