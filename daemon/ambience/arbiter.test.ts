import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { RUNGS } from '../api/mode.ts';
import type { Attributes, Device } from '../devices/device.ts';
import { arbitrate } from './arbiter.ts';
import type { Claim } from './claim.ts';
import { LIGHT_SLOTS, pick, SLOTS, slotsOf } from './slots.ts';

const device: Device = {
  id: 'virtual:lamp',
  adapter: 'virtual',
  name: 'Lamp',
  capabilities: { on: true, brightness: { min: 1 }, colorTemperature: { min: 2000, max: 6500 }, color: {} },
};

let serial = 0;
function claim(rung: Claim['rung'], attributes: Attributes): Claim {
  const reason = { code: 'reason.idle', params: {} } as const;
  const owner = { kind: 'system', name: 'test' } as const;
  return { id: `c${serial++}`, device: device.id, attributes, rung, owner, room: 'den', confidence: 1, placedAt: 0, reason };
}

const attributes: fc.Arbitrary<Attributes> = fc.record(
  {
    on: fc.boolean(),
    brightness: fc.integer({ min: 1, max: 100 }),
    colorTemperature: fc.integer({ min: 2000, max: 6500 }),
    color: fc.record({ x: fc.double({ min: 0, max: 1, noNaN: true }), y: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
  { requiredKeys: [] },
);
const claims = fc.array(
  fc.tuple(fc.constantFrom(...RUNGS), attributes).map(([rung, wish]) => claim(rung, wish)),
  { maxLength: 12 },
);
const values: fc.Arbitrary<Attributes> = fc.record({ on: fc.boolean() }, { requiredKeys: [] });

describe('any set of claims', () => {
  test('is won per attribute by the highest rung, and within it by the latest', () => {
    fc.assert(
      fc.property(claims, values, (placed, now) => {
        const { winners } = arbitrate({ device, claims: placed, values: now });
        for (const slot of SLOTS) {
          const rivals = placed.filter((each) => slotsOf(each.attributes).has(slot));
          const top = RUNGS.find((rung) => rivals.some((each) => each.rung === rung));
          const expected = rivals.findLast((each) => each.rung === top);
          if (winners[slot] || !LIGHT_SLOTS.includes(slot)) assert.equal(winners[slot]?.[0]?.id, expected?.id);
        }
      }),
    );
  });

  test('never sends light to a lamp that is off and stays off, nor color and white at once', () => {
    fc.assert(
      fc.property(claims, values, (placed, now) => {
        const { attributes } = arbitrate({ device, claims: placed, values: now });
        const lit = attributes.on ?? now.on;
        if (lit === false) for (const slot of LIGHT_SLOTS) assert.deepEqual(pick(attributes, slot), {});
        assert.ok(!(attributes.color && attributes.colorTemperature));
      }),
    );
  });

  test('explains every wish, and at most one as the winner', () => {
    fc.assert(
      fc.property(claims, values, (placed, now) => {
        const { why, attributes } = arbitrate({ device, claims: placed, values: now });
        for (const slot of SLOTS) {
          const entries = Object.entries(why).filter(([name]) => slotsOf({ [name]: 0 }).has(slot));
          const wins = entries.flatMap(([, list]) => list.filter((each) => each.wins));
          assert.equal(wins.length, Object.keys(pick(attributes, slot)).length);
          const told = entries.flatMap(([, list]) => list.filter((each) => each.reason.code !== 'reason.off'));
          assert.equal(told.length, placed.filter((each) => slotsOf(each.attributes).has(slot)).length);
        }
      }),
    );
  });

  test('is decided the same again', () => {
    fc.assert(
      fc.property(claims, values, (placed, now) => {
        const contest = { device, claims: placed, values: now };
        assert.deepEqual(arbitrate(contest), arbitrate(contest));
      }),
    );
  });
});

describe('the arbiter', () => {
  test('lets wishes for a lamp that is off wait, and says so', () => {
    const { attributes, why } = arbitrate({ device, claims: [claim('mood', { brightness: 40 })], values: { on: false } });
    assert.deepEqual(attributes, {});
    assert.deepEqual(
      why.brightness?.map((each) => [each.reason.code, each.wins]),
      [
        ['reason.off', false],
        ['reason.idle', false],
      ],
    );
  });

  test('sends a mood nothing while it is unknown whether the lamp is on, but a person gets what they ask for', () => {
    assert.deepEqual(arbitrate({ device, claims: [claim('mood', { brightness: 40 })], values: {} }).attributes, {});
    assert.deepEqual(arbitrate({ device, claims: [claim('person', { brightness: 40 })], values: {} }).attributes, { brightness: 40 });
  });

  test('a white wished by a person silences the color wished by the mood', () => {
    const placed = [claim('person', { colorTemperature: 3000 }), claim('mood', { color: { x: 0.5, y: 0.4 }, brightness: 30 })];
    assert.deepEqual(arbitrate({ device, claims: placed, values: { on: true } }).attributes, { colorTemperature: 3000, brightness: 30 });
  });

  test('lights a lamp when the winner says on', () => {
    const placed = [claim('person', { on: true }), claim('mood', { brightness: 30 })];
    assert.deepEqual(arbitrate({ device, claims: placed, values: { on: false } }).attributes, { on: true, brightness: 30 });
  });
});
