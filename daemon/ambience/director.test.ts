import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { RoomtoneError } from '../api/errors.ts';
import { MODES } from '../api/mode.ts';
import type { Attributes } from '../devices/device.ts';
import { MOOD_LABELS } from '../mood/mood.ts';
import { SCENES, SimulatedHouse } from './house.sim.ts';

const actor = { kind: 'panel', name: 'ada' } as const;
const HOUR = 3600;
const code = (expected: string) => (error: RoomtoneError) => error.code === expected;
const lamp = (house: SimulatedHouse): Attributes => house.lamps.get('sim:1') ?? {};

describe('a mood', () => {
  test('moves the lamp within the call, and names what set it off', () => {
    const house = new SimulatedHouse();
    house.feel('tense', { trigger: 'cam-7' });
    const [command] = house.commands;
    assert.deepEqual(command?.attributes, { brightness: 30, colorTemperature: 2200 });
    assert.deepEqual([command?.trigger, command?.transition, command?.cause], ['cam-7', 2, ['mood:den:sim:1']]);
  });

  test('that stays as it is commands nothing more', async () => {
    const house = new SimulatedHouse();
    for (let i = 0; i < 30; i++) {
      house.feel('tense');
      await house.pass(1);
    }
    assert.equal(house.commands.length, 1);
  });

  test('that asks for what is so already commands nothing', () => {
    const house = new SimulatedHouse();
    house.feel('neutral');
    assert.deepEqual(house.commands, []);
  });

  test('never lights a lamp; once somebody does, the lamp takes its place', async () => {
    const house = new SimulatedHouse({ lamps: [{ on: false, brightness: 60, colorTemperature: 3500 }] });
    house.feel('tense');
    await house.pass(5);
    assert.deepEqual(house.commands, []);
    house.hand({ on: true });
    await house.pass(5);
    assert.deepEqual(lamp(house), { on: true, brightness: 30, colorTemperature: 2200 });
    assert.deepEqual(Object.keys(house.director.holds('sim:1')), ['on']);
  });

  test('in a room that starts with suggestions waits for the first yes, which holds from then on', () => {
    const house = new SimulatedHouse();
    house.configure(SCENES, 'suggest');
    house.feel('tense');
    assert.deepEqual(house.commands, []);
    house.director.activateScene(actor, 'den', 'soothe');
    assert.deepEqual([house.director.mode('den'), house.director.scene('den')], ['auto', null]);
    assert.equal(house.commands.length, 1);
    house.configure(SCENES, 'suggest');
    assert.equal(house.director.mode('den'), 'auto');
  });

  test('whose suggestion is passed over for another scene goes on being offered', () => {
    const house = new SimulatedHouse();
    house.configure(SCENES, 'suggest');
    house.feel('tense');
    const other = SCENES.find(({ id }) => id !== 'soothe')?.id ?? '';
    house.director.activateScene(actor, 'den', other);
    assert.deepEqual([house.director.mode('den'), house.director.scene('den')], ['suggest', other]);
  });

  test('of a room that nothing senses any more asks for nothing, and the lamp stays as it is', () => {
    const house = new SimulatedHouse();
    house.feel('tense');
    house.director.endMood('den');
    assert.deepEqual([house.director.moodScene('den'), house.director.why('sim:1'), house.commands.length], [null, {}, 1]);
  });

  test('of little confidence leaves things as they are; an empty room has no wish', () => {
    const house = new SimulatedHouse();
    house.feel('tense');
    house.feel('neutral', { confidence: 0 });
    assert.equal(house.director.moodScene('den'), 'soothe');
    house.feel('tense', { occupancy: false });
    assert.equal(house.director.moodScene('den'), null);
    assert.equal(house.commands.length, 1);
  });

  test('changes the light no more often than allowed, and the last word is not lost', async () => {
    const house = new SimulatedHouse({ limits: { minBetween: 10_000 } });
    house.feel('tense');
    await house.pass(2);
    house.feel('cheerful');
    await house.pass(7);
    assert.equal(house.commands.length, 1);
    await house.pass(3);
    assert.equal(lamp(house).brightness, 90);
  });

  test('in a mode other than auto, or with ambience off, moves nothing; suggest offers', () => {
    for (const mode of MODES.filter((each) => each !== 'auto')) {
      const house = new SimulatedHouse();
      house.director.setMode(actor, 'den', mode);
      house.feel('tense');
      assert.deepEqual([house.commands, house.director.moodScene('den')], [[], mode === 'suggest' ? 'soothe' : null]);
    }
    const house = new SimulatedHouse();
    house.director.setAmbience(actor, 'den', false);
    house.feel('tense');
    assert.deepEqual(house.commands, []);
    house.director.setAmbience(actor, 'den', true);
    assert.equal(house.commands.length, 1);
  });
});

