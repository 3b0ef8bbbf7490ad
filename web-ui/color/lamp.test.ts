import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WhyEntry } from '../../daemon/api/views.ts';
import { sampleDevice } from '../state/house.sample.ts';
import { colorMode, lampLight } from './lamp.ts';

const red = { x: 0.64, y: 0.33 };
const wins: WhyEntry = { rung: 'mood', value: 2700, reason: { code: 'reason.idle', params: {} }, wins: true };

test('a lamp that is off or away gives no light', () => {
  assert.equal(lampLight(sampleDevice({ values: { on: false, brightness: 60 } })), null);
  assert.equal(lampLight(sampleDevice({ available: false })), null);
});

test('a red lamp is red, a white one is warm', () => {
  const shown = lampLight(sampleDevice({ values: { on: true, brightness: 100, color: red } }));
  assert.ok(shown && shown.rgb.r > 250 && shown.rgb.g < 5 && shown.rgb.b < 5);
  const white = lampLight(sampleDevice({ values: { on: true } }));
  assert.ok(white && white.rgb.r > white.rgb.g && white.rgb.g > white.rgb.b);
  assert.equal(white.brightness, 100);
});

test('a lamp that reports both is taken at its color, unless only a white is claimed', () => {
  const values = { on: true, color: red, colorTemperature: 2700 };
  assert.equal(colorMode(sampleDevice({ values })), 'color');
  assert.equal(colorMode(sampleDevice({ values, why: { colorTemperature: [wins] } })), 'white');
  assert.equal(colorMode(sampleDevice({ values, why: { colorTemperature: [wins], color: [wins] } })), 'color');
});
