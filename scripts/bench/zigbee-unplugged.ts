import { SOMEBODY } from '../../test/helpers/hub.ts';
import { ZigbeeHome } from '../../test/helpers/zigbee-home.ts';
import { type Benchmark, quantile } from './report.ts';

const LAMPS = 10;

interface Sample {
  /** ms until all lamps stood as wished */
  took: number;
  handles: number;
  /** MB */
  resident: number;
}

/** A coordinator that is pulled out again and again: how soon all is well each time, and what is left behind. */
export const zigbeeUnplugged: Benchmark = {
  async run({ progress, quick }) {
    const times = quick ? 10 : 100;
    const home = await ZigbeeHome.open(Array.from({ length: LAMPS }, (_, index) => ({ kind: 'dimmable' as const, name: `Lamp ${index}` })));
    const samples: Sample[] = [];
    try {
      for (let time = 0; time < times; time += 1) {
        progress(`${time} of ${times} times`);
        samples.push(await pullOut(home, 20 + (time % 60)));
      }
    } finally {
      await home.close();
    }
    const share = Math.max(1, Math.floor(times / 5));
    const early = samples.slice(share, 2 * share);
    const late = samples.slice(-share);
    const least = (of: readonly Sample[], what: 'handles' | 'resident'): number => Math.min(...of.map((each) => each[what]));
    const how = `a coordinator pulled out and put back ${times} times, ${LAMPS} lamps, each time another brightness wished of them meanwhile`;
    const figure = { better: 'lower' as const, n: times };
    return [
      {
        ...{
          name: 'zigbee.back_within_p95_ms',
          value: quantile(
            samples.map(({ took }) => took),
            0.95,
          ),
          unit: 'ms',
          target: 10_000,
          ...figure,
        },
        definition: `from the moment the coordinator is back to the moment that all lamps stand as wished, 95th percentile; ${how}`,
      },
      {
        ...{ name: 'zigbee.unplugged_handles', value: least(late, 'handles') - least(early, 'handles'), unit: '', target: 0, ...figure },
        definition: `sockets, servers and timers that keep the process alive, least of the last fifth over that of the second fifth; ${how}`,
      },
      {
        ...{
          name: 'zigbee.unplugged_growth_mb',
          value: least(late, 'resident') - least(early, 'resident'),
          unit: 'MB',
          target: 5,
          ...figure,
        },
        definition: `resident memory of the process, hub and simulator and all, least of the last fifth over that of the second fifth (${least(early, 'resident').toFixed(0)} MB); ${how}`,
      },
    ];
  },
};

async function pullOut(home: ZigbeeHome, brightness: number): Promise<Sample> {
  const { simulator, here } = home;
  await simulator.unplug();
  await home.until(() => home.areThere(false));
  for (const { name } of simulator.devices) here.hub.commands.setDevice(SOMEBODY, home.id(name), { on: true, brightness });
  await simulator.plugIn();
  const stands = ({ name }: { name: string }): boolean => {
    const { lit, level } = simulator.lamp(name).state;
    return lit && Math.abs((level / 254) * 100 - brightness) < 0.5;
  };
  const took = await home.until(() => simulator.devices.every(stands));
  globalThis.gc?.();
  return { took, handles: process.getActiveResourcesInfo().length, resident: process.memoryUsage.rss() / 1e6 };
}
