import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../daemon/api/clock.fake.ts';
import { fakeMesh } from '../../daemon/api/meshes.fake.ts';
import { Client } from '../api/client.ts';
import { Actions } from './actions.ts';
import { START, sampleDevice, sampleHouse, sampleRoom } from './house.sample.ts';
import { createStore } from './store.ts';

interface Request {
  line: string;
  body: unknown;
}

/** The panel's actions over a hub that answers as told: a status and a body, or no answer at all. */
function setUp(answer: (request: Request) => { status: number; body?: unknown } | null = () => ({ status: 204 })) {
  const clock = new FakeClock();
  const store = createStore({ now: START, browserLanguages: ['en-GB'] });
  store.house.value = sampleHouse();
  store.session.value = 'signed-in';
  const requests: Request[] = [];
  const client = new Client({
    fetch: async (url, init) => {
      const request = {
        line: `${init?.method} ${String(url)}`,
        body: init?.body === undefined ? undefined : JSON.parse(String(init.body)),
      };
      requests.push(request);
      const answered = answer(request);
      if (!answered) throw new TypeError('fetch failed');
      return new Response(answered.body === undefined ? null : JSON.stringify(answered.body), {
        status: answered.status,
        headers: { date: new Date(START + 5000).toUTCString() },
      });
    },
    onSignedOut: () => {
      store.session.value = 'signed-out';
    },
    onServerTime: () => {},
  });
  const actions = new Actions({ client, store, clock });
  return { actions, store, clock, requests, toasts: () => store.toasts.value.map(({ text }) => text) };
}

const refused = (status: number, code: string, params = {}) => ({ status, body: { error: { code, message: code, params } } });

test('every action asks the hub as agreed, with ids escaped', async () => {
  const { actions, requests } = setUp();
  await actions.setMode('living-room', 'away');
  await actions.setScene('living-room', null);
  await actions.setAmbience('living-room', false);
  await actions.resume('living-room');
  await actions.setDevice('hue:ab/1', { brightness: 30 });
  await actions.setSensing(false);
  await actions.setDemo(false);
  await actions.setSource('mic', true);
  await actions.fetchModel('a/b');
  await actions.fetchRecommended();
  await actions.useModel('face-detection', 'yunet');
  assert.deepEqual(requests, [
    { line: 'PUT /api/rooms/living-room/mode', body: { mode: 'away' } },
    { line: 'PUT /api/rooms/living-room/scene', body: { scene: null } },
    { line: 'PUT /api/rooms/living-room/ambience', body: { on: false } },
    { line: 'POST /api/rooms/living-room/resume', body: undefined },
    { line: 'PUT /api/devices/hue%3Aab%2F1', body: { brightness: 30 } },
    { line: 'PUT /api/sensing', body: { on: false } },
    { line: 'PUT /api/demo', body: { on: false } },
    { line: 'PUT /api/sources/mic', body: { on: true } },
    { line: 'POST /api/models/a%2Fb/fetch', body: undefined },
    { line: 'POST /api/models/recommended', body: undefined },
    { line: 'PUT /api/models/use', body: { role: 'face-detection', id: 'yunet' } },
  ]);
});

test('a network is asked for by its adapter, and shown as the hub answered', async () => {
  const node = { id: '0x01/a', name: 'Desk' };
  const { actions, requests, store, toasts } = setUp(({ line }) => {
    if (line === 'GET /api/adapters')
      return {
        status: 200,
        body: [
          { id: 'zigbee', mesh: true },
          { id: 'hue', mesh: false },
        ],
      };
    if (line.startsWith('DELETE') && !line.endsWith('?force=true')) return refused(502, 'device.timeout', { device: 'Desk' });
    return line.startsWith('DELETE') ? { status: 204 } : { status: 200, body: { ...fakeMesh(), joinSeconds: 120 } };
  });
  await actions.loadNetworks();
  await actions.permitJoin('zigbee', 120);
  await actions.renameNode('zigbee', node.id, 'Reading');
  await actions.interviewNode('zigbee', node.id);
  assert.equal(await actions.removeNode('zigbee', node, false), false);
  assert.deepEqual(toasts(), ['Desk did not answer in time.']);
  assert.equal(await actions.removeNode('zigbee', node, true), true);
  assert.deepEqual(toasts(), ['Desk was removed.'], 'what was refused before is over');
  const at = '/api/adapters/zigbee/mesh';
  assert.deepEqual(requests.slice(1), [
    { line: `GET ${at}`, body: undefined },
    { line: `POST ${at}/join`, body: { seconds: 120 } },
    { line: `PATCH ${at}/nodes/0x01%2Fa`, body: { name: 'Reading' } },
    { line: `POST ${at}/nodes/0x01%2Fa/interview`, body: undefined },
    { line: `DELETE ${at}/nodes/0x01%2Fa`, body: undefined },
    { line: `DELETE ${at}/nodes/0x01%2Fa?force=true`, body: undefined },
  ]);
  assert.equal(store.networks.value.get('zigbee')?.nodes.length, 3);
});

test('a mode is shown at once and taken back when the hub refuses', async () => {
  const { actions, store, toasts } = setUp(() => refused(404, 'api.unknown_room', { room: 'living-room' }));
  const done = actions.setMode('living-room', 'away');
  assert.deepEqual(store.house.value?.rooms, [sampleRoom({ mode: 'away' })]);
  await done;
  assert.deepEqual(store.house.value?.rooms, [sampleRoom()]);
  assert.deepEqual(toasts(), ['There is no room "Living room".']);
});

