import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MoodLabel } from '../mood/mood.ts';
import { SCENES, SimulatedHouse } from './house.sim.ts';

const ASKED: Readonly<Partial<Record<MoodLabel, string>>> = {
  tense: 'soothe',
  low: 'cheer',
  cheerful: 'energise',
  calm: 'calm',
  neutral: 'neutral',
};
const LABELS = Object.keys(ASKED) as MoodLabel[];
const POLL_EVERY = 30;

/** Seconds, with a poll now and then. */
async function live(house: SimulatedHouse, seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left -= POLL_EVERY) {
    await house.pass(Math.min(left, POLL_EVERY));
    house.poll();
  }
}

const targetOf = (label: MoodLabel) => {
  const { brightness, colorTemperature } = SCENES.find(({ id }) => id === ASKED[label])?.lights ?? {};
  return { brightness, colorTemperature };
};

const deeds = (house: SimulatedHouse, action: string): string[] =>
  house.audit.filter((each) => each.action === action).map((each) => JSON.stringify(each.params));

test('a lamp that answers and does nothing is told again, and nobody takes it for a hand', async () => {
  const house = new SimulatedHouse();
  let losses = 1;
  house.loses = () => losses-- > 0;
  house.feel('tense');
  await live(house, 40);
  assert.deepEqual(deeds(house, 'device.hand'), []);
  assert.deepEqual(deeds(house, 'device.command_lost').sort(), ['{"brightness":30}', '{"colorTemperature":2200}']);
  await live(house, 10);
  const { brightness, colorTemperature } = house.lamps.get('sim:1') ?? {};
  assert.deepEqual({ brightness, colorTemperature }, targetOf('tense'));
});

test('a lamp that never does what it answers is asked three times for a wish, and as often again when a person asks', async () => {
  const house = new SimulatedHouse();
  house.loses = () => true;
  house.feel('tense');
  const asked = (): number => house.commands.filter(({ attributes }) => attributes.brightness === 30).length;
  await live(house, 3600);
  assert.equal(asked(), 3);
  house.director.setDevice({ kind: 'panel', name: 'ada' }, 'sim:1', { brightness: 30 });
  await live(house, 600);
  assert.equal(asked(), 6);
});

test('as long as not three are lost for one wish, no hand is found where there was none, and the lamp gets where it should be', async () => {
  const step = fc.record({ label: fc.constantFrom(...LABELS), seconds: fc.integer({ min: 1, max: 90 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), fc.infiniteStream(fc.boolean()), async (steps, fates) => {
      const house = new SimulatedHouse();
      let left = 2;
      house.loses = () => left > 0 && fates.next().value === true && left-- > 0;
      for (const [i, { label, seconds }] of steps.entries()) {
        if (label !== steps[i - 1]?.label) left = 2;
        house.feel(label);
        await live(house, seconds);
      }
      house.loses = () => false;
      await live(house, 180);
      assert.deepEqual(deeds(house, 'device.hand'), []);
      const { brightness, colorTemperature } = house.lamps.get('sim:1') ?? {};
      const wanted = targetOf(steps.at(-1)?.label ?? 'neutral');
      assert.deepEqual({ brightness: Math.round(brightness ?? 0), colorTemperature }, wanted);
    }),
    { numRuns: 40 },
  );
});
