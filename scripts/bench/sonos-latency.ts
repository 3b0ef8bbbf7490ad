import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../daemon/api/clock.ts';
import type { DeviceId } from '../../daemon/devices/device.ts';
import { ALONE, HubHere, SOMEBODY } from '../../test/helpers/hub.ts';
import { Renderer } from '../../test/helpers/renderer.ts';
import { SonosSimulator } from '../../test/simulators/sonos/simulator.ts';
import { type Benchmark, overRepeats, quantile } from './report.ts';

/** ms of quiet before each sample. */
const IDLE = 300;
/** ms in which what a player says may still be the echo of a command. */
const ECHOES = 6000;

/** How soon a volume is set on a real renderer, and a hand on a player seen, while nothing else goes on. */
export const sonosLatency: Benchmark = {
  async run({ progress, quick }) {
    const repeats = quick ? 1 : 3;
    const samples = quick ? 10 : 40;
    const volumes: number[] = [];
    const hands: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      progress(`repeat ${repeat + 1} of ${repeats}`);
      volumes.push(quantile(await volumesSet(samples), 0.95));
      hands.push(quantile(await handsSeen(samples), 0.95));
    }
    const how = `95th percentile of ${samples}, median of ${repeats} runs, the hub otherwise idle`;
    const figure = { unit: 'ms', better: 'lower' as const, n: repeats * samples };
    return [
      {
        ...{ name: 'sonos.set_volume_p95_ms', ...overRepeats(volumes), ...figure, target: 60 },
        definition: `from the call that places a person's claim to the event by which gmediarender tells that it has the volume, as the hub says it; ${how}`,
      },
      {
        ...{ name: 'sonos.hand_seen_p95_ms', ...overRepeats(hands), ...figure, target: 50 },
        definition: `from the moment a simulated player sends the event of a volume that somebody set to the moment the hub says that it is held; the simulator in the same process; ${how}`,
      },
    ];
  },
};

const house = (host: string, device: DeviceId): string => `${ALONE}adapters: { sonos: { players: [{ host: "${host}" }] } }
rooms: { den: { devices: ["${device}"] } }
`;

async function volumesSet(samples: number): Promise<number[]> {
  const renderer = await Renderer.start();
  const device: DeviceId = `sonos:${renderer.id}`;
  const here = await HubHere.start(house(renderer.location, device), systemClock);
  try {
    await here.until(() => here.available(device));
    const took: number[] = [];
    for (let sample = 0; sample < samples; sample += 1) {
      await wait(IDLE);
      const volume = sample % 2 === 0 ? 20 : 40;
      const since = systemClock.mono();
      const set = untilDevice(here, () => here.hub.queries.device(device).values.volume === volume);
      here.hub.commands.setDevice(SOMEBODY, device, { volume });
      took.push((await set) - since);
    }
    return took;
  } finally {
    await here.close();
    await renderer.close();
  }
}

async function handsSeen(samples: number): Promise<number[]> {
  const sonos = new SonosSimulator({ rooms: [{ name: 'Den' }], answerDelay: [0, 0], eventDelay: [0, 0] });
  await sonos.start();
  const { host, port, uuid } = sonos.room('Den');
  const device: DeviceId = `sonos:${uuid}`;
  const here = await HubHere.start(house(`${host}:${port}`, device), systemClock);
  try {
    await here.until(() => here.available(device));
    await wait(ECHOES);
    const took: number[] = [];
    for (let sample = 0; sample < samples; sample += 1) {
      await wait(IDLE);
      const volume = sample % 2 === 0 ? 30 : 60;
      const held = untilDevice(here, () => {
        const holding = here.hub.queries.device(device).why.volume?.find(({ wins }) => wins);
        return holding?.reason.code === 'reason.hand' && holding.value === volume;
      });
      const since = systemClock.mono();
      sonos.app.setVolume('Den', volume);
      took.push((await held) - since);
    }
    return took;
  } finally {
    await here.close();
    await sonos.close();
  }
}

/** When it first holds, looked at whenever the hub says something of a device: ms of CLOCK_MONOTONIC. */
async function untilDevice({ hub }: HubHere, holds: () => boolean): Promise<number> {
  while (!holds()) await once(hub.events, 'device');
  return systemClock.mono();
}
