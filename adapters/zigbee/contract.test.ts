import assert from 'node:assert/strict';
import { after } from 'node:test';
import { adapterContract } from '../../test/contract/adapter-contract.ts';
import type { AdapterHarness } from '../../test/contract/harness.ts';
import { TcpProxy } from '../../test/helpers/tcp-proxy.ts';
import type { Lamp } from '../../test/simulators/znp/devices/lamp.ts';
import { ZigbeeBench } from './bench.fixture.ts';

/** Forming takes the library some seconds, so all tests share a coordinator, its network, and the one lamp in it. */
let shared: Promise<ZigbeeBench> | undefined;
const closing: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closing) await close();
});

function home(): Promise<ZigbeeBench> {
  shared ??= ZigbeeBench.with({ after: (close) => void closing.push(close) }, ['dimmable'], {
    devices: [{ kind: 'dimmable', name: 'dimmable' }],
  });
  return shared;
}

/** As the lamp stands when a test begins. */
function reset(lamp: Lamp): void {
  if (!lamp.node.powered) lamp.restoreAtTheWall();
  lamp.light.switch(true);
  lamp.light.moveToLevel(254, { tenths: 0, withOnOff: true, evenIfOff: true });
}

adapterContract('the Zigbee adapter', async (): Promise<AdapterHarness> => {
  const bench = await home();
  const { simulator } = bench;
  await bench.adapter.close();
  const lamp = simulator.lamp('dimmable');
  reset(lamp);
  const proxy = new TcpProxy(() => ({ host: '127.0.0.1', port: Number(new URL(simulator.path).port) }));
  await proxy.start();
  const hurried = {
    heartbeat: 300,
    heartbeatWithin: 1000,
    askAfter: 400,
    askAgain: 100,
    answerWithin: 1000,
    pingWithin: 1000,
  };
  const adapter = bench.build(hurried, `tcp://${proxy.address}`);
  let pulled = false;
  return {
    adapter,
    lamp: bench.device('dimmable'),
    hand: ({ brightness = 100 }) => lamp.light.moveToLevel(Math.round(brightness * 2.54), { tenths: 0, withOnOff: true, evenIfOff: true }),
    cutPower: () => lamp.cutAtTheWall(),
    returnPower: () => lamp.restoreAtTheWall(),
    shows: () => ({ on: lamp.state.lit, brightness: (lamp.state.level / 254) * 100 }),
    pendingTimers: () => bench.clock.pending,
    wire: {
      limit: (requests) => simulator.refuseRequests(requests),
      garble: () => simulator.corruptFrames(Number.POSITIVE_INFINITY),
      slow: (ms) => proxy.slow(ms / 2),
      stall: () => simulator.goSilent(),
      freeze: () => proxy.freeze(),
      unplug: async () => {
        pulled = true;
        await simulator.unplug();
      },
      plugIn: async () => {
        pulled = false;
        await simulator.plugIn();
      },
      recover: () => {
        proxy.slow(0);
        proxy.thaw();
        simulator.recover();
      },
      limitHits: () => Math.max(0, simulator.maxInFlight - 2),
      disconnected: () => proxy.empty(),
    },
    close: async () => {
      lamp.light.stopFading('level');
      simulator.recover();
      simulator.refuseRequests(0);
      if (pulled) await simulator.plugIn();
      await proxy.close();
      assert.deepEqual(simulator.violations, []);
    },
  };
});