test('a wish for a color ends the white at once, and comes back when the lamp cannot be reached', async () => {
  const { actions, store, toasts } = setUp(() => refused(502, 'device.unreachable', { device: 'virtual:lamp' }));
  const color = { x: 0.5, y: 0.4 };
  const done = actions.setDevice('virtual:lamp', { color });
  assert.deepEqual(store.house.value?.devices[0]?.values, { on: true, brightness: 60, color });
  await done;
  assert.deepEqual(store.house.value?.devices, [sampleDevice()]);
  assert.deepEqual(toasts(), ['Floor lamp does not answer.']);
});

test('that sensing is off is never shown before the hub says so', async () => {
  const { actions, store } = setUp();
  await actions.setSensing(false);
  assert.equal(store.house.value?.sensing, true);
  assert.deepEqual([...store.pending.value], []);
});

test('what is told to a room is sent once, and the caller knows whether the hub took it', async () => {
  const { actions, requests, toasts } = setUp(({ body }) =>
    (body as { text: string }).text ? { status: 202 } : refused(400, 'text.empty'),
  );
  assert.deepEqual([await actions.tell('den', 'so tired'), await actions.tell('den', '')], [true, false]);
  assert.deepEqual(requests[0], { line: 'POST /api/rooms/den/text', body: { text: 'so tired' } });
  assert.deepEqual(toasts(), ['The message is empty.']);
});

test('while an action waits, it is not sent twice', async () => {
  const { actions, requests, store } = setUp();
  const first = actions.setSensing(false);
  assert.deepEqual([...store.pending.value], ['sensing']);
  await Promise.all([first, actions.setSensing(false)]);
  assert.equal(requests.length, 1);
});

test('no answer, and an answer that is not the hub’s, are said plainly, and go away', async () => {
  for (const answer of [() => null, () => ({ status: 502, body: 'Bad gateway' })]) {
    const { actions, toasts, clock } = setUp(answer);
    await actions.setDemo(true);
    await actions.setDemo(true);
    assert.deepEqual(toasts(), ['The hub did not answer. Try again in a moment.']);
    clock.advance(60_000);
    assert.deepEqual(toasts(), []);
    assert.equal(clock.pending, 0);
  }
});

test('a session that is over leads to the login; a wrong password does not touch it', async () => {
  const over = setUp(() => refused(401, 'auth.required'));
  await over.actions.resume('living-room');
  assert.equal(over.store.session.value, 'signed-out');
  const wrong = setUp(() => refused(401, 'auth.wrong_password'));
  wrong.store.session.value = 'signed-out';
  await wrong.actions.login('guess');
  assert.deepEqual([wrong.store.session.value, wrong.toasts()], ['signed-out', ['That is not the password.']]);
});

test('what an attempt had to tell is over with the next, and says nothing of others', async () => {
  let answer = refused(401, 'auth.wrong_password');
  const { actions, toasts } = setUp(({ line }) => (line === 'POST /api/reload' ? refused(400, 'config.not_found') : answer));
  await actions.reload();
  await actions.login('guess');
  assert.equal(toasts().length, 2);
  answer = { status: 200, body: { error: { code: '', message: '', params: {} } } };
  await actions.login('right');
  assert.deepEqual(toasts(), ['There is no configuration file at {file}.']);
});

test('the first set-up ends inside, also where the hub asks to log in after it', async () => {
  const { actions, store, requests } = setUp(({ line }) =>
    line === 'GET /api/session' ? { status: 200, body: { authenticated: false, setupRequired: false } } : { status: 204 },
  );
  await actions.setup('token', 'long enough');
  assert.equal(store.session.value, 'signed-in');
  assert.deepEqual(
    requests.map(({ line }) => line),
    ['POST /api/setup', 'GET /api/session', 'POST /api/login'],
  );
});

test('pairing that was called off is no error', async () => {
  const { actions, toasts } = setUp(() => {
    throw new DOMException('aborted', 'AbortError');
  });
  await actions.pair('hue', '10.0.0.2', AbortSignal.abort());
  assert.deepEqual(toasts(), []);
});

test('where a device stands is shown at once, and taken back where the hub refuses it', async () => {
  const shown: string[][] = [];
  const { actions, store, toasts } = setUp(() => {
    shown.push(rooms());
    return { status: 409, body: { error: { code: 'config.read_only', message: 'no', params: { file: 'x', what: 'y' } } } };
  });
  const rooms = (): string[] => store.house.value?.devices[0]?.rooms ?? [];
  store.house.value = sampleHouse({ devices: [sampleDevice({ rooms: ['den'] })] });
  await actions.placeDevice('virtual:lamp', ['den', 'study']);
  assert.deepEqual(shown, [['den', 'study']]);
  assert.deepEqual(rooms(), ['den']);
  assert.equal(toasts().length, 1);
});

test('the session is asked for until the hub answers', async () => {
  let up = false;
  const { actions, store, clock } = setUp(() => (up ? { status: 200, body: { authenticated: true, setupRequired: false } } : null));
  await actions.findSession();
  assert.equal(store.session.value, 'no-answer');
  up = true;
  await clock.advanceAsync(5000);
  assert.equal(store.session.value, 'signed-in');
});
