import assert from 'node:assert/strict';
import { Agent } from 'node:https';
import { test } from 'node:test';
import { bridgeFor, call, descriptions, StreamReader, streamFor } from './client.helper.ts';

const lights = '/clip/v2/resource/light';

test('a bridge that fails for a time says so in its own form, and works again by the clock', async (t) => {
  const { bridge, clock, key } = await bridgeFor(t);
  const get = () => call(bridge, 'GET', lights, { key });
  bridge.fail(500, { ms: 60_000, description: 'internal error' });
  const failed = await get();
  assert.deepEqual([failed.status, failed.type, descriptions(failed)], [500, 'application/json', ['internal error']]);
  clock.advance(59_999);
  assert.equal((await get()).status, 500);
  clock.advance(1);
  assert.equal((await get()).status, 200);
  bridge.fail(502);
  assert.deepEqual([(await get()).status, (await get()).type], [502, 'text/html']);
  bridge.recover();
  assert.equal((await get()).status, 200);
});

test('garbage comes in several kinds, and ends by the clock', async (t) => {
  const { bridge, clock, key } = await bridgeFor(t);
  const shown = async () => {
    const { status, type, json } = await call(bridge, 'GET', lights, { key });
    return [status, type, json];
  };
  bridge.answerGarbage('nonsense');
  assert.deepEqual(await shown(), [200, 'application/json', undefined]);
  bridge.answerGarbage('html', 5000);
  assert.deepEqual(await shown(), [200, 'text/html', undefined]);
  clock.advance(5000);
  assert.equal((await call(bridge, 'GET', lights, { key })).status, 200);
  assert.notEqual((await shown())[2], undefined);
});

test('slow answers take their time', async (t) => {
  const { bridge, clock, key } = await bridgeFor(t);
  bridge.slowDown([3000, 3000], 10_000);
  let answered = false;
  const slow = call(bridge, 'GET', lights, { key }).then((reply) => {
    answered = true;
    return reply;
  });
  await bridge.waitForRequest(({ path }) => path === lights);
  clock.advance(2999);
  bridge.slowDown([0, 0]);
  await call(bridge, 'GET', '/api/config');
  assert.equal(answered, false);
  clock.advance(1);
  assert.equal((await slow).status, 200);
});

test('lost connections stay open and lead nowhere, while new ones work', async (t) => {
  const { bridge, key, stream } = await streamFor(t);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  await call(bridge, 'GET', lights, { key, agent });
  bridge.loseConnections();
  const abandoned = call(bridge, 'GET', `${lights}/lost`, { key, agent });
  abandoned.catch(() => {});
  const request = await bridge.waitForRequest(({ path }) => path.endsWith('/lost'));
  bridge.turnByHand(bridge.light('plug').id, { on: false });
  assert.equal((await call(bridge, 'GET', lights, { key })).status, 200);
  const fresh = await StreamReader.open(bridge, key);
  assert.equal(await fresh.next(), ': hi');
  assert.deepEqual([request.status, stream.text, bridge.openStreams], [undefined, ': hi\n\n', 2]);
});

test('a stall ends by the clock', async (t) => {
  const { bridge, clock, key } = await bridgeFor(t);
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  await call(bridge, 'GET', lights, { key, agent });
  bridge.stall(30_000);
  const broken = assert.rejects(call(bridge, 'GET', `${lights}/stalled`, { key, agent }), { code: 'ECONNRESET' });
  const request = await bridge.waitForRequest(({ path }) => path.endsWith('/stalled'));
  clock.advance(29_999);
  assert.equal(request.status, undefined);
  clock.advance(1);
  await broken;
  assert.equal((await call(bridge, 'GET', lights, { key })).status, 200);
});

test('a bridge that moved is at its new address alone, with the same certificate and keys', async (t) => {
  const { bridge, key } = await bridgeFor(t);
  const { address, certificate, url } = bridge;
  await bridge.moveTo('127.0.0.2');
  assert.notEqual(bridge.address, address);
  assert.match(bridge.address, /^127\.0\.0\.2:\d+$/);
  assert.equal(bridge.certificate, certificate);
  assert.equal((await call(bridge, 'GET', lights, { key })).status, 200);
  await assert.rejects(call({ url }, 'GET', lights, { key }), { code: 'ECONNREFUSED' });
});

test('what is told late is told whole', async (t) => {
  const { bridge, clock, stream } = await streamFor(t);
  bridge.delayEchoes([5000, 5000]);
  bridge.turnByHand(bridge.light('plug').id, { on: false });
  clock.advance(4999);
  assert.equal(bridge.framesSent, 0);
  clock.advance(1);
  assert.deepEqual((await stream.frame()).data[0]?.on, { on: false });
});
