import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pino } from 'pino';
import { FakeClock } from '../../daemon/api/clock.fake.ts';
import { FakeHub, fakeRoom } from '../../daemon/api/hub.fake.ts';
import { FakeState } from '../../daemon/api/state.fake.ts';
import { FakeMqttPort } from '../../daemon/devices/mqtt-port.fake.ts';
import { HomeAssistant, type HomeAssistantOptions } from './discovery.ts';
import { announcements, type Component, type DeviceConfig } from './payloads.ts';

const log = pino({ level: 'silent' });
const HUB = '0b0f5f0e-6e0c-4f3f-9f3b-8d8f5f0e6e0c';
const HUB_TOPIC = `homeassistant/device/${HUB}/config`;
const ROOM_TOPIC = `homeassistant/device/${HUB}_living-room/config`;

function make(options: Partial<HomeAssistantOptions> = {}) {
  const clock = new FakeClock();
  const hub = (options.hub as FakeHub | undefined) ?? new FakeHub();
  const port = (options.port as FakeMqttPort | undefined) ?? new FakeMqttPort();
  const state = options.state ?? new FakeState();
  const republished: number[] = [];
  const republish = () => void republished.push(port.published.length);
  const given = { log, clock, random: () => 0.5, hub, state, port, base: 'roomtone', prefix: 'homeassistant', enabled: true, republish };
  const homeAssistant = new HomeAssistant({ ...given, ...options });
  return { homeAssistant, clock, hub, port, state, republished };
}

async function online(options: Partial<HomeAssistantOptions> = {}) {
  const made = make(options);
  await made.homeAssistant.start();
  made.port.goOnline();
  return made;
}

const retained = (port: FakeMqttPort, topic: string): DeviceConfig => JSON.parse(port.retained.get(topic) ?? 'null');

describe('discovery payloads', () => {
  it('are what Home Assistant takes, for the hub and every room', () => {
    const { hub } = make();
    hub.view.rooms.push(fakeRoom('kids_room', 'Kids'));
    const configs = announcements(hub.queries.house(), { base: 'roomtone', prefix: 'homeassistant' });
    assert.deepEqual([...configs.keys()], [HUB_TOPIC, ROOM_TOPIC, `homeassistant/device/${HUB}_kids_room/config`]);
    const ids = new Set<string>();
    for (const [topic, config] of configs) {
      checkDevice(topic, config);
      for (const { unique_id } of Object.values(config.cmps)) {
        assert.ok(!ids.has(unique_id), unique_id);
        ids.add(unique_id);
      }
    }
  });

  it('have the entities whose function exists', () => {
    const { hub } = make();
    const room = () => announcements(hub.queries.house(), { base: 'roomtone', prefix: 'homeassistant' }).get(ROOM_TOPIC);
    const controls = ['mode', 'scene', 'ambience', 'intensity', 'suggestion', 'accept', 'resume', 'event'];
    const readings = ['mood', 'emotion', 'valence', 'arousal', 'stress', 'confidence'];
    const components = () => Object.keys(room()?.cmps ?? {}).sort();
    assert.deepEqual(components(), [...readings, 'occupancy', ...controls, 'camera', 'microphone'].sort());
    const [living] = hub.view.rooms;
    assert.ok(living);
    living.sources = living.sources.filter(({ kind }) => kind === 'microphone');
    assert.deepEqual(components(), [...readings, ...controls, 'microphone'].sort());
    living.sources = [];
    assert.deepEqual(components(), [...controls].sort());
    assert.deepEqual(room()?.cmps.scene?.options, ['calm', 'movie', 'none']);
  });

  it('leave out a room of recorded observations while they play', () => {
    const { hub } = make();
    const [living] = hub.view.rooms;
    const [source] = living?.sources ?? [];
    assert.ok(living && source);
    living.sources = [{ ...source, kind: 'demo', state: 'demo' }];
    const topics = () => [...announcements(hub.queries.house(), { base: 'roomtone', prefix: 'homeassistant' }).keys()];
    hub.view.demo = true;
    assert.deepEqual(topics(), [HUB_TOPIC]);
    hub.view.demo = false;
    assert.deepEqual(topics(), [HUB_TOPIC, ROOM_TOPIC]);
  });
});

