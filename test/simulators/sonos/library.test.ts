import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { type SonosDevice, SonosEvents } from '@svrooij/sonos';
import { home } from './library.helper.ts';
import { differences } from './state.ts';

/** Resolves with what the library says at its next event of a kind. */
const next = async (device: SonosDevice, event: SonosEvents): Promise<unknown> =>
  (await once(device.Events as NodeJS.EventEmitter, event))[0];

test('the library finds the rooms, what is bonded to them and who leads', async (t) => {
  const { sonos, manager, device } = await home(t);
  assert.deepEqual(manager.Devices.map(({ Name }) => Name).sort(), ['Bedroom', 'Kitchen', 'Living Room', 'Office', 'Office']);
  const groups = await device('Kitchen').GetZoneGroupState();
  const office = groups.find(({ coordinator }) => coordinator.name === 'Office');
  const [right] = sonos.partners('Office');
  assert.deepEqual(office?.coordinator.ChannelMapSet, { LF: sonos.room('Office').uuid, RF: right });
  assert.deepEqual(
    office?.members.map(({ uuid, Invisible }) => [uuid, Invisible]),
    [
      [right, true],
      [sonos.room('Office').uuid, false],
    ],
  );
  const description = await device('Living Room').GetDeviceDescription();
  assert.deepEqual(
    [description.modelName, description.roomName, description.udn],
    ['Sonos Beam', 'Living Room', `uuid:${sonos.room('Living Room').uuid}`],
  );
  assert.equal((await device('Bedroom').GetZoneInfo()).MACAddress, '5C:AA:FD:00:00:08');
  assert.equal((await device('Bedroom').GetZoneAttributes()).CurrentZoneName, 'Bedroom');
  assert.deepEqual(sonos.badRequests, []);
});

test('the library browses favourites, playlists, stations and the queue', async (t) => {
  const { sonos, device } = await home(t);
  sonos.app.playPlaylist('Kitchen', 'Good Morning');
  const kitchen = device('Kitchen');
  const titles = (result: unknown): unknown[] => (Array.isArray(result) ? result.map(({ Title }) => Title) : []);
  assert.deepEqual(titles((await kitchen.GetFavorites()).Result), ['Jazz <24/7>', 'Quiet Evening', 'Peaceful Piano', 'Spring & Summer']);
  assert.deepEqual(titles((await kitchen.GetFavoriteRadioStations()).Result), ['Jazz <24/7>', 'News']);
  assert.deepEqual(titles((await kitchen.GetQueue()).Result), ['Spring & Summer', 'Autumn', 'Winter']);
  const playlists = await kitchen.ContentDirectoryService.BrowseParsedWithDefaults('SQ:');
  assert.deepEqual(titles(playlists.Result), ['Quiet Evening', 'Good Morning']);
  const [, second] = Array.isArray(playlists.Result) ? playlists.Result : [];
  assert.equal(second?.TrackUri, 'file:///jffs/settings/savedqueues.rsq#1');
});

test('play, pause, seek and skip, with their events', async (t) => {
  const { sonos, clock, device } = await home(t);
  const kitchen = device('Kitchen');
  const states: unknown[] = [];
  kitchen.Events.on(SonosEvents.CurrentTransportState, (state) => states.push(state));
  await sonos.until(() => sonos.subscriptions('Kitchen').length === 3);
  await kitchen.AddUriToQueue('file:///jffs/settings/savedqueues.rsq#0');
  await kitchen.SwitchToQueue();
  await kitchen.Play();
  assert.equal(sonos.room('Kitchen').state, 'TRANSITIONING');
  clock.advance(200);
  await sonos.until(() => states.at(-1) === 'PLAYING');
  assert.deepEqual(states.slice(-2), ['TRANSITIONING', 'PLAYING']);
  await kitchen.Next();
  await kitchen.SeekPosition('0:01:00');
  clock.advance(5000);
  const position = await kitchen.AVTransportService.GetPositionInfo();
  assert.deepEqual([position.Track, position.RelTime], [2, '0:01:05']);
  assert.ok(typeof position.TrackMetaData === 'object');
  assert.deepEqual([position.TrackMetaData.Title, position.TrackMetaData.Artist], ['No. 2', 'John Field']);
  const paused = next(kitchen, SonosEvents.CurrentTransportState);
  await kitchen.Pause();
  assert.equal(await paused, 'PAUSED_PLAYBACK');
  await assert.rejects(kitchen.Pause(), { UpnpErrorCode: 701 });
  await assert.rejects(kitchen.SeekTrack(9), { UpnpErrorCode: 711 });
});

