import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { fakeContext } from '../../daemon/devices/adapter.fake.ts';
import type { ButtonEvent, Reading } from '../../daemon/devices/adapter.ts';
import type { Report } from '../../daemon/devices/command.ts';
import type { Attributes, DeviceId } from '../../daemon/devices/device.ts';
import { CountingClock } from '../../test/helpers/counting-clock.ts';
import { MosquittoBroker } from '../../test/helpers/mosquitto-broker.ts';
import { needs } from '../../test/helpers/needs.ts';
import { TcpProxy } from '../../test/helpers/tcp-proxy.ts';
import type { DeviceOptions } from '../../test/simulators/zigbee2mqtt/device.ts';
import { respond } from '../../test/simulators/zigbee2mqtt/requests.ts';
import { type StandInOptions, Zigbee2MqttStandIn } from '../../test/simulators/zigbee2mqtt/stand-in.ts';
import { Zigbee2MqttAdapter } from './adapter.ts';

const SOON = {
  firstRetry: 10,
  longestRetry: 50,
  greetEvery: 100,
  silence: 400,
  askAfter: 200,
  answerWithin: 600,
  lookWithin: 600,
  requestWithin: 1000,
  reachWithin: 1000,
  interviewWithin: 1000,
};

const lamp = (name: string, more: Partial<DeviceOptions> = {}): DeviceOptions => ({ ieee: '0x0001', name, kind: 'hueColor', ...more });
const DEVICE: DeviceId = 'zigbee2mqtt:0x0001';

/** An adapter, a real broker and a Zigbee2MQTT behind it; what the adapter said, and waits for what it will say. */
class Rig {
  readonly z2m: Zigbee2MqttStandIn;
  readonly broker: MosquittoBroker;
  readonly adapter: Zigbee2MqttAdapter;
  readonly clock = new CountingClock();
  /** Between the adapter and the broker. */
  readonly proxy: TcpProxy;
  readonly reports: Report[] = [];
  readonly readings: Reading[] = [];
  readonly touches: ButtonEvent[] = [];
  readonly problems: (string | null)[] = [];
  readonly #available = new Set<DeviceId>();
  readonly #news = new EventEmitter<{ news: [] }>();

