import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SsdpDevice } from '../../../daemon/devices/discovery.ts';
import { SsdpSearch } from '../../../daemon/network/ssdp.ts';
import { parseXml } from './wire/xml.ts';
import { call, find, gena, household, type RawCall, Receiver, transport } from './wire.helper.ts';

const setVolume = (values: Readonly<Record<string, string | number>>): RawCall => ({
  service: 'RenderingControl',
  action: 'SetVolume',
  values,
});

test('a call is taken as the device architecture has it, and refused otherwise', async (t) => {
  const { sonos } = await household(t);
  const right = setVolume({ Channel: 'Master', DesiredVolume: 30 });
  assert.deepEqual(await call(sonos, 'Kitchen', right), {});
  assert.equal(sonos.room('Kitchen').volume, 30);
  const wrong: [RawCall, number][] = [
    [setVolume({ DesiredVolume: 30, Channel: 'Master' }), 402],
    [setVolume({ Channel: 'Master' }), 402],
    [setVolume({ Channel: 'Master', DesiredVolume: 30, More: 1 }), 402],
    [setVolume({ Channel: 'Master', DesiredVolume: 'loud' }), 402],
    [setVolume({ Channel: 'Master', DesiredVolume: 101 }), 402],
    [setVolume({ Channel: 'Both', DesiredVolume: 30 }), 402],
    [setVolume({ InstanceID: 1, Channel: 'Master', DesiredVolume: 30 }), 718],
    [{ ...right, action: 'SetLoudnes' }, 401],
    [{ ...right, headers: { soapaction: 'urn:schemas-upnp-org:service:RenderingControl:1#SetVolume' } }, 401],
    [{ ...right, headers: { soapaction: '"urn:schemas-upnp-org:service:RenderingControl:1#SetMute"' } }, 401],
    [{ ...right, headers: { 'content-type': 'application/json' } }, 415],
    [{ ...right, body: '<s:Envelope>' }, 400],
    [{ ...right, body: 'a & b' }, 400],
  ];
  for (const [raw, code] of wrong) assert.equal(await call(sonos, 'Kitchen', raw), code, JSON.stringify(raw));
  assert.equal(sonos.room('Kitchen').volume, 30);
  assert.equal(sonos.badRequests.length, 10, 'a wrong instance, channel or volume has reached the service');
});

test('the topology tells of pairs, satellites and groups in the words of Sonos', async (t) => {
  const { sonos } = await household(t);
  sonos.app.group('Kitchen', 'Living Room');
  sonos.app.rename('Bedroom', 'Gäste & "Co" <1>');
  const answer = await call(sonos, 'Kitchen', { service: 'ZoneGroupTopology', action: 'GetZoneGroupState' });
  assert.ok(typeof answer === 'object');
  const groups = find(parseXml(answer.ZoneGroupState ?? ''), 'ZoneGroups')?.children ?? [];
  assert.equal(groups.length, 3);
  const living = groups.find(({ attributes }) => attributes.get('Coordinator') === sonos.room('Living Room').uuid);
  const [kitchen, bar] = living?.children ?? [];
  assert.equal(kitchen?.attributes.get('ZoneName'), 'Kitchen');
  assert.ok(groups.some(({ children }) => children[0]?.attributes.get('ZoneName') === 'Gäste & "Co" <1>'));
  const [left, right, sub] = sonos.partners('Living Room');
  const { uuid } = sonos.room('Living Room');
  assert.equal(bar?.attributes.get('HTSatChanMapSet'), `${uuid}:LF,RF;${left}:LR;${right}:RR;${sub}:SW`);
  assert.deepEqual(
    bar?.children.map(({ name, attributes }) => [name, attributes.get('Invisible'), attributes.get('HTSatChanMapSet')]),
    [
      ['Satellite', '1', `${uuid}:LF,RF;${left}:LR`],
      ['Satellite', '1', `${uuid}:LF,RF;${right}:RR`],
      ['Satellite', '1', `${uuid}:LF,RF;${sub}:SW`],
    ],
  );
  const office = groups.find(({ attributes }) => attributes.get('Coordinator') === sonos.room('Office').uuid)?.children;
  assert.deepEqual(
    office?.map(({ attributes }) => [attributes.get('ZoneName'), attributes.get('Invisible')]),
    [
      ['Office', '1'],
      ['Office', undefined],
    ],
  );
  assert.equal(office?.[0]?.attributes.get('ChannelMapSet'), `${sonos.room('Office').uuid}:LF,LF;${sonos.partners('Office')[0]}:RF,RF`);
});

