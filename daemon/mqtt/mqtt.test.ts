import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect as connectSocket, createServer } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { pino } from 'pino';
import { FakeClock } from '../api/clock.fake.ts';
import { systemClock } from '../api/clock.ts';
import { FakeCredentials } from '../api/credentials.fake.ts';
import { FakeHub, fakeHouse, fakeMood, fakeRoom } from '../api/hub.fake.ts';
import { FakeState } from '../api/state.fake.ts';
import { Authenticator } from '../auth/authenticator.ts';
import { Mqtt, type MqttOptions } from './mqtt.ts';

const PASSWORD = 'correct horse battery';
const TEST = { kind: 'system', name: 'test' } as const;

interface House {
  mqtt: Mqtt;
  hub: FakeHub;
  auth: Authenticator;
  state: FakeState;
  logged: string[];
  problems: Array<[scope: string, code: string | null]>;
}

function make(context: TestContext, options: Partial<MqttOptions> & { hub?: FakeHub } = {}): House {
  const clock = systemClock;
  const hub = options.hub ?? new FakeHub();
  const auth = options.auth ?? new Authenticator({ clock, random: randomBytes, credentials: new FakeCredentials({ clock }) });
  const state = (options.state as FakeState | undefined) ?? new FakeState();
  const logged: string[] = [];
  const mqtt = new Mqtt({
    log: pino({}, { write: (line) => void logged.push(line) }),
    clock,
    random: Math.random,
    broker: 'embedded',
    listen: { host: '127.0.0.1', port: 0 },
    base: 'roomtone',
    homeAssistantPrefix: 'homeassistant',
    ...options,
    hub,
    auth,
    state,
  });
  const problems: House['problems'] = [];
  mqtt.events.on('problem', ({ scope, problem }) => problems.push([scope, problem?.code ?? null]));
  context.after(() => mqtt.close());
  return { mqtt, hub, auth, state, logged, problems };
}

async function startWithPassword(context: TestContext, options: Parameters<typeof make>[1] = {}): Promise<House> {
  const house = make(context, options);
  await house.auth.setPassword(PASSWORD);
  const online = once(house.mqtt.port.events, 'online');
  await house.mqtt.start();
  await online;
  return house;
}

/** A client of an outsider that remembers what it saw. */
class Listener {
  readonly client: MqttClient;
  readonly #seen: Array<{ topic: string; text: string; retain: boolean }> = [];
  #check: () => void = () => {};

  constructor(client: MqttClient) {
    this.client = client;
    client.on('message', (topic, payload, { retain }) => {
      this.#seen.push({ topic, text: payload.toString(), retain });
      this.#check();
    });
  }

  /** The first message on the topic, past or to come, that has not been taken yet. */
  async take(topic: string): Promise<string> {
    return (await this.takeWhole(topic)).text;
  }

  takeWhole(topic: string): Promise<{ text: string; retain: boolean }> {
    return new Promise((resolve) => {
      this.#check = () => {
        const at = this.#seen.findIndex((message) => message.topic === topic);
        const [found] = at < 0 ? [] : this.#seen.splice(at, 1);
        if (!found) return;
        this.#check = () => {};
        resolve(found);
      };
      this.#check();
    });
  }

  seen(topic: string): string[] {
    return this.#seen.filter((message) => message.topic === topic).map(({ text }) => text);
  }
}

async function join(context: TestContext, house: House, options: IClientOptions = {}): Promise<Listener> {
  const login = { username: 'admin', password: PASSWORD };
  const client = await connectAsync(house.mqtt.status().url, { ...login, reconnectPeriod: 0, ...options }, false);
  client.on('error', () => {});
  context.after(() => client.endAsync(true));
  const listener = new Listener(client);
  await client.subscribeAsync('#', { qos: 1 });
  return listener;
}

