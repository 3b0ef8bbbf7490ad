import { setTimeout as wait } from 'node:timers/promises';
import type { Attributes } from '../../daemon/devices/device.ts';
import { SOMEBODY } from '../../test/helpers/hub.ts';
import { ZigbeeHome } from '../../test/helpers/zigbee-home.ts';
import { monotonicMs } from '../../test/simulators/hue/clock.ts';
import { type Random, seededRandom } from '../../test/simulators/hue/random.ts';
import type { LampState } from '../../test/simulators/znp/devices/light.ts';
import { type Benchmark, quantile } from './report.ts';

const LAMPS = 30;
/** Mean ms between two claims of which each is to be on the air at once: half of what the network is asked to carry at most. */
const CALM = 100;
/** ms between two claims of a storm, far more than any network carries. */
const STORM = 10;
/** ms that lamps may take to come to rest once nobody wishes for anything new. */
const REST = 30_000;

/** Claims placed at random, by the whole hub: how soon they are on the air, how many at a time, and where the lamps end. */
export const zigbeeClaims: Benchmark = {
  async run({ progress, quick }) {
    const claims = quick ? 100 : 1000;
    progress('30 lamps join');
    const home = await ZigbeeHome.open(Array.from({ length: LAMPS }, (_, index) => ({ kind: 'color' as const, name: `Lamp ${index}` })));
    try {
      const random = seededRandom(11);
      for (const { name } of home.simulator.devices)
        home.here.hub.commands.setDevice(SOMEBODY, home.id(name), { on: true, brightness: 50 });
      await wait(quick ? 2000 : 6000);
      const calm = await placeClaims(home, {
        claims,
        random,
        pause: () => -Math.log(1 - random()) * CALM,
        progress: (text) => progress(`calm, ${text}`),
      });
      const calmMismatches = await mismatchesAtRest(home, calm.wishes);
      const storm = await placeClaims(home, { claims, random, pause: () => STORM, progress: (text) => progress(`storm, ${text}`) });
      const mismatches = calmMismatches + (await mismatchesAtRest(home, storm.wishes));
      const how = `${claims} random claims on ${LAMPS} lamps by the whole hub, zigbee-herdsman and all, one every ${CALM} ms on average, and ${claims} more, one every ${STORM} ms; a simulated coordinator in the same process, messages 1 to 4 ms in the air, lamps at one hop`;
      const figure = { better: 'lower' as const, n: 2 * claims };
      return [
        {
          ...{
            name: 'zigbee.claim_to_frame_p95_ms',
            value: quantile(calm.latencies, 0.95),
            unit: 'ms',
            target: 60,
            better: 'lower',
            n: calm.latencies.length,
          },
          definition: `from the call that places a person's claim to the moment the coordinator has the first data request for its lamp, 95th percentile of those that nothing newer overtook (median ${quantile(calm.latencies, 0.5).toFixed(1)} ms); the first half of: ${how}`,
        },
        {
          ...{ name: 'zigbee.max_in_flight', value: home.simulator.maxInFlight, unit: '', target: 2, ...figure },
          definition: `data requests without a confirmation at any time, joining, reading and reporting included; ${how}`,
        },
        {
          ...{ name: 'zigbee.final_state_mismatches', value: mismatches, unit: '', target: 0, ...figure },
          definition: `lamps that do not stand where the last claim on each attribute put them, ${REST / 1000} s later at most; ${how}`,
        },
      ];
    } finally {
      await home.close();
    }
  },
};

interface Storm {
  claims: number;
  random: Random;
  /** ms to the next claim */
  pause(): number;
  progress(text: string): void;
}

async function placeClaims(home: ZigbeeHome, { claims, random, pause, progress }: Storm) {
  const { hub } = home.here;
  const { devices, requests } = home.simulator;
  const wishes = new Map<string, Attributes>(devices.map(({ name }) => [name, { on: true }]));
  const placed: { name: string; at: number }[] = [];
  const from = requests.length;
  for (let count = 0; count < claims; count += 1) {
    const { name } = devices[Math.floor(random() * devices.length)] ?? { name: '' };
    const attributes = randomWish(random);
    placed.push({ name, at: monotonicMs() });
    hub.commands.setDevice(SOMEBODY, home.id(name), attributes);
    const { color, colorTemperature, ...rest } = { ...wishes.get(name) };
    const isTinted = attributes.color !== undefined || attributes.colorTemperature !== undefined;
    const tint = isTinted ? {} : { ...(color && { color }), ...(colorTemperature !== undefined && { colorTemperature }) };
    wishes.set(name, { ...rest, ...tint, ...attributes });
    if (count % 50 === 0) progress(`claim ${count} of ${claims}`);
    await wait(pause());
  }
  await wait(1000);
  return { wishes, latencies: latenciesOf(home, placed, from) };
}

/** ms from each claim to the first request to its lamp after it; a claim that a newer one on the same lamp followed before that is left out. */
function latenciesOf(home: ZigbeeHome, placed: readonly { name: string; at: number }[], from: number): number[] {
  const lighting = [0x0006, 0x0008, 0x0300];
  return placed.flatMap(({ name, at }, index) => {
    const { address } = home.simulator.lamp(name).node;
    const next = placed.slice(index + 1).find((each) => each.name === name)?.at ?? Number.POSITIVE_INFINITY;
    const request = home.simulator.requests
      .slice(from)
      .find(
        (each) =>
          each.at >= at &&
          each.destination.to === 'node' &&
          each.destination.address === address &&
          lighting.includes(each.cluster) &&
          isCommand(each.data),
      );
    return request && request.at < next ? [request.at - at] : [];
  });
}

/** Bits 0 and 1 of the frame control: a command of the cluster, not one that every cluster has (Cluster Library, "Frame Control Field"). */
const isCommand = (data: Buffer): boolean => ((data[0] ?? 0) & 0b11) === 1;

function randomWish(random: Random): Attributes {
  const kind = random();
  if (kind < 0.5) return { brightness: 1 + Math.round(random() * 99) };
  if (kind < 0.7) return { colorTemperature: 2000 + Math.round(random() * 4000) };
  return { color: { x: 0.2 + random() * 0.4, y: 0.2 + random() * 0.3 } };
}

async function mismatchesAtRest(home: ZigbeeHome, wishes: ReadonlyMap<string, Attributes>): Promise<number> {
  for (let waited = 0; ; waited += 500) {
    const wrong = [...wishes].filter(([name, wish]) => !stands(home.simulator.lamp(name).state, wish)).length;
    if (wrong === 0 || waited >= REST) return wrong;
    await wait(500);
  }
}

/** Within what lamps round to. */
function stands({ lit, level, color: shown }: LampState, { brightness, colorTemperature, color }: Attributes): boolean {
  if (!lit || !shown) return false;
  if (brightness !== undefined && Math.abs((level / 254) * 100 - brightness) > 0.5) return false;
  if (colorTemperature !== undefined) return 'mired' in shown && Math.abs(shown.mired - 1e6 / colorTemperature) <= 1;
  return color === undefined || ('x' in shown && Math.hypot(shown.x / 65_536 - color.x, shown.y / 65_536 - color.y) < 0.001);
}
