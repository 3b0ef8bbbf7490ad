import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { describe, it, type TestContext } from 'node:test';
import { pino } from 'pino';
import { freePort } from '../../test/helpers/daemon.ts';
import { MosquittoBroker } from '../../test/helpers/mosquitto-broker.ts';
import { needs } from '../../test/helpers/needs.ts';
import { FakeClock } from '../api/clock.fake.ts';
import { FakeCredentials } from '../api/credentials.fake.ts';
import { FakeHub, fakeRoom } from '../api/hub.fake.ts';
import { FakeState } from '../api/state.fake.ts';
import { Authenticator } from '../auth/authenticator.ts';
import { Mqtt, type MqttOptions } from './mqtt.ts';

const PASSWORD = 'correct horse battery';

function make(context: TestContext, options: Partial<MqttOptions>) {
  const clock = new FakeClock();
  const hub = new FakeHub();
  const auth = new Authenticator({ clock, random: randomBytes, credentials: new FakeCredentials({ clock }) });
  const logged: string[] = [];
  const mqtt = new Mqtt({
    log: pino({}, { write: (line) => void logged.push(line) }),
    clock,
    random: Math.random,
    hub,
    auth,
    state: new FakeState(),
    broker: 'embedded',
    listen: { host: '127.0.0.1', port: 0 },
    base: 'roomtone',
    homeAssistantPrefix: 'homeassistant',
    ...options,
  });
  context.after(() => mqtt.close());
  return { mqtt, hub: (options.hub as FakeHub | undefined) ?? hub, auth, clock, logged };
}

async function startMosquitto(context: TestContext): Promise<MosquittoBroker> {
  const broker = await MosquittoBroker.start();
  context.after(() => broker.close());
  return broker;
}

/** What `mosquitto_sub`, speaking MQTT 5, sees: `<retained 0 or 1> <topic> <payload>`, line by line. */
class Subscriber {
  readonly #lines: string[] = [];
  #check = () => {};

  constructor(context: TestContext, port: number) {
    const args = ['-V', 'mqttv5', '-h', '127.0.0.1', '-p', String(port), '-t', '#', '-F', '%r %t %p'];
    const child = spawn('mosquitto_sub', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.#lines.push(line);
      this.#check();
    });
    context.after(async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    });
  }

  /** The next line that begins with one of the texts. */
  take(...beginnings: string[]): Promise<string> {
    return new Promise((resolve) => {
      this.#check = () => {
        const at = this.#lines.findIndex((line) => beginnings.some((text) => line.startsWith(text)));
        const [found] = at < 0 ? [] : this.#lines.splice(at, 1);
        if (found === undefined) return;
        this.#check = () => {};
        resolve(found);
      };
      this.#check();
    });
  }
}