test('a BOOST is a player without a room, and S1 tells less of its players', async (t) => {
  const { sonos } = await household(t, { generation: 1, rooms: [{ name: 'BOOST', model: 'Boost' }, { name: 'Kitchen' }] });
  assert.deepEqual(
    sonos.rooms.map(({ name }) => name),
    ['Kitchen'],
  );
  const answer = await call(sonos, 'Kitchen', { service: 'ZoneGroupTopology', action: 'GetZoneGroupState' });
  assert.ok(typeof answer === 'object');
  const state = parseXml(answer.ZoneGroupState ?? '');
  const [boost, kitchen] = find(state, 'ZoneGroups')?.children.map(({ children }) => children[0]?.attributes) ?? [];
  assert.deepEqual([boost?.get('IsZoneBridge'), boost?.get('Invisible'), kitchen?.get('Invisible')], ['1', '1', undefined]);
  assert.deepEqual([kitchen?.get('SWGen'), kitchen?.get('HasConfiguredSSID'), kitchen?.get('SSLPort')], ['1', '0', undefined]);
  assert.equal(find(state, 'VanishedDevices'), undefined);
  assert.equal(await call(sonos, 'BOOST', transport('GetTransportInfo')), 404);
  assert.ok(!(await (await fetch(`${sonos.url('BOOST')}/xml/device_description.xml`)).text()).includes('MediaRenderer'));
});

test('a member of a group takes no commands to play, and says that it plays whatever it does', async (t) => {
  const { sonos, clock } = await household(t);
  sonos.app.playPlaylist('Kitchen', 'Quiet Evening');
  clock.advance(200);
  sonos.app.group('Office', 'Kitchen');
  sonos.app.pause('Kitchen');
  const codes = await Promise.all([
    call(sonos, 'Office', transport('Play', { Speed: 1 })),
    call(sonos, 'Office', transport('Pause')),
    call(sonos, 'Office', transport('Next')),
    call(sonos, 'Office', transport('Seek', { Unit: 'TRACK_NR', Target: 1 })),
    call(sonos, 'Office', transport('SetPlayMode', { NewPlayMode: 'SHUFFLE' })),
    call(sonos, 'Office', { service: 'GroupRenderingControl', action: 'GetGroupVolume' }),
  ]);
  assert.deepEqual(codes, [800, 800, 800, 701, 712, 701]);
  const info = await call(sonos, 'Office', transport('GetTransportInfo'));
  assert.deepEqual(info, { CurrentTransportState: 'PLAYING', CurrentTransportStatus: 'OK', CurrentSpeed: '1' });
  const media = await call(sonos, 'Office', transport('GetMediaInfo'));
  assert.ok(typeof media === 'object');
  assert.equal(media.CurrentURI, `x-rincon:${sonos.room('Kitchen').uuid}`);
});

test('a member may also say yes to Play and do nothing; told what to play, it leaves its group for it', async (t) => {
  const { sonos, clock } = await household(t, { membersPlay: 'ignored', rooms: [{ name: 'Kitchen' }, { name: 'Port', volume: 'fixed' }] });
  sonos.app.playUri('Kitchen', 'http://127.0.0.1/a.mp3');
  sonos.app.group('Port', 'Kitchen');
  clock.advance(200);
  sonos.app.pause('Kitchen');
  assert.deepEqual(await call(sonos, 'Port', transport('Play', { Speed: 1 })), {});
  assert.equal(sonos.room('Kitchen').state, 'PAUSED_PLAYBACK');
  assert.equal(await call(sonos, 'Port', setVolume({ Channel: 'Master', DesiredVolume: 30 })), 501, 'its line-out is fixed');
  assert.equal(sonos.room('Port').volume, 100);
  await call(sonos, 'Port', transport('SetAVTransportURI', { CurrentURI: '', CurrentURIMetaData: '' }));
  assert.deepEqual(sonos.room('Port').group, ['Port']);
  sonos.app.group('Port', 'Kitchen');
  await call(sonos, 'Port', transport('SetAVTransportURI', { CurrentURI: 'http://127.0.0.1/b.mp3', CurrentURIMetaData: '' }));
  assert.deepEqual([sonos.room('Port').group, sonos.room('Kitchen').group], [['Port'], ['Kitchen']]);
  const follow = (uuid: string) =>
    call(sonos, 'Port', transport('SetAVTransportURI', { CurrentURI: `x-rincon:${uuid}`, CurrentURIMetaData: '' }));
  assert.equal(await follow('RINCON_000000000000'), 501);
  assert.equal(await follow(sonos.room('Port').uuid), 501);
});