describe('discovery', () => {
  it('announces the hub before its rooms, retained, on every connection', async () => {
    const { homeAssistant, port } = await online();
    const announced = () => port.published.map(({ topic, retain, qos }) => [topic, retain, qos]);
    assert.deepEqual(announced(), [
      [HUB_TOPIC, true, 1],
      [ROOM_TOPIC, true, 1],
    ]);
    port.goOffline();
    port.goOnline();
    assert.equal(announced().length, 4);
    await homeAssistant.close();
  });

  it('says nothing twice, and announces what is new', async () => {
    const { clock, hub, port, homeAssistant } = await online();
    hub.events.emit('house');
    clock.advance(1000);
    assert.equal(port.published.length, 2);
    hub.view.rooms.push(fakeRoom('attic', 'Attic'));
    hub.events.emit('house');
    hub.events.emit('room', { room: 'attic' });
    clock.advance(1000);
    assert.deepEqual(
      port.published.slice(2).map(({ topic }) => topic),
      [`homeassistant/device/${HUB}_attic/config`],
    );
    await homeAssistant.close();
    assert.equal(clock.pending, 0);
  });

  it('removes an entity by its platform alone, then leaves it out', async () => {
    const { clock, hub, port, homeAssistant } = await online();
    const [living] = hub.view.rooms;
    assert.ok(living);
    living.sources = living.sources.filter(({ kind }) => kind === 'camera');
    hub.events.emit('room', { room: living.id });
    clock.advance(1000);
    const [removal, final] = port.published.slice(2).map(({ payload }) => JSON.parse(payload) as DeviceConfig);
    assert.deepEqual(removal?.cmps.microphone, { p: 'switch' });
    assert.ok(removal?.cmps.camera?.unique_id);
    assert.ok(final && !('microphone' in final.cmps));
    await homeAssistant.close();
  });

  it('takes back what went while the hub was off: rooms, entities, and all of it when switched off', async () => {
    const state = new FakeState();
    const port = new FakeMqttPort();
    await (await online({ state, port })).homeAssistant.close();

    const smaller = new FakeHub();
    smaller.view.rooms = [{ ...fakeRoom('study', 'Study'), sources: [] }];
    const second = await online({ state, port, hub: smaller });
    assert.deepEqual([...port.retained.keys()], [HUB_TOPIC, `homeassistant/device/${HUB}_study/config`]);
    await second.homeAssistant.close();

    const moved = await online({ state, port, hub: smaller, prefix: 'ha' });
    assert.deepEqual([...port.retained.keys()], [`ha/device/${HUB}/config`, `ha/device/${HUB}_study/config`]);
    await moved.homeAssistant.close();

    const off = await online({ state, port, hub: smaller, prefix: 'ha', enabled: false });
    assert.deepEqual([...port.retained.keys()], []);
    await off.homeAssistant.close();
  });

  it('forgets no room because the configuration is bad', async () => {
    const { clock, hub, port, homeAssistant } = await online();
    hub.view.rooms = [];
    hub.view.config.state = 'safe';
    hub.events.emit('house');
    clock.advance(1000);
    assert.ok(retained(port, ROOM_TOPIC));
    await homeAssistant.close();
  });

  it('answers the birth of Home Assistant after a short wait: discovery first, then states', async () => {
    const { clock, port, republished, homeAssistant } = await online();
    port.deliver('homeassistant/status', 'offline');
    clock.advance(10_000);
    assert.equal(port.published.length, 2);
    port.deliver('homeassistant/status', 'online', true);
    port.deliver('homeassistant/status', 'online');
    clock.advance(1499);
    assert.equal(port.published.length, 2);
    clock.advance(1);
    assert.equal(port.published.length, 4);
    assert.deepEqual(republished, [4]);
    await homeAssistant.close();
    await homeAssistant.close();
    assert.equal(clock.pending, 0);
  });
});

const PLATFORM_NEEDS: Record<string, string[]> = {
  sensor: ['state_topic', 'value_template'],
  binary_sensor: ['state_topic', 'value_template', 'device_class'],
  number: ['command_topic', 'min', 'max'],
  select: ['state_topic', 'command_topic', 'options'],
  switch: ['state_topic', 'command_topic'],
  button: ['command_topic'],
  event: ['state_topic', 'event_types'],
};

/** What the documentation of Home Assistant's MQTT integration asks of a device config (2026.11). */
function checkDevice(topic: string, config: DeviceConfig): void {
  assert.match(topic, /^homeassistant\/device\/[a-zA-Z0-9_-]+\/config$/);
  assert.deepEqual(Object.keys(config).sort(), ['availability', 'availability_mode', 'cmps', 'dev', 'o']);
  assert.equal(config.availability_mode, 'all');
  assert.equal(config.availability[0]?.topic, 'roomtone/bridge/state');
  assert.deepEqual(Object.keys(config.o).sort(), ['name', 'sw']);
  assert.ok(config.dev.ids.length > 0);
  if (config.dev.ids[0] !== HUB) {
    assert.equal(config.dev.via_device, HUB);
    assert.ok(config.dev.suggested_area);
    assert.equal(config.availability.length, 2);
  }
  const main = Object.values(config.cmps).filter(({ name }) => name === null);
  assert.ok(main.length <= 1, 'one entity bears the name of the device');
  for (const component of Object.values(config.cmps)) checkComponent(component, config.dev.name);
}

function checkComponent(component: Component, deviceName: string): void {
  const { p, unique_id, name, default_entity_id } = component;
  assert.ok(p in PLATFORM_NEEDS, p);
  assert.ok(unique_id.startsWith(HUB));
  assert.match(default_entity_id, new RegExp(`^${p}\\.[a-z0-9]+(_[a-z0-9]+)*$`));
  assert.ok(!(name ?? '').toLowerCase().includes(deviceName.toLowerCase()));
  for (const option of PLATFORM_NEEDS[p] ?? []) assert.ok(option in component, `${unique_id} needs ${option}`);
  for (const option of ['object_id', 'expire_after', 'retain', 'unit']) assert.ok(!(option in component), `${unique_id} has ${option}`);
  for (const option of ['state_topic', 'command_topic'])
    if (option in component) assert.match(String(component[option]), /^roomtone\/[\w-]+(\/[\w-]+)+$/);
  assert.ok([undefined, 'config', 'diagnostic'].includes(component.entity_category as string | undefined));
  if (p === 'sensor') checkSensor(component);
}

function checkSensor(component: Component): void {
  const isEnum = component.device_class === 'enum';
  assert.equal('options' in component, isEnum);
  assert.equal(component.state_class, isEnum ? undefined : 'measurement');
  if (isEnum) assert.ok(!('unit_of_measurement' in component));
}