describe('the embedded broker', () => {
  it('lets in the admin and tokens, and nobody else', async (context) => {
    const house = await startWithPassword(context);
    const { secret } = house.auth.createToken('home-assistant');
    await join(context, house);
    await join(context, house, { username: 'anybody', password: secret });
    const refused: Array<[login: IClientOptions, code: number]> = [
      [{ password: 'wrong-password' }, 4],
      [{ username: 'root' }, 4],
      [{ password: `${secret}x` }, 4],
      [{ username: '', password: '' }, 5],
    ];
    for (const [login, code] of refused) await assert.rejects(join(context, house, login), { code });
  });

  it('lets nobody in before there is a password', async (context) => {
    const house = make(context);
    await house.mqtt.start();
    await assert.rejects(join(context, house), { code: 5 });
  });

  it('refuses a flood of wrong passwords', async (context) => {
    // Time stands still, so that a slow machine lets nobody's wait pass.
    const clock = new FakeClock();
    const auth = new Authenticator({ clock, random: randomBytes, credentials: new FakeCredentials({ clock }) });
    const house = await startWithPassword(context, { auth });
    const attempts = Array.from({ length: 20 }, () => join(context, house, { password: 'wrong-password' }).catch(({ code }) => code));
    const codes = await Promise.all(attempts);
    assert.equal(codes.filter((code) => code === 4).length, 5);
    assert.equal(codes.filter((code) => code === 3).length, 15, 'server unavailable: try later');
  });

  it('cuts a client off when its token is removed', async (context) => {
    const house = await startWithPassword(context);
    const { token, secret } = house.auth.createToken('script');
    const { client } = await join(context, house, { username: 'script', password: secret });
    const closed = new Promise<void>((resolve) => client.once('close', resolve));
    house.auth.removeToken(token.id);
    await closed;
  });

  it('acknowledges and drops what outsiders may not publish, and says so', async (context) => {
    const house = await startWithPassword(context);
    const listener = await join(context, house);
    for (const topic of [
      'roomtone/rooms/living-room/mood',
      'roomtone/bridge/state',
      'homeassistant/device/x/config',
      'other/set',
      '$SYS/x',
    ]) {
      await listener.client.publishAsync(topic, 'forged', { qos: 1, retain: true });
    }
    const event = JSON.parse(await listener.take('roomtone/bridge/event'));
    assert.deepEqual([event.event_type, event.code, event.topic], ['refused', 'mqtt.topic_refused', 'roomtone/rooms/living-room/mood']);
    await listener.client.publishAsync('homeassistant/status', 'online', { qos: 1 });
    assert.equal(await listener.take('homeassistant/status'), 'online');
    const mood = await listener.take('roomtone/rooms/living-room/mood');
    assert.notEqual(mood, 'forged');
    assert.ok(!listener.seen('roomtone/rooms/living-room/mood').includes('forged'));
    assert.deepEqual(listener.seen('other/set'), []);
  });

  it('ends a connection that announces a packet too large, before it arrives', async (context) => {
    const house = await startWithPassword(context);
    const { hostname, port } = new URL(house.mqtt.status().url);
    const socket = connectSocket(Number(port), hostname);
    context.after(() => socket.destroy());
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    // CONNECT with a remaining length of 256 MiB
    socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
    await closed;
  });

  it('survives garbage', async (context) => {
    const house = await startWithPassword(context);
    const { hostname, port } = new URL(house.mqtt.status().url);
    const socket = connectSocket(Number(port), hostname);
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    socket.write(randomBytes(512).fill(0xff, 0, 1));
    await closed;
    assert.equal((await (await join(context, house)).take('roomtone/bridge/state')).toString(), 'online');
  });

  it('reports a taken port, serves the hub itself all the same, and takes the port once it is free', async (context) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const clock = new FakeClock();
    const house = await startWithPassword(context, { clock, listen: { host: '127.0.0.1', port } });
    assert.deepEqual(house.problems, [
      ['mqtt:listen', 'mqtt.port_in_use'],
      ['mqtt', null],
    ]);
    assert.deepEqual([house.mqtt.port.connected, house.mqtt.status().url], [true, '']);
    const listened = async () => {
      const told = once(house.mqtt.events, 'problem');
      clock.advance(15_000);
      const [{ scope, problem }] = await told;
      return [scope, problem?.code];
    };
    assert.deepEqual(await listened(), ['mqtt:listen', 'mqtt.port_in_use']);
    await new Promise((resolve) => other.close(resolve));
    assert.deepEqual(await listened(), ['mqtt:listen', undefined]);
    assert.equal(house.logged.filter((line) => line.includes('broker cannot listen')).length, 1);
    await join(context, house);
  });

  it('keeps to this machine until a password exists', async (context) => {
    const house = make(context, { listen: { host: '0.0.0.0', port: 0 } });
    await house.mqtt.start();
    assert.deepEqual(house.problems[0], ['mqtt:listen', 'auth.no_password']);
    const { url } = house.mqtt.status();
    await house.auth.setPassword(PASSWORD);
    const isClear = () => house.problems.some(([scope, code]) => scope === 'mqtt:listen' && code === null);
    while (!isClear()) await once(house.mqtt.events, 'problem');
    assert.equal(house.mqtt.status().url, url);
    await join(context, house);
  });
});

