import assert from 'node:assert/strict';
import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { Agent } from 'node:https';
import { connect } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { bridgeFor, call, data, descriptions, errors, putLight, type Reply, StreamReader } from './client.helper.ts';
import { gamuts } from './home/color.ts';
import { HueBridgeSimulator } from './simulator.ts';

const codes = (reply: Reply) => errors(reply).map((each) => each.error_code);

test('the certificate names the bridge id, and a changed one shows at the same address', async (t) => {
  const { bridge, key } = await bridgeFor(t);
  const shown = async (): Promise<X509Certificate> => {
    const socket = connectTls({ host: '127.0.0.1', port: Number(bridge.address.split(':')[1]), rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const certificate = socket.getPeerX509Certificate();
    socket.destroy();
    assert.ok(certificate);
    return certificate;
  };
  const first = await shown();
  assert.equal(first.subject, 'C=NL\nO=Philips Hue\nCN=001788fffe123456');
  assert.equal(first.fingerprint256, bridge.certificate.fingerprint256);

  const address = bridge.address;
  const stream = await StreamReader.open(bridge, key);
  assert.equal(await stream.next(), ': hi');
  await bridge.changeCertificate();
  assert.equal(await stream.next(), undefined, 'old connections break');
  const second = await shown();
  assert.equal(bridge.address, address);
  assert.equal(second.subject, first.subject);
  assert.notEqual(second.fingerprint256, first.fingerprint256);
});

test('pairing needs the link button within its 30 seconds', async (t) => {
  const { bridge, clock } = await bridgeFor(t);
  const body = { devicetype: 'roomtone#hub', generateclientkey: true };
  const pair = async () => (await call(bridge, 'POST', '/api', { body })).json as Record<string, Record<string, unknown>>[];
  const refusal = [{ error: { type: 101, address: '', description: 'link button not pressed' } }];
  assert.deepEqual(await pair(), refusal);
  bridge.pressLinkButton();
  clock.advance(30_001);
  assert.deepEqual(await pair(), refusal);
  bridge.pressLinkButton();
  clock.advance(29_000);
  const [answer] = await pair();
  assert.match(String(answer?.success?.username), /^[\w-]{40}$/);
  assert.match(String(answer?.success?.clientkey), /^[0-9A-F]{32}$/);
  const reply = await call(bridge, 'GET', '/clip/v2/resource/bridge', { key: String(answer?.success?.username) });
  assert.equal(data(reply)[0]?.bridge_id, '001788fffe123456');
});

test('pairing refuses what API v1 refuses', async (t) => {
  const { bridge } = await bridgeFor(t);
  bridge.pressLinkButton();
  const type = async (body: unknown) =>
    ((await call(bridge, 'POST', '/api', { body })).json as { error: { type: number } }[]).map((each) => each.error.type);
  assert.deepEqual(await type('{nonsense'), [2]);
  assert.deepEqual(await type({ generateclientkey: true }), [5]);
  assert.deepEqual(await type({ devicetype: 'a#b', extra: 1 }), [6]);
  assert.deepEqual(await type({ devicetype: 'x'.repeat(41) }), [7]);
});

test('anyone may read the basics', async (t) => {
  const { bridge } = await bridgeFor(t, { bridgeId: 'ecb5fafffe84fdc7', name: 'Hall' });
  for (const path of ['/api/config', '/api/0/config']) {
    const config = (await call(bridge, 'GET', path)).json as Record<string, unknown>;
    assert.equal(config.bridgeid, 'ECB5FAFFFE84FDC7');
    assert.equal(config.mac, 'ec:b5:fa:84:fd:c7');
    assert.equal(config.name, 'Hall');
    assert.equal(config.modelid, 'BSB002');
    assert.equal(config.swversion, '1978074000');
  }
});

test('resources come whole, by type and by id', async (t) => {
  const { bridge, key } = await bridgeFor(t);
  const get = async (path: string) => data(await call(bridge, 'GET', `/clip/v2/resource${path}`, { key }));
  const all = await get('');
  const count = (type: string) => all.filter((each) => each.type === type).length;
  assert.deepEqual(
    ['bridge', 'device', 'light', 'zigbee_connectivity', 'grouped_light', 'room', 'bridge_home'].map(count),
    [1, 5, 4, 4, 2, 1, 1],
  );
  assert.equal((await get('/light')).length, 4);
  const { id, deviceId } = bridge.light('color');
  const [light] = await get(`/light/${id}`);
  assert.deepEqual(light?.owner, { rid: deviceId, rtype: 'device' });
  const color = { gamut: gamuts.C, gamut_type: 'C', xy: bridge.state(id).xy };
  assert.deepEqual(light?.color, color);
  const capabilities = ['dimming', 'color_temperature', 'color'];
  const has = async (kind: string) => {
    const [resource = {}] = await get(`/light/${bridge.light(kind).id}`);
    return capabilities.filter((each) => each in resource);
  };
  assert.deepEqual(await has('ambiance'), ['dimming', 'color_temperature']);
  assert.deepEqual(await has('white'), ['dimming']);
  assert.deepEqual(await has('plug'), []);
});

test('without a known key there is a 403 page, for what is not there a 404, for a wrong method a 405', async (t) => {
  const { bridge, key } = await bridgeFor(t);
  const status = async (method: string, path: string, withKey?: string) => {
    const reply = await call(bridge, method, path, withKey ? { key: withKey } : {});
    return [reply.status, reply.type];
  };
  const light = `/clip/v2/resource/light/${bridge.light('color').id}`;
  assert.deepEqual(await status('GET', '/clip/v2/resource'), [403, 'text/html']);
  assert.deepEqual(await status('GET', light, 'wrong'), [403, 'text/html']);
  assert.deepEqual(await status('PUT', light, 'wrong'), [403, 'text/html']);
  assert.deepEqual(await status('GET', '/eventstream/clip/v2', 'wrong'), [403, 'text/html']);
  assert.deepEqual(await status('DELETE', light, key), [405, 'application/json']);
  const missing = await call(bridge, 'GET', '/clip/v2/resource/light/00000000-0000-4000-a000-000000000000', { key });
  assert.equal(missing.status, 404);
  assert.deepEqual(missing.json, { errors: [{ description: 'Not Found' }] });
  for (const type of ['lamp', 'button']) assert.equal((await call(bridge, 'GET', `/clip/v2/resource/${type}`, { key })).status, 404);
});

test('a body that breaks the schema is refused whole', async (t) => {
  const { bridge, key } = await bridgeFor(t, { lightCommands: 100 });
  const { id } = bridge.light('color');
  const before = bridge.state(id);
  const refused: [unknown, RegExp][] = [
    ['{"on":', /invalid JSON/],
    ['[]', /keyword: 'type'.*actual: array, expected: object/],
    [{ on: true }, /keyword: 'type'.*instanceRef: '#\/on'/],
    [{ on: { on: 'yes' } }, /keyword: 'type'.*instanceRef: '#\/on\/on'/],
    [{ on: { on: false }, brightness: 3 }, /keyword: 'additionalProperties'.*actual: brightness/],
    [{ dimming: { brightness: 101 } }, /keyword: 'maximum', details: \{actual: 101, expected: 100/],
    [{ dimming: { brightness: -1 } }, /keyword: 'minimum'/],
    [{ dimming: {} }, /keyword: 'required'/],
    [
      { color_temperature: { mirek: 501 } },
      /^error: 'json-schema validation', keyword: 'maximum', details: \{actual: 501, expected: 500, instanceRef: '#\/color_temperature\/mirek', schemaRef: 'clip-api\.schema\.json#\/definitions\/ColorTemperatureMirek'\}$/,
    ],
    [{ color_temperature: { mirek: 300.5 } }, /keyword: 'type'/],
    [{ color: { xy: { x: 0.3 } } }, /keyword: 'required'/],
    [{ dynamics: { duration: -1 } }, /keyword: 'minimum'/],
  ];
  for (const [body, reason] of refused) {
    const reply = await putLight(bridge, key, id, body);
    assert.equal(reply.status, 400, reply.text);
    assert.match(descriptions(reply)[0] ?? '', reason);
  }
  assert.deepEqual(bridge.state(id), before);
  const beyond = await putLight(bridge, key, id, { gradient: { points: [] } });
  assert.equal(beyond.status, 501, 'what is not simulated fails loudly');
});

test('a lamp takes a command and rounds it as lamps do', async (t) => {
  const { bridge, key } = await bridgeFor(t);
  const { id } = bridge.light('color');
  const reply = await putLight(bridge, key, id, { type: 'light', id, dimming: { brightness: 20 }, color_temperature: { mirek: 369 } });
  assert.equal(reply.status, 200);
  assert.deepEqual(reply.json, { data: [{ rid: id, rtype: 'light' }], errors: [] });
  assert.deepEqual(bridge.state(id), { on: true, brightness: 20.16, mirek: 369, xy: { x: 0.4585, y: 0.4105 }, reachable: true });
  await putLight(bridge, key, id, { color: { xy: { x: 1, y: 0 } }, color_temperature: { mirek: 200 } });
  assert.deepEqual(bridge.state(id).xy, { x: 0.6915, y: 0.3083 }, 'clipped to the gamut; xy beats mirek');
  assert.equal(bridge.state(id).mirek, null);
  const ambiance = bridge.light('ambiance').id;
  await putLight(bridge, key, ambiance, { color_temperature: { mirek: 500 }, dimming: { brightness: 0 } });
  assert.equal(bridge.state(ambiance).mirek, 454);
  assert.equal(bridge.state(ambiance).brightness, 0.4);
  assert.equal(bridge.state(ambiance).on, true);
});

test('an attribute the lamp lacks is a client error beside the rest, which is done', async (t) => {
  const { bridge, key } = await bridgeFor(t);
  const { id } = bridge.light('white');
  const reply = await putLight(bridge, key, id, { dimming: { brightness: 50 }, color_temperature: { mirek: 300 } });
  assert.equal(reply.status, 207);
  assert.deepEqual(reply.json, {
    data: [{ rid: id, rtype: 'light' }],
    errors: [{ description: `attribute (.color_temperature.mirek) is not supported by resource ${id}`, error_code: 'client_error' }],
  });
  assert.equal(bridge.state(id).brightness, 49.8);
});

test('a lamp that is off says so, keeps what it was sent, and stays off', async (t) => {
  const { bridge, key } = await bridgeFor(t);
  const { id } = bridge.light('color');
  await putLight(bridge, key, id, { on: { on: false } });
  const reply = await putLight(bridge, key, id, { dimming: { brightness: 10 }, color: { xy: { x: 0.3, y: 0.3 } } });
  assert.equal(reply.status, 207);
  assert.deepEqual(descriptions(reply), [
    `device (light) ${id} is "soft off", command (.dimming.brightness) may not have effect`,
    `device (light) ${id} is "soft off", command (.color.xy) may not have effect`,
  ]);
  assert.deepEqual(codes(reply), ['attribute_may_have_no_effect', 'attribute_may_have_no_effect']);
  const kept = { brightness: 9.88, mirek: null, xy: { x: 0.3, y: 0.3 }, reachable: true };
  assert.deepEqual(bridge.state(id), { on: false, ...kept });
  assert.equal((await putLight(bridge, key, id, { on: { on: true } })).status, 200);
  assert.deepEqual(bridge.state(id), { on: true, ...kept });
});

test('a transition beyond the ceiling is a client error and does nothing', async (t) => {
  const { bridge, key } = await bridgeFor(t);
  const { id } = bridge.light('white');
  const put = (duration: number) => putLight(bridge, key, id, { dimming: { brightness: 10 }, dynamics: { duration } });
  const reply = await put(6_000_001);
  assert.equal(reply.status, 207);
  assert.deepEqual(descriptions(reply), [`invalid attribute value (.dynamics.duration) for resource ${id}`]);
  assert.deepEqual(codes(reply), ['client_error']);
  assert.equal(bridge.state(id).brightness, 100);
  assert.equal((await put(6_000_000)).status, 200);
});

test('a lamp cut at the wall: connectivity issue, advisory errors; when power returns it is on and full', async (t) => {
  const { bridge, clock, key } = await bridgeFor(t);
  const { id, connectivityId } = bridge.light('color');
  bridge.turnByHand(id, { brightness: 30 });
  clock.advance(2000);
  const stream = await StreamReader.open(bridge, key);
  await stream.next();
  bridge.unreachableAtTheWall(id);
  const [lost] = (await stream.frame()).data;
  assert.deepEqual([lost?.id, lost?.status, lost?.type], [connectivityId, 'connectivity_issue', 'zigbee_connectivity']);
  const before = bridge.state(id);
  const reply = await putLight(bridge, key, id, { on: { on: false } });
  assert.equal(reply.status, 207);
  assert.deepEqual(reply.json, {
    data: [{ rid: id, rtype: 'light' }],
    errors: [
      {
        description: `device (light) ${id} has communication issues, command (.on.on) may not have effect`,
        error_code: 'communication_error',
      },
    ],
  });
  assert.deepEqual(bridge.state(id), before);
  assert.throws(() => bridge.turnByHand(id, { on: false }), /power is cut/);
  clock.advance(1000);
  bridge.powerReturns(id);
  const [back] = (await stream.frame()).data;
  assert.deepEqual([back?.id, back?.status], [connectivityId, 'connected']);
  clock.advance(1000);
  const [light] = (await stream.frame()).data;
  assert.deepEqual([light?.id, light?.dimming], [id, { brightness: 100 }]);
  const { xy: _xy, ...state } = bridge.state(id);
  assert.deepEqual(state, { on: true, brightness: 100, mirek: 366, reachable: true });
});

test('a group command reaches every lamp as far as it can, and the group shows the mean', async (t) => {
  const { bridge, key } = await bridgeFor(t);
  bridge.turnByHand(bridge.light('white').id, { brightness: 50 });
  const path = `/clip/v2/resource/grouped_light/${bridge.roomGroupId}`;
  const group = async () => data(await call(bridge, 'GET', path, { key }))[0];
  assert.deepEqual((await group())?.dimming, { brightness: 83.27 });
  const reply = await call(bridge, 'PUT', path, { key, body: { on: { on: false } } });
  assert.deepEqual([reply.status, data(reply)], [200, [{ rid: bridge.roomGroupId, rtype: 'grouped_light' }]]);
  assert.ok(bridge.lights.every(({ id }) => !bridge.state(id).on));
  assert.deepEqual((await group())?.on, { on: false });
  const tooSoon = await call(bridge, 'PUT', path, { key, body: { on: { on: true } } });
  assert.deepEqual([tooSoon.status, bridge.rateLimitHits], [429, 1]);
});

test('the eleventh light command in a second is refused with 429, and does nothing', async (t) => {
  const { bridge, clock, key } = await bridgeFor(t);
  const { id } = bridge.light('white');
  const put = (brightness: number) => putLight(bridge, key, id, { dimming: { brightness } });
  for (let i = 1; i <= 10; i++) assert.equal((await put(i)).status, 200);
  const refused = await put(90);
  assert.deepEqual([refused.status, refused.type, bridge.rateLimitHits], [429, 'text/html', 1]);
  assert.equal(bridge.state(id).brightness, 9.88);
  clock.advance(1000);
  assert.equal((await put(90)).status, 200);
});

test('a fourth request at once is refused', async (t) => {
  const { bridge, clock, key } = await bridgeFor(t, { answerDelay: [50, 50] });
  const stream = await StreamReader.open(bridge, key);
  assert.equal(await stream.next(), ': hi', 'a stream does not count');
  const replies = Array.from({ length: 4 }, () => call(bridge, 'GET', '/clip/v2/resource/light', { key }));
  await bridge.waitForRequest(() => bridge.requests.filter((each) => each.method === 'GET').length === 5);
  clock.advance(50);
  const statuses = (await Promise.all(replies)).map((reply) => reply.status).sort();
  assert.deepEqual(statuses, [200, 200, 200, 429]);
  assert.equal(bridge.rateLimitHits, 1);
});

test('requests are recorded with the time of their first byte, in the time base of the machine', async (t) => {
  const { bridge, key } = await bridgeFor(t);
  const { id } = bridge.light('color');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const before = Number(process.hrtime.bigint()) / 1e6;
  for (const brightness of [10, 20])
    await call(bridge, 'PUT', `/clip/v2/resource/light/${id}`, { key, body: { dimming: { brightness } }, agent });
  const [first, second] = bridge.requests;
  assert.ok(first && second);
  assert.deepEqual(
    [first.method, first.path, first.status, first.body],
    ['PUT', `/clip/v2/resource/light/${id}`, 200, { dimming: { brightness: 10 } }],
  );
  assert.ok(before < first.firstByteAt && first.firstByteAt <= first.receivedAt);
  assert.ok(first.receivedAt < second.firstByteAt, 'on a kept connection each request has a stamp of its own');
});

test('waiting resolves on the change itself and rejects when the simulator closes', async (t) => {
  const { bridge, key } = await bridgeFor(t);
  const { id } = bridge.light('white');
  const dark = bridge.waitForLight(id, (state) => !state.on);
  const never = bridge.waitForLight(id, (state) => state.brightness === 1);
  const asked = bridge.waitForRequest((request) => request.method === 'PUT');
  await putLight(bridge, key, id, { on: { on: false } });
  assert.equal((await dark).on, false);
  assert.deepEqual((await asked).body, { on: { on: false } });
  await bridge.close();
  await assert.rejects(never, /closed while a test waited/);
});

test('a stalled bridge accepts connections and answers nothing until it recovers', async (t) => {
  const { bridge, key } = await bridgeFor(t);
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  await call(bridge, 'GET', '/clip/v2/resource/bridge', { key, agent });
  bridge.stall();
  const broken = assert.rejects(call(bridge, 'GET', '/clip/v2/resource/light', { key, agent }), { code: 'ECONNRESET' });
  const request = await bridge.waitForRequest((each) => each.path.endsWith('/light'));
  const fresh = connect(Number(bridge.address.split(':')[1]), '127.0.0.1');
  await once(fresh, 'connect');
  assert.equal(request.status, undefined);
  bridge.recover();
  await broken;
  fresh.resume();
  await once(fresh, 'close');
  assert.equal(fresh.bytesRead, 0);
  assert.equal((await call(bridge, 'GET', '/clip/v2/resource/light', { key })).status, 200);
});

test('an unplugged bridge refuses connections and is back at the same address', async (t) => {
  const { bridge, key } = await bridgeFor(t);
  const address = bridge.address;
  await bridge.unplug();
  await assert.rejects(call(bridge, 'GET', '/api/config'), { code: 'ECONNREFUSED' });
  await bridge.plugIn();
  assert.equal(bridge.address, address);
  assert.equal((await call(bridge, 'GET', '/clip/v2/resource/light', { key })).status, 200);
});

test('garbage and storms replace the answer, and nothing is changed by them', async (t) => {
  const { bridge, key } = await bridgeFor(t);
  const { id } = bridge.light('plug');
  const put = () => putLight(bridge, key, id, { on: { on: false } });
  bridge.answerGarbage();
  const garbage = await put();
  assert.deepEqual([garbage.status, garbage.json], [200, undefined]);
  bridge.recover();
  bridge.storm429(1);
  assert.equal((await put()).status, 429);
  bridge.storm503(1);
  assert.equal((await put()).status, 503);
  assert.equal(bridge.rateLimitHits, 0);
  assert.equal(bridge.state(id).on, true);
  assert.equal((await put()).status, 200);
  assert.equal(bridge.state(id).on, false);
});

test('a revoked key is forbidden and its streams break', async (t) => {
  const { bridge, key } = await bridgeFor(t);
  const other = bridge.authorize();
  const [gone, stays] = [await StreamReader.open(bridge, key), await StreamReader.open(bridge, other)];
  await gone.next();
  await stays.next();
  bridge.revokeKey({ key });
  assert.equal(await gone.next(), undefined);
  assert.equal((await call(bridge, 'GET', '/clip/v2/resource', { key })).status, 403);
  assert.equal((await call(bridge, 'GET', '/clip/v2/resource', { key: other })).status, 200);
  await bridge.waitForStreams(1);
});

test('the same seed gives the same home', () => {
  const ids = (seed: number) => new HueBridgeSimulator({ seed }).lights.map((light) => light.id);
  assert.deepEqual(ids(7), ids(7));
  assert.notDeepEqual(ids(7), ids(8));
});
