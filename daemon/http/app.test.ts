import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { pino } from 'pino';
import { FakeClock } from '../api/clock.fake.ts';
import { FakeCredentials } from '../api/credentials.fake.ts';
import { FakeHub } from '../api/hub.fake.ts';
import { Authenticator } from '../auth/authenticator.ts';
import { buildApp } from './app.ts';
import { LiveStreams } from './live.ts';
import { ObservationStreams } from './observations.ts';

const PASSWORD = 'correct horse battery';

interface House {
  app: FastifyInstance;
  hub: FakeHub;
  auth: Authenticator;
  clock: FakeClock;
  /** The lines that were logged. */
  logged: string[];
  /** Bearer header of a token made for the test. */
  bearer: Record<string, string>;
}

describe('http api', () => {
  let dir = '';
  const open: FastifyInstance[] = [];

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'roomtone-http-'));
    await mkdir(join(dir, 'assets'));
    await writeFile(join(dir, 'index.html'), '<!doctype html><title>Roomtone</title>');
    await writeFile(join(dir, 'assets/app-1a2b.js'), 'export {};');
  });

  after(async () => {
    for (const app of open) await app.close();
    await rm(dir, { recursive: true });
  });

  async function make({ staticDir = dir } = {}): Promise<House> {
    const clock = new FakeClock();
    const hub = new FakeHub();
    const auth = new Authenticator({ clock, random: randomBytes, credentials: new FakeCredentials({ clock }) });
    const logged: string[] = [];
    const log = pino({}, { write: (line) => void logged.push(line) });
    const live = new LiveStreams({ clock, log, hub, auth });
    const observations = new ObservationStreams({ clock, log, hub, auth });
    const app = await buildApp({ log, clock, hub, auth, live, observations, names: ['hub'], tls: false, staticDir, version: '0.1.0' });
    await app.ready();
    open.push(app);
    return { app, hub, auth, clock, logged, bearer: { authorization: `Bearer ${auth.createToken('test').secret}` } };
  }

  const send = async ({ app }: House, options: InjectOptions) => {
    const answer = await app.inject({ ...options, headers: { host: 'hub.local:8686', ...options.headers } });
    const isJson = String(answer.headers['content-type']).startsWith('application/json');
    return { status: answer.statusCode, body: isJson ? answer.json() : answer.body, headers: answer.headers, cookie: answer.cookies[0] };
  };

  describe('login', () => {
    it('goes from the set-up link to a session and out again', async () => {
      const house = await make();
      assert.deepEqual((await send(house, { url: '/api/session' })).body, { authenticated: false, setupRequired: true });
      const token = house.auth.setupToken();
      const setup = await send(house, { method: 'POST', url: '/api/setup', payload: { token, password: PASSWORD } });
      assert.deepEqual(setup.body, { authenticated: true, setupRequired: false });
      assert.equal(setup.cookie?.name, 'roomtone_session');
      assert.deepEqual([setup.cookie?.httpOnly, setup.cookie?.sameSite, setup.cookie?.path], [true, 'Strict', '/']);

      const cookies = { roomtone_session: setup.cookie?.value ?? '' };
      assert.equal((await send(house, { url: '/api/house', cookies })).status, 200);
      assert.deepEqual((await send(house, { url: '/api/session', cookies })).body, { authenticated: true, setupRequired: false });
      await send(house, { method: 'POST', url: '/api/logout', cookies });
      assert.equal((await send(house, { url: '/api/house', cookies })).status, 401);
    });

    it('answers a wrong password by its code, and a flood with the time to wait', async () => {
      const house = await make();
      await house.auth.setPassword(PASSWORD);
      const login = (password: string) => send(house, { method: 'POST', url: '/api/login', payload: { password } });
      for (let n = 0; n < 5; n++) assert.equal((await login('not the password')).body.error.code, 'auth.wrong_password');
      const flooded = await login(PASSWORD);
      assert.equal(flooded.status, 429);
      assert.deepEqual(flooded.body.error, {
        code: 'auth.too_many',
        message: 'Too many attempts. Try again in 1 s.',
        params: { seconds: 1 },
      });
      assert.equal(flooded.headers['retry-after'], '1');
      house.clock.advance(1000);
      assert.equal((await login(PASSWORD)).status, 200);
    });

    it('prolongs the cookie of a session in use', async () => {
      const house = await make();
      await house.auth.setPassword(PASSWORD);
      const { cookie } = await send(house, { method: 'POST', url: '/api/login', payload: { password: PASSWORD } });
      const cookies = { roomtone_session: cookie?.value ?? '' };
      assert.equal((await send(house, { url: '/api/house', cookies })).cookie, undefined);
      house.clock.advance(2 * 24 * 3600_000);
      const renewed = (await send(house, { url: '/api/house', cookies })).cookie;
      assert.deepEqual([renewed?.value, renewed?.maxAge], [cookie?.value, 30 * 24 * 3600]);
    });

    it('gives a new session with a new password, and ends the old', async () => {
      const house = await make();
      await house.auth.setPassword(PASSWORD);
      const login = await send(house, { method: 'POST', url: '/api/login', payload: { password: PASSWORD } });
      const old = { roomtone_session: login.cookie?.value ?? '' };
      const payload = { current: PASSWORD, next: 'a new long password' };
      const changed = await send(house, { method: 'POST', url: '/api/password', payload, cookies: old });
      assert.equal(changed.status, 200);
      assert.equal((await send(house, { url: '/api/house', cookies: old })).status, 401);
      const cookies = { roomtone_session: changed.cookie?.value ?? '' };
      assert.equal((await send(house, { url: '/api/house', cookies })).status, 200);
    });

    it('shows a token once, lists it without its secret, and cuts it off', async () => {
      const house = await make();
      const { bearer: headers } = house;
      const made = (await send(house, { method: 'POST', url: '/api/tokens', payload: { name: 'script' }, headers })).body;
      assert.match(made.token, /^rt_/);
      const listed = (await send(house, { url: '/api/tokens', headers })).body;
      assert.deepEqual(
        listed.map(({ name }: { name: string }) => name),
        ['test', 'script'],
      );
      assert.ok(!JSON.stringify(listed).includes(made.token));
      const own = { authorization: `Bearer ${made.token}` };
      assert.equal((await send(house, { url: '/api/house', headers: own })).status, 200);
      assert.equal((await send(house, { method: 'DELETE', url: `/api/tokens/${made.id}`, headers })).status, 204);
      assert.equal((await send(house, { url: '/api/house', headers: own })).status, 401);
      assert.equal((await send(house, { method: 'DELETE', url: `/api/tokens/${made.id}`, headers })).status, 404);
    });

    it('stands before every route but five', async () => {
      const house = await make();
      const document = (await send(house, { url: '/api/openapi.json', headers: house.bearer })).body;
      const open: string[] = [];
      for (const [path, methods] of Object.entries<Record<string, unknown>>(document.paths)) {
        for (const method of Object.keys(methods)) {
          const url = path.replaceAll(/\{\w+\}/g, 'virtual:x');
          const { status } = await send(house, { method: method.toUpperCase() as 'GET', url });
          if (status !== 401) open.push(`${method} ${path}`);
        }
      }
      assert.deepEqual(open.sort(), ['get /api/health', 'get /api/session', 'post /api/login', 'post /api/logout', 'post /api/setup']);
    });

    it('logs no secret', async () => {
      const house = await make();
      await house.auth.setPassword(PASSWORD);
      house.hub.onReload = async () => {
        throw new Error('boom');
      };
      await send(house, { method: 'POST', url: '/api/login', payload: { password: 'hunter2-hunter2' } });
      const failed = await send(house, { method: 'POST', url: '/api/reload', headers: house.bearer });
      assert.deepEqual([failed.status, failed.body.error.code], [500, 'internal.unexpected']);
      assert.ok(!JSON.stringify(failed.body).includes('boom'), 'what failed inside is not told outside');
      const log = house.logged.join('');
      assert.match(log, /boom/);
      for (const secret of ['hunter2', PASSWORD, house.bearer.authorization?.slice(7) ?? '']) assert.ok(!log.includes(secret));
    });
  });

  describe('commands', () => {
    it('change the room and answer with it', async () => {
      const house = await make();
      const put = (url: string, payload: object) => send(house, { method: 'PUT', url, payload, headers: house.bearer });
      assert.equal((await put('/api/rooms/living-room/mode', { mode: 'suggest' })).body.mode, 'suggest');
      assert.equal((await put('/api/rooms/living-room/scene', { scene: 'movie' })).body.scene, 'movie');
      assert.equal((await put('/api/rooms/living-room/scene', { scene: null })).body.scene, null);
      assert.equal((await put('/api/rooms/living-room/ambience', { on: false })).body.ambience, false);
      assert.equal((await put('/api/devices/virtual%3Alamp', { brightness: 70 })).body.values.brightness, 70);
      assert.equal((await put('/api/sensing', { on: false })).body.sensing, false);
      assert.equal((await put('/api/demo', { on: true })).body.demo, true);
      assert.equal((await put('/api/sources/mic', { on: false })).body.rooms[0].sources[1].enabled, false);
      const resumed = await send(house, { method: 'POST', url: '/api/rooms/living-room/resume', headers: house.bearer });
      assert.equal(resumed.status, 200);
      assert.equal((await put('/api/rooms/living-room/intensity', { intensity: 40 })).body.intensity, 40);
      assert.equal((await put('/api/rooms/living-room/intensity', { intensity: 101 })).status, 400);
      const post = (url: string, method: 'POST' | 'DELETE' = 'POST') => send(house, { method, url, headers: house.bearer });
      assert.equal((await post('/api/rooms/living-room/suggestion/accept')).status, 409);
      for (const room of house.hub.view.rooms) room.suggestion = { scene: 'calm', by: 'mood' };
      assert.equal((await post('/api/rooms/living-room/suggestion/accept')).body.scene, 'calm');
      assert.deepEqual((await post('/api/rooms/living-room/scenes/movie', 'DELETE')).body.scenes[1], {
        id: 'movie',
        name: 'Movie',
        own: false,
      });
      assert.deepEqual((await post('/api/devices/virtual%3Alamp/pin')).body.holds, { brightness: 'resume' });
      assert.deepEqual((await post('/api/devices/virtual%3Alamp/resume')).body.holds, {});
      await put('/api/sources/mic', { on: false });
      await post('/api/rooms/living-room/resume');
      const audit = (await send(house, { url: '/api/audit?limit=2', headers: house.bearer })).body;
      assert.deepEqual(
        audit.map(({ actor, action }: Record<string, string>) => [actor, action]),
        [
          ['panel:token test', 'room.resume'],
          ['panel:token test', 'source.enabled'],
        ],
      );
    });

    it('take what is written to a room, and quote nothing of what they refuse', async () => {
      const house = await make();
      const tell = (payload: unknown, room = 'living-room') =>
        send(house, { method: 'POST', url: `/api/rooms/${room}/text`, headers: house.bearer, payload: payload as object });
      const taken = await tell({ text: 'so tired today' });
      assert.deepEqual([taken.status, taken.body.id], [202, 'living-room']);
      assert.deepEqual(house.hub.texts, [{ actor: { kind: 'panel', name: 'token test' }, room: 'living-room', text: 'so tired today' }]);
      const json = { ...house.bearer, 'content-type': 'application/json' };
      const malformed = { method: 'POST', url: '/api/rooms/living-room/text', headers: json, payload: '{"text": "secret' } as const;
      const refused = [
        await tell({ text: ['secret'] }),
        await tell({ text: 'x', secret: 'secret' }),
        await tell({ text: `secret${'x'.repeat(20_000)}` }),
        await tell('secret'),
        await tell({ text: 'secret' }, 'attic'),
        await send(house, malformed),
        await send(house, { ...malformed, headers: {} }),
      ];
      assert.deepEqual(
        refused.map(({ status }) => status),
        [400, 400, 413, 415, 404, 400, 401],
      );
      for (const { body } of refused) assert.doesNotMatch(JSON.stringify(body), /secret/);
      assert.deepEqual([house.hub.texts.length, house.logged.filter((line) => line.includes('secret'))], [1, []]);
    });

    it('refuse nonsense whole, by code, naming the field', async () => {
      const house = await make();
      const before = structuredClone(house.hub.view);
      const cases: Array<[url: string, payload: object | string, status: number, code: string]> = [
        ['/api/rooms/living-room/mode', { mode: 'party' }, 400, 'api.bad_request'],
        ['/api/rooms/living-room/mode', { mode: 'auto', extra: 1 }, 400, 'api.bad_request'],
        ['/api/rooms/LIVING%20ROOM/mode', { mode: 'auto' }, 400, 'api.bad_request'],
        ['/api/rooms/attic/mode', { mode: 'auto' }, 404, 'api.unknown_room'],
        ['/api/rooms/living-room/scene', { scene: 'nope' }, 404, 'api.unknown_scene'],
        ['/api/devices/virtual%3Alamp', { brightness: 1000 }, 400, 'api.bad_request'],
        ['/api/devices/virtual%3Alamp', { volume: 10 }, 400, 'api.unsupported_attribute'],
        ['/api/devices/virtual%3Aghost', { on: true }, 404, 'api.unknown_device'],
        ['/api/sources/ghost', { on: true }, 404, 'api.unknown_source'],
        ['/api/sensing', 'not json', 400, 'api.bad_request'],
        ['/api/sensing', { on: 'x'.repeat(20_000) }, 413, 'api.too_large'],
        ['/api/nowhere', {}, 404, 'api.not_found'],
      ];
      for (const [url, payload, status, code] of cases) {
        const headers = { ...house.bearer, 'content-type': 'application/json' };
        const answer = await send(house, { method: 'PUT', url, payload, headers });
        assert.deepEqual([answer.status, answer.body.error.code], [status, code], `${url} ${JSON.stringify(answer.body)}`);
      }
      const form = await send(house, {
        method: 'PUT',
        url: '/api/sensing',
        payload: 'on=1',
        headers: { ...house.bearer, 'content-type': 'text/plain' },
      });
      assert.equal(form.status, 415);
      const bad = await send(house, {
        method: 'PUT',
        url: '/api/rooms/living-room/mode',
        payload: { mode: 'party' },
        headers: house.bearer,
      });
      assert.match(bad.body.error.message, /body\.mode/);
      assert.deepEqual(house.hub.view, before);
    });

    it('tell health to anybody, with 503 while something is missing', async () => {
      const house = await make();
      const healthy = await send(house, { url: '/api/health' });
      assert.deepEqual([healthy.status, healthy.body], [200, { ready: true, version: '0.1.0', uptime: 12, problems: 1 }]);
      house.hub.ready = false;
      assert.equal((await send(house, { url: '/api/health' })).status, 503);
    });

    it('look after devices: place, permit, identify, forget, take back, and tell what happened', async () => {
      const house = await make();
      const at = '/api/devices/virtual%3Alamp';
      const as = async (method: 'GET' | 'PUT' | 'POST' | 'DELETE', url: string, payload?: object) =>
        send(house, { method, url, headers: house.bearer, ...(payload && { payload }) });
      assert.deepEqual((await as('PUT', `${at}/rooms`, { rooms: ['living-room'] })).body.rooms, ['living-room']);
      const permissions = { rooms: ['living-room'], rungs: ['person'] };
      assert.deepEqual((await as('PUT', `${at}/permissions`, permissions)).body.permissions, permissions);
      assert.equal((await as('PUT', `${at}/permissions`, { rooms: null, rungs: ['king'] })).status, 400);
      assert.equal((await as('POST', `${at}/identify`)).status, 204);
      assert.equal((await as('GET', `${at}/activity?limit=1`)).body[0].what, 'commanded');
      assert.equal((await as('DELETE', at)).status, 204);
      assert.equal((await as('DELETE', at)).body.error.code, 'api.unknown_device');
      assert.deepEqual((await as('POST', '/api/discover')).body.hidden, [{ id: 'virtual:lamp', name: 'Lamp' }]);
      assert.equal((await as('GET', '/api/queue')).body.waiting, 0);
      assert.deepEqual(house.hub.log.map(({ action }) => action).toReversed(), [
        'device.placed',
        'device.permitted',
        'device.identified',
        'device.forgotten',
      ]);
    });

    it('name the families of devices, and end a pairing', async () => {
      const house = await make();
      const [hue] = house.hub.devices.families;
      hue?.paired.push({ id: '001788fffe123456', name: 'Bridge' });
      const { body } = await send(house, { url: '/api/adapters', headers: house.bearer });
      assert.deepEqual(body[0].paired, [{ id: '001788fffe123456', name: 'Bridge' }]);
      const end = { method: 'DELETE', url: '/api/adapters/hue/paired/001788fffe123456', headers: house.bearer } as const;
      assert.equal((await send(house, end)).status, 204);
      assert.equal((await send(house, end)).body.error.code, 'adapter.not_paired');
    });

    it('look after the radio network of an adapter', async () => {
      const house = await make();
      const at = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object) =>
        send(house, { method, url: `/api/adapters/zigbee/mesh${url}`, headers: house.bearer, ...(payload && { payload }) });
      const { body } = await at('GET', '');
      assert.deepEqual([body.state, body.nodes.length], ['online', 3]);
      assert.equal((await at('POST', '/join', { seconds: 60 })).body.joinSeconds, 60);
      assert.equal((await at('POST', '/join', { seconds: 255 })).body.error.code, 'api.bad_request', 'open for good');
      const renamed = await at('PATCH', '/nodes/0x00158d0001000001', { name: 'Reading' });
      assert.equal(renamed.body.nodes[0].name, 'Reading');
      assert.equal((await at('POST', '/nodes/0x00158d0001000003/interview')).status, 200);
      assert.equal((await at('DELETE', '/nodes/0x00158d0001000002')).body.error.code, 'device.unreachable');
      assert.equal((await at('DELETE', '/nodes/0x00158d0001000002?force=true')).status, 204);
      assert.equal((await at('DELETE', '/nodes/0x00158d0001000002')).body.error.code, 'mesh.unknown_node');
      assert.equal((await send(house, { url: '/api/adapters/hue/mesh', headers: house.bearer })).body.error.code, 'mesh.none');
      assert.deepEqual(
        house.hub.meshes.did.map(({ action }) => action),
        ['permitJoin', 'rename', 'interview', 'remove'],
      );
    });

    it('give up pairing after 35 s', async () => {
      const house = await make();
      const asked = new Promise<void>((resolve) => {
        house.hub.devices.onPair = (signal) => {
          resolve();
          return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        };
      });
      const paired = send(house, {
        method: 'POST',
        url: '/api/adapters/hue/pair',
        payload: { host: '192.168.1.20' },
        headers: house.bearer,
      });
      await asked;
      house.clock.advance(35_000);
      assert.equal((await paired).body.error.code, 'device.timeout');
      assert.equal(house.clock.pending, 0);
    });
  });

  describe('guard', () => {
    const get = (house: House, headers: Record<string, string>) => send(house, { url: '/api/session', headers });

    it('answers to its own names and to addresses, and to no other name (DNS rebinding)', async () => {
      const house = await make();
      for (const host of [
        'localhost:8686',
        'panel.localhost',
        '127.0.0.1',
        '192.168.1.5:8686',
        '[::1]:8686',
        'hub',
        'HUB.local',
        'hub.local.',
      ]) {
        assert.equal((await get(house, { host })).status, 200, host);
      }
      for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', 'hub.local@evil.example', '[evil]']) {
        assert.equal((await get(house, { host })).body.error.code, 'auth.bad_host', host);
      }
      assert.equal((await send(house, { url: '/', headers: { host: 'evil.example' } })).status, 403, 'the page too');
    });

    it('answers its own pages alone, but may be linked to from others', async () => {
      const house = await make();
      await house.auth.setPassword(PASSWORD);
      const login = (headers: InjectOptions['headers']) =>
        send(house, { method: 'POST', url: '/api/login', payload: { password: PASSWORD }, headers });
      for (const headers of [
        {},
        { origin: 'http://hub.local:8686' },
        { origin: 'https://hub.local:8686', 'sec-fetch-site': 'same-origin' },
      ]) {
        assert.equal((await login(headers)).status, 200);
      }
      for (const headers of [
        { origin: 'http://evil.example' },
        { origin: 'http://hub.local:9999' },
        { origin: 'null' },
        { 'sec-fetch-site': 'cross-site' },
      ]) {
        assert.equal((await login(headers)).body.error.code, 'auth.bad_origin', JSON.stringify(headers));
      }
      for (const url of ['/api/live', '/api/house', '/']) {
        const asked = await send(house, { url, headers: { ...house.bearer, origin: 'http://evil.example' } });
        assert.equal(asked.status, 403, url);
      }
      const link = await send(house, { url: '/', headers: { 'sec-fetch-site': 'cross-site' } });
      assert.equal(link.status, 200);
    });

    it('sends headers that keep the page to itself', async () => {
      const house = await make();
      for (const url of ['/', '/api/session', '/api/nowhere']) {
        const { headers } = await send(house, { url });
        assert.match(String(headers['content-security-policy']), /^default-src 'none'; script-src 'self';/);
        assert.equal(headers['x-content-type-options'], 'nosniff');
        assert.equal(headers['referrer-policy'], 'no-referrer');
      }
    });
  });

  describe('panel', () => {
    it('is one page for every place in it, asked for anew, with files that never change', async () => {
      const house = await make();
      for (const url of ['/', '/rooms/living-room', '/setup']) {
        const page = await send(house, { url });
        assert.match(page.body, /<title>Roomtone/);
        assert.equal(page.headers['cache-control'], 'no-cache');
      }
      const script = await send(house, { url: '/assets/app-1a2b.js' });
      assert.equal(script.headers['cache-control'], 'public, max-age=31536000, immutable');
      assert.equal((await send(house, { url: '/assets/gone.js' })).body.error.code, 'api.not_found');
      assert.doesNotMatch((await send(house, { url: '/..%2f..%2f..%2f..%2fetc/passwd' })).body, /root:/);
    });

    it('says how to build it where it has not been built', async () => {
      const house = await make({ staticDir: join(dir, 'nowhere') });
      const page = await send(house, { url: '/' });
      assert.equal(page.status, 503);
      assert.match(page.body, /npm run prepare/);
    });
  });
});
