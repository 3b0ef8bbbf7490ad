import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../daemon/api/clock.ts';
import type { DeviceId } from '../../daemon/devices/device.ts';
import { SOMEBODY } from '../../test/helpers/hub.ts';
import { RealHueHome } from './hue-home.ts';
import { type Benchmark, overRepeats, quantile } from './report.ts';

/** ms of quiet before each sample. */
const IDLE = 400;
/** ms in which what a lamp says may still be the echo of a command. */
const ECHOES = 15_000;

/** How soon a claim is on the wire, and a hand seen, while nothing else goes on. */
export const hueLatency: Benchmark = {
  async run({ progress, quick }) {
    const repeats = quick ? 1 : 3;
    const samples = quick ? 10 : 40;
    const claims: number[] = [];
    const hands: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      progress(`repeat ${repeat + 1} of ${repeats}`);
      const home = await RealHueHome.open(1, { echoDelay: [0, 0], eventInterval: 1 });
      try {
        claims.push(quantile(await claimsToWire(home, samples), 0.95));
        hands.push(quantile(await handsSeen(home, samples), 0.95));
      } finally {
        await home.close();
      }
    }
    const how = `95th percentile of ${samples}, median of ${repeats} runs, the hub otherwise idle; the simulator in a process of its own, one clock for both`;
    const figure = { unit: 'ms', better: 'lower' as const, n: repeats * samples };
    return [
      {
        ...{ name: 'hue.claim_to_wire_p95_ms', ...overRepeats(claims), ...figure, target: 30 },
        definition: `from the call that places a person's claim, with everything that is written to disk for it, to the first byte of the command on the bridge's socket; ${how}`,
      },
      {
        ...{ name: 'hue.hand_seen_p95_ms', ...overRepeats(hands), ...figure, target: 50 },
        definition: `from the moment the bridge writes the event of a hand to its stream to the moment the hub says that it holds what the hand set; ${how}`,
      },
    ];
  },
};

async function claimsToWire(home: RealHueHome, samples: number): Promise<number[]> {
  const { hub } = home.here;
  const [lamp] = home.lamps;
  if (!lamp) return [];
  const placedAt: number[] = [];
  const before = (await home.ask('commands')).commands.length;
  for (let sample = 0; sample < samples; sample += 1) {
    await wait(IDLE);
    placedAt.push(systemClock.mono());
    hub.commands.setDevice(SOMEBODY, lamp.device, { brightness: sample % 2 === 0 ? 20 : 80 });
  }
  await wait(IDLE);
  const { commands } = await home.ask('commands');
  return commands.slice(before).map(({ firstByteAt }, index) => firstByteAt - (placedAt[index] ?? Number.NaN));
}

async function handsSeen(home: RealHueHome, samples: number): Promise<number[]> {
  const [lamp] = home.lamps;
  if (!lamp) return [];
  const seen: number[] = [];
  await wait(ECHOES);
  for (let sample = 0; sample < samples; sample += 1) {
    await wait(IDLE);
    const brightness = sample % 2 === 0 ? 60 : 10;
    const held = heldAt(home, { device: lamp.device, brightness });
    const { at } = await home.ask({ light: lamp.light, hand: { brightness } });
    seen.push((await held) - at);
  }
  return seen;
}

/** When the hub first says that a hand holds the lamp at this brightness, or at what the lamp makes of it. */
async function heldAt({ here: { hub } }: RealHueHome, { device, brightness }: { device: DeviceId; brightness: number }): Promise<number> {
  for (;;) {
    const [said] = (await once(hub.events, 'device')) as [{ device: DeviceId }];
    const holding = hub.queries.device(device).why.brightness?.find(({ wins }) => wins);
    const isIt = holding?.reason.code === 'reason.hand' && Math.abs(Number(holding.value) - brightness) < 1;
    if (said.device === device && isIt) return systemClock.mono();
  }
}
