import { setTimeout as wait } from 'node:timers/promises';
import type { Attributes } from '../../daemon/devices/device.ts';
import { SOMEBODY } from '../../test/helpers/hub.ts';
import { seededRandom } from '../../test/simulators/hue/random.ts';
import type { LampState } from './hue-bridge.ts';
import { type BenchLamp, HueHome } from './hue-home.ts';
import type { Benchmark } from './report.ts';

const LAMPS = 20;
/** ms between two claims: far more often than a bridge takes commands. */
const PACE = 10;
/** Share of claims that ask the same of all lamps. */
const ALL_ALIKE = 0.02;
/** ms that lamps may take to come to rest once nobody wishes for anything new. */
const REST = 30_000;

/** Claims placed at random, as fast as many people with sliders: what the bridge is asked for, and where the lamps end. */
export const hueClaims: Benchmark = {
  async run({ progress, quick }) {
    const claims = quick ? 500 : 10_000;
    const home = await HueHome.open(LAMPS);
    try {
      const wishes = await placeClaims(home, claims, progress);
      const mismatches = await mismatchesAtRest(home, wishes);
      const { rateLimitHits, calls } = await home.ask('states');
      const echoes = home.here.hub.queries.audit(claims * 2).filter(({ action }) => action === 'device.hand').length;
      const how = `${claims} random claims on ${LAMPS} lamps by the whole hub, one every ${PACE} ms in real time, against the simulator with the maker's limits as hard ones (10 light and 1 group commands in any second, 3 at a time), in a process of its own; ${calls.light} commands to lamps and ${calls.group} to groups went out`;
      const figure = (name: string, value: number, definition: string) => ({
        ...{ name, value, definition, unit: '', target: 0, better: 'lower' as const, n: claims },
      });
      return [
        figure('hue.rate_limit_hits', rateLimitHits, `requests that the bridge refused as too many; ${how}`),
        figure(
          'hue.final_state_mismatches',
          mismatches,
          `lamps that do not stand where the last claim on each attribute put them, ${REST / 1000} s later at most; ${how}`,
        ),
        figure('hue.echoes_mistaken', echoes, `echoes of commands that were taken for a hand; ${how}`),
      ];
    } finally {
      await home.close();
    }
  },
};

/** @returns what was wished of each lamp last, attribute by attribute */
async function placeClaims(home: HueHome, claims: number, progress: (text: string) => void): Promise<Map<BenchLamp, Attributes>> {
  const random = seededRandom(7);
  const wishes = new Map(home.lamps.map((lamp) => [lamp, {} as Attributes]));
  const place = (lamp: BenchLamp, attributes: Attributes): void => {
    home.here.hub.commands.setDevice(SOMEBODY, lamp.device, attributes);
    const { color, colorTemperature, ...rest } = { ...wishes.get(lamp) };
    const tint =
      attributes.color || attributes.colorTemperature ? {} : { ...(color && { color }), ...(colorTemperature && { colorTemperature }) };
    wishes.set(lamp, { ...rest, ...tint, ...attributes });
  };
  for (let count = 0; count < claims; count += 1) {
    const attributes = randomWish(random);
    if (random() < ALL_ALIKE) for (const lamp of home.lamps) place(lamp, attributes);
    else place(home.lamps[Math.floor(random() * home.lamps.length)] as BenchLamp, attributes);
    if (count % 100 === 0) progress(`claim ${count} of ${claims}`);
    await wait(PACE);
  }
  return wishes;
}

function randomWish(random: () => number): Attributes {
  const kind = random();
  if (kind < 0.4) return { brightness: 1 + Math.round(random() * 99) };
  if (kind < 0.6) return { colorTemperature: 2000 + Math.round(random() * 4500) };
  if (kind < 0.8) return { color: { x: 0.2 + random() * 0.4, y: 0.15 + random() * 0.35 } };
  return { on: random() < 0.7 };
}

async function mismatchesAtRest(home: HueHome, wishes: ReadonlyMap<BenchLamp, Attributes>): Promise<number> {
  for (let waited = 0; ; waited += 500) {
    const { states } = await home.ask('states');
    const wrong = [...wishes].filter(([{ light }, wish]) => !stands(states[light], wish)).length;
    if (wrong === 0 || waited >= REST) return wrong;
    await wait(500);
  }
}

/** A lamp that is off need not show what it will when somebody switches it on. Within what lamps round to. */
function stands(state: LampState | undefined, { on = true, brightness, colorTemperature, color }: Attributes): boolean {
  if (!state || state.on !== on) return false;
  if (!on) return true;
  if (brightness !== undefined && Math.abs((state.brightness ?? 0) - brightness) > 0.5) return false;
  if (colorTemperature !== undefined && Math.abs((state.mirek ?? 0) - Math.min(500, Math.max(153, 1e6 / colorTemperature))) > 1)
    return false;
  return color === undefined || (typeof state.mirek !== 'number' && isNear(state.xy, color));
}

/** Colors beyond what the lamp can show are moved: then it is enough that it shows a color. */
const isNear = (shown: { x: number; y: number } | undefined, wished: { x: number; y: number }): boolean =>
  shown !== undefined && Math.hypot(shown.x - wished.x, shown.y - wished.y) < 0.1;