describe('a hand', () => {
  test('holds what it changed and nothing else, for an hour, then gives it back', async () => {
    const house = new SimulatedHouse();
    house.feel('tense');
    await house.pass(10);
    house.hand({ brightness: 80 });
    await house.pass(1);
    assert.deepEqual(Object.keys(house.director.holds('sim:1')), ['brightness']);
    assert.equal(house.director.why('sim:1').brightness?.[0]?.reason.code, 'reason.hand');
    house.feel('cheerful');
    await house.pass(10);
    assert.deepEqual(lamp(house), { on: true, brightness: 80, colorTemperature: 4500 });
    await house.pass(HOUR);
    assert.deepEqual([lamp(house).brightness, house.director.holds('sim:1')], [90, {}]);
  });

  test('lasts its hour, however the wall clock jumps', async () => {
    const house = new SimulatedHouse();
    house.hand({ brightness: 10 });
    await house.pass(1);
    house.clock.jumpWall(house.clock.wall() + 20 * 365 * 86_400_000);
    house.feel('cheerful');
    await house.pass(HOUR - 60);
    assert.equal(lamp(house).brightness, 10);
    await house.pass(120);
    assert.equal(lamp(house).brightness, 90);
  });

  test('on the switch is not undone when its hold is over', async () => {
    const house = new SimulatedHouse();
    house.director.activateScene(actor, 'den', 'energise');
    await house.pass(10);
    house.hand({ on: false });
    await house.pass(2 * HOUR);
    assert.equal(lamp(house).on, false);
  });

  test('beats what still waits for a slow lamp', async () => {
    const house = new SimulatedHouse({ manners: { latency: 2000 } });
    house.feel('tense');
    await house.clock.advanceAsync(100);
    house.feel('cheerful');
    house.hand({ brightness: 5 });
    await house.pass(20);
    assert.equal(Math.round(lamp(house).brightness ?? 0), 5);
  });

  test('ends with resume, as does a pause', async () => {
    const house = new SimulatedHouse();
    house.director.setMode(actor, 'den', 'paused');
    house.hand({ brightness: 10 });
    await house.pass(1);
    house.feel('tense');
    house.director.resume(actor, 'den');
    await house.pass(1);
    assert.deepEqual([house.director.mode('den'), house.director.holds('sim:1'), lamp(house).brightness], ['auto', {}, 30]);
  });

  test('at the wall switch is a bare turn-on: the lamp leaves its factory default for what is wished', async () => {
    const house = new SimulatedHouse();
    house.feel('tense');
    await house.pass(10);
    house.powerCycle();
    await house.pass(10);
    assert.deepEqual(lamp(house), { on: true, brightness: 30, colorTemperature: 2200 });
    assert.deepEqual(house.director.holds('sim:1'), {});
  });
});