test('music moves on by the clock: tracks end and follow each other, streams do not', async (t) => {
  const { sonos, clock } = await household(t);
  sonos.app.playPlaylist('Kitchen', 'Good Morning');
  clock.advance(200 + 150_000 + 5000);
  const position = await call(sonos, 'Kitchen', transport('GetPositionInfo'));
  assert.ok(typeof position === 'object');
  assert.deepEqual([position.Track, position.RelTime, position.TrackDuration], ['2', '0:00:05', '0:02:45']);
  clock.advance(160_000 + 180_000);
  assert.equal(sonos.room('Kitchen').state, 'STOPPED', 'the queue is at its end');
  sonos.app.setPlayMode('Kitchen', 'REPEAT_ALL');
  sonos.app.play('Kitchen');
  clock.advance(200 + 495_000 + 1000);
  assert.equal(sonos.room('Kitchen').heard, 'x-file-cifs://nas/music/Four%20Seasons/1.mp3');
  sonos.app.playFavorite('Kitchen', 'Jazz <24/7>');
  clock.advance(86_400_000);
  assert.equal(sonos.room('Kitchen').state, 'PLAYING');
  assert.equal(await call(sonos, 'Kitchen', transport('Next')), 711);
  assert.deepEqual(await call(sonos, 'Kitchen', transport('Pause')), {});
  assert.equal(sonos.room('Kitchen').state, 'STOPPED', 'a stream has no pause');
  assert.deepEqual(
    sonos.interruptions.map(({ cause, begunBy }) => [cause, begunBy]),
    [
      ['person', 'person'],
      ['command', 'person'],
    ],
  );
});

test('ramps step by the clock, as fast as their type, and end where a hand sets the volume', async (t) => {
  const { sonos, clock } = await household(t);
  const ramp = (RampType: string, DesiredVolume: number): RawCall => ({
    service: 'RenderingControl',
    action: 'RampToVolume',
    values: { Channel: 'Master', RampType, DesiredVolume, ResetVolumeAfter: 0, ProgramURI: '' },
  });
  assert.deepEqual(await call(sonos, 'Kitchen', ramp('SLEEP_TIMER_RAMP_TYPE', 25)), { RampTime: '8' });
  clock.advance(4000);
  assert.equal(sonos.room('Kitchen').volume, 20);
  clock.advance(60_000);
  assert.equal(sonos.room('Kitchen').volume, 25);
  assert.deepEqual(await call(sonos, 'Kitchen', ramp('AUTOPLAY_RAMP_TYPE', 30)), { RampTime: '0' });
  assert.equal(sonos.room('Kitchen').volume, 0);
  clock.advance(300);
  assert.equal(sonos.room('Kitchen').volume, 15);
  sonos.app.setVolume('Kitchen', 40);
  clock.advance(10_000);
  assert.equal(sonos.room('Kitchen').volume, 40);
  assert.deepEqual(await call(sonos, 'Kitchen', ramp('ALARM_RAMP_TYPE', 10)), { RampTime: '4' });
  clock.advance(30_000);
  assert.equal(sonos.room('Kitchen').volume, 0);
  clock.advance(4000);
  assert.equal(sonos.room('Kitchen').volume, 10);
});

