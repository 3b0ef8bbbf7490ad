import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, afterEach, before, suite, test } from 'node:test';
import { systemClock } from '../daemon/api/clock.ts';
import type { RoomView } from '../daemon/api/views.ts';
import { COMMON, Daemon, eventually, PATIENCE, seenAt } from './helpers/daemon.ts';
import { film } from './helpers/media.ts';
import { needs } from './helpers/needs.ts';
import { udpSockets } from './helpers/processes.ts';
import { type Answer, WhipDevice } from './helpers/whip.ts';

const needed = needs('ffmpeg', 'models/manifest.json', 'media/astronaut.png', 'media/jfk.flac');

const PORTS = { min: 42_000, max: 42_999 };

const VGA = { width: 640, height: 480 };

/** ms in which a picture of before may still come in. */
const ON_ITS_WAY = 500;

const codeOf = ({ body }: Answer): string => JSON.parse(body).error.code;

suite('a device sends its camera and microphone by WHIP', needed, () => {
  let daemon: Daemon;
  let token: { id: string; token: string };
  /** What is answered to an offer that never ends. */
  let stuck: Promise<string>;
  const clients: WhipDevice[] = [];

  before(async () => {
    daemon = await Daemon.start({
      config: `${COMMON}adapters: { virtual: {} }
webrtc: { ports: { min: ${PORTS.min}, max: ${PORTS.max} }, interfaces: [lo] }
rooms:
  den:
    sources: [{ id: tablet, kind: phone, fps: 10 }]
    devices: [virtual:lamp]
  hall:
    sources: [{ id: cam, kind: camera, url: "file:${film({ seconds: 10, fps: 5 })}" }]
  attic:
    sources: [{ id: gone, kind: phone }, { id: mute, kind: phone }, { id: half, kind: phone }]
`,
    });
    token = await daemon.post('/api/sources/tablet/tokens', { name: 'Old tablet' });
    stuck = halfRequest(endpoint(), { 'content-type': 'application/sdp', ...bearer() });
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) {
      if (client.session !== '') await client.remove();
      await client.kill();
    }
  });

  after(() => daemon?.close());

  const endpoint = (source = 'tablet') => `${daemon.url}/api/sources/${source}/whip`;
  const bearer = (secret = token.token) => ({ authorization: `Bearer ${secret}` });

  function device(options: { headers?: Record<string, string>; source?: string } = {}): WhipDevice {
    const client = new WhipDevice({ url: endpoint(options.source), headers: options.headers ?? bearer() });
    clients.push(client);
    return client;
  }

  /** One that is seen and heard. */
  async function live(query = ''): Promise<WhipDevice> {
    const client = device();
    await client.show(VGA);
    await client.say();
    await client.publish({ query });
    await tabletWhen(({ state }) => state === 'live');
    return client;
  }

  const tabletOf = ({ sources }: RoomView) => sources.find(({ id }) => id === 'tablet');
  const tabletWhen = (matches: (tablet: NonNullable<ReturnType<typeof tabletOf>>) => boolean) =>
    daemon.roomWhen('den', (room) => {
      const tablet = tabletOf(room);
      return tablet !== undefined && matches(tablet);
    });

  test('a face and a voice become a mood, and the lamp follows', async () => {
    const client = await live();
    const heard = daemon.mood('den', ({ contributions }) => contributions.some(({ modality }) => modality === 'voice'));
    await daemon.mood(
      'den',
      ({ label, contributions }) => label === 'cheerful' && contributions.some(({ modality }) => modality === 'face'),
    );
    const { contributions } = await heard;
    assert.ok(contributions.every(({ source }) => source === 'tablet'));
    const lamp = await daemon.deviceWhen('virtual:lamp', ({ why }) =>
      (why.brightness ?? []).some(({ wins, reason }) => wins && reason.code === 'reason.mood'),
    );
    assert.equal(lamp.available, true);
    const { publisher } = tabletOf(await daemon.room('den')) ?? {};
    assert.equal(publisher?.name, 'Old tablet');
    assert.equal((await client.remove()).status, 200);
    const free = tabletOf(await tabletWhen(({ state }) => state === 'waiting'));
    assert.deepEqual([free?.publisher, free?.problem], [undefined, null]);
  });

  test('the size of what is sent may change from one picture to the next', async () => {
    const client = await live();
    for (const size of [
      { width: 320, height: 240 },
      { width: 960, height: 720 },
      { width: 480, height: 640 },
    ]) {
      await client.show(size);
      const since = systemClock.mono() + ON_ITS_WAY;
      await daemon.mood('den', (mood) => mood.people === 1 && seenAt(mood) > since);
    }
    assert.equal((await client.remove()).status, 200);
    assert.doesNotMatch(daemon.output, /source\.read_failed/);
  });

  test('the answer tells addresses and ports as configured; candidates may follow the offer, under the tag that it gave', async () => {
    const client = device();
    await client.show(VGA);
    const { body } = await client.publish({ trickle: true });
    const candidates = [...body.matchAll(/^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host/gm)];
    assert.ok(candidates.length > 0);
    for (const [told, address = '', port] of candidates) {
      assert.ok(['127.0.0.1', '::1'].includes(address) && Number(port) >= PORTS.min && Number(port) <= PORTS.max, told);
    }
    assert.equal((await client.trickle('')).status, 412);
    assert.equal((await client.patch('a=mid:0', null)).status, 428);
    assert.equal((await client.patch('a=mid:0', client.etag)).status, 400);
    const taken = await client.trickle();
    assert.deepEqual([taken.status, taken.body], [204, '']);
    await client.connected();
    assert.equal((await client.remove()).status, 200);
    assert.deepEqual([(await client.remove()).status, (await client.trickle()).status], [404, 404]);
  });

  test('ICE may be begun anew, and the pictures go on', async () => {
    const client = await live();
    const restarted = await client.restart();
    assert.equal(restarted.status, 200);
    assert.match(restarted.body, /^a=ice-ufrag:/m);
    assert.notEqual(restarted.headers.etag, client.etag);
    assert.equal((await client.trickle(client.etag)).status, 412);
    await tabletWhen(({ state, rate }) => state === 'live' && rate > 0);
    assert.equal((await client.remove()).status, 200);
  });

  test('a second device is told who is there, or takes over on purpose', async () => {
    const first = await live();
    const other = await daemon.post<typeof token>('/api/sources/tablet/tokens', { name: 'Laptop' });
    const refused = await device({ headers: bearer(other.token) }).publish();
    assert.deepEqual([refused.status, codeOf(refused), JSON.parse(refused.body).error.params.holder], [409, 'phone.busy', 'Old tablet']);
    const second = device({ headers: bearer(other.token) });
    await second.show(VGA);
    await second.publish({ query: '?takeOver=true' });
    await tabletWhen(({ state, publisher }) => state === 'live' && publisher?.name === 'Laptop');
    assert.equal((await first.remove()).status, 404);
    await daemon.refusal('DELETE', `/api/tokens/none`);
    assert.equal(
      (await fetch(`${daemon.url}/api/tokens/${other.id}`, { method: 'DELETE', headers: { cookie: daemon.cookie } })).status,
      204,
    );
    const gone = tabletOf(await tabletWhen(({ state }) => state === 'waiting'));
    assert.equal(gone?.publisher, undefined, 'a revoked token ends what it began');
    assert.equal((await device({ headers: bearer(other.token) }).publish()).status, 401);
  });

  test('sensing off ends it at once, and nothing is let in until it is on', async () => {
    await live();
    const pid = daemon.senses ?? 0;
    assert.ok(udpSockets(pid) > 0);
    await daemon.put('/api/sources/cam', { on: false });
    await daemon.put('/api/sensing', { on: false });
    await eventually(() => daemon.senses === undefined, PATIENCE, 'the senses end');
    const refused = await device().publish();
    assert.deepEqual([refused.status, codeOf(refused), JSON.parse(refused.body).error.params.by], [403, 'phone.off', 'house']);
    await daemon.put('/api/sensing', { on: true });
    await daemon.put('/api/sources/cam', { on: true });
    const again = await live();
    assert.equal((await again.remove()).status, 200);
  });

  test('a source that the API adds starts off; a person switches it on, and may take it out', async () => {
    const { source } = await daemon.post<{ source: string }>('/api/rooms/hall/phones');
    assert.equal(source, 'phone');
    assert.match(readFileSync(daemon.configFile, 'utf8'), /kind: phone/);
    const off = await device({ source, headers: { cookie: daemon.cookie } }).publish();
    assert.deepEqual([off.status, codeOf(off)], [403, 'phone.off']);
    await daemon.put(`/api/sources/${source}`, { on: true });
    const client = device({ source, headers: { cookie: daemon.cookie } });
    await client.show(VGA);
    await client.publish();
    await daemon.roomWhen('hall', ({ sources }) => sources.some(({ id, state }) => id === source && state === 'live'));
    const audit = await daemon.get<{ action: string; subject: string }[]>('/api/audit?limit=50');
    const actions = audit.filter(({ subject }) => subject === source).map(({ action }) => action);
    assert.deepEqual(actions, ['source.published', 'source.on', 'source.added'], 'the file is not its consent');
    const removed = await fetch(`${daemon.url}/api/sources/${source}`, { method: 'DELETE', headers: { cookie: daemon.cookie } });
    assert.equal(removed.status, 204);
    assert.doesNotMatch(readFileSync(daemon.configFile, 'utf8'), /id: phone/);
    await daemon.roomWhen('hall', ({ sources }) => sources.length === 1 && sources[0]?.state === 'live');
  });

  test('a device that sleeps for 10 s is shown as unavailable, and goes on with the same connection', async () => {
    const client = await live();
    client.sleep();
    const began = performance.now();
    const silent = tabletOf(await tabletWhen(({ state }) => state === 'waiting'));
    assert.deepEqual([silent?.problem?.code, silent?.publisher?.name], ['phone.lost', 'Old tablet']);
    await eventually(() => performance.now() - began > 10_000, 11_000, '10 s');
    client.wake();
    await tabletWhen(({ state, problem }) => state === 'live' && problem === null);
    assert.equal((await client.remove()).status, 200, 'the session is the one from before');
  });

  test('gone without a word, connected but mute, or half-open: each is told, and loses its place', async (t) => {
    const pid = daemon.senses ?? 0;
    const before = udpSockets(pid);
    const inAttic = (source: string) => device({ source, headers: { cookie: daemon.cookie } });
    const [gone, mute, half] = [inAttic('gone'), inAttic('mute'), inAttic('half')];
    await half.offerOnly();
    await mute.publish();
    await mute.connected();
    await gone.show(VGA);
    await gone.publish();
    await daemon.roomWhen('attic', ({ sources }) => sources.some(({ id, state }) => id === 'gone' && state === 'live'));
    await gone.kill();
    const { sources } = await daemon.roomWhen('attic', (room) =>
      room.sources.every(({ publisher, problem }) => publisher === undefined && problem !== null),
    );
    assert.deepEqual(
      sources.map(({ id, state, problem }) => [id, state, problem?.code]),
      [
        ['gone', 'waiting', 'phone.lost'],
        ['mute', 'waiting', 'phone.lost'],
        ['half', 'waiting', 'phone.no_connection'],
      ],
    );
    await eventually(() => udpSockets(pid) <= before, PATIENCE, 'every connection is let go');
    t.diagnostic(`UDP sockets of the senses: ${before} before, ${udpSockets(pid)} after`);
    const again = inAttic('gone');
    await again.show(VGA);
    assert.equal((await again.publish()).status, 201, 'its place is free');
    const [cam] = (await daemon.room('hall')).sources;
    assert.deepEqual([cam?.state, cam?.problem], ['live', null]);
  });

  test('senses that die take the connection with them, and another comes about', async () => {
    const client = await live();
    process.kill(daemon.senses ?? 0, 'SIGKILL');
    await tabletWhen(({ publisher }) => publisher === undefined);
    assert.equal((await client.trickle()).status, 404);
    const again = await live();
    assert.equal((await again.remove()).status, 200);
  });

  test('garbage is refused with a code, a flood with a time to wait; nothing is left behind and the camera goes on', async (t) => {
    await daemon.roomWhen('hall', ({ sources }) => sources[0]?.state === 'live');
    const pid = daemon.senses ?? 0;
    const before = udpSockets(pid);
    const client = device();
    const post = (body: string, secret = token.token) =>
      client.request('POST', endpoint(), { type: 'application/sdp', body, headers: bearer(secret) });
    const offer = await client.offer();
    const garbage = [
      'hello',
      'v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n',
      offer.replaceAll('sha-256', 'sha-999'),
      offer.replace(/a=fingerprint:.*\r\n/g, 'a=fingerprint:sha-256 00\r\n'),
      offer.replace(/UDP\/TLS\/RTP\/SAVPF [\d ]+/g, 'UDP/TLS/RTP/SAVPF 999'),
      offer.replaceAll('sendrecv', 'recvonly'),
      '\0'.repeat(1000),
    ];
    for (const body of garbage) {
      const { status, body: answer } = await post(body);
      assert.ok(status >= 400 && status < 500, `${status} ${answer} to ${body.slice(0, 80)}`);
      assert.match(JSON.parse(answer).error.code, /^(phone|api)\./);
    }
    assert.equal((await post('x'.repeat(70_000))).status, 413);
    for (const headers of [{}, bearer('rt_guess')]) {
      const refused = await fetch(endpoint(), { method: 'POST', headers: { 'content-type': 'application/sdp', ...headers }, body: offer });
      assert.deepEqual([refused.status, refused.headers.get('www-authenticate')], [401, 'Bearer']);
    }
    const statuses = new Map<number, number>();
    for (let n = 0; n < 1000; n++) {
      const { status } = await post(offer);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    t.diagnostic(`1,000 offers: ${JSON.stringify([...statuses])}`);
    assert.ok((statuses.get(429) ?? 0) > 500);
    await tabletWhen(({ publisher }) => publisher === undefined);
    await eventually(() => udpSockets(pid) <= before, PATIENCE, 'every connection is let go');
    t.diagnostic(`UDP sockets of the senses: ${before} before, ${udpSockets(pid)} after`);
    assert.equal(daemon.senses, pid, 'the senses are the ones from before');
    const [cam] = (await daemon.room('hall')).sources;
    assert.deepEqual([cam?.state, cam?.problem], ['live', null]);
  });

  test('an offer that does not come to its end is cut off', async () => {
    assert.match(await stuck, /^HTTP\/1\.1 408 /);
  });
});

/** All that is answered to a request which promises more than it sends, until the other side closes. */
function halfRequest(url: string, headers: Record<string, string>): Promise<string> {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  const lines = Object.entries({ host: hostname, 'content-length': '1000', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST ${pathname} HTTP/1.1\r\n${lines.join('')}\r\nv=0`);
  return text(socket);
}