describe('a scene', () => {
  test('of a person goes before the mood until it is ended', async () => {
    const house = new SimulatedHouse({
      lamps: [
        { on: false, brightness: 60, colorTemperature: 3500 },
        { on: true, brightness: 60 },
      ],
    });
    house.feel('tense');
    house.director.activateScene(actor, 'den', 'energise');
    await house.pass(5);
    assert.deepEqual(lamp(house), { on: true, brightness: 90, colorTemperature: 4500 });
    house.feel('low');
    await house.pass(2 * HOUR);
    assert.deepEqual([lamp(house).brightness, house.director.scene('den')], [90, 'energise']);
    house.director.activateScene(actor, 'den', null);
    await house.pass(5);
    assert.deepEqual([lamp(house).on, house.director.scene('den')], [false, null]);
    assert.equal(house.lamps.get('sim:2')?.brightness, 75);
  });

  test('without "on" dims what is lit and leaves the rest dark', async () => {
    const house = new SimulatedHouse({
      lamps: [
        { on: false, brightness: 60, colorTemperature: 3500 },
        { on: true, brightness: 60 },
      ],
    });
    house.director.activateScene(actor, 'den', 'movie');
    await house.pass(5);
    assert.deepEqual([lamp(house).on, house.lamps.get('sim:2')?.brightness], [false, 10]);
    assert.ok(house.commands.every((command) => command.device === 'sim:2'));
  });

  test('shows again when a slider over it runs out, and replaces sliders before it', async () => {
    const house = new SimulatedHouse();
    house.director.activateScene(actor, 'den', 'movie');
    house.director.setDevice(actor, 'sim:1', { brightness: 42 });
    await house.pass(5);
    assert.equal(lamp(house).brightness, 42);
    await house.pass(HOUR);
    assert.equal(lamp(house).brightness, 10);
    house.director.setDevice(actor, 'sim:1', { brightness: 42 });
    house.director.activateScene(actor, 'den', 'cheer');
    await house.pass(5);
    assert.equal(lamp(house).brightness, 75);
  });

  test('is over when nothing of it is left', async () => {
    const house = new SimulatedHouse();
    house.director.activateScene(actor, 'den', 'sleep');
    await house.pass(5);
    house.hand({ on: true });
    await house.pass(1);
    assert.equal(house.director.scene('den'), null);
  });

  test('that is edited while in force is redrawn, and a hold over it stays', async () => {
    const house = new SimulatedHouse();
    house.director.activateScene(actor, 'den', 'cheer');
    await house.pass(5);
    house.hand({ brightness: 20 });
    await house.pass(5);
    house.configure(
      SCENES.map((scene) => (scene.id === 'cheer' ? { ...scene, lights: { brightness: 50, colorTemperature: 5000 } } : scene)),
    );
    await house.pass(5);
    assert.deepEqual(lamp(house), { on: true, brightness: 20, colorTemperature: 5000 });
  });
});

describe('a slider', () => {
  test('moves the lamp by the little that a mood would not bother with', async () => {
    const house = new SimulatedHouse();
    house.director.setDevice(actor, 'sim:1', { brightness: 63 });
    await house.pass(1);
    assert.equal(lamp(house).brightness, 63);
    assert.deepEqual(house.director.holds('sim:1'), {});
  });
});

describe('after a restart', () => {
  test('everything is as it was, and nothing is commanded', async () => {
    const house = new SimulatedHouse({
      lamps: [
        { on: true, brightness: 60, colorTemperature: 3500 },
        { on: false, brightness: 20 },
      ],
    });
    house.director.setMode(actor, 'den', 'suggest');
    house.director.setAmbience(actor, 'den', false);
    house.director.activateScene(actor, 'den', 'cheer');
    await house.pass(5);
    house.hand({ brightness: 15 });
    await house.pass(5);
    const snapshot = () => {
      const { director } = house;
      return [director.mode('den'), director.ambience('den'), director.scene('den'), director.holds('sim:1'), director.why('sim:1')];
    };
    const before = snapshot();
    await house.restart();
    await house.pass(10);
    assert.deepEqual(snapshot(), before);
    assert.deepEqual(house.commands, []);
  });

  test('a hold goes on for the rest of its hour', async () => {
    const house = new SimulatedHouse();
    house.hand({ brightness: 15 });
    await house.pass(HOUR / 2);
    await house.restart();
    house.feel('cheerful');
    await house.pass(HOUR / 2 - 60);
    assert.equal(lamp(house).brightness, 15);
    await house.pass(120);
    assert.equal(lamp(house).brightness, 90);
  });

  test('what a person did meanwhile is held', async () => {
    const house = new SimulatedHouse();
    house.feel('tense');
    await house.pass(5);
    house.lamps.set('sim:1', { on: true, brightness: 100, colorTemperature: 2200 });
    await house.restart();
    house.feel('tense');
    await house.pass(5);
    assert.equal(lamp(house).brightness, 100);
    assert.deepEqual(Object.keys(house.director.holds('sim:1')), ['brightness']);
  });
});