  private constructor({ broker, proxy, z2m }: { broker: MosquittoBroker; proxy: TcpProxy; z2m: Zigbee2MqttStandIn }) {
    this.broker = broker;
    this.proxy = proxy;
    this.z2m = z2m;
    const context = fakeContext({ clock: this.clock, random: Math.random });
    this.adapter = new Zigbee2MqttAdapter({ url: `mqtt://${proxy.address}`, base: z2m.base }, context, SOON);
    const { events } = this.adapter;
    events.on('report', (report) => this.#note(this.reports, report)).on('reading', (reading) => this.#note(this.readings, reading));
    events.on('button', (touch) => this.#note(this.touches, touch)).on('devices', () => this.#news.emit('news'));
    events.on('mesh', () => this.#news.emit('news'));
    events.on('problem', ({ problem }) => this.#note(this.problems, problem?.code ?? null));
    events.on('availability', ({ device, available }) => {
      if (available) this.#available.add(device);
      else this.#available.delete(device);
      this.#news.emit('news');
    });
  }

  static async open(t: TestContext, options: Omit<StandInOptions, 'url'>): Promise<Rig> {
    const broker = await MosquittoBroker.start();
    const proxy = new TcpProxy(() => ({ host: '127.0.0.1', port: broker.port }));
    await proxy.start();
    const rig = new Rig({ broker, proxy, z2m: new Zigbee2MqttStandIn({ url: broker.url, ...options }) });
    t.after(async () => {
      await rig.adapter.close();
      await rig.z2m.kill();
      await proxy.close();
      await broker.close();
    });
    await rig.z2m.start();
    await rig.adapter.start();
    return rig;
  }

  isAvailable(device: DeviceId): boolean {
    return this.#available.has(device);
  }

  async there(...devices: DeviceId[]): Promise<void> {
    await this.until(() => devices.every((device) => this.isAvailable(device)));
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await once(this.#news, 'news');
  }

  apply(attributes: Attributes, device: DeviceId = DEVICE, transition = 0): Promise<void> {
    return this.adapter.apply({ id: 'c', device, attributes, transition, cause: ['test'] }, new AbortController().signal);
  }

  /** Latest values that were reported of a device. */
  values(device: DeviceId = DEVICE): Attributes {
    const own = this.reports.filter((report) => report.device === device);
    return Object.fromEntries(own.map(({ attribute, value }) => [attribute, value]));
  }

  names(): string[] {
    return this.adapter.list().map(({ name }) => name);
  }

  #note<T>(list: T[], entry: T): void {
    list.push(entry);
    this.#news.emit('news');
  }
}

describe('Zigbee2MQTT by a real mosquitto', { ...needs('mosquitto'), timeout: 60_000 }, () => {
  it('tells of every device what it is and how it stands, and refuses nothing', async (t) => {
    const rig = await Rig.open(t, {
      devices: [
        lamp('den/ceiling'),
        { ieee: '0x0002', name: 'motion', kind: 'hueMotion' },
        { ieee: '0x0003', name: 'double', kind: 'aqaraDoubleSwitch' },
      ],
    });
    await rig.there(DEVICE, 'zigbee2mqtt:0x0002', 'zigbee2mqtt:0x0003/left');
    assert.deepEqual(
      rig.adapter.list().map(({ id, name, model }) => [id, name, model]),
      [
        [DEVICE, 'den/ceiling', 'Philips 9290012573A'],
        ['zigbee2mqtt:0x0002', 'motion', 'Philips 9290012607'],
        ['zigbee2mqtt:0x0003', 'double', 'Aqara QBKG12LM'],
        ['zigbee2mqtt:0x0003/left', 'double left', 'Aqara QBKG12LM'],
        ['zigbee2mqtt:0x0003/right', 'double right', 'Aqara QBKG12LM'],
      ],
    );
    assert.deepEqual(rig.values(), { on: true, brightness: 100, colorTemperature: 2703 });
    assert.deepEqual(rig.z2m.errors, []);
  });

  it('one of two switches goes by itself', async (t) => {
    const rig = await Rig.open(t, { devices: [{ ieee: '0x0003', name: 'double', kind: 'aqaraDoubleSwitch' }] });
    await rig.there('zigbee2mqtt:0x0003/left', 'zigbee2mqtt:0x0003/right');
    await rig.apply({ on: false }, 'zigbee2mqtt:0x0003/right');
    const { state_left, state_right } = rig.z2m.device('double').real;
    assert.deepEqual([state_left, state_right], ['ON', 'OFF']);
    assert.deepEqual([rig.values('zigbee2mqtt:0x0003/left').on, rig.values('zigbee2mqtt:0x0003/right').on], [true, false]);
  });

  it('a brightness for a lamp that is off does not switch it on', async (t) => {
    const rig = await Rig.open(t, { devices: [lamp('lamp', { state: { state: 'OFF' } })] });
    await rig.there(DEVICE);
    await rig.apply({ brightness: 30 });
    const { state, brightness } = rig.z2m.device('lamp').real;
    assert.deepEqual([state, brightness], ['OFF', 76]);
  });

  it('says what differs alone, however often everything is repeated', async (t) => {
    const rig = await Rig.open(t, { devices: [lamp('lamp')] });
    await rig.there(DEVICE);
    const before = rig.reports.length;
    rig.z2m.tell('lamp', { linkquality: 30 });
    rig.z2m.tell('lamp', { linkquality: 31, brightness: 127 });
    await rig.until(() => rig.reports.length > before);
    assert.deepEqual(
      rig.reports.slice(before).map(({ attribute, value, kind }) => [attribute, value, kind]),
      [['brightness', 50, 'event']],
    );
  });

  it('a group of lamps is one message, and each lamp tells for itself', async (t) => {
    const devices = [lamp('one'), lamp('two', { ieee: '0x0002', kind: 'ikeaWhite' })];
    const members = [
      ['0x0001', 11],
      ['0x0002', 1],
    ] as const;
    const rig = await Rig.open(t, { devices, groups: [{ id: 5, name: 'all/of them', members }] });
    const ids: DeviceId[] = [DEVICE, 'zigbee2mqtt:0x0002'];
    await rig.there(...ids);
    const [group] = rig.adapter.groups();
    assert.deepEqual(group?.members, ids);
    const commands = ids.map((device) => ({ id: device, device, attributes: { brightness: 20 }, transition: 1, cause: ['test'] }));
    const before = rig.z2m.heard.length;
    const command = { group: group?.id ?? '', attributes: { on: true, brightness: 20, colorTemperature: 6500 }, transition: 1, commands };
    await rig.adapter.applyToGroup(command, new AbortController().signal);
    await rig.until(() => ids.every((id) => rig.values(id).brightness === 20.1));
    assert.deepEqual(rig.z2m.heard.slice(before), [
      { topic: 'all/of them/set', payload: JSON.stringify({ state: 'ON', brightness: 51, color_temp: 250, transition: 1 }) },
    ]);
    assert.deepEqual(rig.z2m.errors, []);
  });

  it('a group that reaches what is not ours is none', async (t) => {
    const devices = [lamp('one'), lamp('two', { ieee: '0x0002' }), lamp('tuya', { ieee: '0x0003', kind: 'tuyaDimmer' })];
    const groups = [
      {
        id: 1,
        name: 'with a stranger',
        members: [
          ['0x0001', 11],
          ['0x0009', 1],
        ] as const,
      },
      {
        id: 2,
        name: 'with another protocol',
        members: [
          ['0x0001', 11],
          ['0x0003', 1],
        ] as const,
      },
      { id: 3, name: 'of one', members: [['0x0001', 11]] as const },
    ];
    const rig = await Rig.open(t, { devices, groups });
    await rig.there(DEVICE);
    assert.deepEqual(rig.adapter.groups(), []);
  });

  it('a lamp that does not answer by itself is asked', async (t) => {
    const rig = await Rig.open(t, { devices: [lamp('lamp', { optimistic: false })] });
    await rig.there(DEVICE);
    await rig.apply({ brightness: 40 });
    assert.equal(rig.z2m.heard.at(-1)?.topic, 'lamp/get');
    await rig.until(() => rig.values().brightness === 40.2);
  });

  it('a command that comes to nothing is said as soon as it stands in the log', async (t) => {
    const rig = await Rig.open(t, { devices: [lamp('lamp')], availability: 'off' });
    await rig.there(DEVICE);
    rig.z2m.device('lamp').isPowered = false;
    await assert.rejects(rig.apply({ brightness: 40 }), { code: 'device.unreachable' });
  });

  it('where nobody watches availability, a lamp is there that answers', async (t) => {
    const rig = await Rig.open(t, { devices: [lamp('lamp'), lamp('dead', { ieee: '0x0002' })], availability: 'off' });
    rig.z2m.device('dead').isPowered = false;
    await rig.there(DEVICE);
    assert.equal(rig.isAvailable('zigbee2mqtt:0x0002'), false);
    rig.z2m.device('dead').isPowered = true;
    rig.z2m.tell('dead', { brightness: 10 });
    await rig.there('zigbee2mqtt:0x0002');
  });

  it('what the broker kept from before is how things stand, never a hand nor a press', async (t) => {
    const broker = await MosquittoBroker.start();
    t.after(() => broker.close());
    const devices = [lamp('lamp', { retain: true }), { ieee: '0x0002', name: 'remote', kind: 'aqaraButton', retain: true } as const];
    const z2m = new Zigbee2MqttStandIn({ url: broker.url, devices });
    t.after(() => z2m.kill());
    await z2m.start();
    z2m.tell('remote', { action: 'single', battery: 70 });
    z2m.tell('lamp', { brightness: 127 });
    const adapter = new Zigbee2MqttAdapter({ url: broker.url, base: z2m.base }, fakeContext({ clock: new CountingClock() }), SOON);
    t.after(() => adapter.close());
    const said: unknown[] = [];
    adapter.events.on('button', (touch) => said.push(touch));
    adapter.events.on('report', ({ attribute, kind }) => attribute === 'brightness' && said.push(kind));
    adapter.events.on('reading', ({ value, kind }) => said.push([value, kind]));
    const both = Promise.withResolvers<void>();
    let there = 0;
    adapter.events.on('availability', () => {
      there += 1;
      if (there === 2) both.resolve();
    });
    await adapter.start();
    await both.promise;
    assert.deepEqual(said, ['resync', [70, 'resync']]);
  });

  it('a press is told when it happens, a hold once, and its release as that of the button held', async (t) => {
    const rig = await Rig.open(t, { devices: [{ ieee: '0x0002', name: 'remote', kind: 'ikeaRemote' }] });
    await rig.there('zigbee2mqtt:0x0002');
    for (const action of ['on', 'brightness_move_down', 'brightness_move_down', 'brightness_stop', '']) rig.z2m.tell('remote', { action });
    await rig.until(() => rig.touches.length >= 3);
    assert.deepEqual(
      rig.touches.map(({ button, action }) => [button, action]),
      [
        [1, 'press'],
        [2, 'hold'],
        [2, 'release'],
      ],
    );
  });

  it('a reading is told when it changes', async (t) => {
    const rig = await Rig.open(t, { devices: [{ ieee: '0x0002', name: 'motion', kind: 'hueMotion' }] });
    await rig.there('zigbee2mqtt:0x0002');
    rig.z2m.tell('motion', { occupancy: true });
    rig.z2m.tell('motion', { linkquality: 3 });
    rig.z2m.tell('motion', { occupancy: false });
    await rig.until(() => rig.readings.filter(({ reading }) => reading === 'occupancy').length >= 2);
    assert.deepEqual(
      rig.readings
        .filter(({ reading }) => reading === 'occupancy')
        .slice(-2)
        .map(({ value }) => value),
      [true, false],
    );
  });

  it('a new name is the same lamp, on its new topic', async (t) => {
    const rig = await Rig.open(t, { devices: [lamp('old name')] });
    await rig.there(DEVICE);
    rename(rig, 'old name', 'attic/lamp');
    await rig.until(() => rig.names().includes('attic/lamp'));
    await rig.apply({ brightness: 40 });
    assert.equal(rig.z2m.heard.at(-1)?.topic, 'attic/lamp/set');
    assert.ok(rig.isAvailable(DEVICE));
    assert.deepEqual(rig.names(), ['attic/lamp']);
  });

  it('a device that was removed is gone; one that was forgotten here is taken out of the network', async (t) => {
    const rig = await Rig.open(t, { devices: [lamp('one'), lamp('two', { ieee: '0x0002' })] });
    await rig.there(DEVICE, 'zigbee2mqtt:0x0002');
    await rig.adapter.forget(DEVICE, new AbortController().signal);
    await rig.until(() => rig.names().length === 1);
    assert.deepEqual([rig.adapter.isGone(DEVICE), rig.isAvailable(DEVICE)], [true, false]);
    assert.equal(rig.z2m.devices.has('0x0001'), false);
    rig.z2m.setPower('two', false);
    await rig.until(() => !rig.isAvailable('zigbee2mqtt:0x0002'));
    await assert.rejects(rig.adapter.forget('zigbee2mqtt:0x0002', new AbortController().signal), { code: 'device.refused' });
    assert.equal(rig.adapter.isGone('zigbee2mqtt:0x0002'), false);
  });

  it('one that is being interviewed is not listed yet, and not gone', async (t) => {
    const rig = await Rig.open(t, { devices: [lamp('lamp')] });
    await rig.there(DEVICE);
    const listed = once(rig.adapter.events, 'devices');
    rig.z2m.join(lamp('0x0002', { ieee: '0x0002' }));
    await listed;
    assert.deepEqual([rig.names(), rig.adapter.isGone('zigbee2mqtt:0x0002')], [['lamp'], false]);
    rig.z2m.interviewed('0x0002');
    await rig.there('zigbee2mqtt:0x0002');
    assert.equal(rig.values('zigbee2mqtt:0x0002').on, true, 'it was asked how it stands');
  });

  it('one that somebody disabled stays listed, and away', async (t) => {
    const rig = await Rig.open(t, { devices: [lamp('lamp')] });
    await rig.there(DEVICE);
    rig.z2m.setDisabled('lamp', true);
    await rig.until(() => !rig.isAvailable(DEVICE));
    assert.deepEqual([rig.names(), rig.adapter.isGone(DEVICE)], [['lamp'], false]);
    rig.z2m.setDisabled('lamp', false);
    await rig.there(DEVICE);
  });

  it('entries that cannot be read are passed over, and nothing is taken for gone by them', async (t) => {
    const rig = await Rig.open(t, { devices: [lamp('lamp')] });
    await rig.there(DEVICE);
    const listed = once(rig.adapter.events, 'devices');
    rig.z2m.publish('bridge/devices', [{ nonsense: true }]);
    await listed;
    assert.equal(rig.adapter.isGone(DEVICE), false);
    rig.z2m.publish('bridge/devices', '}{');
    rig.z2m.publishDevices();
    await rig.until(() => rig.names().length === 1);
  });

  it('a word `offline` that was left over is not believed while it answers', async (t) => {
    const rig = await Rig.open(t, { devices: [lamp('lamp')], legacyState: true });
    await rig.there(DEVICE);
    rig.z2m.publish('bridge/state', 'offline', { retain: true });
    await rig.until(() => !rig.isAvailable(DEVICE));
    await rig.there(DEVICE);
    assert.deepEqual(rig.problems, ['zigbee2mqtt.offline', null]);
  });

  it('broken off 100 times, it is as it was', async (t) => {
    const rig = await Rig.open(t, { devices: [lamp('lamp'), lamp('other', { ieee: '0x0002' })] });
    await rig.there(DEVICE, 'zigbee2mqtt:0x0002');
    const handles = (): string[] => process.getActiveResourcesInfo().filter((each) => each !== 'Timeout');
    const before = { timers: rig.clock.pending, handles: handles().length, topics: rig.adapter.list().length };
    for (let time = 0; time < 100; time += 1) {
      rig.proxy.thaw();
      await rig.until(() => !rig.isAvailable(DEVICE));
      await rig.there(DEVICE, 'zigbee2mqtt:0x0002');
    }
    assert.deepEqual({ timers: rig.clock.pending, handles: handles().length, topics: rig.adapter.list().length }, before);
    assert.equal(rig.proxy.connections, 1);
    await rig.apply({ brightness: 40 });
    assert.equal(rig.values().brightness, 40.2);
  });

  it('a broker that lost the list of devices is said so', async (t) => {
    const broker = await MosquittoBroker.start();
    t.after(() => broker.close());
    const z2m = new Zigbee2MqttStandIn({ url: broker.url, devices: [lamp('lamp')] });
    t.after(() => z2m.kill());
    await z2m.start();
    z2m.publish('bridge/devices', '', { retain: true });
    const adapter = new Zigbee2MqttAdapter({ url: broker.url, base: z2m.base }, fakeContext({ clock: new CountingClock() }), SOON);
    t.after(() => adapter.close());
    const problem = once(adapter.events, 'problem');
    await adapter.start();
    const [{ problem: said }] = await problem;
    assert.equal(said.code, 'zigbee2mqtt.no_list');
  });

  it('a broker that lets nobody in is a matter for a person', async (t) => {
    const broker = await MosquittoBroker.start({ anonymous: false });
    t.after(() => broker.close());
    const options = { url: broker.url, base: 'zigbee2mqtt', username: 'somebody', password: 'wrong' };
    const adapter = new Zigbee2MqttAdapter(options, fakeContext({ clock: new CountingClock() }), SOON);
    t.after(() => adapter.close());
    const problem = once(adapter.events, 'problem');
    await adapter.start();
    const [{ problem: said }] = await problem;
    assert.equal(said.code, 'zigbee2mqtt.login');
    assert.ok(!JSON.stringify(said).includes('wrong'));
  });
});

describe('the network behind a Zigbee2MQTT', { ...needs('mosquitto'), timeout: 60_000 }, () => {
  const { signal } = new AbortController();
  const node = (rig: Rig, id: string) => rig.adapter.mesh.view().nodes.find((each) => each.id === id);

  it('tells what it is, and of every node how it stands', async (t) => {
    const rig = await Rig.open(t, { devices: [lamp('den/ceiling'), { ieee: '0x0002', name: 'motion', kind: 'hueMotion' }] });
    assert.equal(rig.adapter.mesh.view().state, 'starting');
    await rig.there(DEVICE, 'zigbee2mqtt:0x0002');
    rig.z2m.tell('motion', { linkquality: 55 });
    await rig.until(() => node(rig, '0x0002')?.linkQuality === 55);
    const { nodes, ...network } = rig.adapter.mesh.view();
    assert.deepEqual(network, {
      state: 'online',
      coordinator: { port: `mqtt://${rig.proxy.address} zigbee2mqtt`, id: '0x00124b0000000001', model: 'zStack3x0, Zigbee2MQTT 2.12.1' },
      ...{ channel: 15, panId: 6754, joinSeconds: 0 },
    });
    const [, motion] = nodes;
    const { lastSeen = 0, ...rest } = motion ?? {};
    assert.ok(lastSeen > Date.now() - 60_000);
    assert.deepEqual(rest, {
      ...{ id: '0x0002', name: 'motion', devices: ['zigbee2mqtt:0x0002'], power: 'battery', available: true },
      ...{ vendor: 'Philips', model: '9290012607', linkQuality: 55, battery: 80 },
    });
  });

  it('opens for new devices and tells how far they are', async (t) => {
    const rig = await Rig.open(t, { devices: [lamp('lamp')] });
    await rig.there(DEVICE);
    await rig.adapter.mesh.permitJoin(60, signal);
    await rig.until(() => rig.adapter.mesh.view().joinSeconds > 50);
    rig.z2m.join(lamp('0x0002', { ieee: '0x0002' }));
    await rig.until(() => node(rig, '0x0002')?.joining === 'interviewing');
    rig.z2m.interviewed('0x0002', 'failed');
    await rig.until(() => node(rig, '0x0002')?.joining === 'failed');
    rig.z2m.interviewed('0x0002');
    await rig.until(() => node(rig, '0x0002')?.devices.length === 1);
    assert.equal(node(rig, '0x0002')?.joining, undefined);
    await rig.adapter.mesh.permitJoin(0, signal);
    await rig.until(() => rig.adapter.mesh.view().joinSeconds === 0);
  });

  it('renames and removes, and passes on what is refused', async (t) => {
    const rig = await Rig.open(t, { devices: [lamp('lamp'), lamp('other', { ieee: '0x0002' })] });
    const { mesh } = rig.adapter;
    await assert.rejects(mesh.permitJoin(60, signal), { code: 'mesh.offline' });
    await rig.there(DEVICE, 'zigbee2mqtt:0x0002');
    await mesh.rename('0x0001', 'attic/lamp');
    await rig.until(() => node(rig, '0x0001')?.name === 'attic/lamp');
    await assert.rejects(mesh.rename('0x0001', 'other'), {
      code: 'device.refused',
      params: { device: 'Zigbee2MQTT', what: "friendly_name 'other' is already in use" },
    });
    await assert.rejects(mesh.rename('0x0009', 'new'), { code: 'mesh.unknown_node' });
    await mesh.interview('0x0001', signal);
    rig.z2m.setPower('other', false);
    await assert.rejects(mesh.remove('0x0002', { force: false, signal }), { code: 'device.refused' });
    await mesh.remove('0x0002', { force: true, signal });
    await rig.until(() => node(rig, '0x0002') === undefined);
    assert.equal(rig.adapter.isGone('zigbee2mqtt:0x0002'), true);
  });
});

/** As somebody does it in Zigbee2MQTT's own panel. */
function rename({ z2m }: Rig, from: string, to: string): void {
  respond(z2m, 'device/rename', JSON.stringify({ from, to }));
}