test('a subscription: everything at first, then what changed, numbered, until it is cancelled or runs out', async (t) => {
  const { sonos, clock } = await household(t);
  const receiver = await Receiver.open(t);
  const sid = await receiver.subscribe(sonos, 'Kitchen', 'RenderingControl');
  assert.match(sid, /^uuid:RINCON_5CAAFD00000101400_sub\d{10}$/);
  await sonos.until(() => sonos.events.at(-1)?.outcome === 200);
  const [first] = receiver.events;
  assert.deepEqual([first?.sid, first?.seq, first?.values['Volume Master'], first?.values['Mute Master']], [sid, 0, '15', '0']);
  assert.equal(first?.headers.nts, 'upnp:propchange');
  sonos.app.setVolume('Kitchen', 22);
  await sonos.until(() => sonos.events.at(-1)?.seq === 1 && sonos.events.at(-1)?.outcome === 200);
  assert.deepEqual(receiver.events[1]?.values, { 'Volume Master': '22', 'Volume LF': '100', 'Volume RF': '100' });
  const renewed = await gena(sonos, 'Kitchen', {
    method: 'SUBSCRIBE',
    service: 'RenderingControl',
    headers: { SID: sid, TIMEOUT: 'Second-600' },
  });
  assert.deepEqual([renewed.status, renewed.headers.timeout], [200, 'Second-600']);
  clock.advance(599_000);
  assert.deepEqual(sonos.subscriptions('Kitchen'), ['RenderingControl']);
  clock.advance(1000);
  const late = await gena(sonos, 'Kitchen', { method: 'SUBSCRIBE', service: 'RenderingControl', headers: { SID: sid } });
  assert.equal(late.status, 412);
  const again = await receiver.subscribe(sonos, 'Kitchen', 'RenderingControl');
  const cancelled = await gena(sonos, 'Kitchen', { method: 'UNSUBSCRIBE', service: 'RenderingControl', headers: { SID: again } });
  assert.deepEqual([cancelled.status, sonos.subscriptions('Kitchen')], [200, []]);
  const wrong = await gena(sonos, 'Kitchen', { method: 'SUBSCRIBE', service: 'RenderingControl', headers: { NT: 'upnp:event' } });
  assert.equal(wrong.status, 412);
});

test('a new grouping is told to whoever listens to the topology of any player', async (t) => {
  const { sonos } = await household(t);
  const receiver = await Receiver.open(t);
  for (const room of ['Kitchen', 'Bedroom']) await receiver.subscribe(sonos, room, 'ZoneGroupTopology');
  await sonos.until(() => sonos.events.filter(({ outcome }) => outcome === 200).length === 2);
  sonos.app.group('Office', 'Kitchen');
  await sonos.until(() => sonos.events.filter(({ seq, outcome }) => seq === 1 && outcome === 200).length === 2);
  for (const event of receiver.events.slice(-2)) {
    const state = parseXml(event.values.ZoneGroupState ?? '');
    assert.equal(find(state, 'ZoneGroups')?.children.length, 3);
  }
});

