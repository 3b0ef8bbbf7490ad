import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '../daemon/api/clock.ts';
import type { DeviceId } from '../daemon/devices/device.ts';
import { ALONE, HubHere, SOMEBODY } from './helpers/hub.ts';
import { SonosSimulator } from './simulators/sonos/simulator.ts';

const SCENES = `scenes:
  dinner: { name: Dinner, music: { favorite: "jazz <24/7>", volume: 30, fade: 1 }, transition: 1 }
  evening: { name: Evening, music: { playlist: Quiet Evening, volume: 20, shuffle: true, fade: 1 }, transition: 1 }
`;

/** The whole hub and a Sonos household, in real time: a room `kitchen` with its player, and one `hall` with that of the bedroom. */
class House {
  readonly sonos: SonosSimulator;
  readonly here: HubHere;

  private constructor(sonos: SonosSimulator, here: HubHere) {
    this.sonos = sonos;
    this.here = here;
  }

  static async open(t: TestContext): Promise<House> {
    const sonos = new SonosSimulator({ transition: [5, 20] });
    await sonos.start();
    const { host, port, uuid } = sonos.room('Kitchen');
    const bedroom = sonos.room('Bedroom').uuid;
    const rooms = `rooms: { kitchen: { devices: ["sonos:${uuid}"] }, hall: { devices: ["sonos:${bedroom}"] } }\n`;
    const here = await HubHere.start(
      `${ALONE}adapters: { sonos: { players: [{ host: "${host}:${port}" }] } }\n${rooms}${SCENES}`,
      systemClock,
    );
    const house = new House(sonos, here);
    t.after(async () => {
      await here.close();
      await sonos.close();
    });
    await here.until(() => here.available(house.device('Kitchen')) && here.available(house.device('Bedroom')));
    return house;
  }

  device(room: string): DeviceId {
    return `sonos:${this.sonos.room(room).uuid}`;
  }

  view(room: string) {
    return this.here.hub.queries.device(this.device(room));
  }

  get hands(): string[] {
    return this.here.hub.queries.audit(200).flatMap(({ action, params }) => (action === 'device.hand' ? [JSON.stringify(params)] : []));
  }

  /** The scene is heard, and the hub knows it. */
  async plays(scene: string, heard: string, volume: number): Promise<void> {
    this.here.hub.commands.activateScene(SOMEBODY, 'kitchen', scene);
    await this.sonos.untilRoom('Kitchen', (room) => room.state === 'PLAYING' && room.volume === volume && room.heard.includes(heard));
    await this.here.until(() => this.view('Kitchen').values.volume === volume && this.view('Kitchen').values.transport === 'playing');
  }
}

describe('music in the house', { timeout: 60_000 }, () => {
  it('of one scene fades into that of another and out with it; nothing of it is taken for a hand', async (t) => {
    const house = await House.open(t);
    const before = house.sonos.room('Kitchen').volume;
    await house.plays('dinner', 's1001', 30);
    await house.plays('evening', 'Nocturnes', 20);
    house.here.hub.commands.activateScene(SOMEBODY, 'kitchen', null);
    await house.sonos.untilRoom('Kitchen', ({ state, volume }) => state !== 'PLAYING' && volume === before);
    await house.here.until(() => house.view('Kitchen').values.transport !== 'playing' && house.view('Kitchen').values.volume === before);
    assert.deepEqual(house.hands, []);
    assert.deepEqual(
      house.sonos.interruptions.filter(({ cause }) => cause === 'person'),
      [],
    );
    assert.deepEqual(house.sonos.badRequests, []);
  });

  it('that somebody turns down or pauses in the Sonos app is theirs', async (t) => {
    const house = await House.open(t);
    await house.plays('evening', 'Nocturnes', 20);
    house.sonos.app.setVolume('Kitchen', 9);
    await house.here.until(() => house.view('Kitchen').holds.volume !== undefined);
    house.sonos.app.pause('Kitchen');
    await house.here.until(() => house.view('Kitchen').holds.transport === 'sleep');
    assert.equal(house.sonos.room('Kitchen').volume, 9);
    assert.equal(house.sonos.room('Kitchen').state, 'PAUSED_PLAYBACK');
  });

  it('is announced over, and goes on as it was; no hand, no command comes of it', async (t) => {
    const house = await House.open(t);
    await house.plays('evening', 'Nocturnes', 20);
    const { heard } = house.sonos.room('Kitchen');
    const devices = ['Kitchen', 'Bedroom'].map((room) => house.device(room));
    const request = { url: 'http://hub.lan/none.mp3', volume: 44, signal: AbortSignal.timeout(20_000) };
    const announced = house.here.hub.devices.announce(SOMEBODY, devices, request);
    for (const name of ['Kitchen', 'Bedroom']) {
      await house.sonos.untilRoom(name, (room) => room.heard === request.url && room.volume === 44 && room.state === 'PLAYING');
      house.sonos.app.stop(name);
    }
    await announced;
    const after = house.sonos.room('Kitchen');
    assert.deepEqual([after.heard, after.volume, after.state], [heard, 20, 'PLAYING']);
    assert.deepEqual(house.hands, []);
  });
});

describe('a Sonos player that the house hangs on', { timeout: 60_000 }, () => {
  it('away: one line in the log, and all is as wished when it is back', async (t) => {
    const house = await House.open(t);
    const { here, sonos } = house;
    const from = here.lines.length;
    await sonos.unplug('Kitchen');
    // What is asked of it finds out sooner than the next look.
    here.hub.commands.setDevice(SOMEBODY, house.device('Kitchen'), { volume: 41 });
    await here.until(() => !here.available(house.device('Kitchen')));
    await here.until(() => here.hub.queries.house().problems.some(({ code }) => code === 'device.unreachable'));
    assert.ok(here.available(house.device('Bedroom')), 'the others go on');
    await sonos.plugIn('Kitchen');
    await sonos.untilRoom('Kitchen', ({ volume }) => volume === 41);
    await here.until(() => here.hub.queries.house().problems.length === 0);
    const said = here.lines.slice(from).flatMap(({ event = '' }) => (event.startsWith('problem') ? [event] : []));
    assert.deepEqual(said, ['problem', 'problem_passed']);
  });

  it('whose group gets another leader while it is commanded does what was wished all the same', async (t) => {
    const house = await House.open(t);
    const { here, sonos } = house;
    sonos.app.group('Bedroom', 'Kitchen');
    sonos.app.playFavorite('Kitchen', 'Jazz <24/7>');
    await here.until(
      () => house.view('Bedroom').values.transport === 'playing' && house.view('Bedroom').values.group === house.device('Kitchen'),
    );
    sonos.swapCoordinatorDuring({ action: 'Pause', room: 'Kitchen' }, 'Bedroom');
    here.hub.commands.setDevice(SOMEBODY, house.device('Kitchen'), { transport: 'paused' });
    await sonos.untilRoom('Kitchen', ({ state, coordinator }) => state === 'STOPPED' && coordinator === 'Bedroom');
  });

  it('that refuses for a moment is asked again', async (t) => {
    const house = await House.open(t);
    house.sonos.refuseNext({ action: 'Play' }, { code: 701, times: 2 });
    await house.plays('dinner', 's1001', 30);
  });
});
