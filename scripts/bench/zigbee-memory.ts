import { setTimeout as wait } from 'node:timers/promises';
import type { MeshView } from '../../daemon/devices/mesh.ts';
import { Daemon } from '../../test/helpers/daemon.ts';
import { ZnpSimulator } from '../../test/simulators/znp/simulator.ts';
import { pss } from './memory.ts';
import { type Benchmark, overRepeats } from './report.ts';

const LAMPS = 20;
const SENSORS = 5;

/** What Zigbee adds to the memory of a hub. */
export const zigbeeMemory: Benchmark = {
  async run({ progress, quick }) {
    const settle = quick ? 10 : 60;
    const differences: number[] = [];
    for (let repeat = 0; repeat < (quick ? 1 : 3); repeat += 1) {
      progress(`repeat ${repeat + 1}, without`);
      const without = await measured({ settle, adapters: 'virtual: {}', open: async () => {} });
      progress(`repeat ${repeat + 1}, with`);
      const lamps = Array.from({ length: LAMPS }, (_, index) => ({ kind: 'color' as const, name: `Lamp ${index}` }));
      const sensors = Array.from({ length: SENSORS }, (_, index) => ({ kind: 'motion' as const, name: `Sensor ${index}` }));
      const simulator = new ZnpSimulator({ devices: [...lamps, ...sensors] });
      await simulator.start();
      const withIt = await measured({
        settle,
        adapters: `virtual: {}\n  zigbee: { port: "${simulator.path}" }`,
        open: (daemon) => joinAll(daemon, simulator),
      });
      await simulator.close();
      differences.push(withIt - without);
    }
    return [
      {
        name: 'zigbee.pss_mb',
        ...overRepeats(differences),
        unit: 'MB',
        target: 60,
        better: 'lower',
        n: differences.length,
        definition: `proportional set size (MB = 10^6 bytes) of the hub with a network of ${LAMPS} lamps and ${SENSORS} sensors, less that of the same hub without Zigbee, each ${settle} s after the last joined`,
      },
    ];
  },
};

async function measured({
  settle,
  adapters,
  open,
}: {
  settle: number;
  adapters: string;
  open(daemon: Daemon): Promise<void>;
}): Promise<number> {
  const daemon = await Daemon.start({ config: `version: 1\nhttp: { port: 0 }\nmqtt: { listen: { port: 0 } }\nadapters:\n  ${adapters}\n` });
  try {
    await open(daemon);
    await wait(settle * 1000);
    return pss(daemon.process.pid as number);
  } finally {
    await daemon.close();
  }
}

async function joinAll(daemon: Daemon, simulator: ZnpSimulator): Promise<void> {
  const mesh = () => daemon.get<MeshView>('/api/adapters/zigbee/mesh');
  while ((await mesh()).state !== 'online') await wait(200);
  for (const device of simulator.devices) {
    await daemon.post('/api/adapters/zigbee/mesh/join', { seconds: 254 });
    device.join();
    while (!(await mesh()).nodes.some(({ id, available, joining }) => id === device.ieee && available && !joining)) await wait(100);
  }
}
