import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { DeviceId } from '../../daemon/devices/device.ts';
import { SonosSimulator, type SonosSimulatorOptions } from '../../test/simulators/sonos/simulator.ts';
import { SonosBench } from './bench.fixture.ts';
import type { SonosTimings } from './player.ts';

const QUICK = { answerWithin: 2000, firstRetry: 20, longestRetry: 100, listen: 20 };
/** By events alone: nobody asks within the time of a test. */
const BY_EVENTS = { ...QUICK, heartbeat: 600_000, poll: 600_000 };

interface HomeOptions extends SonosSimulatorOptions {
  callbackPort?: number;
}

class Home {
  readonly sonos: SonosSimulator;
  readonly bench: SonosBench;

  private constructor(sonos: SonosSimulator, timings: Partial<SonosTimings>, callbackPort: number) {
    this.sonos = sonos;
    const { host, port } = sonos.room('Kitchen');
    this.bench = new SonosBench([`${host}:${port}`], timings, callbackPort);
  }

  static async open(
    t: TestContext,
    timings: Partial<SonosTimings> = BY_EVENTS,
    { callbackPort = 0, ...options }: HomeOptions = {},
  ): Promise<Home> {
    const sonos = new SonosSimulator({ transition: [5, 20], ...options });
    await sonos.start();
    const home = new Home(sonos, timings, callbackPort);
    t.after(async () => {
      await home.bench.adapter.close();
      await sonos.close();
    });
    return home;
  }

  static async ready(t: TestContext, timings?: Partial<SonosTimings>, options?: SonosSimulatorOptions): Promise<Home> {
    const home = await Home.open(t, timings, options);
    await home.bench.start(...home.sonos.rooms.map(({ name }) => home.device(name)));
    return home;
  }

  device(room: string): DeviceId {
    return `sonos:${this.sonos.room(room).uuid}`;
  }

  /** Until the adapter has told that one follows another. */
  async follows(room: string, leader: string): Promise<void> {
    await this.bench.until(() => this.bench.of(this.device(room)).group === this.device(leader));
  }

  actions(name: string): string[] {
    return this.sonos.actions.filter(({ action }) => action === name).map(({ room }) => room);
  }
}

const within = (ms: number) => ({ timeout: ms });

