import { setTimeout as wait } from 'node:timers/promises';
import type { Attributes } from '../../daemon/devices/device.ts';
import type { Hub } from '../../daemon/hub.ts';
import { SOMEBODY } from '../../test/helpers/hub.ts';
import { HueHome } from '../../test/helpers/hue-home.ts';
import { seededRandom } from '../../test/simulators/hue/random.ts';
import type { BridgeAnswers, LampState } from './hue-bridge.ts';
import { type BenchLamp, RealHueHome } from './hue-home.ts';
import type { Benchmark } from './report.ts';

const LAMPS = 20;
/** ms between two claims: far more often than a bridge takes commands. */
const PACE = 10;
/** Share of claims that ask the same of all lamps. */
const ALL_ALIKE = 0.02;
/** ms that lamps may take to come to rest once nobody wishes for anything new. */
const REST = 30_000;

/** A hub with lamps, and the time that passes there. */
interface House {
  hub: Hub;
  lamps: readonly BenchLamp[];
  pass(ms: number): Promise<void>;
  look(): Promise<Pick<BridgeAnswers, 'states' | 'rateLimitHits' | 'calls'>>;
  close(): Promise<void>;
}

interface Outcome {
  rateLimitHits: number;
  calls: BridgeAnswers['calls'];
  mismatches: number;
  /** Echoes that were taken for a hand. */
  mistaken: number;
}

/** Claims placed at random, as fast as many people with sliders: what the bridge is asked for, and where the lamps end. */
export const hueClaims: Benchmark = {
  async run({ progress, quick }) {
    const [virtual, real] = quick ? [500, 100] : [10_000, 500];
    const first = await storm(await virtualHouse(), { claims: virtual, progress: (text) => progress(`virtual time, ${text}`) });
    const second = await storm(await realHouse(), { claims: real, progress: (text) => progress(`real time, ${text}`) });
    const calls = (how: string, { calls }: Outcome): string =>
      `${calls.light} commands to lamps and ${calls.group} to groups in ${how} time`;
    const how = `${virtual} random claims on ${LAMPS} lamps by the whole hub, one every ${PACE} ms of a virtual clock that hub and simulator share (requests and events over real TLS; answers take 10 to 40 ms of it, echoes 40 to 120, events come once a second), and ${real} more in real time with the simulator in a process of its own; the maker's limits as hard ones: 10 light and 1 group commands in any second, 3 at a time; ${calls('virtual', first)}, ${calls('real', second)}`;
    const figure = (name: string, of: (outcome: Outcome) => number, definition: string) => ({
      ...{ name, value: of(first) + of(second), definition: `${definition}; ${how}` },
      ...{ unit: '', target: 0, better: 'lower' as const, n: virtual + real },
    });
    return [
      figure('hue.rate_limit_hits', (each) => each.rateLimitHits, 'requests that the bridge refused as too many'),
      figure(
        'hue.final_state_mismatches',
        (each) => each.mismatches,
        `lamps that do not stand where the last claim on each attribute put them, ${REST / 1000} s later at most`,
      ),
      figure('hue.echoes_mistaken', (each) => each.mistaken, 'echoes of commands that were taken for a hand'),
    ];
  },
};

async function virtualHouse(): Promise<House> {
  const lamps = Array.from({ length: LAMPS }, (_, index) => ({ kind: 'color' as const, name: `Lamp ${index + 1}` }));
  const home = new HueHome({ lamps, answerDelay: [10, 40], echoDelay: [40, 120] });
  await home.open();
  const { bridge, clock, here } = home;
  const puts = (type: string) =>
    bridge.requests.filter(({ method, path }) => method === 'PUT' && path.includes(`/resource/${type}/`)).length;
  return {
    hub: here.hub,
    lamps: bridge.lights.map(({ id }) => ({ light: id, device: home.id(id) })),
    pass: (ms) => clock.pass(ms, PACE),
    look: async () => ({
      states: Object.fromEntries(bridge.lights.map(({ id }) => [id, bridge.state(id)])),
      rateLimitHits: bridge.rateLimitHits,
      calls: { light: puts('light'), group: puts('grouped_light') },
    }),
    close: () => home.close(),
  };
}

async function realHouse(): Promise<House> {
  const home = await RealHueHome.open(LAMPS);
  const { here, lamps } = home;
  return { hub: here.hub, lamps, pass: wait, look: () => home.ask('states'), close: () => home.close() };
}

async function storm(house: House, { claims, progress }: { claims: number; progress: (text: string) => void }): Promise<Outcome> {
  try {
    const wishes = await placeClaims(house, { claims, progress });
    const mismatches = await mismatchesAtRest(house, wishes);
    const { rateLimitHits, calls } = await house.look();
    const mistaken = house.hub.queries.audit(claims * LAMPS).filter(({ action }) => action === 'device.hand').length;
    return { rateLimitHits, calls, mismatches, mistaken };
  } finally {
    await house.close();
  }
}

/** @returns what was wished of each lamp last, attribute by attribute */
async function placeClaims(
  { hub, lamps, pass }: House,
  { claims, progress }: { claims: number; progress: (text: string) => void },
): Promise<Map<BenchLamp, Attributes>> {
  const random = seededRandom(7);
  const wishes = new Map(lamps.map((lamp) => [lamp, {} as Attributes]));
  const place = (lamp: BenchLamp, attributes: Attributes): void => {
    hub.commands.setDevice(SOMEBODY, lamp.device, attributes);
    const { color, colorTemperature, ...rest } = { ...wishes.get(lamp) };
    const tint =
      attributes.color || attributes.colorTemperature ? {} : { ...(color && { color }), ...(colorTemperature && { colorTemperature }) };
    wishes.set(lamp, { ...rest, ...tint, ...attributes });
  };
  for (let count = 0; count < claims; count += 1) {
    const attributes = randomWish(random);
    if (random() < ALL_ALIKE) for (const lamp of lamps) place(lamp, attributes);
    else place(lamps[Math.floor(random() * lamps.length)] as BenchLamp, attributes);
    if (count % 100 === 0) progress(`claim ${count} of ${claims}`);
    await pass(PACE);
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

async function mismatchesAtRest({ look, pass }: House, wishes: ReadonlyMap<BenchLamp, Attributes>): Promise<number> {
  for (let waited = 0; ; waited += 500) {
    const { states } = await look();
    const wrong = [...wishes].filter(([{ light }, wish]) => !stands(states[light], wish)).length;
    if (wrong === 0 || waited >= REST) return wrong;
    await pass(500);
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
