import { fakeContext } from '../../daemon/devices/adapter.fake.ts';
import { adapterContract } from '../../test/contract/adapter-contract.ts';
import { asLamp } from '../../test/contract/as-lamp.ts';
import { CountingClock } from '../../test/helpers/counting-clock.ts';
import { TcpProxy } from '../../test/helpers/tcp-proxy.ts';
import { SonosSimulator } from '../../test/simulators/sonos/simulator.ts';
import { SonosAdapter } from './adapter.ts';
import { Front } from './front.fixture.ts';
import { sonosOptions } from './options.ts';

const ROOM = 'Kitchen';
/** Commands that a player gets within a second at most: its bucket, and what runs into it meanwhile. */
const BEARS = 11;

adapterContract('the Sonos adapter', async () => {
  const simulator = new SonosSimulator({ rooms: [{ name: ROOM }], transition: [5, 10], vanishAfter: 60_000 });
  await simulator.start();
  const url = simulator.url(ROOM);
  const front = new Front(() => url);
  await front.start();
  const proxy = new TcpProxy(() => front.place);
  await proxy.start();
  const clock = new CountingClock();
  const options = sonosOptions.parse({ players: [{ host: proxy.address }] });
  const timings = { answerWithin: 1000, heartbeat: 200, poll: 200, firstRetry: 20, longestRetry: 100 };
  const adapter = new SonosAdapter(options, fakeContext({ clock }), timings);
  return {
    adapter: asLamp(adapter),
    lamp: `sonos:${simulator.room(ROOM).uuid}`,
    hand: ({ brightness, on }) => {
      if (brightness !== undefined) simulator.app.setVolume(ROOM, brightness);
      if (on !== undefined) simulator.app.mute(ROOM, !on);
    },
    cutPower: () => void simulator.unplug(ROOM),
    returnPower: () => void simulator.plugIn(ROOM),
    shows: () => ({ on: !simulator.room(ROOM).muted, brightness: simulator.room(ROOM).volume }),
    pendingTimers: () => clock.pending,
    wire: {
      limit: (requests) => front.limit(requests),
      garble: () => front.garble(),
      slow: (ms) => front.slow(ms),
      stall: () => front.stall(),
      freeze: () => proxy.freeze(),
      unplug: () => simulator.unplug(ROOM),
      plugIn: () => simulator.plugIn(ROOM),
      recover: () => {
        proxy.thaw();
        front.recover();
      },
      limitHits: () => Math.max(0, front.busiestSecond - BEARS),
      disconnected: () => proxy.empty(),
    },
    close: async () => {
      await proxy.close();
      await front.close();
      await simulator.close();
    },
  };
});