/** Stands between hub and broker, to cut the wire. */
async function wireTo(context: TestContext, port: number): Promise<{ url: string; cut(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  context.after(() => {
    cut();
    server.close();
  });
  return { url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`, cut };
}

describe('an outside broker', () => {
  it('gets everything over MQTT 5, and commands come back', needs('mosquitto', 'mosquitto_sub', 'mosquitto_pub'), async (context) => {
    const broker = await startMosquitto(context);
    const house = make(context, { broker: { url: broker.url } });
    await house.mqtt.start();
    await once(house.mqtt.port.events, 'online');
    await new Subscriber(context, broker.port).take('0 roomtone/rooms/living-room/mood', '1 roomtone/rooms/living-room/mood');
    const subscriber = new Subscriber(context, broker.port);
    assert.match(await subscriber.take('1 roomtone/rooms/living-room/mood'), /"label":"calm"/);
    assert.equal(await subscriber.take('1 roomtone/bridge/state'), '1 roomtone/bridge/state online');
    assert.ok(house.logged.some((line) => line.includes('"version":5')));
    assert.deepEqual(house.mqtt.status(), { kind: 'external', url: broker.url, connected: true });

    const changed = new Promise<void>((resolve) => house.hub.events.once('house', resolve));
    const publish = (...args: string[]) => spawn('mosquitto_pub', ['-V', 'mqttv5', '-p', String(broker.port), '-h', '127.0.0.1', ...args]);
    publish('-t', 'roomtone/sensing/set', '-m', 'OFF');
    await changed;
    assert.equal(house.hub.view.sensing, false);

    publish('-r', '-t', 'roomtone/sensing/set', '-m', 'ON');
    assert.match(await subscriber.take('0 roomtone/bridge/event'), /mqtt.retained_refused/);
    assert.equal(house.hub.view.sensing, false);
    await house.mqtt.close();
    assert.equal(await subscriber.take('0 roomtone/bridge/state'), '0 roomtone/bridge/state offline');
    const late = new Subscriber(context, broker.port);
    assert.equal(await late.take('1 roomtone/bridge/state'), '1 roomtone/bridge/state offline');
  });

  it('hears by the will that the hub is gone, and gets everything again', needs('mosquitto', 'mosquitto_sub'), async (context) => {
    const broker = await startMosquitto(context);
    const wire = await wireTo(context, broker.port);
    const house = make(context, { broker: { url: wire.url } });
    const problems: Array<string | null> = [];
    house.mqtt.events.on('problem', ({ problem }) => problems.push(problem?.code ?? null));
    await house.mqtt.start();
    await once(house.mqtt.port.events, 'online');
    const subscriber = new Subscriber(context, broker.port);
    await subscriber.take('1 roomtone/bridge/state online');
    const lost = once(house.mqtt.events, 'problem');
    wire.cut();
    await subscriber.take('0 roomtone/bridge/state offline');
    await lost;
    const online = once(house.mqtt.port.events, 'online');
    house.clock.advance(1000);
    await online;
    await subscriber.take('0 roomtone/bridge/state online');
    await subscriber.take('0 roomtone/rooms/living-room/mode/state auto');
    assert.deepEqual(problems, [null, 'mqtt.unreachable', null]);
  });

  it('that just went is not waited for at the end', needs('mosquitto'), async (context) => {
    const broker = await startMosquitto(context);
    const wire = await wireTo(context, broker.port);
    const house = make(context, { broker: { url: wire.url } });
    await house.mqtt.start();
    await once(house.mqtt.port.events, 'online');
    wire.cut();
    await house.mqtt.close();
  });

  it('keeps nothing of a room that went while the hub was off', needs('mosquitto', 'mosquitto_sub'), async (context) => {
    const broker = await startMosquitto(context);
    const state = new FakeState();
    const before = make(context, { broker: { url: broker.url }, state });
    await before.mqtt.start();
    await once(before.mqtt.port.events, 'online');
    await before.mqtt.close();
    const hub = new FakeHub();
    hub.view.rooms = [fakeRoom('study', 'Study')];
    const subscriber = new Subscriber(context, broker.port);
    await subscriber.take('1 roomtone/rooms/living-room/mood');
    const after = make(context, { broker: { url: broker.url }, state, hub });
    await after.mqtt.start();
    assert.equal(await subscriber.take('0 roomtone/rooms/living-room/mood'), '0 roomtone/rooms/living-room/mood ');
    await subscriber.take('0 roomtone/rooms/study/mood {');
  });

  it('is a problem while it is away, told once, and tried again ever more rarely', async (context) => {
    const port = await freePort();
    const house = make(context, { broker: { url: `mqtt://admin:secret@127.0.0.1:${port}`, username: 'admin', password: 'secret' } });
    const problems: unknown[] = [];
    house.mqtt.events.on('problem', ({ problem }) => problems.push(problem));
    await house.mqtt.start();
    await once(house.mqtt.events, 'problem');
    assert.deepEqual(problems, [
      { code: 'mqtt.unreachable', params: { url: `mqtt://127.0.0.1:${port}`, what: `connect ECONNREFUSED 127.0.0.1:${port}` } },
    ]);
    assert.ok(!house.logged.join('').includes('secret'));
    assert.equal(house.clock.pending, 1);
    await house.mqtt.close();
    assert.equal(house.clock.pending, 0);
  });

  it('that knows no MQTT 5 is spoken to in 3.1.1', async (context) => {
    const elder = make(context, {});
    await elder.auth.setPassword(PASSWORD);
    await elder.mqtt.start();
    const { url } = elder.mqtt.status();
    const house = make(context, { broker: { url, username: 'admin', password: PASSWORD } });
    await house.mqtt.start();
    await once(house.mqtt.port.events, 'online');
    assert.ok(house.logged.some((line) => line.includes('"version":4')));
    await house.mqtt.close();

    const stranger = make(context, { broker: { url, username: 'admin', password: 'not the password' } });
    await stranger.mqtt.start();
    const [{ problem }] = await once(stranger.mqtt.events, 'problem');
    assert.equal(problem.code, 'mqtt.unreachable');
    assert.match(problem.params.what, /Bad username or password/i);
  });
});
