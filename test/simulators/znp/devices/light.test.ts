import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../../daemon/api/clock.fake.ts';
import { flashTime, type LampQuirks, Light } from './light.ts';

const red = { x: 45_000, y: 20_000 };
const blue = { x: 10_000, y: 4_000 };

function lightWith(quirks: LampQuirks = {}) {
  const clock = new FakeClock();
  const light = new Light({ clock, quirks, color: red, mired: [153, 500], changed: () => {} });
  return { clock, light };
}

const fade = { tenths: 10, withOnOff: true, evenIfOff: false };
const atOnce = { tenths: 0, withOnOff: true, evenIfOff: false };

test('a fade goes evenly, a step each tenth of a second', () => {
  const { clock, light } = lightWith();
  light.moveToLevel(1, { ...atOnce, withOnOff: false, evenIfOff: true });
  light.switch(true);
  light.moveToLevel(101, fade);
  clock.advance(500);
  assert.equal(light.level, 51);
  assert.equal(light.remainingTime, 5);
  clock.advance(500);
  assert.equal(light.level, 101);
  assert.deepEqual(
    light.history.slice(-10).map(({ level }) => level),
    [11, 21, 31, 41, 51, 61, 71, 81, 91, 101],
  );
});

test('level without on/off and color are not heard while the lamp is off, unless the options say so', () => {
  const { light } = lightWith();
  light.moveToLevel(10, { ...atOnce, withOnOff: false });
  light.moveToColor(blue, { tenths: 0, evenIfOff: false });
  assert.deepEqual(light.state, { lit: false, level: 254, color: red });
  light.moveToLevel(10, { ...atOnce, withOnOff: false, evenIfOff: true });
  light.moveToColor(blue, { tenths: 0, evenIfOff: true });
  assert.deepEqual(light.state, { lit: false, level: 10, color: blue });
});

test('a well-behaved lamp fades to off and comes back as bright as it was; one that forgets comes back at the lowest level', () => {
  for (const [quirks, level] of [
    [{}, 200],
    [{ forgetsLevel: true }, 1],
  ] as const) {
    const { clock, light } = lightWith(quirks);
    light.moveToLevel(200, atOnce);
    light.moveToLevel(0, fade);
    clock.advance(999);
    assert.equal(light.on, true);
    clock.advance(1);
    assert.equal(light.state.lit, false);
    light.switch(true);
    assert.deepEqual([light.state.lit, light.level], [true, level]);
  }
});

test('brightness and color fade together, but with one transition the second command ends the first', () => {
  for (const [quirks, level] of [
    [{}, 200],
    [{ oneTransition: true }, 150],
  ] as const) {
    const { clock, light } = lightWith(quirks);
    light.moveToLevel(100, atOnce);
    light.moveToLevel(200, fade);
    clock.advance(500);
    light.moveToColor(blue, { tenths: 10, evenIfOff: false });
    clock.advance(1000);
    assert.deepEqual(light.state, { lit: true, level, color: blue });
  }
});

test('the color from before flashes up when a lamp is switched on that keeps it', () => {
  const { clock, light } = lightWith({ flashesCachedColor: true });
  light.moveToColor(blue, { tenths: 0, evenIfOff: true });
  light.switch(true);
  assert.deepEqual(light.state.color, red);
  assert.deepEqual(light.color, blue, 'it says otherwise');
  clock.advance(flashTime);
  assert.deepEqual(light.state.color, blue);
});

test('a fade to off while it is off makes some lamps shine although they say that they are off', () => {
  const { light } = lightWith({ offAgainShines: true });
  light.moveToLevel(0, fade);
  assert.deepEqual([light.on, light.state.lit, light.level], [false, true, 1]);
  light.moveToLevel(0, fade);
  assert.equal(light.state.lit, false);
  const { light: better } = lightWith();
  better.moveToLevel(0, fade);
  assert.equal(better.state.lit, false);
});
