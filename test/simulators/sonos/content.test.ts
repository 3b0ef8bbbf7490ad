import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { SonosSimulator } from './simulator.ts';
import { secondsOfWav } from './wire/fetch-media.ts';
import { parseXml } from './wire/xml.ts';
import { call, find, household, type RawCall, Receiver, transport } from './wire.helper.ts';

const browse = (ObjectID: string, page: Readonly<Record<string, number>> = {}): RawCall => ({
  service: 'ContentDirectory',
  action: 'Browse',
  values: { ObjectID, BrowseFlag: 'BrowseDirectChildren', Filter: '*', StartingIndex: 0, RequestedCount: 0, ...page, SortCriteria: '' },
});

const enqueue = (EnqueuedURI: string, EnqueuedURIMetaData = '', DesiredFirstTrackNumberEnqueued = 0): RawCall =>
  transport('AddURIToQueue', { EnqueuedURI, EnqueuedURIMetaData, DesiredFirstTrackNumberEnqueued, EnqueueAsNext: 0 });

const setUri = (CurrentURI: string, CurrentURIMetaData = ''): RawCall => transport('SetAVTransportURI', { CurrentURI, CurrentURIMetaData });

/** What a favourite of the household plays, and the metadata that belongs to it, as a client reads them from the wire. */
async function favorite(sonos: SonosSimulator, title: string): Promise<{ uri: string; metadata: string }> {
  const answer = await call(sonos, 'Kitchen', browse('FV:2'));
  assert.ok(typeof answer === 'object');
  const entry = parseXml(answer.Result ?? '').children.find((one) => find(one, 'title')?.text === title);
  return { uri: find(entry, 'res')?.text ?? '', metadata: find(entry, 'resMD')?.text ?? '' };
}

test('favourites are played with the metadata that comes with them: stations at once, the rest by way of the queue', async (t) => {
  const { sonos } = await household(t);
  const station = await favorite(sonos, 'Jazz <24/7>');
  assert.deepEqual(await call(sonos, 'Kitchen', setUri(station.uri, station.metadata)), {});
  const container = await favorite(sonos, 'Peaceful Piano');
  assert.equal(await call(sonos, 'Kitchen', setUri(container.uri, container.metadata)), 714);
  assert.equal(await call(sonos, 'Kitchen', enqueue(container.uri)), 800, 'without metadata there is no account to play it by');
  assert.equal(await call(sonos, 'Kitchen', enqueue(container.uri, '<DIDL-Lite>')), 402);
  const added = await call(sonos, 'Kitchen', enqueue(container.uri, container.metadata));
  assert.deepEqual(added, { FirstTrackNumberEnqueued: '1', NumTracksAdded: '3', NewQueueLength: '3' });
  const playlist = await favorite(sonos, 'Quiet Evening');
  await call(sonos, 'Kitchen', enqueue(playlist.uri, playlist.metadata));
  assert.equal(sonos.room('Kitchen').queue.length, 8);
  assert.equal(await call(sonos, 'Kitchen', enqueue(station.uri, station.metadata)), 714, 'a stream does not go into a queue');
});

test('the queue: added to, cut, reordered, saved and emptied, with the current track kept', async (t) => {
  const { sonos, clock } = await household(t);
  sonos.app.playPlaylist('Kitchen', 'Good Morning');
  clock.advance(200);
  const numbers = () => sonos.room('Kitchen').queue.map((uri) => uri.split('/').at(-1));
  await call(sonos, 'Kitchen', enqueue('http://127.0.0.1/a.mp3', '', 1));
  assert.deepEqual(numbers(), ['a.mp3', '1.mp3', '2.mp3', '3.mp3']);
  const position = await call(sonos, 'Kitchen', transport('GetPositionInfo'));
  assert.ok(typeof position === 'object');
  assert.deepEqual([position.Track, position.TrackURI?.split('/').at(-1)], ['2', '1.mp3']);
  const many = {
    UpdateID: 0,
    NumberOfURIs: 2,
    EnqueuedURIs: 'http://127.0.0.1/b.mp3 http://127.0.0.1/c.mp3',
    EnqueuedURIsMetaData: '',
    ContainerURI: '',
    ContainerMetaData: '',
    DesiredFirstTrackNumberEnqueued: 0,
    EnqueueAsNext: 0,
  };
  const added = await call(sonos, 'Kitchen', transport('AddMultipleURIsToQueue', many));
  assert.ok(typeof added === 'object');
  assert.deepEqual([added.FirstTrackNumberEnqueued, added.NewQueueLength], ['5', '6']);
  await call(sonos, 'Kitchen', transport('ReorderTracksInQueue', { StartingIndex: 1, NumberOfTracks: 2, InsertBefore: 5, UpdateID: 0 }));
  assert.deepEqual(numbers(), ['2.mp3', '3.mp3', 'a.mp3', '1.mp3', 'b.mp3', 'c.mp3']);
  await call(sonos, 'Kitchen', transport('RemoveTrackRangeFromQueue', { UpdateID: 0, StartingIndex: 1, NumberOfTracks: 3 }));
  assert.deepEqual(numbers(), ['1.mp3', 'b.mp3', 'c.mp3']);
  assert.equal(sonos.room('Kitchen').heard.split('/').at(-1), '1.mp3');
  assert.deepEqual(await call(sonos, 'Kitchen', transport('SaveQueue', { Title: 'Mine', ObjectID: '' })), { AssignedObjectID: 'SQ:2' });
  assert.deepEqual(await call(sonos, 'Kitchen', transport('RemoveAllTracksFromQueue')), {});
  assert.deepEqual([sonos.room('Kitchen').state, numbers()], ['STOPPED', []]);
  assert.equal(await call(sonos, 'Kitchen', transport('RemoveAllTracksFromQueue')), 804);
  assert.equal(await call(sonos, 'Kitchen', transport('Play', { Speed: 1 })), 701);
  const saved = await call(sonos, 'Kitchen', browse('SQ:2', { StartingIndex: 1, RequestedCount: 1 }));
  assert.ok(typeof saved === 'object');
  assert.deepEqual([saved.NumberReturned, saved.TotalMatches], ['1', '3']);
  assert.equal(await call(sonos, 'Kitchen', browse('SQ:9')), 701);
});