describe('states', () => {
  it('are retained, complete and in the words of the contract', async (context) => {
    const house = await startWithPassword(context);
    const listener = await join(context, house);
    const expected: Array<[topic: string, payload: string]> = [
      ['bridge/state', 'online'],
      ['sensing/state', 'ON'],
      ['rooms/living-room/availability', 'online'],
      ['rooms/living-room/mode/state', 'auto'],
      ['rooms/living-room/scene/state', 'none'],
      ['rooms/living-room/ambience/state', 'ON'],
      ['rooms/living-room/camera/state', 'ON'],
      ['rooms/living-room/microphone/state', 'ON'],
      ['sources/ceiling/state', 'ON'],
      ['devices/virtual:lamp/availability', 'online'],
    ];
    for (const [topic, payload] of expected) {
      assert.deepEqual(await listener.takeWhole(`roomtone/${topic}`), { topic: `roomtone/${topic}`, text: payload, retain: true });
    }
    const mood = JSON.parse(await listener.take('roomtone/rooms/living-room/mood'));
    assert.deepEqual([mood.v, mood.at, mood.label], [1, '2026-11-01T12:00:00.000Z', 'calm']);
    const lamp = JSON.parse(await listener.take('roomtone/devices/virtual:lamp/state'));
    assert.deepEqual(lamp, { v: 1, on: true, brightness: 40, color: { x: 0.4, y: 0.4 } });
    const health = JSON.parse(await listener.take('roomtone/bridge/health'));
    assert.equal(health.problems[0].message, '"mic" sent nothing for 5 s.');
    assert.equal(JSON.parse(await listener.take('roomtone/bridge/info')).rooms[0].id, 'living-room');
  });

  it('follow the hub, and tell a change of mood as an event that is not kept', async (context) => {
    const house = await startWithPassword(context);
    const listener = await join(context, house);
    await listener.take('roomtone/rooms/living-room/mood');
    house.hub.feel(fakeMood());
    house.hub.feel(fakeMood('living-room', { label: 'tense', emotion: 'anger', trigger: 'ceiling-7' }));
    const mood = JSON.parse(await listener.take('roomtone/rooms/living-room/mood'));
    assert.deepEqual([mood.label, 'trigger' in mood], ['tense', false]);
    const event = await listener.takeWhole('roomtone/rooms/living-room/event');
    const { event_type, from, to } = JSON.parse(event.text);
    assert.deepEqual([event_type, from, to, event.retain], ['mood_changed', 'calm', 'tense', false]);

    const [lamp] = house.hub.view.devices;
    assert.ok(lamp);
    lamp.holds = {};
    house.hub.events.emit('device', { device: lamp.id });
    const ended = JSON.parse(await listener.take('roomtone/rooms/living-room/event'));
    assert.deepEqual([ended.event_type, ended.device, ended.attributes], ['hold_ended', 'virtual:lamp', ['brightness']]);
    lamp.holds = { on: Date.UTC(2026, 10, 1, 13) };
    house.hub.events.emit('device', { device: lamp.id });
    const started = JSON.parse(await listener.take('roomtone/rooms/living-room/event'));
    assert.deepEqual([started.event_type, started.until], ['hold_started', '2026-11-01T13:00:00.000Z']);

    house.hub.events.emit('button', { device: 'hue:bridge.dial', button: 5, action: 'turn', degrees: -10.8, at: 0 });
    const turned = await listener.takeWhole('roomtone/devices/hue:bridge.dial/event');
    const { at: _, ...payload } = JSON.parse(turned.text);
    assert.deepEqual([payload, turned.retain], [{ v: 1, event_type: 'turn', button: 5, degrees: -10.8 }, false]);
  });

  it('never hold a mood of recorded observations', async (context) => {
    const hub = new FakeHub({
      ...fakeHouse(),
      demo: true,
      rooms: [{ ...fakeRoom('demo-room'), mood: fakeMood('demo-room', { demo: true }), sources: [] }],
    });
    const house = await startWithPassword(context, { hub });
    const listener = await join(context, house);
    assert.equal(await listener.take('roomtone/rooms/demo-room/availability'), 'offline');
    hub.feel(fakeMood('demo-room', { demo: true, label: 'tense' }));
    hub.commands.setMode(TEST, 'demo-room', 'paused');
    for (let state = ''; state !== 'paused'; ) state = await listener.take('roomtone/rooms/demo-room/mode/state');
    assert.deepEqual(listener.seen('roomtone/rooms/demo-room/mood'), []);
    assert.deepEqual(listener.seen('roomtone/rooms/demo-room/event'), []);
  });

  it('go with their room', async (context) => {
    const house = await startWithPassword(context);
    const listener = await join(context, house);
    house.hub.view.rooms.push(fakeRoom('attic', 'Attic'));
    house.hub.events.emit('house');
    await listener.take('roomtone/rooms/attic/mode/state');
    house.hub.view.rooms.pop();
    house.hub.events.emit('house');
    assert.equal(await listener.take('roomtone/rooms/attic/mode/state'), '');
  });

  it('stay when the configuration is bad, with the rooms unavailable', async (context) => {
    const house = await startWithPassword(context);
    const listener = await join(context, house);
    assert.equal(await listener.take('roomtone/rooms/living-room/availability'), 'online');
    await listener.take('roomtone/rooms/living-room/mood');
    await listener.take('roomtone/rooms/living-room/mode/state');
    house.hub.view.rooms = [];
    house.hub.view.config.state = 'safe';
    house.hub.events.emit('house');
    assert.equal(await listener.take('roomtone/rooms/living-room/availability'), 'offline');
    assert.deepEqual(listener.seen('roomtone/rooms/living-room/mood'), []);
    assert.deepEqual(listener.seen('roomtone/rooms/living-room/mode/state'), []);
  });

  it('say offline when the hub stops', async (context) => {
    const house = await startWithPassword(context);
    const listener = await join(context, house);
    await listener.take('roomtone/bridge/state');
    const offline = listener.take('roomtone/bridge/state');
    await house.mqtt.close();
    assert.equal(await offline, 'offline');
    await house.mqtt.close();
  });
});

