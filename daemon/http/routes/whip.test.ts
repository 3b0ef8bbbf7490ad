import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { after, describe, it } from 'node:test';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { pino } from 'pino';
import { FakeClock } from '../../api/clock.fake.ts';
import { FakeCredentials } from '../../api/credentials.fake.ts';
import { RoomtoneError } from '../../api/errors.ts';
import { FakeHub } from '../../api/hub.fake.ts';
import { Authenticator } from '../../auth/authenticator.ts';
import { buildApp } from '../app.ts';
import { LiveStreams } from '../live.ts';
import { ObservationStreams } from '../observations.ts';

const ENDPOINT = '/api/sources/tablet/whip';
const SESSION = `${ENDPOINT}/session-1`;
const SDP = { 'content-type': 'application/sdp' };
const FRAGMENT = { 'content-type': 'application/trickle-ice-sdpfrag' };

describe('WHIP over HTTP', () => {
  const open: FastifyInstance[] = [];
  after(async () => {
    for (const app of open) await app.close();
  });

  async function make() {
    const clock = new FakeClock();
    const hub = new FakeHub();
    const auth = new Authenticator({ clock, random: randomBytes, credentials: new FakeCredentials({ clock }) });
    const log = pino({ level: 'silent' });
    const live = new LiveStreams({ clock, log, hub, auth });
    const observations = new ObservationStreams({ clock, log, hub, auth });
    const app = await buildApp({ log, clock, hub, auth, live, observations, names: [], tls: false, staticDir: tmpdir(), version: '0.1.0' });
    open.push(app);
    await hub.commands.addPhone({ kind: 'panel', name: 'admin' }, { room: 'living-room', id: 'tablet' });
    const bound = auth.createToken('Old tablet', 'tablet');
    const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
    const send = (options: InjectOptions & { as?: string }) =>
      app.inject({ ...options, headers: { host: 'localhost', ...(options.as !== undefined && bearer(options.as)), ...options.headers } });
    return { hub, auth, bound, send, token: bound.secret };
  }

  it('takes an offer and says where the session is', async () => {
    const { send, token, hub, bound } = await make();
    const answer = await send({ method: 'POST', url: ENDPOINT, as: token, headers: SDP, payload: 'v=0\r\n' });
    assert.equal(answer.statusCode, 201);
    assert.equal(answer.body, 'v=0\r\n');
    assert.match(String(answer.headers['content-type']), /^application\/sdp/);
    assert.deepEqual(
      [answer.headers.location, answer.headers.etag, answer.headers['accept-patch'], answer.headers.link],
      [SESSION, '"one"', 'application/trickle-ice-sdpfrag', undefined],
    );
    const publisher = { via: 'token', name: 'Old tablet', credential: bound.token.id, source: 'tablet' };
    assert.deepEqual(hub.said, [{ publisher, source: 'tablet', offer: 'v=0\r\n', takeOver: false }]);
  });

  it('takes over where that is asked for', async () => {
    const { send, token, hub } = await make();
    await send({ method: 'POST', url: `${ENDPOINT}?takeOver=true`, as: token, headers: SDP, payload: 'v=0\r\n' });
    assert.equal(hub.said[0]?.takeOver, true);
  });

  it('takes candidates, restarts ICE, ends', async () => {
    const { send, token } = await make();
    const patch = (condition: string) =>
      send({ method: 'PATCH', url: SESSION, as: token, headers: { ...FRAGMENT, 'if-match': condition }, payload: 'a=ice-ufrag:x\r\n' });
    const trickled = await patch('"one"');
    assert.deepEqual([trickled.statusCode, trickled.body], [204, '']);
    const restarted = await patch('*');
    assert.equal(restarted.statusCode, 200);
    assert.deepEqual([restarted.body, restarted.headers.etag], ['a=ice-ufrag:x\r\n', '"two"']);
    assert.match(String(restarted.headers['content-type']), /^application\/trickle-ice-sdpfrag/);
    assert.equal((await send({ method: 'DELETE', url: SESSION, as: token })).statusCode, 200);
  });

  it('says what may be done, and refuses the rest', async () => {
    const { send, token } = await make();
    const options = await send({ method: 'OPTIONS', url: ENDPOINT });
    assert.deepEqual(
      [options.statusCode, options.headers['accept-post'], options.headers.allow],
      [204, 'application/sdp', 'POST, OPTIONS'],
    );
    for (const [method, url] of [
      ['GET', ENDPOINT],
      ['PUT', ENDPOINT],
      ['HEAD', ENDPOINT],
      ['GET', SESSION],
      ['POST', SESSION],
    ] as const) {
      const refused = await send({ method, url, as: token });
      assert.equal(refused.statusCode, 405, `${method} ${url}`);
      assert.ok(refused.headers.allow);
    }
  });

  it('lets a token that is bound to the source in here, and nowhere else', async () => {
    const { send, token, auth } = await make();
    for (const url of ['/api/house', '/api/tokens', '/api/live', '/api/rooms/living-room', '/api/audit', '/api/openapi.json']) {
      assert.equal((await send({ url, as: token })).statusCode, 401, url);
    }
    assert.equal((await send({ method: 'PUT', url: '/api/sensing', as: token, payload: { on: false } })).statusCode, 401);
    const other = await send({ method: 'POST', url: '/api/sources/mic/whip', as: token, headers: SDP, payload: 'v=0' });
    assert.deepEqual([other.statusCode, other.json().error.code], [403, 'auth.other_source']);
    const sensor = await send({ url: '/api/sensor', as: token });
    assert.deepEqual([sensor.json().source.id, sensor.json().room, sensor.json().sensing], ['tablet', 'Living room', true]);
    await assert.rejects(auth.connect({ username: 'tablet', password: token, address: '127.0.0.1' }));
  });

  it('says how to log in to whoever is unknown, however large the offer', async () => {
    const { send, auth, token, bound } = await make();
    auth.removeToken(bound.token.id);
    for (const as of [undefined, 'rt_guess', token]) {
      const refused = await send({
        method: 'POST',
        url: ENDPOINT,
        ...(as !== undefined && { as }),
        headers: SDP,
        payload: 'x'.repeat(100_000),
      });
      assert.deepEqual([refused.statusCode, refused.headers['www-authenticate']], [401, 'Bearer']);
    }
  });

  it('takes any API token, and a session; and only such for setting sources up', async () => {
    const { send, auth, token } = await make();
    const admin = auth.createToken('script').secret;
    assert.equal((await send({ method: 'POST', url: ENDPOINT, as: admin, headers: SDP, payload: 'v=0' })).statusCode, 201);
    const made = await send({ method: 'POST', url: '/api/sources/tablet/tokens', as: admin, payload: { name: 'Phone of Ada' } });
    assert.deepEqual([made.statusCode, made.json().source, made.json().name], [200, 'tablet', 'Phone of Ada']);
    assert.equal((await send({ method: 'POST', url: '/api/sources/tablet/tokens', as: token, payload: { name: 'x' } })).statusCode, 401);
    assert.equal((await send({ method: 'POST', url: '/api/sources/nothing/tokens', as: admin, payload: { name: 'x' } })).statusCode, 404);
    assert.equal((await send({ method: 'POST', url: '/api/sources/ceiling/tokens', as: admin, payload: { name: 'x' } })).statusCode, 404);
    const removed = await send({ method: 'DELETE', url: '/api/sources/tablet', as: admin });
    assert.equal(removed.statusCode, 204);
    assert.deepEqual(
      auth.tokens().map(({ source }) => source),
      [null],
    );
  });

  it('refuses what is too large, no SDP, or without its condition', async () => {
    const { send, token } = await make();
    const status = async (options: InjectOptions) => {
      const answer = await send({ ...options, as: token });
      return [answer.statusCode, answer.json().error.code];
    };
    const post = { method: 'POST', url: ENDPOINT } as const;
    assert.deepEqual(await status({ ...post, headers: SDP, payload: 'x'.repeat(70_000) }), [413, 'api.too_large']);
    assert.deepEqual(await status({ ...post, payload: { sdp: 'v=0' } }), [415, 'api.unsupported_media']);
    assert.deepEqual(await status({ ...post, headers: FRAGMENT, payload: 'v=0' }), [415, 'api.unsupported_media']);
    assert.deepEqual(await status({ ...post, headers: SDP, payload: '' }), [400, 'api.bad_request']);
    const patch = { method: 'PATCH', url: SESSION, payload: 'a=mid:0' } as const;
    assert.deepEqual(await status({ ...patch, headers: FRAGMENT }), [428, 'phone.no_condition']);
    assert.deepEqual(await status({ ...patch, headers: { ...SDP, 'if-match': '"one"' } }), [415, 'api.unsupported_media']);
  });

  it('passes refusals on, with the time to wait', async () => {
    const { send, token, hub } = await make();
    const refuse = async (error: RoomtoneError) => {
      hub.onPublish = () => {
        throw error;
      };
      return await send({ method: 'POST', url: ENDPOINT, as: token, headers: SDP, payload: 'v=0' });
    };
    const busy = await refuse(new RoomtoneError('phone.busy', { params: { source: 'tablet', holder: 'OBS', since: 'noon', own: false } }));
    assert.deepEqual([busy.statusCode, busy.json().error.params.holder], [409, 'OBS']);
    const flooded = await refuse(new RoomtoneError('phone.too_many_offers', { params: { source: 'tablet', seconds: 3 } }));
    assert.deepEqual([flooded.statusCode, flooded.headers['retry-after']], [429, '3']);
    const starting = await refuse(new RoomtoneError('phone.no_answer'));
    assert.deepEqual([starting.statusCode, starting.headers['retry-after']], [503, '2']);
  });
});
