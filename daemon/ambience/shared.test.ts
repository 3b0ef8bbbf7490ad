import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Mode } from '../api/mode.ts';
import type { AmbienceConfig, AmbienceRoom } from './configuration.ts';
import { SimulatedHouse } from './house.sim.ts';

const actor = { kind: 'panel', name: 'ada' } as const;

/** Two rooms with the lamp between them, and one lamp of their own each. */
function house(over: Partial<AmbienceConfig> = {}, rooms: Record<string, Partial<AmbienceRoom>> = {}): SimulatedHouse {
  const white = { on: true, brightness: 60, colorTemperature: 3500 };
  const made = new SimulatedHouse({ lamps: [white, white, white] });
  const room = (id: string, devices: AmbienceRoom['devices']): AmbienceRoom => ({ id, name: id, devices, policies: [], ...rooms[id] });
  made.arrange({ rooms: [room('den', ['sim:1', 'sim:2']), room('hall', ['sim:2', 'sim:3'])], ...over });
  return made;
}

const brightness = (made: SimulatedHouse, lamp: number): number | undefined => made.lamps.get(`sim:${lamp}`)?.brightness;

describe('a lamp of two rooms', () => {
  test('goes by the room that felt something last', async () => {
    const made = house();
    made.feel('tense', { room: 'den' });
    await made.pass(1);
    made.feel('cheerful', { room: 'hall' });
    await made.pass(1);
    assert.deepEqual(
      [1, 2, 3].map((lamp) => brightness(made, lamp)),
      [30, 90, 90],
    );
  });

  test('or by the more confident, or by the mean of both, where the house says so', async () => {
    const merged = async (merges: AmbienceConfig['merges'], weight: number): Promise<number | undefined> => {
      const made = house({ merges: merges ?? {} }, { hall: { weight } });
      made.feel('tense', { room: 'den', confidence: 0.9 });
      made.feel('cheerful', { room: 'hall', confidence: 0.5 });
      await made.pass(1);
      return brightness(made, 2);
    };
    assert.equal(await merged({ mood: 'confidence' }, 1), 30);
    assert.equal(await merged({ mood: 'blend' }, 1), 60);
    assert.equal(await merged({ mood: 'blend' }, 3), 75);
  });

  test('names all whom it heard', async () => {
    const made = house({ merges: { mood: 'blend' } });
    made.feel('tense', { room: 'den' });
    made.feel('cheerful', { room: 'hall' });
    await made.pass(1);
    assert.deepEqual(made.commands.findLast(({ device }) => device === 'sim:2')?.cause, ['mood:hall:sim:2', 'mood:den:sim:2']);
    assert.deepEqual(
      made.director.why('sim:2').brightness?.map(({ wins }) => wins),
      [true, true],
    );
  });

  test('obeys the most restrictive mode among the rooms that claim it', async () => {
    const moved = async (mode: Mode): Promise<boolean> => {
      const made = house();
      made.director.setMode(actor, 'hall', mode);
      made.feel('cheerful', { room: 'hall' });
      made.feel('tense', { room: 'den' });
      await made.pass(1);
      assert.equal(brightness(made, 1), 30);
      return brightness(made, 2) !== 60;
    };
    // A room that is away or off wishes nothing, so it restrains nobody.
    assert.deepEqual(await Promise.all((['auto', 'suggest', 'paused', 'away', 'off'] as const).map(moved)), [
      true,
      false,
      false,
      true,
      true,
    ]);
  });

  test('shows a hand in both, and gives it back from either', async () => {
    const made = house();
    const told: string[] = [];
    made.director.events.on('room', ({ room }) => told.push(room));
    made.hand({ brightness: 10 }, 'sim:2');
    await made.pass(1);
    assert.deepEqual([...new Set(told)], ['den', 'hall']);
    made.director.resume(actor, 'hall');
    assert.deepEqual(made.director.holds('sim:2'), {});
  });
});

describe('a hold', () => {
  test('until the room is empty lasts until the last person left both rooms', async () => {
    const made = house({ hold: 'until-empty' });
    made.hand({ brightness: 10 }, 'sim:2');
    await made.pass(4 * 3600);
    assert.deepEqual(made.director.holds('sim:2'), { brightness: 'empty' });
    made.feel('neutral', { room: 'den', occupancy: false });
    assert.deepEqual(made.director.holds('sim:2'), { brightness: 'empty' });
    made.feel('neutral', { room: 'hall', occupancy: false });
    assert.deepEqual(made.director.holds('sim:2'), {});
  });

  test('until the next sleep lasts until somebody goes to sleep', async () => {
    const made = house({ hold: 'until-sleep' });
    made.hand({ colorTemperature: 6000 }, 'sim:1');
    await made.pass(1);
    assert.deepEqual(made.director.holds('sim:1'), { colorTemperature: 'sleep' });
    made.director.activateScene(actor, 'den', 'sleep');
    assert.deepEqual(made.director.holds('sim:1'), {});
  });

  test('that is pinned while the lamp still fades keeps where it goes to', async () => {
    const made = house();
    made.director.setDevice(actor, 'sim:1', { brightness: 20 });
    made.director.pin(actor, 'sim:1');
    await made.pass(5);
    assert.equal(brightness(made, 1), 20);
  });

  test('that is pinned lasts until it is resumed, on that device alone', async () => {
    const made = house();
    made.feel('tense', { room: 'den' });
    await made.pass(5);
    made.hand({ brightness: 80 }, 'sim:1');
    made.hand({ brightness: 80 }, 'sim:2');
    await made.pass(1);
    made.director.pin(actor, 'sim:1');
    await made.pass(2 * 3600);
    assert.deepEqual(made.director.holds('sim:1'), { brightness: 'resume' });
    assert.deepEqual([brightness(made, 1), brightness(made, 2)], [80, 30]);
    made.director.resumeDevice(actor, 'sim:1');
    await made.pass(5);
    assert.equal(brightness(made, 1), 30);
  });
});
