import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type ClientRequest, get, type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { describe, it, type TestContext } from 'node:test';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { pino } from 'pino';
import { FakeClock } from '../api/clock.fake.ts';
import { FakeCredentials } from '../api/credentials.fake.ts';
import { FakeHub, fakeMood } from '../api/hub.fake.ts';
import { Authenticator } from '../auth/authenticator.ts';
import { HttpServer } from './server.ts';

const log = pino({ level: 'silent' });
const PASSWORD = 'correct horse battery';

interface Setup {
  server: HttpServer;
  hub: FakeHub;
  auth: Authenticator;
  clock: FakeClock;
  problems: Array<string | null>;
}

function make(context: TestContext, { host = '127.0.0.1', port = 0 } = {}): Setup {
  const clock = new FakeClock();
  const hub = new FakeHub();
  const auth = new Authenticator({ clock, random: randomBytes, credentials: new FakeCredentials({ clock }) });
  const server = new HttpServer({ log, clock, hub, auth, host, port, staticDir: tmpdir(), version: '0.1.0' });
  const problems: Array<string | null> = [];
  server.events.on('problem', ({ problem }) => problems.push(problem?.code ?? null));
  context.after(() => server.close());
  return { server, hub, auth, clock, problems };
}

/** Reads a live stream, event by event. */
class Reader {
  readonly #waiting: Array<(event: EventSourceMessage) => void> = [];
  readonly #arrived: EventSourceMessage[] = [];
  readonly comments: string[] = [];
  readonly request: ClientRequest;
  response: IncomingMessage | undefined;

  constructor(url: string, headers: Record<string, string>) {
    this.request = get(`${url}/api/live`, { headers, agent: false });
    this.request.on('error', () => {});
  }