describe('a Sonos household', within(60_000), () => {
  it('is found whole by one address, each room once: what is bonded to it stands behind it', async (t) => {
    const { bench, sonos } = await Home.ready(t);
    assert.deepEqual(
      bench.adapter
        .list()
        .map(({ name }) => name)
        .sort(),
      ['Bedroom', 'Kitchen', 'Living Room', 'Office'],
    );
    for (const room of ['Office', 'Living Room']) {
      for (const id of sonos.partners(room)) assert.equal(bench.adapter.isGone(`sonos:${id}`), true);
    }
    const kitchen = bench.adapter.list().find(({ name }) => name === 'Kitchen');
    assert.equal(kitchen?.model, 'Sonos One (S2)');
    const kinds = new Set(kitchen?.capabilities.favorite?.list.map(({ kind }) => kind));
    assert.deepEqual([...kinds], ['favorite', 'playlist', 'radio']);
    assert.deepEqual(sonos.badRequests, []);
  });

  it('of the first generation is spoken to as well', async (t) => {
    const { bench } = await Home.ready(t, BY_EVENTS, { generation: 1 });
    assert.ok(bench.adapter.list().every(({ model }) => model?.endsWith('(S1)')));
  });

  it('takes what concerns the music of a group by the one that leads it, once for all', async (t) => {
    const home = await Home.ready(t);
    const { bench, sonos } = home;
    await bench.apply(home.device('Bedroom'), { group: home.device('Kitchen') });
    await home.follows('Bedroom', 'Kitchen');
    await bench.apply(home.device('Bedroom'), { favorite: 'SQ:0', transport: 'playing', shuffle: true });
    await sonos.untilRoom('Kitchen', ({ state }) => state === 'PLAYING');
    await bench.until(() => bench.of(home.device('Kitchen')).transport === 'playing' && bench.of(home.device('Bedroom')).shuffle === true);
    assert.equal(bench.of(home.device('Bedroom')).favorite, 'SQ:0');
    const [group] = bench.adapter.groups();
    assert.deepEqual(group?.members.toSorted(), [home.device('Bedroom'), home.device('Kitchen')].toSorted());
    const commands = (group?.members ?? []).map((device, i) => ({
      id: `c${i}`,
      device,
      attributes: { transport: 'paused' as const },
      transition: 0,
      cause: ['x'],
    }));
    await bench.adapter.applyToGroup(
      { group: group?.id ?? '', attributes: { transport: 'paused' }, transition: 0, commands },
      new AbortController().signal,
    );
    assert.deepEqual(home.actions('Pause'), ['Kitchen']);
    await bench.apply(home.device('Bedroom'), { group: home.device('Bedroom') });
    await home.follows('Bedroom', 'Bedroom');
    assert.deepEqual(sonos.room('Kitchen').group, ['Kitchen']);
    assert.deepEqual(sonos.badRequests, []);
  });

  it('loads nothing anew that plays already, and skips', async (t) => {
    const home = await Home.ready(t);
    const { bench, sonos } = home;
    const kitchen = home.device('Kitchen');
    for (let i = 0; i < 2; i += 1) {
      await bench.apply(kitchen, { favorite: 'SQ:0', transport: 'playing' });
      await sonos.untilRoom('Kitchen', ({ state }) => state === 'PLAYING');
      await bench.until(() => bench.of(kitchen).transport === 'playing');
    }
    assert.deepEqual(home.actions('AddURIToQueue'), ['Kitchen']);
    const { heard } = sonos.room('Kitchen');
    await bench.adapter.skip(kitchen, 'next', new AbortController().signal);
    await sonos.untilRoom('Kitchen', (room) => room.heard !== heard);
    await bench.until(() => bench.readings.some(({ value }) => JSON.stringify(value).includes('No. 2')));
  });

  it('plays again what somebody chose elsewhere, though it is no favorite', async (t) => {
    const home = await Home.ready(t);
    const { bench, sonos } = home;
    const kitchen = home.device('Kitchen');
    const uri = 'x-sonosapi-radio:radio%3a1?sid=9&flags=8300&sn=7';
    const metadata =
      '<DIDL-Lite xmlns="urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:upnp="urn:schemas-upnp-org:metadata-1-0/upnp/"><item id="x" parentID="-1" restricted="true"><dc:title>Artist radio</dc:title><upnp:class>object.item.audioItem.audioBroadcast</upnp:class></item></DIDL-Lite>';
    sonos.app.playUri('Kitchen', uri, metadata);
    await bench.until(() => bench.of(kitchen).favorite === uri && bench.of(kitchen).transport === 'playing');
    await bench.apply(kitchen, { favorite: 'FV:2/0', transport: 'playing' });
    await bench.until(() => bench.of(kitchen).favorite === 'FV:2/0');
    await bench.apply(kitchen, { favorite: uri, transport: 'playing' });
    await sonos.untilRoom('Kitchen', ({ heard, state }) => heard === uri && state === 'PLAYING');
  });

  it('whose leader changes while a command is on its way says so, and takes the next attempt', async (t) => {
    const home = await Home.ready(t);
    const { bench, sonos } = home;
    sonos.app.group('Bedroom', 'Kitchen');
    await home.follows('Bedroom', 'Kitchen');
    sonos.app.playFavorite('Kitchen', 'Jazz <24/7>');
    await bench.until(() => bench.of(home.device('Bedroom')).transport === 'playing');
    sonos.swapCoordinatorDuring({ action: 'Stop', room: 'Kitchen' }, 'Bedroom');
    await assert.rejects(bench.apply(home.device('Kitchen'), { transport: 'stopped' }), { code: 'sonos.busy', retryable: true });
    await home.follows('Kitchen', 'Bedroom');
    await bench.apply(home.device('Kitchen'), { transport: 'stopped' });
    await sonos.untilRoom('Kitchen', ({ state }) => state === 'STOPPED');
  });

  it('that cannot do something at the moment says so in a way that allows another attempt', async (t) => {
    const home = await Home.ready(t);
    home.sonos.refuseNext({ action: 'Play' }, { code: 701 });
    await assert.rejects(home.bench.apply(home.device('Kitchen'), { favorite: 'FV:2/0', transport: 'playing' }), { code: 'sonos.busy' });
    await home.bench.apply(home.device('Kitchen'), { favorite: 'FV:2/0', transport: 'playing' });
    await home.sonos.untilRoom('Kitchen', ({ state }) => state === 'PLAYING');
    const { volume } = home.sonos.room('Kitchen');
    home.sonos.refuseNext({ action: 'SetAVTransportURI' }, { code: 714 });
    await home.bench.apply(home.device('Kitchen'), { transport: 'stopped' });
    await assert.rejects(home.bench.apply(home.device('Kitchen'), { favorite: 'R:0/0/1', transport: 'playing' }, 2), {
      code: 'device.refused',
    });
    assert.equal(home.sonos.room('Kitchen').volume, volume, 'what could not begin leaves nobody faint');
    await assert.rejects(home.bench.apply(home.device('Kitchen'), { favorite: 'nothing of ours', transport: 'playing' }), {
      code: 'sonos.unknown_music',
    });
  });

  it('is told goodbye: no subscription is left, and a fade that is under way goes to its end', async (t) => {
    const home = await Home.ready(t);
    const { bench, sonos } = home;
    await bench.apply(home.device('Office'), { volume: 60 }, 30);
    await bench.adapter.close();
    assert.equal(sonos.room('Office').volume, 60);
    for (const { name } of sonos.rooms) assert.deepEqual(sonos.subscriptions(name), []);
  });
});