describe('a device', () => {
  test('that refuses is asked again only after a while', async () => {
    const house = new SimulatedHouse();
    house.refuses = true;
    house.feel('tense');
    await house.pass(50);
    assert.equal(house.commands.length, 1);
    house.refuses = false;
    await house.pass(20);
    assert.equal(lamp(house).brightness, 30);
  });

  test('that is away is not commanded until it is back', async () => {
    const house = new SimulatedHouse();
    house.director.onAvailability({ device: 'sim:1', available: false });
    house.feel('tense');
    await house.pass(5);
    assert.deepEqual(house.commands, []);
    house.director.onAvailability({ device: 'sim:1', available: true });
    assert.equal(house.commands.length, 1);
  });
});

test('what does not exist is refused, and nothing changes', () => {
  const house = new SimulatedHouse({ capabilities: { on: true, brightness: { min: 1 } } });
  const { director } = house;
  assert.throws(() => director.setMode(actor, 'attic', 'off'), code('api.unknown_room'));
  assert.throws(() => director.activateScene(actor, 'den', 'rave'), code('api.unknown_scene'));
  assert.throws(() => director.setDevice(actor, 'sim:9', { on: true }), code('api.unknown_device'));
  assert.throws(() => director.setDevice(actor, 'sim:1', { on: false, volume: 3 }), code('api.unsupported_attribute'));
  assert.deepEqual([house.commands, house.audit, director.why('sim:1')], [[], [], {}]);
});

test('who did what is on record', async () => {
  const house = new SimulatedHouse();
  house.director.setMode(actor, 'den', 'paused');
  house.hand({ on: false });
  await house.pass(1);
  assert.deepEqual(house.audit, [
    { actor: 'panel:ada', action: 'room.mode', subject: 'den', params: { mode: 'paused' } },
    { actor: 'device:sim:1', action: 'device.hand', subject: 'sim:1', params: { on: false } },
  ]);
});

