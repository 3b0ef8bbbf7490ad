// biome-ignore-all lint/suspicious/noThenProperty: the word of the configuration

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Attributes } from '../devices/device.ts';
import type { AmbienceRoom } from './configuration.ts';
import { parseMoment } from './daytime.ts';
import { SCENES, SimulatedHouse } from './house.sim.ts';

const actor = { kind: 'panel', name: 'ada' } as const;
const START: Attributes = { on: true, brightness: 60, colorTemperature: 3500 };
const lamp = (house: SimulatedHouse): Attributes => house.lamps.get('sim:1') ?? {};

function withRules(rules: Partial<AmbienceRoom>): SimulatedHouse {
  const house = new SimulatedHouse();
  house.arrange({ rooms: [{ id: 'den', name: 'Den', devices: ['sim:1'], policies: [], ...rules }] });
  return house;
}

const strained = [{ when: { stressAbove: 70 }, then: { scene: 'soothe', intensity: 100 }, for: 0, cooldown: 0 }];

describe('what was before', () => {
  test('comes back per attribute when a person ends a scene, the switch too', async () => {
    const house = new SimulatedHouse();
    house.director.activateScene(actor, 'den', 'movie');
    await house.pass(5);
    house.director.activateScene(actor, 'den', 'sleep');
    await house.pass(5);
    assert.equal(lamp(house).on, false);
    house.director.activateScene(actor, 'den', null);
    await house.pass(5);
    assert.deepEqual(lamp(house), START);
    assert.equal(house.director.why('sim:1').brightness?.[0]?.reason.code, 'reason.before');
  });

  test('is what a hand set meanwhile, for that attribute alone', async () => {
    const house = new SimulatedHouse();
    house.director.activateScene(actor, 'den', 'movie');
    await house.pass(10);
    house.hand({ colorTemperature: 5000 });
    await house.pass(5);
    house.director.resume(actor, 'den');
    await house.pass(5);
    assert.deepEqual(lamp(house), { ...START, colorTemperature: 5000 });
  });

  test('comes back when a rule ends, though not to an empty room', async () => {
    const house = withRules({ policies: strained });
    house.feel('tense', { stress: 90 });
    await house.pass(5);
    assert.equal(lamp(house).brightness, 30);
    house.feel('neutral', { stress: 10, occupancy: false });
    await house.pass(5);
    assert.equal(lamp(house).brightness, 30);
    house.feel('tense', { stress: 90 });
    house.feel('neutral', { stress: 10 });
    await house.pass(5);
    assert.deepEqual(lamp(house), START);
  });

  test('comes back when the mood is told to stay out of it', async () => {
    const house = new SimulatedHouse();
    house.feel('tense');
    await house.pass(5);
    house.director.setAmbience(actor, 'den', false);
    await house.pass(5);
    assert.deepEqual(lamp(house), START);
  });

  test('outlives a restart', async () => {
    const house = new SimulatedHouse();
    house.director.activateScene(actor, 'den', 'movie');
    await house.pass(10);
    await house.restart();
    house.director.activateScene(actor, 'den', null);
    await house.pass(5);
    assert.deepEqual(lamp(house), START);
  });

  test('comes back after any sequence of scenes and moods, once all of them are over', async () => {
    const step = fc.oneof(
      fc.constantFrom(...SCENES.map(({ id }) => ({ scene: id }))),
      fc.constantFrom('tense', 'low', 'cheerful', 'calm').map((label) => ({ label: label as 'tense' })),
      fc.constant({ scene: null }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const house = new SimulatedHouse();
        for (const each of steps) {
          if ('scene' in each) house.director.activateScene(actor, 'den', each.scene);
          else house.feel(each.label);
          await house.pass(3);
        }
        house.director.setAmbience(actor, 'den', false);
        house.director.activateScene(actor, 'den', null);
        await house.pass(5);
        assert.deepEqual(lamp(house), START);
      }),
      { numRuns: 30 },
    );
  });
});

