import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Benchmark, overRepeats } from './report.ts';

/** What Zigbee adds to the memory of a hub. */
export const zigbeeMemory: Benchmark = {
  async run({ progress, quick }) {
    const differences: number[] = [];
    for (let repeat = 0; repeat < (quick ? 1 : 3); repeat += 1) {
      progress(`repeat ${repeat + 1}, without`);
      const without = await resident('without');
      progress(`repeat ${repeat + 1}, with`);
      differences.push((await resident('with')) - without);
    }
    return [
      {
        name: 'zigbee.pss_mb',
        ...overRepeats(differences),
        unit: 'MB',
        target: 60,
        better: 'lower',
        n: differences.length,
        definition:
          "proportional set size (MB = 10^6 bytes) of a hub's process with a network of 20 lamps and 5 sensors, less that of one without Zigbee; the simulator in both, and both after V8 has given back what it does not need, as the adapter has it do once its libraries are loaded",
      },
    ];
  },
};

async function resident(how: 'with' | 'without'): Promise<number> {
  const child = fork(fileURLToPath(new URL('./zigbee-resident.ts', import.meta.url)), [how]);
  const [megabytes] = (await once(child, 'message')) as [number];
  await once(child, 'exit');
  return megabytes;
}
