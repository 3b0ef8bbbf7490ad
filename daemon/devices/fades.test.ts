import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Fades } from './fades.ts';

const minute = 60_000;
const LATE = 4000;

function fading(target: { brightness?: number; on?: boolean; color?: { x: number; y: number } }, duration = minute): Fades {
  const fades = new Fades(LATE);
  fades.begin('l', { before: { brightness: 0, color: { x: 0.2, y: 0.2 } }, target, duration, now: 0 });
  return fades;
}

it('a value where the ramp is, or was a moment ago, is on the way', () => {
  const fades = fading({ brightness: 100 });
  assert.ok(fades.onTheWay('l', 'brightness', { value: 50, now: 30_000 }));
  assert.ok(fades.onTheWay('l', 'brightness', { value: 48, now: 30_000 }), 'within two points');
  assert.ok(fades.onTheWay('l', 'brightness', { value: 47, now: 31_000 }), 'told late');
});

it('a value ahead of the ramp or long behind it is a hand', () => {
  const fades = fading({ brightness: 100 });
  assert.ok(!fades.onTheWay('l', 'brightness', { value: 80, now: 30_000 }));
  assert.ok(!fades.onTheWay('l', 'brightness', { value: 20, now: 30_000 }));
});

it('the target itself is not on the way, nor is anything after the end', () => {
  const fades = fading({ brightness: 100 });
  assert.ok(!fades.onTheWay('l', 'brightness', { value: 100, now: 30_000 }));
  assert.ok(!fades.onTheWay('l', 'brightness', { value: 99, now: 70_000 }));
});

it('a color beside the line between start and target is a hand', () => {
  const fades = fading({ color: { x: 0.6, y: 0.2 } });
  assert.ok(fades.onTheWay('l', 'color', { value: { x: 0.4, y: 0.205 }, now: 30_000 }));
  assert.ok(!fades.onTheWay('l', 'color', { value: { x: 0.4, y: 0.4 }, now: 30_000 }));
});

it('other lamps, other attributes, and a lamp that was switched off are not on the way', () => {
  const fades = fading({ brightness: 100 });
  assert.ok(!fades.onTheWay('m', 'brightness', { value: 50, now: 30_000 }));
  assert.ok(!fades.onTheWay('l', 'volume', { value: 50, now: 30_000 }));
  fades.begin('l', { before: {}, target: { on: false }, duration: 0, now: 20_000 });
  assert.ok(!fades.onTheWay('l', 'brightness', { value: 50, now: 30_000 }));
});

it('what is under way is known until its end', () => {
  const fades = fading({ brightness: 100 });
  assert.deepEqual(fades.running('l', 'brightness', 45_000), { target: 100, left: 15_000 });
  assert.equal(fades.running('l', 'brightness', 60_000), undefined);
  assert.equal(fades.running('l', 'color', 0), undefined);
});
