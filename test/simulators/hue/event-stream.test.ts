import assert from 'node:assert/strict';
import { test } from 'node:test';
import { putLight, StreamReader, streamFor } from './client.helper.ts';

test('a command is echoed with what changed, as the lamp rounded it; the groups follow in the next frame', async (t) => {
  const { bridge, clock, get, key, stream } = await streamFor(t);
  assert.equal(stream.response.headers['content-type'], 'text/event-stream; charset=utf-8');
  const { id, deviceId } = bridge.light('white');
  await putLight(bridge, key, id, { on: { on: true }, dimming: { brightness: 20 } });
  const { id: frameId, events } = await stream.frame();
  assert.match(frameId, /^\d+:0$/);
  assert.equal(events.length, 1);
  assert.deepEqual([events[0]?.type, events[0]?.creationtime], ['update', '2026-01-15T20:00:00Z']);
  assert.match(events[0]?.id ?? '', /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
  const owner = { rid: deviceId, rtype: 'device' };
  assert.deepEqual(events[0]?.data, [{ dimming: { brightness: 20.16 }, id, id_v1: '/lights/3', owner, service_id: 0, type: 'light' }]);
  clock.advance(1000);
  const groups = (await stream.frame()).data;
  const [room] = await get('/room');
  const inRoom = { id: bridge.roomGroupId, id_v1: '/groups/1', owner: { rid: room?.id, rtype: 'room' }, type: 'grouped_light' };
  assert.deepEqual(groups[0], { dimming: { brightness: 73.39 }, ...inRoom });
  assert.deepEqual(
    groups.map(({ dimming }) => dimming),
    [{ brightness: 73.39 }, { brightness: 73.39 }],
  );
});

test('power and brightness of one lamp are two entries of one event', async (t) => {
  const { bridge, stream } = await streamFor(t);
  const { id } = bridge.light('color');
  bridge.turnByHand(id, { on: false, brightness: 50, mirek: 200 });
  const { events, data } = await stream.frame();
  assert.equal(events.length, 1);
  assert.deepEqual(
    data.map((each) => [each.id, Object.keys(each).filter((key) => ['on', 'dimming', 'color', 'color_temperature'].includes(key))]),
    [
      [id, ['on']],
      [id, ['dimming']],
      [id, ['color_temperature', 'color']],
    ],
  );
});

test('what changes within a second comes in one frame, each resource once with its last values', async (t) => {
  const { bridge, clock, stream } = await streamFor(t);
  const [color, white] = [bridge.light('color').id, bridge.light('white').id];
  bridge.turnByHand(color, { brightness: 80 });
  assert.equal((await stream.frame()).data.filter((each) => each.type === 'light').length, 1, 'the first at once');
  clock.advance(200);
  bridge.turnByHand(color, { brightness: 60 });
  clock.advance(200);
  bridge.turnByHand(white, { on: false });
  bridge.turnByHand(color, { brightness: 40, xy: { x: 0.3, y: 0.3 } });
  clock.advance(600);
  const lights = (await stream.frame()).data.filter((each) => each.type === 'light');
  const merged = (lamp: string) =>
    lights.filter(({ id }) => id === lamp).map(({ on, dimming, color, color_temperature }) => on ?? dimming ?? [color, color_temperature]);
  assert.deepEqual(merged(color), [{ brightness: 39.92 }, [{ xy: { x: 0.3, y: 0.3 } }, { mirek: null, mirek_valid: false }]]);
  assert.deepEqual(merged(white), [{ on: false }]);
});

test('a command that changes nothing is not on the stream', async (t) => {
  const { bridge, clock, key, stream } = await streamFor(t);
  const { id } = bridge.light('plug');
  await putLight(bridge, key, id, { on: { on: true } });
  clock.advance(2000);
  bridge.turnByHand(id, { on: false });
  assert.deepEqual((await stream.frame()).data[0]?.on, { on: false });
});

test('a long transition is echoed with its target, then reports its progress along the ramp', async (t) => {
  const { bridge, clock, key, stream } = await streamFor(t);
  const { id } = bridge.light('white');
  const reports: { at: number; brightness: number }[] = [];
  await putLight(bridge, key, id, { dimming: { brightness: 20 }, dynamics: { duration: 60_000 } });
  const read = async () => {
    const light = (await stream.frame()).data.find((each) => each.id === id);
    if (light) reports.push({ at: clock.mono(), ...(light.dimming as { brightness: number }) });
  };
  await read();
  while (clock.mono() < 70_000) {
    const frames = bridge.framesSent;
    clock.advance(100);
    if (bridge.framesSent > frames) await read();
  }
  assert.deepEqual(reports[0], { at: 0, brightness: 20.16 }, 'the target, at once');
  const [, ...progress] = reports;
  assert.equal(progress.at(-1)?.brightness, 20.16);
  assert.ok(progress.length >= 3);
  for (const { at, brightness } of progress.slice(0, -1)) {
    const ramp = 100 - (79.84 * at) / 60_000;
    assert.ok(Math.abs(brightness - ramp) < 2, `${brightness} at ${at} ms is off the ramp`);
  }
});

test('a newer change ends the reports of a transition', async (t) => {
  const { bridge, clock, key, stream } = await streamFor(t);
  const { id } = bridge.light('white');
  await putLight(bridge, key, id, { dimming: { brightness: 20 }, dynamics: { duration: 60_000 } });
  await stream.frame();
  clock.advance(5000);
  await stream.frame();
  bridge.turnByHand(id, { brightness: 70 });
  assert.deepEqual((await stream.frame()).data[0]?.dimming, { brightness: 69.96 });
  const frames = bridge.framesSent;
  clock.advance(100_000);
  assert.equal(bridge.framesSent, frames + 1, 'only the groups follow');
  assert.equal(bridge.state(id).brightness, 69.96);
});

test('a client that comes back gets the frames since its last, of the fifteen that are kept', async (t) => {
  const { bridge, clock, key, stream } = await streamFor(t);
  const { id } = bridge.light('plug');
  const ids: string[] = [];
  for (let i = 0; i < 20; i++) {
    bridge.turnByHand(id, { on: i % 2 === 1 });
    ids.push((await stream.frame()).id);
    clock.advance(1000);
  }
  const replayed = async (lastId: string | undefined, count: number) => {
    const again = await StreamReader.open(bridge, key, { 'last-event-id': lastId ?? '' });
    assert.equal(await again.next(), ': hi');
    const found: string[] = [];
    for (let i = 0; i < count; i++) found.push((await again.frame()).id);
    return found;
  };
  assert.deepEqual(await replayed(ids[17], 2), ids.slice(18));
  assert.deepEqual(await replayed(ids[0], 15), ids.slice(5), 'older ones are gone without a word');
});

test('a silent stream stays open and says nothing, while a new one works', async (t) => {
  const { bridge, key, stream } = await streamFor(t);
  bridge.goSilent();
  const fresh = await StreamReader.open(bridge, key);
  await fresh.next();
  bridge.turnByHand(bridge.light('plug').id, { on: false });
  assert.equal((await fresh.frame()).data[0]?.type, 'light');
  assert.equal(bridge.openStreams, 2);
  assert.equal(stream.text, ': hi\n\n');
});

test('dropped streams end at the client', async (t) => {
  const { bridge, stream } = await streamFor(t);
  bridge.dropStreams();
  assert.equal(await stream.next(), undefined);
  await bridge.waitForStreams(0);
});

test('garbage reaches the open streams too', async (t) => {
  const { bridge, stream } = await streamFor(t);
  bridge.answerGarbage();
  assert.equal(await stream.next(), 'id: nonsense\ndata: [{"creationtime": ');
});

test('delays of echoes depend on the seed alone', async (t) => {
  const delays = async () => {
    const { bridge, clock, stream } = await streamFor(t, { echoDelay: [40, 120], eventInterval: 0, seed: 42 });
    const { id } = bridge.light('plug');
    const seen: number[] = [];
    for (let i = 0; i < 5; i++) {
      const from = clock.mono();
      const arrived = stream.frame();
      bridge.turnByHand(id, { on: i % 2 === 1 });
      while (bridge.framesSent === i) clock.advance(1);
      seen.push(clock.mono() - from);
      await arrived;
    }
    return seen;
  };
  const first = await delays();
  assert.deepEqual(await delays(), first);
  assert.ok(first.every((delay) => delay >= 40 && delay <= 120) && new Set(first).size > 1);
});

test('echoes of lamps that were commanded together come late and in another order, by the seed', async (t) => {
  const order = async (seed: number) => {
    const { bridge, clock, put, stream } = await streamFor(t, { echoDelay: [100, 3000], eventInterval: 0, seed });
    await put(`/grouped_light/${bridge.roomGroupId}`, { on: { on: false } });
    assert.equal(bridge.framesSent, 0);
    clock.advance(3000);
    const told: string[] = [];
    for (let frames = 0; frames < bridge.framesSent; frames++) {
      for (const { id, type } of (await stream.frame()).data) if (type === 'light') told.push(String(id));
    }
    return bridge.lights.map(({ id }) => told.indexOf(id));
  };
  const orders = await Promise.all([1, 2, 3].map(order));
  assert.ok(
    orders.every((each) => [...each].sort().join() === '0,1,2,3'),
    'each once',
  );
  assert.ok(new Set(orders.map(String)).size > 1);
});