test('a player without power refuses connections, is gone from the topology after a while, and comes back alone', async (t) => {
  const { sonos, clock } = await household(t);
  const receiver = await Receiver.open(t);
  sonos.app.group('Office', 'Kitchen');
  sonos.app.playPlaylist('Kitchen', 'Quiet Evening');
  clock.advance(200);
  const address = sonos.url('Kitchen');
  const sid = await receiver.subscribe(sonos, 'Kitchen', 'AVTransport');
  await sonos.unplug('Kitchen');
  await assert.rejects(fetch(`${address}/xml/device_description.xml`));
  assert.equal(sonos.room('Office').heard, '');
  assert.equal(sonos.room('Office').coordinator, 'Kitchen');
  clock.advance(30_000);
  assert.equal(sonos.room('Office').coordinator, 'Office');
  const state = await call(sonos, 'Bedroom', { service: 'ZoneGroupTopology', action: 'GetZoneGroupState' });
  assert.ok(typeof state === 'object');
  const gone = find(parseXml(state.ZoneGroupState ?? ''), 'VanishedDevices')?.children[0];
  assert.deepEqual([gone?.attributes.get('ZoneName'), gone?.attributes.get('Reason')], ['Kitchen', 'powered off']);
  await sonos.plugIn('Kitchen');
  await sonos.unplug('Kitchen');
  await sonos.plugIn('Kitchen');
  clock.advance(60_000);
  assert.equal(sonos.url('Kitchen'), address);
  const back = await call(sonos, 'Bedroom', { service: 'ZoneGroupTopology', action: 'GetZoneGroupState' });
  assert.ok(typeof back === 'object');
  assert.deepEqual(find(parseXml(back.ZoneGroupState ?? ''), 'VanishedDevices')?.children, [], 'who is back in time has not vanished');
  assert.deepEqual([sonos.room('Kitchen').group, sonos.room('Kitchen').state], [['Kitchen'], 'STOPPED']);
  const track = { EnqueuedURI: 'http://127.0.0.1/a.mp3', EnqueuedURIMetaData: '', DesiredFirstTrackNumberEnqueued: 0, EnqueueAsNext: 0 };
  assert.equal(await call(sonos, 'Kitchen', transport('AddURIToQueue', track)), 701, 'just powered, it is set to nothing');
  const queue = { CurrentURI: `x-rincon-queue:${sonos.room('Kitchen').uuid}#0`, CurrentURIMetaData: '' };
  assert.deepEqual(await call(sonos, 'Kitchen', transport('SetAVTransportURI', queue)), {});
  assert.equal(sonos.room('Kitchen').queue.length, 5, 'its queue has survived');
  assert.ok(typeof (await call(sonos, 'Kitchen', transport('AddURIToQueue', track))) === 'object');
  const renewal = await gena(sonos, 'Kitchen', { method: 'SUBSCRIBE', service: 'AVTransport', headers: { SID: sid } });
  assert.equal(renewal.status, 412);
});

test('faults: refusals, a coordinator that changes in between, lost answers, slowness, and events that go astray', async (t) => {
  const { sonos, clock } = await household(t);
  const receiver = await Receiver.open(t);
  sonos.app.playPlaylist('Kitchen', 'Quiet Evening');
  sonos.app.group('Office', 'Kitchen');
  clock.advance(200);
  sonos.refuseNext({ action: 'Pause' }, { code: 701, times: 2 });
  for (const room of ['Kitchen', 'Kitchen']) assert.equal(await call(sonos, room, transport('Pause')), 701);
  sonos.swapCoordinatorDuring({ action: 'Pause', room: 'Kitchen' }, 'Office');
  assert.equal(await call(sonos, 'Kitchen', transport('Pause')), 800);
  assert.deepEqual([sonos.room('Kitchen').coordinator, sonos.room('Kitchen').state], ['Office', 'PLAYING']);
  sonos.intervene({ action: 'GetMediaInfo', cutAnswer: true });
  await assert.rejects(call(sonos, 'Kitchen', transport('GetMediaInfo')), SyntaxError);
  sonos.intervene({ action: 'Pause', loseAnswer: true });
  await assert.rejects(call(sonos, 'Office', transport('Pause')));
  assert.equal(sonos.room('Office').state, 'PAUSED_PLAYBACK');

  const sid = await receiver.subscribe(sonos, 'Bedroom', 'RenderingControl');
  const settled = () => sonos.until(() => sonos.events.every(({ outcome }) => outcome !== undefined));
  await settled();
  sonos.loseEvents(1);
  sonos.app.setVolume('Bedroom', 11);
  sonos.reorderEvents();
  sonos.app.setVolume('Bedroom', 12);
  sonos.app.setVolume('Bedroom', 13);
  await settled();
  sonos.duplicateEvents();
  sonos.app.setVolume('Bedroom', 14);
  await sonos.until(() => receiver.events.length === 5);
  assert.deepEqual(
    receiver.events.map(({ seq, values }) => [seq, values['Volume Master']]),
    [
      [0, '10'],
      [3, '13'],
      [2, '12'],
      [4, '14'],
      [4, '14'],
    ],
  );
  assert.ok(receiver.events.every((event) => event.sid === sid));

  sonos.recover();
  sonos.slowDown('Bedroom', [3000, 3000]);
  const slow = call(sonos, 'Bedroom', { service: 'RenderingControl', action: 'GetVolume', values: { Channel: 'Master' } });
  await sonos.until(() => sonos.actions.at(-1)?.action === 'GetVolume');
  clock.advance(3000);
  assert.deepEqual(await slow, { CurrentVolume: '14' });
  sonos.forgetSubscriptions('Bedroom');
  const renewal = await gena(sonos, 'Bedroom', { method: 'SUBSCRIBE', service: 'RenderingControl', headers: { SID: sid } });
  assert.equal(renewal.status, 412);
});

