import { parentPort, workerData } from 'node:worker_threads';
import type { Actor } from '../../../daemon/api/actor.ts';
import type { DeviceId } from '../../../daemon/devices/device.ts';
import { type Day, makeDay, ROOM } from './day.ts';
import { FlashWatch } from './flash-watch.ts';
import { Handbook, type HandTally } from './handbook.ts';
import { LitHome } from './lit-home.ts';
import { Random } from './random.ts';
import { loadSamples } from './samples.ts';
import { SceneWatch } from './scene-watch.ts';
import { DIALS, type Dial, NOTICEABLE, RANGE } from './unruly-lamps.ts';
import type { Done, Work } from './workers.ts';

const LAMPS = 4;
const MINUTE = 60_000;
const SECOND = 1000;
/** A lamp is turned by a person so often, in the mean. */
const BETWEEN_HANDS = 20 * MINUTE;
/** Of the commands, those that a hand comes close upon; within so many ms, and with a value that they do not explain. */
const CONTESTED = 0.05;
const SOON = [0, 3000] as const;
/** Shorter than the program's hour, so that lamps are free again between hands. */
const HOLD = 5 * MINUTE;
/** The documented confidence below which a mood changes nothing. */
const SURE = 0.1;
/** At the end of a day somebody plays with two scenes, as fast as that, for so long. */
const STROBE = { every: 100, for: 20 * SECOND, scenes: ['energise', 'night-light'] } as const;
const SOMEBODY: Actor = { kind: 'panel', name: 'somebody' };
/** After the last observation, so that hands may still be found. */
const REST = 2 * MINUTE;

export interface AmbienceTally extends HandTally {
  lampHours: number;
  commands: number;
  /** Lamp seconds in which the policy had a say, and those of long deviations. */
  seconds: number;
  wrong: number;
  flashes: number;
}

const { files, seeds } = workerData as Work;
const samples = loadSamples(files);
for (const seed of seeds) {
  const tally = await live(makeDay(seed, samples), new Random(seed + 1_000_000));
  parentPort?.postMessage({ seed, tally } satisfies Done<AmbienceTally>);
}

async function live(day: Day, random: Random): Promise<AmbienceTally> {
  const ids = Array.from({ length: LAMPS }, (_, i): DeviceId => `sim:${i + 1}`);
  const home = new LitHome({ random, ids, hold: HOLD });
  const { clock, lamps, director } = home;
  const book = new Handbook(HOLD);
  const scenes = new SceneWatch();
  const flashes = new FlashWatch();
  let commands = 0;
  let label: string | null = null;
  let strobing = false;

  const valuesOf = (device: DeviceId) => (dial: Dial) => lamps.valueOf(device, dial);
  const turn = (device: DeviceId, isFree: (dial: Dial, value: number) => boolean): void => {
    const dial = random.pick(DIALS);
    const now = lamps.valueOf(device, dial);
    const values = Array.from({ length: 20 }, () => random.uniform(RANGE[dial]));
    const value = values.find((each) => Math.abs(each - now) > 1.5 * NOTICEABLE[dial] && isFree(dial, each));
    if (value !== undefined) lamps.hand(device, dial, value);
  };
  lamps.told.on('change', (change) => {
    if (change.dial === 'brightness') flashes.take(change.device, change.value / 100, change.at);
    if (!strobing) book.onChange(change);
  });
  lamps.told.on('lost', (lost) => book.onLost(lost));
  lamps.told.prependListener('report', (report) => book.onReport(report));
  director.events.prependListener('command', (command) => {
    if (strobing) return;
    commands++;
    const { device } = command;
    book.onCommand(command, { at: clock.mono(), value: valuesOf(device) });
    if (!random.chance(CONTESTED)) return;
    clock.after(random.uniform(SOON), () => turn(device, (dial, value) => !book.explains({ device, dial, value, at: clock.mono() })));
  });
  director.events.on('hand', ({ device, held }) => book.onHand(device, held, clock.mono()));
  home.moods.events.prependListener('mood', (mood) => {
    if (mood.occupancy !== false && mood.confidence >= SURE) label = mood.label;
  });
  clock.every(SECOND, () => {
    const at = clock.mono();
    const isOccupied = day.episodes.some(({ from, to }) => from <= at && at < to);
    for (const device of isOccupied && label !== null ? ids : []) {
      scenes.look(device, label as string, { value: valuesOf(device), isHeld: (dial) => book.isHeld(device, dial, at) });
      if (random.chance(SECOND / BETWEEN_HANDS)) turn(device, () => true);
    }
  });

  for (const observation of day.observations) await home.observe(observation);
  await home.passTo(clock.mono() + REST);
  strobing = true;
  const until = clock.mono() + STROBE.for;
  for (let i = 0; clock.mono() < until; i++) {
    director.activateScene(SOMEBODY, ROOM, STROBE.scenes[i % 2] as string);
    await home.passTo(clock.mono() + STROBE.every);
  }
  await home.passTo(clock.mono() + REST);
  await home.close();
  const occupied = day.episodes.reduce((sum, { from, to }) => sum + to - from, 0);
  return {
    ...book.tally(),
    ...{ lampHours: (LAMPS * occupied) / (60 * MINUTE), commands },
    ...{ seconds: scenes.seconds, wrong: scenes.wrong, flashes: flashes.breaches },
  };
}