describe('a day with people, on slow lamps that repeat themselves', () => {
  const event = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...MOOD_LABELS).map((label) => ({ label })) },
    { weight: 2, arbitrary: fc.record({ brightness: fc.integer({ min: 1, max: 100 }) }).map((hand) => ({ hand })) },
    { weight: 1, arbitrary: fc.record({ colorTemperature: fc.integer({ min: 2200, max: 6500 }) }).map((hand) => ({ hand })) },
    { weight: 1, arbitrary: fc.record({ on: fc.boolean() }).map((hand) => ({ hand })) },
  );
  const day = fc.array(fc.record({ event, after: fc.integer({ min: 0, max: 1200 }) }), { maxLength: 25 });
  const manners = fc.record({
    latency: fc.integer({ min: 10, max: 900 }),
    reporting: fc.integer({ min: 50, max: 2000 }),
    repeats: fc.boolean(),
  });

  test('no hold is broken, no lamp that is off gets light, and every command has a cause', async () => {
    await fc.assert(
      fc.asyncProperty(day, manners, async (events, network) => {
        const house = new SimulatedHouse({ manners: network });
        const { director } = house;
        director.events.on('command', ({ attributes, cause }) => {
          assert.ok(cause.length > 0);
          for (const name of Object.keys(director.holds('sim:1'))) {
            const [winner] = director.why('sim:1')[name as keyof Attributes] ?? [];
            if (name in attributes) assert.equal(winner?.rung, 'person');
          }
          assert.ok(!('on' in attributes) || director.why('sim:1').on?.[0]?.rung === 'person');
          const lit = attributes.on ?? director.why('sim:1').brightness?.some((each) => each.wins);
          assert.ok(lit || !('brightness' in attributes));
          assert.ok(!('color' in attributes && 'colorTemperature' in attributes));
        });
        for (const { event, after } of events) {
          if ('label' in event) house.feel(event.label);
          else house.hand(event.hand);
          await house.pass(after);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('hands on a settled lamp are all found, and echoes never taken for one', async () => {
    await fc.assert(
      fc.asyncProperty(day, manners, async (events, network) => {
        const house = new SimulatedHouse({ manners: network });
        const done: string[] = [];
        for (const { event } of events) {
          if ('label' in event) house.feel(event.label);
          else if (noticeable(lamp(house), event.hand)) {
            house.hand(event.hand);
            if (lamp(house).on || 'on' in event.hand) done.push(JSON.stringify(event.hand));
          }
          await house.pass(60);
          house.director.resume(actor, 'den');
          await house.pass(60);
        }
        const found = house.audit.filter((entry) => entry.action === 'device.hand').map(({ params }) => JSON.stringify(params, rounded));
        assert.deepEqual(found, done);
      }),
      { numRuns: 40 },
    );
  });
});

const rounded = (_: string, value: unknown): unknown => (typeof value === 'number' ? Math.round(value) : value);

function noticeable(now: Attributes, hand: Attributes): boolean {
  if (hand.on !== undefined) return hand.on !== now.on;
  if (hand.brightness !== undefined) return Math.abs(hand.brightness - (now.brightness ?? 0)) > 11;
  return Math.abs((hand.colorTemperature ?? 0) - (now.colorTemperature ?? 0)) > 101;
}

describe('what a device is permitted', () => {
  test('decides whose claims count, at once and only as long as it stands', () => {
    const house = new SimulatedHouse();
    house.permit({ rooms: null, rungs: ['person'] });
    house.feel('tense');
    assert.equal(house.commands.length, 0);
    house.permit({ rooms: ['attic'], rungs: null });
    assert.equal(house.commands.length, 0);
    assert.throws(() => house.director.setDevice(actor, 'sim:1', { brightness: 50 }), code('device.not_permitted'));
    house.permit({ rooms: ['den'], rungs: ['mood'] });
    assert.deepEqual(house.commands.at(-1)?.attributes, { brightness: 30, colorTemperature: 2200 });
    assert.throws(() => house.director.setDevice(actor, 'sim:1', { brightness: 50 }), code('device.not_permitted'));
  });

  test('never undoes what a person does at the device itself', async () => {
    const house = new SimulatedHouse();
    house.permit({ rooms: null, rungs: ['mood'] });
    house.feel('tense');
    await house.pass(10);
    house.hand({ brightness: 90 });
    await house.pass(10);
    assert.equal(lamp(house).brightness, 90);
  });
});

test('of a forgotten device no claim, hold or target is left', async () => {
  const house = new SimulatedHouse();
  house.feel('tense');
  await house.pass(5);
  house.hand({ brightness: 90 });
  house.director.setDevice(actor, 'sim:1', { on: false });
  assert.ok(house.state.keys('ambience.').some((key) => key.endsWith('sim:1')));
  house.director.forget('sim:1');
  assert.deepEqual(
    house.state.keys('ambience.').filter((key) => key.endsWith('sim:1')),
    [],
  );
  assert.deepEqual(house.director.holds('sim:1'), {});
  assert.deepEqual(house.director.why('sim:1'), {});
});