test('who cannot be reached is subscribed all the same, and hears of things only when that is mended', async (t) => {
  const { sonos } = await household(t);
  const receiver = await Receiver.open(t);
  sonos.blockEvents();
  await receiver.subscribe(sonos, 'Kitchen', 'RenderingControl');
  await sonos.until(() => sonos.events.at(-1)?.outcome === 'failed');
  sonos.recover();
  sonos.app.setVolume('Kitchen', 50);
  await sonos.until(() => sonos.events.at(-1)?.outcome === 200);
  assert.deepEqual(
    receiver.events.map(({ seq, values }) => [seq, values['Volume Master']]),
    [[1, '50']],
  );
});

test('the transport tells everything whenever anything changes, also of the queue that a room is left with', async (t) => {
  const { sonos, clock } = await household(t);
  const receiver = await Receiver.open(t);
  sonos.app.playPlaylist('Kitchen', 'Quiet Evening');
  sonos.app.fillQueue('Office', ['http://127.0.0.1/a.mp3']);
  clock.advance(200);
  await receiver.subscribe(sonos, 'Office', 'AVTransport');
  const settled = (count: number) => sonos.until(() => receiver.events.length === count && sonos.events.every(({ outcome }) => outcome));
  await settled(1);
  sonos.app.group('Office', 'Kitchen');
  await settled(2);
  const grouped = receiver.events[1]?.values;
  assert.deepEqual([grouped?.TransportState, grouped?.AVTransportURI], ['PLAYING', `x-rincon:${sonos.room('Kitchen').uuid}`]);
  assert.equal(grouped?.CurrentPlayMode, 'NORMAL', 'which has not changed');
  sonos.app.ungroup('Office');
  await settled(3);
  const alone = receiver.events[2]?.values;
  assert.deepEqual(
    [alone?.TransportState, alone?.AVTransportURI, alone?.NumberOfTracks],
    ['STOPPED', `x-rincon-queue:${sonos.room('Office').uuid}#0`, '1'],
  );
  sonos.app.group('Bedroom', 'Kitchen');
  sonos.app.ungroup('Bedroom');
  const media = await call(sonos, 'Bedroom', transport('GetMediaInfo'));
  assert.equal(typeof media === 'object' && media.CurrentURI, '', 'nothing is in its queue');
});

test('a subscriber that answers 412 is told nothing more', async (t) => {
  const { sonos } = await household(t);
  const receiver = await Receiver.open(t);
  await receiver.subscribe(sonos, 'Kitchen', 'RenderingControl');
  await sonos.until(() => sonos.events.at(-1)?.outcome === 200);
  receiver.status = 412;
  sonos.app.setVolume('Kitchen', 50);
  await sonos.until(() => sonos.events.at(-1)?.outcome === 412);
  assert.deepEqual(sonos.subscriptions('Kitchen'), []);
});

test('a search finds every player with power, at port 1400 of an address of its own if so wished', async (t) => {
  const { sonos } = await household(t, { ssdpPort: 0, addressing: 'addresses' });
  await sonos.unplug('Bedroom');
  const found = new Map<string, SsdpDevice>();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const search = new SsdpSearch({
    address: '127.0.0.1',
    target: 'urn:schemas-upnp-org:device:ZonePlayer:1',
    group: '127.0.0.1',
    port: sonos.ssdpPort,
    onError: reject,
    onAnswer: (device) => {
      found.set(device.usn, device);
      if (found.size === 7) resolve();
    },
  });
  t.after(() => search.stop());
  await promise;
  const { uuid, host } = sonos.room('Kitchen');
  const kitchen = found.get(`uuid:${uuid}::urn:schemas-upnp-org:device:ZonePlayer:1`);
  assert.equal(kitchen?.address, host);
  assert.equal(kitchen?.location, `http://${host}:1400/xml/device_description.xml`);
  assert.match(kitchen?.server ?? '', /^Linux UPnP\/1\.0 Sonos\//);
});