test('volume and mute, of a room and of a group, with their events', async (t) => {
  const { sonos, device } = await home(t);
  const kitchen = device('Kitchen');
  const told: unknown[] = [];
  for (const event of [SonosEvents.Volume, SonosEvents.Mute]) kitchen.Events.on(event, (value: unknown) => told.push(value));
  await sonos.until(() => told.length === 2);
  sonos.app.setVolume('Kitchen', 33);
  await sonos.until(() => told.length === 3);
  sonos.app.setVolume('Kitchen', 10);
  await sonos.until(() => told.length === 4);
  sonos.app.mute('Kitchen');
  await sonos.until(() => told.length === 5);
  assert.deepEqual(told, [15, false, 33, 10, true]);
  await kitchen.SetVolume(10);
  assert.equal(sonos.actions.at(-1)?.arguments.DesiredVolume, '10');
  sonos.app.group('Office', 'Kitchen');
  await kitchen.SetRelativeGroupVolume(15);
  assert.deepEqual([sonos.room('Kitchen').volume, sonos.room('Office').volume], [26, 34]);
  await assert.rejects(device('Office').GroupRenderingControlService.GetGroupVolume(), { UpnpErrorCode: 701 });
});

test('rooms join and leave, and everyone is told', async (t) => {
  const { sonos, device, clock } = await home(t);
  sonos.app.playPlaylist('Kitchen', 'Quiet Evening');
  clock.advance(200);
  const office = device('Office');
  const joined = next(office, SonosEvents.Coordinator);
  assert.equal(await office.JoinGroup('Kitchen'), true);
  assert.equal(await joined, sonos.room('Kitchen').uuid);
  assert.equal(office.Coordinator.Name, 'Kitchen');
  await assert.rejects(office.AVTransportService.Pause(), { UpnpErrorCode: 800 });
  await office.Pause();
  assert.equal(sonos.room('Kitchen').state, 'PAUSED_PLAYBACK');
  await office.Play();
  clock.advance(200);
  const alone = next(office, SonosEvents.Coordinator);
  const left = await device('Kitchen').AVTransportService.BecomeCoordinatorOfStandaloneGroup();
  assert.equal(left.DelegatedGroupCoordinatorID, office.Uuid);
  assert.equal(await alone, office.Uuid);
  assert.deepEqual([sonos.room('Office').state, sonos.room('Kitchen').state], ['PLAYING', 'STOPPED']);
});

test('a notification of the library plays over the music, which it then brings back', async (t) => {
  const chime = { uri: 'http://127.0.0.1/chime.mp3', title: 'chime', artist: '', album: '', seconds: 2 };
  const { sonos, clock, device } = await home(t, { library: { tracks: [chime] } });
  sonos.app.playPlaylist('Kitchen', 'Quiet Evening');
  sonos.app.seekTrack('Kitchen', 3);
  clock.advance(60_200);
  const before = sonos.snapshot();
  const played = device('Kitchen').PlayNotification({ trackUri: chime.uri, volume: 40, timeout: 20 });
  await sonos.untilRoom('Kitchen', ({ heard, volume }) => heard === chime.uri && volume === 40);
  await sonos.until(() => sonos.subscriptions('Kitchen').includes('AVTransport') && sonos.events.at(-1)?.outcome === 200);
  clock.advance(200);
  await sonos.until(() => sonos.events.at(-1)?.body.includes('PLAYING') && sonos.events.at(-1)?.outcome === 200);
  clock.advance(2000);
  assert.equal(await played, true);
  await sonos.untilRoom('Kitchen', ({ state }) => state === 'TRANSITIONING');
  clock.advance(200);
  assert.deepEqual(differences(before, sonos.snapshot()), []);
  assert.deepEqual(
    sonos.interruptions.map(({ was, now, cause, begunBy }) => [was.split('/').at(-1), now.split('/').at(-1), cause, begunBy]),
    [
      ['1.mp3', '3.mp3', 'person', 'person'],
      ['3.mp3', '', 'command', 'person'],
    ],
  );
});
