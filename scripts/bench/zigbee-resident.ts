import { setTimeout as wait } from 'node:timers/promises';
import { giveBackMemory } from '../../adapters/zigbee/give-back.ts';
import { systemClock } from '../../daemon/api/clock.ts';
import { ALONE, HubHere } from '../../test/helpers/hub.ts';
import { ZigbeeHome } from '../../test/helpers/zigbee-home.ts';
import { type DeviceDescription, ZnpSimulator } from '../../test/simulators/znp/simulator.ts';
import { pssAlone } from './memory.ts';

/** A process of its own: a hub and a simulated network, which are at one or have nothing to do with each other. Says what it takes. */
const LAMPS = 20;
const SENSORS = 5;
const SETTLE = 5000;

const devices: DeviceDescription[] = [
  ...Array.from({ length: LAMPS }, (_, index) => ({ kind: 'color' as const, name: `Lamp ${index}` })),
  ...Array.from({ length: SENSORS }, (_, index) => ({ kind: 'motion' as const, name: `Sensor ${index}` })),
];

async function open(withZigbee: boolean): Promise<{ close(): Promise<void> }> {
  if (withZigbee) return ZigbeeHome.open(devices);
  const simulator = new ZnpSimulator({ devices });
  await simulator.start();
  const here = await HubHere.start(ALONE, systemClock);
  return {
    close: async () => {
      await here.close();
      await simulator.close();
    },
  };
}

const home = await open(process.argv[2] === 'with');
await wait(SETTLE);
giveBackMemory();
await wait(SETTLE);
process.send?.(pssAlone(process.pid));
await home.close();
process.disconnect();
