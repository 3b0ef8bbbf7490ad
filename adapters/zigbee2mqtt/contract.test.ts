import { describe } from 'node:test';
import { fakeContext } from '../../daemon/devices/adapter.fake.ts';
import type { Attributes } from '../../daemon/devices/device.ts';
import { type AdapterHarness, adapterContract } from '../../test/contract/adapter-contract.ts';
import { CountingClock } from '../../test/helpers/counting-clock.ts';
import { MosquittoBroker } from '../../test/helpers/mosquitto-broker.ts';
import { needs } from '../../test/helpers/needs.ts';
import { TcpProxy } from '../../test/helpers/tcp-proxy.ts';
import { Zigbee2MqttStandIn } from '../../test/simulators/zigbee2mqtt/stand-in.ts';
import { Zigbee2MqttAdapter } from './adapter.ts';

const IEEE = '0x0017880104e45517';
/** Short, so that faults show soon. */
const SOON = {
  ...{ connectWithin: 1000, keepalive: 1, firstRetry: 10, longestRetry: 50, greetEvery: 100 },
  ...{ silence: 1500, askAfter: 400, answerWithin: 1000, lookWithin: 1000 },
};

/** What can be pulled out of the wall: the broker, or Zigbee2MQTT behind it. */
interface Plug {
  unplug(parts: { broker: MosquittoBroker; z2m: Zigbee2MqttStandIn }): Promise<void>;
  plugIn(parts: { broker: MosquittoBroker; z2m: Zigbee2MqttStandIn }): Promise<void>;
}

async function build({ unplug, plugIn }: Plug, availability: 'json' | 'word'): Promise<AdapterHarness> {
  const broker = await MosquittoBroker.start({ persistence: true });
  const proxy = new TcpProxy(() => ({ host: '127.0.0.1', port: broker.port }));
  await proxy.start();
  const lamp = { ieee: IEEE, name: 'living room/lamp', kind: 'hueColor' } as const;
  const z2m = new Zigbee2MqttStandIn({ url: broker.url, devices: [lamp], availability });
  await z2m.start();
  const clock = new CountingClock();
  const options = { url: `mqtt://${proxy.address}`, base: 'zigbee2mqtt' };
  const adapter = new Zigbee2MqttAdapter(options, fakeContext({ clock, random: Math.random }), SOON);
  return {
    adapter,
    lamp: `zigbee2mqtt:${IEEE}`,
    hand: (attributes) => z2m.tell(lamp.name, asTold(attributes)),
    cutPower: () => z2m.setPower(lamp.name, false),
    returnPower: () => z2m.setPower(lamp.name, true),
    shows: () => {
      const { state, brightness } = z2m.device(lamp.name).real;
      return { on: state === 'ON', brightness: (Number(brightness) / 254) * 100 };
    },
    pendingTimers: () => clock.pending,
    wire: {
      garble: () => {
        z2m.isGarbled = true;
      },
      slow: (ms) => {
        z2m.slowness = ms;
      },
      stall: () => {
        z2m.isStalled = true;
      },
      freeze: () => proxy.freeze(),
      unplug: () => unplug({ broker, z2m }),
      plugIn: () => plugIn({ broker, z2m }),
      recover: () => {
        Object.assign(z2m, { isGarbled: false, isStalled: false, slowness: 0 });
        proxy.thaw();
      },
      limitHits: () => 0,
      disconnected: () => proxy.empty(),
    },
    close: async () => {
      await z2m.kill();
      await proxy.close();
      await broker.close();
    },
  };
}

const asTold = ({ on, brightness }: Attributes) => ({
  ...(on !== undefined && { state: on ? 'ON' : 'OFF' }),
  ...(brightness !== undefined && { brightness: Math.round((brightness / 100) * 254) }),
});

describe('by a real mosquitto', needs('mosquitto'), () => {
  adapterContract('the Zigbee2MQTT adapter, whose broker comes and goes,', () =>
    build({ unplug: ({ broker }) => broker.stop('SIGTERM'), plugIn: ({ broker }) => broker.run() }, 'json'),
  );
  adapterContract('the Zigbee2MQTT adapter, whose Zigbee2MQTT comes and goes,', () =>
    build({ unplug: ({ z2m }) => z2m.kill(), plugIn: ({ z2m }) => z2m.start() }, 'word'),
  );
});