describe('a schedule', () => {
  // The clock of the simulated house starts on 2026-11-01, 12:00 UTC.
  const at = (text: string) => parseMoment(text) ?? assert.fail();
  const evening = { at: at('12:10'), until: at('12:40'), days: ['sun' as const], then: { scene: 'sleep', intensity: 100 } };

  test('goes before the mood, and gives back at its end what is no light that nobody asked for', async () => {
    const house = withRules({ schedules: [{ ...evening, then: { scene: 'movie', intensity: 100 } }] });
    house.feel('tense');
    await house.pass(11 * 60);
    assert.equal(lamp(house).brightness, 10);
    assert.equal(house.director.why('sim:1').brightness?.[0]?.reason.code, 'reason.schedule');
    await house.pass(30 * 60);
    assert.equal(lamp(house).brightness, 30);
  });

  test('that switched a lamp off does not switch it on again when it ends', async () => {
    const house = withRules({ schedules: [evening] });
    await house.pass(11 * 60);
    assert.equal(lamp(house).on, false);
    await house.pass(60 * 60);
    assert.equal(lamp(house).on, false);
  });

  test('yields to a hand for as long as it holds', async () => {
    const house = withRules({ schedules: [evening], hold: 10 * 60_000 });
    await house.pass(11 * 60);
    house.hand({ on: true });
    await house.pass(9 * 60);
    assert.equal(lamp(house).on, true);
    await house.pass(2 * 60);
    assert.equal(lamp(house).on, false);
  });

  test('is only offered in a room that suggests', async () => {
    const house = withRules({ schedules: [evening] });
    house.director.setMode(actor, 'den', 'suggest');
    await house.pass(11 * 60);
    assert.deepEqual([lamp(house).on, house.director.suggestion('den')], [true, { scene: 'sleep', by: 'schedule' }]);
    house.director.acceptSuggestion(actor, 'den');
    await house.pass(5);
    assert.deepEqual([lamp(house).on, house.director.suggestion('den')], [false, null]);
  });

  test('is found in force after a jump of the clock, and after one back it is not', async () => {
    const house = withRules({ schedules: [evening] });
    house.clock.jumpWall(Date.UTC(2027, 0, 3, 12, 20));
    await house.pass(2);
    assert.equal(lamp(house).on, false);
    assert.equal(house.director.why('sim:1').on?.[0]?.reason.code, 'reason.schedule');
    house.clock.jumpWall(Date.UTC(2027, 0, 3, 11));
    await house.pass(1);
    assert.equal(house.director.why('sim:1').on?.[0]?.rung, undefined);
  });
});

describe('automation', () => {
  test('is held to caps, ramps and quiet hours; a person is not', async () => {
    const quietHours = { from: { minutes: 0 }, to: { minutes: 23 * 60 }, brightness: 20, volume: 10 };
    const house = withRules({ limits: { ramp: 10_000, quietHours } });
    house.feel('cheerful');
    await house.pass(15);
    assert.equal(lamp(house).brightness, 20);
    assert.equal(house.commands[0]?.transition, 4);
    assert.deepEqual(house.director.why('sim:1').brightness?.[0]?.limit, { code: 'limit.quiet_hours', params: { percent: 20 } });
    house.director.setDevice(actor, 'sim:1', { brightness: 100 });
    await house.pass(1);
    assert.deepEqual([lamp(house).brightness, house.commands.at(-1)?.transition], [100, 0.4]);
  });

  test('changes a lamp only so often in an hour, and the last word is not lost', async () => {
    const house = withRules({ limits: { changesPerHour: 4, minBetween: 0 } });
    const labels = ['tense', 'cheerful'] as const;
    for (let i = 0; i < 20; i++) {
      house.feel(labels[i % 2] ?? 'tense');
      await house.pass(10);
    }
    assert.equal(house.commands.length, 4);
    await house.pass(20 * 60);
    assert.equal(lamp(house).brightness, 90);
  });

  test('goes as far as the room wants it to', async () => {
    const house = new SimulatedHouse();
    house.director.setIntensity(actor, 'den', 50);
    house.feel('tense');
    await house.pass(5);
    assert.equal(lamp(house).brightness, 45);
    house.director.setIntensity(actor, 'den', 100);
    await house.pass(5);
    assert.equal(lamp(house).brightness, 30);
  });
});

test('a scene that people do not want is not asked for, and ends when they say so', async () => {
  const refused = new Set<string>();
  const house = new SimulatedHouse({ director: { isWelcome: (_room, scene) => !refused.has(scene) } });
  house.feel('tense');
  await house.pass(5);
  assert.equal(lamp(house).brightness, 30);
  refused.add('soothe');
  house.director.onFeedback('den');
  await house.pass(5);
  assert.deepEqual([lamp(house).brightness, house.director.moodScene('den')], [60, null]);
});

test('nothing is suggested where nothing is asked for, and no yes is taken for it', () => {
  const house = new SimulatedHouse();
  assert.equal(house.director.suggestion('den'), null);
  assert.throws(() => house.director.acceptSuggestion(actor, 'den'), { code: 'ambience.no_suggestion' });
});

test('somebody who plays with the switch is not let flash the light', async () => {
  const house = new SimulatedHouse({ manners: { latency: 1, reporting: 1 } });
  for (let i = 0; i < 30; i++) {
    house.director.setDevice(actor, 'sim:1', { on: i % 2 === 1 });
    await house.clock.advanceAsync(50);
  }
  assert.ok(house.commands.length <= 8, `${house.commands.length} commands in 1.5 s`);
  await house.pass(3);
  assert.equal(lamp(house).on, true);
});