describe('set topics', () => {
  it('carry out what they say', async (context) => {
    const house = await startWithPassword(context);
    const listener = await join(context, house);
    const send = (topic: string, payload: string) => listener.client.publishAsync(`roomtone/${topic}/set`, payload, { qos: 1 });
    const changed = async (topic: string, payload: string) => {
      for (let state = ''; state !== payload; ) state = await listener.take(`roomtone/${topic}/state`);
    };
    await send('rooms/living-room/mode', 'suggest');
    await changed('rooms/living-room/mode', 'suggest');
    await send('rooms/living-room/scene', 'movie');
    await changed('rooms/living-room/scene', 'movie');
    await send('rooms/living-room/scene', 'none');
    await changed('rooms/living-room/scene', 'none');
    await send('rooms/living-room/ambience', 'off');
    await changed('rooms/living-room/ambience', 'OFF');
    await send('rooms/living-room/camera', 'OFF');
    await changed('rooms/living-room/camera', 'OFF');
    await send('sources/mic', 'OFF');
    await changed('rooms/living-room/microphone', 'OFF');
    await send('sensing', 'OFF');
    await changed('sensing', 'OFF');
    await send('rooms/living-room/resume', 'PRESS');
    await send('rooms/living-room/intensity', '35');
    await changed('rooms/living-room/intensity', '35');
    for (const room of house.hub.view.rooms) room.suggestion = { scene: 'movie', by: 'mood' };
    house.hub.events.emit('room', { room: 'living-room' });
    await changed('rooms/living-room/suggestion', 'movie');
    await send('rooms/living-room/suggestion', 'PRESS');
    await changed('rooms/living-room/scene', 'movie');
    await changed('rooms/living-room/suggestion', 'none');
    await send('devices/virtual:lamp/resume', 'PRESS');
    await send('sensing', 'ON');
    await changed('sensing', 'ON');
    assert.ok(house.hub.log.some(({ action, actor }) => action === 'room.resume' && actor === 'mqtt:client'));
    assert.ok(house.hub.log.some(({ action, subject }) => action === 'device.resume' && subject === 'virtual:lamp'));
  });

  it('refuse nonsense with the reason, and change nothing', async (context) => {
    const house = await startWithPassword(context);
    const listener = await join(context, house);
    const before = structuredClone(house.hub.view);
    const cases: Array<[topic: string, payload: string | Buffer, code: string]> = [
      ['rooms/living-room/mode', 'party', 'mqtt.bad_payload'],
      ['rooms/living-room/mode', 'x'.repeat(5000), 'mqtt.bad_payload'],
      ['rooms/living-room/mode', Buffer.from([0xff, 0xfe, 0x00]), 'mqtt.bad_payload'],
      ['rooms/attic/mode', 'auto', 'api.unknown_room'],
      ['rooms/living-room/scene', 'nope', 'api.unknown_scene'],
      ['rooms/living-room/ambience', '{"on":true}', 'mqtt.bad_payload'],
      ['rooms/living-room/constructor', 'ON', 'api.not_found'],
      ['sensing', 'maybe', 'mqtt.bad_payload'],
      ['sources/ghost', 'ON', 'api.unknown_source'],
    ];
    for (const [topic, payload, code] of cases) {
      await listener.client.publishAsync(`roomtone/${topic}/set`, payload, { qos: 1 });
      const event = JSON.parse(await listener.take('roomtone/bridge/event'));
      assert.deepEqual([event.code, event.topic], [code, `roomtone/${topic}/set`]);
    }
    await listener.client.publishAsync('roomtone/sensing/set', 'OFF', { qos: 1, retain: true });
    assert.equal(JSON.parse(await listener.take('roomtone/bridge/event')).code, 'mqtt.retained_refused');
    assert.deepEqual(house.hub.view, before);
    assert.ok(house.logged.some((line) => line.includes('mqtt.bad_payload')));
  });

  it('refuse strengths that are none, and devices that nobody knows', async (context) => {
    const house = await startWithPassword(context);
    const listener = await join(context, house);
    const cases = [
      ['rooms/living-room/intensity', '101', 'mqtt.bad_payload'],
      ['rooms/living-room/suggestion', 'PRESS', 'ambience.no_suggestion'],
      ['devices/no%E0%A4%A/resume', 'PRESS', 'api.not_found'],
      ['devices/virtual:gone/resume', 'PRESS', 'api.unknown_device'],
    ] as const;
    for (const [topic, payload, code] of cases) {
      await listener.client.publishAsync(`roomtone/${topic}/set`, payload, { qos: 1 });
      assert.equal(JSON.parse(await listener.take('roomtone/bridge/event')).code, code);
    }
  });

  it('pass on what is written to a room, as it is or as JSON', async (context) => {
    const house = await startWithPassword(context);
    const { client } = await join(context, house);
    const messages = [' so tired today ', '{"text":"what a day"}', '{sigh}'];
    const heard = new Promise<void>((resolve) => {
      const { commands } = house.hub;
      const submit = commands.submitText;
      commands.submitText = (...call) => {
        submit(...call);
        if (house.hub.texts.length === messages.length) resolve();
      };
    });
    for (const payload of messages) await client.publishAsync('roomtone/rooms/living-room/text/set', payload, { qos: 1 });
    await heard;
    assert.deepEqual(
      house.hub.texts.map(({ room, text }) => [room, text]),
      ['so tired today', 'what a day', '{sigh}'].map((text) => ['living-room', text]),
    );
  });

  it('let nobody else read what is written to a room, and quote nothing of it', async (context) => {
    const house = await startWithPassword(context);
    const listener = await join(context, house);
    const topic = 'roomtone/rooms/living-room/text/set';
    const cases: Array<[topic: string, payload: string, code: string, retain?: true]> = [
      [topic, '{"words":"secret"}', 'mqtt.bad_payload'],
      [topic, '{"secret":1,"text":{"secret":"secret"}}', 'mqtt.bad_payload'],
      [topic, `secret${'x'.repeat(20_000)}`, 'mqtt.bad_payload'],
      ['roomtone/rooms/attic/text/set', 'secret', 'api.unknown_room'],
      [topic, 'secret', 'mqtt.retained_refused', true],
    ];
    for (const [to, payload, code, retain = false] of cases) {
      await listener.client.publishAsync(to, payload, { qos: 1, retain });
      const event = await listener.take('roomtone/bridge/event');
      assert.deepEqual([JSON.parse(event).code, event.includes('secret')], [code, false]);
      assert.deepEqual(listener.seen(to), []);
    }
    assert.deepEqual([house.hub.texts, house.logged.filter((line) => line.includes('secret'))], [[], []]);
  });

  it('are not drowned out by a flood of nonsense', async (context) => {
    const clock = new FakeClock();
    const house = await startWithPassword(context, { clock });
    const listener = await join(context, house);
    await Promise.all(Array.from({ length: 200 }, () => listener.client.publishAsync('roomtone/sensing/set', 'maybe', { qos: 1 })));
    const switched = once(house.hub.events, 'house');
    await listener.client.publishAsync('roomtone/sensing/set', 'OFF', { qos: 1 });
    await switched;
    clock.advance(1000);
    for (let state = ''; state !== 'OFF'; ) state = await listener.take('roomtone/sensing/state');
    assert.equal(house.logged.filter((line) => line.includes('message refused')).length, 10);
  });
});

describe('requests', () => {
  it('are answered with their transaction', async (context) => {
    const house = await startWithPassword(context);
    const listener = await join(context, house);
    const ask = async (call: string, payload: string) => {
      await listener.client.publishAsync(`roomtone/bridge/request/${call}`, payload, { qos: 1 });
      return JSON.parse(await listener.take(`roomtone/bridge/response/${call}`));
    };
    assert.deepEqual(await ask('health', '{"transaction":"a1"}'), {
      v: 1,
      status: 'ok',
      data: { ready: true, version: '0.1.0', uptime: 12, problems: 1 },
      transaction: 'a1',
    });
    assert.equal((await ask('rooms', '')).data[0].id, 'living-room');
    assert.equal((await ask('reload', '{}')).status, 'ok');
    assert.equal((await ask('health', 'nonsense')).error.code, 'mqtt.bad_payload');
    assert.equal((await ask('nothing', '')).error.code, 'api.not_found');
  });
});
