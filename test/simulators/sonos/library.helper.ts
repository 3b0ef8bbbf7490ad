import { once } from 'node:events';
import { createServer } from 'node:net';
import type { TestContext } from 'node:test';
import { type SonosDevice, SonosEventListener, SonosManager } from '@svrooij/sonos';
import { FakeClock } from '../../../daemon/api/clock.fake.ts';
import { SonosSimulator, type SonosSimulatorOptions } from './simulator.ts';

/** The library listens for events in one place for the whole process; its port has to be known before. */
async function prepareListener(): Promise<void> {
  if (process.env.SONOS_LISTENER_PORT) return;
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  process.env.SONOS_LISTENER_HOST = '127.0.0.1';
  process.env.SONOS_LISTENER_PORT = String(typeof address === 'object' && address?.port);
}

export interface Home {
  sonos: SonosSimulator;
  clock: FakeClock;
  manager: SonosManager;
  device(room: string): SonosDevice;
}

/** A household on a clock of its own, without delays but those of music, and the library as its client. */
export async function home(t: TestContext, options: SonosSimulatorOptions = {}): Promise<Home> {
  await prepareListener();
  const clock = new FakeClock();
  const sonos = new SonosSimulator({ clock, answerDelay: [0, 0], eventDelay: [0, 0], transition: [200, 200], ...options });
  await sonos.start();
  const manager = new SonosManager();
  t.after(async () => {
    for (const device of manager.Devices) device.CancelEvents();
    manager.CancelSubscription();
    await sonos.until(() => sonos.rooms.every(({ host, name }) => host === '' || sonos.subscriptions(name).length === 0));
    await SonosEventListener.DefaultInstance.StopListener();
    await sonos.close();
  });
  const { host, port } = sonos.room('Kitchen');
  await manager.InitializeFromDevice(host, port);
  await sonos.until(() => sonos.subscriptions('Kitchen').includes('ZoneGroupTopology'));
  const device = (room: string): SonosDevice => {
    const found = manager.Devices.find(({ Uuid }) => Uuid === sonos.room(room).uuid);
    if (!found) throw new Error(`The library knows no ${room}.`);
    return found;
  };
  return { sonos, clock, manager, device };
}