  async open(): Promise<IncomingMessage> {
    const [response] = (await once(this.request, 'response')) as [IncomingMessage];
    const parser = createParser({ onEvent: (event) => this.#take(event), onComment: (comment) => this.comments.push(comment) });
    response.setEncoding('utf8').on('data', (chunk: string) => parser.feed(chunk));
    this.response = response;
    return response;
  }

  next(): Promise<EventSourceMessage> {
    const event = this.#arrived.shift();
    return event ? Promise.resolve(event) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  #take(event: EventSourceMessage): void {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(event);
    else this.#arrived.push(event);
  }
}

async function openStream(setup: Setup): Promise<{ reader: Reader; id: string; token: string }> {
  const { secret, token } = setup.auth.createToken('reader');
  const reader = new Reader(setup.server.url(), { authorization: `Bearer ${secret}` });
  const response = await reader.open();
  assert.equal(response.statusCode, 200);
  assert.equal(response.headers['content-type'], 'text/event-stream; charset=utf-8');
  assert.match(String(response.headers['content-security-policy']), /default-src 'none'/);
  assert.equal((await reader.next()).event, 'house');
  return { reader, id: token.id, token: secret };
}

describe('live stream', () => {
  it('begins with the house, then tells what changes', async (context) => {
    const setup = make(context);
    await setup.server.start();
    const { reader } = await openStream(setup);
    setup.clock.advance(250);
    setup.hub.commands.setMode({ kind: 'system', name: 'test' }, 'living-room', 'paused');
    setup.hub.commands.setDevice({ kind: 'system', name: 'test' }, 'virtual:lamp', { brightness: 5 });
    setup.clock.advance(0);
    const room = await reader.next();
    assert.deepEqual([room.event, JSON.parse(room.data).mode], ['room', 'paused']);
    const device = await reader.next();
    assert.deepEqual([device.event, JSON.parse(device.data).values.brightness], ['device', 5]);
    setup.hub.commands.setSensing({ kind: 'system', name: 'test' }, false);
    setup.clock.advance(250);
    const house = await reader.next();
    assert.deepEqual([house.event, JSON.parse(house.data).sensing], ['house', false]);
  });

  it('tells of a radio network with its adapter, also beside a house that tells all else', async (context) => {
    const setup = make(context);
    await setup.server.start();
    const { reader } = await openStream(setup);
    setup.clock.advance(250);
    await setup.hub.meshes.permitJoin({ kind: 'system', name: 'test' }, { adapter: 'zigbee', seconds: 60 });
    setup.hub.commands.setSensing({ kind: 'system', name: 'test' }, false);
    setup.clock.advance(0);
    const mesh = await reader.next();
    const { adapter, joinSeconds, nodes } = JSON.parse(mesh.data);
    assert.deepEqual([mesh.event, adapter, joinSeconds, nodes.length], ['mesh', 'zigbee', 60, 3]);
    assert.equal((await reader.next()).event, 'house');
  });

  it('sends the newest mood four times a second at most', async (context) => {
    const setup = make(context);
    await setup.server.start();
    const { reader } = await openStream(setup);
    setup.clock.advance(250);
    for (let stress = 1; stress <= 40; stress++) {
      setup.hub.feel(fakeMood('living-room', { stress }));
      setup.clock.advance(25);
    }
    const seen: number[] = [];
    while (seen.at(-1) !== 40) seen.push(JSON.parse((await reader.next()).data).stress);
    assert.deepEqual(seen, [1, 10, 20, 30, 40]);
  });

  it('pings, and ends when its credential ends', async (context) => {
    const setup = make(context);
    await setup.server.start();
    const { reader, id } = await openStream(setup);
    setup.clock.advance(15_000);
    setup.hub.events.emit('house');
    setup.clock.advance(250);
    await reader.next();
    assert.deepEqual(
      reader.comments,
      [' ping'].map((comment) => comment.trim()),
    );
    const ended = once(reader.response as IncomingMessage, 'end');
    setup.auth.removeToken(id);
    await ended;
  });

  it('ends with the session at logout and when it expires unnoticed', async (context) => {
    const setup = make(context);
    await setup.auth.setPassword(PASSWORD);
    await setup.server.start();
    const streamOf = async () => {
      const session = await setup.auth.login({ password: PASSWORD, address: '127.0.0.1' });
      const reader = new Reader(setup.server.url(), { cookie: `roomtone_session=${session.id}` });
      await reader.open();
      await reader.next();
      return { session, ended: once(reader.response as IncomingMessage, 'end') };
    };
    const first = await streamOf();
    const second = await streamOf();
    setup.auth.logout(first.session.id);
    await first.ended;
    setup.clock.jumpWall(setup.clock.wall() + 31 * 24 * 3600_000);
    setup.clock.advance(15_000);
    await second.ended;
  });

  it('lets a reader go that does not keep up, after sending it no more than fits', async (context) => {
    const setup = make(context);
    const many = setup.hub.view.devices[0];
    assert.ok(many);
    for (let n = 0; n < 3000; n++) setup.hub.view.devices.push({ ...many, id: `virtual:${n}` });
    await setup.server.start();
    const { secret } = setup.auth.createToken('slow');
    const slow = request(`${setup.server.url()}/api/live`, { headers: { authorization: `Bearer ${secret}` }, agent: false });
    slow.end();
    const [response] = (await once(slow, 'response')) as [IncomingMessage];
    response.pause();
    response.on('error', () => {});
    const closed = once(slow, 'close');
    for (let n = 0; n < 100; n++) {
      setup.hub.events.emit('house');
      await setup.clock.advanceAsync(250);
    }
    setup.clock.advance(15_000);
    setup.clock.advance(15_000);
    response.resume();
    await closed;
    assert.equal(response.complete, false);
  });

  it('is refused without a login, and when too many are open', async (context) => {
    const setup = make(context);
    await setup.server.start();
    assert.equal((await new Reader(setup.server.url(), {}).open()).statusCode, 401);
    const streams = [];
    for (let n = 0; n < 32; n++) streams.push(await openStream(setup));
    const headers = { authorization: `Bearer ${streams[0]?.token}` };
    assert.equal((await new Reader(setup.server.url(), headers).open()).statusCode, 503);
    const closed = streams.map(({ reader }) => once(reader.response as IncomingMessage, 'close'));
    await setup.server.close();
    await Promise.all(closed);
    assert.equal(setup.clock.pending, 0);
  });
});

describe('listening', () => {
  it('keeps to this machine until a password exists, then goes where it was told', async (context) => {
    const setup = make(context, { host: '0.0.0.0' });
    await setup.server.start();
    assert.deepEqual(setup.problems, ['auth.no_password']);
    const url = setup.server.url();
    assert.match(setup.server.setupUrl() ?? '', /^http:\/\/127\.0\.0\.1:\d+\/setup#token=[\w-]{22}$/);
    const setupRequest = fetch(`${url}/api/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: setup.auth.setupToken(), password: PASSWORD }),
    });
    const [cleared] = await once(setup.server.events, 'problem');
    assert.equal(cleared.problem, null);
    assert.equal((await setupRequest).status, 200);
    assert.equal(setup.server.url(), url, 'the same port');
    assert.equal((await fetch(`${url}/api/health`)).status, 200);
    assert.equal(setup.server.setupUrl(), undefined);
  });

  it('stays where it was when it cannot go where it was told', async (context) => {
    const setup = make(context, { host: '192.0.2.1' });
    await setup.server.start();
    const url = setup.server.url();
    const told = once(setup.server.events, 'problem');
    await setup.auth.setPassword(PASSWORD);
    const [{ problem }] = await told;
    assert.equal(problem.code, 'http.cannot_listen');
    assert.equal((await fetch(`${url}/api/health`)).status, 200);
  });

  it('says when the port is taken', async (context) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    context.after(() => other.close());
    const { port } = other.address() as { port: number };
    const setup = make(context, { port });
    await assert.rejects(setup.server.start(), { code: 'http.port_in_use', params: { port } });
  });

  it('says when the address is not one of this machine', async (context) => {
    const setup = make(context, { host: '192.0.2.1' });
    await setup.auth.setPassword(PASSWORD);
    await assert.rejects(setup.server.start(), { code: 'http.cannot_listen' });
  });

  it('ends a pairing when the person who asked has gone', async (context) => {
    const setup = make(context);
    await setup.server.start();
    const aborted = new Promise<string>((resolve) => {
      setup.hub.devices.onPair = (signal) => {
        pairing.destroy();
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            resolve(signal.reason.code);
            reject(signal.reason);
          });
        });
      };
    });
    const { secret } = setup.auth.createToken('test');
    const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
    const pairing = request(`${setup.server.url()}/api/adapters/hue/pair`, { method: 'POST', headers });
    pairing.on('error', () => {});
    pairing.end(JSON.stringify({ host: '192.168.1.20' }));
    assert.equal(await aborted, 'device.timeout');
  });

  it('can be looked at while the hub stops, and changes nothing any more', async (context) => {
    const { server, auth, hub } = make(context);
    await server.start();
    const authorization = `Bearer ${auth.createToken('script').secret}`;
    server.refuseChanges();
    const headers = { authorization, 'content-type': 'application/json' };
    const refused = await fetch(`${server.url()}/api/sensing`, { method: 'PUT', headers, body: '{"on":false}' });
    const { error } = (await refused.json()) as { error: { code: string } };
    assert.deepEqual([refused.status, error.code, hub.view.sensing], [503, 'api.closed', true]);
    assert.equal((await fetch(`${server.url()}/api/house`, { headers: { authorization } })).status, 200);
  });

  it('closes twice, and before it was started', async (context) => {
    const setup = make(context);
    await setup.server.close();
    await setup.server.start();
    await setup.server.close();
    await setup.server.close();
  });
});
