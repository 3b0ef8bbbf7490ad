import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../daemon/api/clock.fake.ts';
import { ApiError } from '../api/client.ts';
import { BACKOFF } from '../state/backoff.ts';
import { fakeDevice } from './devices.fake.ts';
import { EVERYTHING } from './keeping.ts';
import { CaptureError } from './media.ts';

const TARGET = { source: 'tablet', choice: EVERYTHING };

function setUp({ persistent = false } = {}) {
  const clock = new FakeClock();
  const device = fakeDevice(clock, { persistent });
  const settle = () => clock.advanceAsync(0);
  const goLive = async () => {
    device.broadcast.start(TARGET);
    await settle();
    device.publication().connected();
    await settle();
  };
  return { ...device, clock, settle, goLive };
}

test('it opens camera and microphone, sends them, and closes them on stop', async () => {
  const { broadcast, goLive, asked, publication, open, phase, clock } = setUp();
  await goLive();
  assert.deepEqual([phase(), asked, publication().source, open()], ['live', [EVERYTHING], 'tablet', 2]);
  broadcast.stop();
  assert.deepEqual([phase(), publication().closed, open(), clock.pending], ['idle', true, 0, 0]);
  assert.equal(broadcast.stream.value, null);
});

test('stopped while the browser asks its person, it closes what is opened after all', async () => {
  const { broadcast, opening, settle, open, publications } = setUp();
  const asking = Promise.withResolvers<void>();
  opening.with = () => asking.promise;
  broadcast.start(TARGET);
  broadcast.stop();
  asking.resolve();
  await settle();
  assert.deepEqual([open(), publications.length], [0, 0]);
});

test('a connection that broke is made anew with what is open; a track that ended is opened anew', async () => {
  const { goLive, publication, publications, streams, phase, clock, settle } = setUp();
  await goLive();
  publication().lose();
  assert.deepEqual([phase(), publication().closed], ['waiting', true]);
  await clock.advanceAsync(BACKOFF.first);
  assert.deepEqual([publications.length, streams.length], [2, 1]);
  publication().connected();
  await settle();
  assert.equal(phase(), 'live');
  streams[0]?.video.end();
  assert.equal(phase(), 'waiting');
  await clock.advanceAsync(BACKOFF.first);
  assert.deepEqual([publications.length, streams.length], [3, 2]);
  assert.equal(streams[0]?.audio.readyState, 'ended', 'nothing stays open behind the new one');
});

test('what an earlier connection says is not heard', async () => {
  const { goLive, broadcast, publications, phase, settle } = setUp();
  await goLive();
  broadcast.start(TARGET);
  await settle();
  publications[0]?.lose();
  assert.equal(phase(), 'joining');
  publications[1]?.connected();
  await settle();
  publications[0]?.lose();
  assert.equal(phase(), 'live');
});

test('a wait is cut short when the network is back', async () => {
  const { goLive, publication, publications, broadcast, settle, clock } = setUp();
  await goLive();
  publication().lose();
  broadcast.retryNow();
  await settle();
  assert.deepEqual([publications.length, clock.pending], [2, 0]);
});

test('refusals of person, browser and hub say what to do', async () => {
  const { broadcast, opening, settle } = setUp();
  opening.with = () => Promise.reject(new CaptureError('panel.denied', new Error('no')));
  broadcast.start(TARGET);
  await settle();
  assert.deepEqual(broadcast.state.value, { phase: 'refused', why: { code: 'panel.denied', params: {} } });
});

test('another device is there: it says who, and takes over on purpose', async () => {
  const { broadcast, settle, publication, open, phase } = setUp();
  broadcast.start(TARGET);
  await settle();
  publication().fail(new ApiError({ code: 'phone.busy', status: 409, params: { holder: 'OBS', own: false } }));
  await settle();
  const state = broadcast.state.value;
  assert.ok(state.phase === 'busy' && state.why.params.holder === 'OBS');
  assert.equal(open(), 0, 'nothing is captured meanwhile');
  broadcast.takeOver();
  await settle();
  assert.deepEqual([phase(), publication().takeOver], ['joining', true]);
});

test('muted it stays, also with a microphone that is opened anew', async () => {
  const { goLive, broadcast, stream, clock } = setUp();
  await goLive();
  broadcast.mute(true);
  assert.deepEqual([stream().audio.enabled, stream().video.enabled], [false, true]);
  stream().audio.end();
  await clock.advanceAsync(BACKOFF.first);
  assert.deepEqual([stream().audio.enabled, stream().audio.readyState], [false, 'live']);
  broadcast.mute(false);
  assert.equal(stream().audio.enabled, true);
});

test('a sensor follows the switch of its source; a page does not begin by itself', async () => {
  const on = { enabled: true, state: 'waiting' } as const;
  const page = setUp();
  await page.goLive();
  page.broadcast.heard(on, false);
  assert.deepEqual([page.phase(), page.open()], ['off', 0]);
  page.broadcast.heard(on, true);
  assert.equal(page.phase(), 'off');
  const sensor = setUp({ persistent: true });
  sensor.broadcast.aim(TARGET);
  sensor.broadcast.heard(on, true);
  await sensor.settle();
  assert.equal(sensor.phase(), 'joining');
  sensor.publication().connected();
  await sensor.settle();
  sensor.broadcast.heard({ enabled: false, state: 'off' }, true);
  assert.deepEqual([sensor.phase(), sensor.open()], ['off', 0]);
  sensor.broadcast.heard(on, true);
  assert.equal(sensor.phase(), 'asking');
});