test('a favourite that comes or goes is an event of the content', async (t) => {
  const { sonos } = await household(t);
  const receiver = await Receiver.open(t);
  await receiver.subscribe(sonos, 'Kitchen', 'ContentDirectory');
  await sonos.until(() => sonos.events.at(-1)?.outcome === 200);
  const before = receiver.events.at(-1)?.values.FavoritesUpdateID;
  sonos.app.removeFavorite('Quiet Evening');
  await sonos.until(() => sonos.events.at(-1)?.seq === 1 && sonos.events.at(-1)?.outcome === 200);
  assert.notEqual(receiver.events.at(-1)?.values.FavoritesUpdateID, before);
  assert.deepEqual(await favorite(sonos, 'Quiet Evening'), { uri: '', metadata: '' });
});

test('the sound of a TV stays with its player when the group goes on under another', async (t) => {
  const { sonos, clock } = await household(t);
  sonos.app.playTv('Living Room');
  clock.advance(200);
  sonos.app.group('Kitchen', 'Living Room');
  assert.equal(await call(sonos, 'Living Room', transport('Pause')), 701);
  sonos.app.ungroup('Living Room');
  assert.deepEqual([sonos.room('Living Room').state, sonos.room('Kitchen').state], ['PLAYING', 'STOPPED']);
  assert.equal(await call(sonos, 'Kitchen', setUri('x-sonos-htastream:RINCON_1:spdif')), 714, 'no soundbar');
  assert.equal(await call(sonos, 'Kitchen', setUri(`x-rincon-stream:${sonos.room('Kitchen').uuid}`)), 714, 'no line-in');
});

/** A second of silence: 8 kHz, 8 bits, one channel. */
function wav(): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + 8000, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(8000, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(8000, 40);
  return Buffer.concat([header, Buffer.alloc(8000, 128)]);
}

test('with media to fetch, a file has to be there, and plays as long as it is', async (t) => {
  assert.equal(secondsOfWav(wav()), 1);
  assert.equal(secondsOfWav(Buffer.from('no WAV at all')), undefined);
  const files = createServer((request, response) => {
    if (request.url === '/chime.wav') response.writeHead(200, { 'content-type': 'audio/wav' }).end(wav());
    else response.writeHead(404).end();
  });
  files.listen(0, '127.0.0.1');
  await once(files, 'listening');
  t.after(() => files.close());
  const base = `http://127.0.0.1:${(files.address() as AddressInfo).port}`;
  const { sonos, clock } = await household(t, { fetchMedia: true });
  sonos.app.playUri('Kitchen', `${base}/chime.wav`);
  await sonos.until(() => sonos.fetched.length === 1);
  clock.advance(200);
  await sonos.untilRoom('Kitchen', ({ state }) => state === 'PLAYING');
  clock.advance(999);
  assert.equal(sonos.room('Kitchen').state, 'PLAYING');
  clock.advance(1);
  assert.equal(sonos.room('Kitchen').state, 'STOPPED');
  sonos.app.playUri('Kitchen', `${base}/gone.wav`);
  await sonos.untilRoom('Kitchen', ({ state }) => state === 'STOPPED');
  const info = await call(sonos, 'Kitchen', transport('GetTransportInfo'));
  assert.ok(typeof info === 'object');
  assert.equal(info.CurrentTransportStatus, 'ERROR_NO_CONTENT');
  assert.deepEqual(
    sonos.fetched.map(({ status }) => status),
    [200, 404],
  );
});

test('an event may be quicker than the answer with its SID', async (t) => {
  const { sonos } = await household(t);
  const receiver = await Receiver.open(t);
  sonos.hurryEvents();
  const order: string[] = [];
  const subscribed = receiver.subscribe(sonos, 'Kitchen', 'RenderingControl').then(() => order.push('answer'));
  await sonos.until(() => receiver.events.length === 1);
  order.push('event');
  await subscribed;
  assert.deepEqual(order, ['event', 'answer']);
  assert.equal(receiver.events.length, 1);
});