describe('events of Sonos players', within(60_000), () => {
  it('come twice, late or not at all: the last word is the right one', async (t) => {
    const home = await Home.ready(t, { ...QUICK, heartbeat: 100, poll: 100 });
    const { bench, sonos } = home;
    const device = home.device('Kitchen');
    for (const trouble of [() => sonos.duplicateEvents(), () => sonos.reorderEvents(), () => sonos.loseEvents(3)]) {
      trouble();
      for (const volume of [30, 70, 45]) sonos.app.setVolume('Kitchen', volume);
      await bench.until(() => bench.of(device).volume === 45);
      sonos.app.setVolume('Kitchen', 10);
      await bench.until(() => bench.of(device).volume === 10);
      sonos.recover();
    }
  });

  it('that a player has forgotten whom to tell are subscribed to anew', async (t) => {
    const home = await Home.ready(t, { ...QUICK, heartbeat: 150, poll: 150 });
    const { bench, sonos } = home;
    sonos.forgetSubscriptions('Kitchen');
    sonos.app.setVolume('Kitchen', 77);
    const report = await bench.report(({ attribute, value }) => attribute === 'volume' && value === 77);
    assert.equal(report.kind, 'poll');
    await sonos.until(() => sonos.subscriptions('Kitchen').length >= 3);
  });

  it('that do not reach us are made up for by asking', async (t) => {
    const somebody = createServer().listen(0, '127.0.0.1');
    t.after(() => somebody.close());
    await once(somebody, 'listening');
    const { port } = somebody.address() as AddressInfo;
    const home = await Home.open(t, { ...QUICK, heartbeat: 600_000, poll: 100 }, { callbackPort: port });
    const { bench, sonos } = home;
    await bench.start(...sonos.rooms.map(({ name }) => home.device(name)));
    sonos.app.setVolume('Bedroom', 66);
    await bench.report(({ attribute, value, kind }) => attribute === 'volume' && value === 66 && kind === 'poll');
    sonos.app.group('Bedroom', 'Kitchen');
    await home.follows('Bedroom', 'Kitchen');
  });

  it('of a person end a fade, wherever the volume goes', async (t) => {
    const home = await Home.ready(t);
    const { bench, sonos } = home;
    const device = home.device('Kitchen');
    await bench.apply(device, { volume: 60 }, 3);
    await bench.report(({ attribute, value, transitional }) => attribute === 'volume' && transitional && Number(value) > 25);
    const from = bench.reports.length;
    sonos.app.setVolume('Kitchen', 18);
    const report = await bench.report(({ attribute, value }) => attribute === 'volume' && value === 18, from);
    assert.deepEqual([report.origin, report.transitional], ['external', false]);
    const sent = home.actions('SetVolume').length;
    await bench.apply(home.device('Bedroom'), { volume: 11 });
    await bench.report(({ attribute, value }) => attribute === 'volume' && value === 11);
    assert.equal(home.actions('SetVolume').filter((room) => room === 'Kitchen').length, sent);
  });

  it('of a crossfade are no pause; a pause in the midst of it is, and nothing begins after it', async (t) => {
    const home = await Home.ready(t);
    const { bench, sonos } = home;
    const device = home.device('Kitchen');
    await bench.apply(device, { favorite: 'FV:2/0', transport: 'playing', volume: 30 }, 1);
    await bench.report(({ attribute, value, transitional }) => attribute === 'volume' && value === 30 && !transitional);
    const from = bench.reports.length;
    await bench.apply(device, { favorite: 'SQ:1', transport: 'playing', volume: 40 }, 1.5);
    await bench.report(({ attribute, value, transitional }) => attribute === 'volume' && value === 40 && !transitional, from);
    await bench.until(() => bench.of(device).favorite === 'SQ:1');
    const pauses = bench.reports
      .slice(from)
      .filter(({ attribute, value, transitional }) => attribute === 'transport' && value !== 'playing' && !transitional);
    assert.deepEqual(pauses, []);
    await bench.apply(device, { favorite: 'R:0/0/1', transport: 'playing' }, 3);
    const loads = home.actions('SetAVTransportURI').length;
    sonos.app.pause('Kitchen');
    await bench.report(({ attribute, value, transitional }) => attribute === 'transport' && value === 'paused' && !transitional, from);
    await bench.report(({ attribute, value }) => attribute === 'volume' && value === 1, from);
    await bench.apply(home.device('Bedroom'), { volume: 12 });
    await bench.report(({ attribute, value }) => attribute === 'volume' && value === 12);
    assert.equal(home.actions('SetAVTransportURI').length, loads);
  });
});
