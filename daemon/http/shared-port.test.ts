import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type ClientRequest, get as getPlain, type IncomingMessage, request as requestPlain } from 'node:http';
import { Agent, request as requestTls } from 'node:https';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { pino } from 'pino';
import { FakeClock } from '../api/clock.fake.ts';
import { FakeCredentials } from '../api/credentials.fake.ts';
import { FakeHub } from '../api/hub.fake.ts';
import { Authenticator } from '../auth/authenticator.ts';
import { HttpServer } from './server.ts';

const log = pino({ level: 'silent' });
const PASSWORD = 'correct horse battery';

describe('one port for HTTP and HTTPS', () => {
  let dir: string;
  let pems: { cert: string; key: string }[];

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'roomtone-port-'));
    const { generate } = await import('selfsigned');
    pems = await Promise.all(
      [1, 2].map(async () => {
        const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec', curve: 'P-256' });
        return { cert, key };
      }),
    );
  });

  after(() => rmSync(dir, { recursive: true }));

  async function start(context: TestContext, host = '127.0.0.1') {
    const clock = new FakeClock();
    const auth = new Authenticator({ clock, random: randomBytes, credentials: new FakeCredentials({ clock }) });
    await auth.setPassword(PASSWORD);
    const [first] = pems;
    const server = new HttpServer({
      ...{ log, clock, hub: new FakeHub(), auth, host, port: 0, staticDir: dir, version: '0.1.0' },
      certificate: () => first ?? null,
    });
    await server.start();
    context.after(() => server.close());
    return { server, clock, port: Number(new URL(server.url()).port) };
  }

  async function read(response: IncomingMessage): Promise<string> {
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
    return text;
  }

  interface Sent {
    method?: string;
    path: string;
    headers?: Record<string, string>;
    body?: string;
  }

  const sendSecure = (port: number, { body, ...rest }: Sent) =>
    answerTo(
      requestTls({ port, host: '127.0.0.1', ca: pems.map(({ cert }) => cert), servername: 'localhost', agent: new Agent(), ...rest }),
      body,
    );

  const sendPlain = (port: number, { body, ...rest }: Sent) => answerTo(requestPlain({ port, host: '127.0.0.1', ...rest }), body);

  async function answerTo(request: ClientRequest, body = '') {
    request.end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const text = await read(response);
    return { status: response.statusCode, text, cookies: response.headers['set-cookie'] ?? [] };
  }

  const secure = (port: number) => sendSecure(port, { path: '/api/health' });

  it('answers both to this machine', async (context) => {
    const { port } = await start(context);
    assert.equal((await secure(port)).status, 200);
    assert.equal((await fetch(`http://127.0.0.1:${port}/api/health`)).status, 200);
  });

  it('serves many requests of one TLS connection, and cookies that stay with TLS', async (context) => {
    const { port } = await start(context);
    const socket = connectTls({ port, ca: pems[0]?.cert, servername: 'localhost' });
    context.after(() => socket.destroy());
    socket.setEncoding('utf8');
    let heard = '';
    socket.on('data', (text: string) => {
      heard += text;
    });
    const body = JSON.stringify({ password: PASSWORD });
    socket.write('GET /api/health HTTP/1.1\r\nhost: localhost\r\n\r\n');
    const head = `content-type: application/json\r\ncontent-length: ${body.length}`;
    socket.write(`POST /api/login HTTP/1.1\r\nhost: localhost\r\n${head}\r\n\r\n${body}`);
    while (heard.split('HTTP/1.1 200').length < 3) await once(socket, 'data');
    assert.match(heard, /__Host-roomtone_session=.*; Secure/i);
  });

  it('keeps the session of one scheme out of the way of the other', async (context) => {
    const { port } = await start(context);
    const login = async (send: typeof sendSecure) => {
      const headers = { 'content-type': 'application/json' };
      const { cookies } = await send(port, { method: 'POST', path: '/api/login', headers, body: JSON.stringify({ password: PASSWORD }) });
      return cookies[0] ?? '';
    };
    const [overTls, inClear] = [await login(sendSecure), await login(sendPlain)];
    assert.match(overTls, /^__Host-roomtone_session=[^;]+;.*Path=\/.*; Secure/);
    assert.match(inClear, /^roomtone_session=/);
    assert.doesNotMatch(inClear, /Secure/);
    const bare = (cookie: string) => cookie.split(';', 1)[0] ?? '';
    // A browser sends the one that is not Secure everywhere.
    const both = { cookie: `${bare(inClear)}; ${bare(overTls)}` };
    const out = await sendSecure(port, { method: 'POST', path: '/api/logout', headers: both });
    assert.match(out.cookies[0] ?? '', /^__Host-roomtone_session=;.*Secure/);
    assert.equal((await sendSecure(port, { path: '/api/house', headers: both })).status, 401);
    assert.equal((await sendPlain(port, { path: '/api/house', headers: { cookie: bare(inClear) } })).status, 200);
  });

  it('shows a renewed certificate to whoever comes next', async (context) => {
    const { server, port } = await start(context);
    const [, second] = pems;
    assert.ok(second);
    server.renew(second);
    const socket = connectTls({ port, ca: second.cert, servername: 'localhost' });
    await once(socket, 'secureConnect');
    socket.destroy();
  });

  const address = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
  const needsNetwork = { skip: address === undefined && 'needs an address beyond loopback' };

  it('answers both to this machine also by its address on the network', needsNetwork, async (context) => {
    const { port, server } = await start(context, address);
    assert.equal(server.url(), `https://${address}:${port}`);
    assert.equal((await fetch(`http://${address}:${port}/api/health`, { redirect: 'error' })).status, 200);
  });

  it('lets nobody read over the network in clear: leads to HTTPS instead', needsNetwork, async (context) => {
    const { port, server } = await start(context, '0.0.0.0');
    const request = getPlain({
      host: '127.0.0.1',
      localAddress: address,
      port,
      path: '/api/house?x=1',
      headers: { host: `hub.localhost:${port}` },
    });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    assert.equal(response.statusCode, 308);
    assert.equal(response.headers.location, `https://hub.localhost:${port}/api/house?x=1`);
    response.resume();
    assert.ok(server.addresses().includes(`https://${address}:${port}`));
    assert.equal(server.url(), `http://127.0.0.1:${port}`);
  });

  it('closes though somebody has only connected, or shaken hands', async (context) => {
    const { port, server } = await start(context);
    const silent = connect(port, '127.0.0.1');
    const idle = connectTls({ port, ca: pems[0]?.cert, servername: 'localhost' });
    for (const socket of [silent, idle]) socket.on('error', () => {});
    await Promise.all([once(silent, 'connect'), once(idle, 'secureConnect')]);
    await server.close();
  });

  it('sends away who says nothing, or something that is neither', async (context) => {
    const { port, clock, server } = await start(context);
    const silent = connect(port, '127.0.0.1');
    await once(silent, 'connect');
    // A whole answer to another connection: the silent one has been taken by then.
    assert.equal((await secure(port)).status, 200);
    clock.advance(10_000);
    await once(silent, 'close');
    const babbling = connect(port, '127.0.0.1');
    babbling.write(Buffer.from([0x16, 1, 2, 3, 4, 5, 6, 7, 8]));
    babbling.resume().on('error', () => {});
    await once(babbling, 'close');
    assert.equal((await secure(port)).status, 200);
    await server.close();
  });
});
