import { pino } from 'pino';
import { fakeContext } from '../../daemon/devices/adapter.fake.ts';
import { adapterContract } from '../../test/contract/adapter-contract.ts';
import { CountingClock } from '../../test/helpers/counting-clock.ts';
import { TcpProxy } from '../../test/helpers/tcp-proxy.ts';
import { LamplandAdapter } from './adapter.ts';
import { LamplandSimulator } from './simulator.ts';

adapterContract('the Lampland adapter', async () => {
  const bridge = new LamplandSimulator();
  await bridge.plugIn();
  // What lies between makes connections half open.
  const proxy = new TcpProxy(() => bridge.place);
  await proxy.start();
  const clock = new CountingClock();
  const context = fakeContext({ clock, log: pino({ level: 'silent' }) });
  const adapter = new LamplandAdapter({ host: proxy.address }, context, { answerWithin: 1000, askEvery: 200, retry: 20 });
  return {
    adapter,
    lamp: 'lampland:l1',
    hand: ({ on = bridge.lamp.on, brightness = bridge.lamp.brightness }) => bridge.change({ on, brightness }),
    cutPower: () => bridge.change({ powered: false }),
    returnPower: () => bridge.change({ powered: true }),
    shows: () => ({ on: bridge.lamp.on, brightness: bridge.lamp.brightness }),
    pendingTimers: () => clock.pending,
    wire: {
      limit: (requests) => {
        bridge.busyFor = requests;
      },
      garble: () => {
        bridge.isGarbled = true;
      },
      slow: (ms) => {
        bridge.slowness = ms;
      },
      stall: () => {
        bridge.isStalled = true;
      },
      freeze: () => proxy.freeze(),
      unplug: () => bridge.unplug(),
      plugIn: () => bridge.plugIn(),
      recover: () => {
        bridge.isGarbled = false;
        bridge.isStalled = false;
        bridge.slowness = 0;
        proxy.thaw();
      },
      limitHits: () => bridge.limitHits,
      disconnected: () => proxy.empty(),
    },
    close: async () => {
      await bridge.unplug();
      await proxy.close();
    },
  };
});
