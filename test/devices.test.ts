import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import Database from 'better-sqlite3';
import type { ActivityEntry, DiscoveryView, QueueView } from '../daemon/api/devices.ts';
import type { AuditEntry, DeviceView } from '../daemon/api/views.ts';
import { Daemon, eventually, PATIENCE, roomtone } from './helpers/daemon.ts';
import { Mosquitto } from './helpers/mosquitto.ts';
import { needs } from './helpers/needs.ts';
import { HueBridgeSimulator } from './simulators/hue/simulator.ts';

const CONFIGURATION = `version: 1
http: { port: 0 }
mqtt: { listen: { port: 0 } }
adapters: { virtual: { lamps: [{ id: lamp, name: Floor lamp }, { id: desk, name: Desk light }] } }
rooms:
  den:
    devices:
      - virtual:lamp   # by the window
  study: {}
`;

suite('looking after devices', () => {
  let daemon: Daemon;
  let bridge: HueBridgeSimulator;

  before(async () => {
    bridge = new HueBridgeSimulator({ answerDelay: [0, 0], echoDelay: [0, 0], eventInterval: 5 });
    await bridge.start();
    daemon = await Daemon.start({ config: CONFIGURATION });
    await daemon.login();
  });

  after(async () => {
    await daemon?.close();
    await bridge?.close();
  });

  const cli = (...args: string[]) => roomtone(...args, '--data', daemon.dir);
  const hue = (lamp: string): string => `hue:${bridge.bridgeId.toLowerCase()}.${bridge.light(lamp).id}`;
  const at = (device: string): string => `/api/devices/${encodeURIComponent(device)}`;

  /** Everything in the database that names a device, but who did what to it. */
  const traces = (device: string): string[] => {
    const db = new Database(join(daemon.dir, 'roomtone.db'), { readonly: true });
    try {
      const keys = db.prepare<[], { key: string; value: string }>('SELECT key, value FROM state').all();
      const log = db.prepare<[string], { device: string }>('SELECT device FROM device_activity WHERE device = ?').all(device);
      const named = keys.filter(({ key, value }) => key.includes(device) || value.includes(device)).map(({ key }) => key);
      return [...named, ...log.map((line) => line.device)];
    } finally {
      db.close();
    }
  };

  test('a lamp is put into other rooms, and the comments of the configuration stay', async () => {
    const placed = await daemon.put<DeviceView>(`${at('virtual:desk')}/rooms`, { rooms: ['den', 'study'] });
    assert.deepEqual(placed.rooms, ['den', 'study']);
    const yaml = readFileSync(daemon.configFile, 'utf8');
    assert.match(yaml, /virtual:lamp +# by the window/);
    assert.equal((await daemon.refusal('PUT', `${at('virtual:desk')}/rooms`, { rooms: ['attic'] })).code, 'api.unknown_room');
    await daemon.put(`${at('virtual:desk')}/rooms`, { rooms: [] });
    assert.doesNotMatch(readFileSync(daemon.configFile, 'utf8').split('rooms:')[1] ?? '', /virtual:desk/);
  });

  test('a lamp obeys whom it may, and says what happened to it', async () => {
    await daemon.put(`${at('virtual:lamp')}/permissions`, { rooms: null, rungs: ['mood'] });
    assert.equal((await daemon.refusal('PUT', at('virtual:lamp'), { brightness: 20 })).code, 'device.not_permitted');
    await daemon.put(`${at('virtual:lamp')}/permissions`, { rooms: null, rungs: null });
    await daemon.put(at('virtual:lamp'), { brightness: 20 });
    await daemon.deviceWhen('virtual:lamp', ({ values }) => values.brightness === 20);
    const [latest] = await daemon.get<ActivityEntry[]>(`${at('virtual:lamp')}/activity`);
    assert.deepEqual([latest?.what, latest?.params], ['commanded', { brightness: 20 }]);
    const { acked, waiting, failed } = await daemon.get<QueueView>('/api/queue');
    assert.ok(acked > 0);
    assert.deepEqual([waiting, failed], [0, {}]);
  });

  test('on the command line a bridge is paired by its button, and its lamps are listed and show themselves', async () => {
    const paired = cli('devices', 'pair', 'hue', bridge.address);
    await bridge.waitForRequest(({ method, path }) => method === 'POST' && path === '/api');
    bridge.pressLinkButton();
    const { code, stdout, stderr } = await paired;
    assert.deepEqual([code, stdout], [0, 'Paired with Hue Bridge (001788fffe123456).\n']);
    assert.match(stderr, /Press the link button of the bridge at 127\.0\.0\.1:\d+: 30 s left/);
    await daemon.deviceWhen(hue('Color'), ({ available }) => available);
    const list = await cli('devices', 'list');
    assert.match(list.stdout, new RegExp(`^${hue('Color')} +there +- +Color`, 'm'));
    assert.equal((await cli('devices', 'identify', 'virtual:lamp')).code, 0);
    assert.equal((await cli('devices', 'identify', 'virtual:nobody')).code, 65);
  });

  test('of a forgotten lamp nothing is left: not in a room, not in the store, not on MQTT', needs('mosquitto_sub'), async (t) => {
    const mosquitto = new Mosquitto(daemon.mqttPort);
    t.after(() => mosquitto.close());
    const lamp = hue('Ambiance');
    await daemon.put(`${at(lamp)}/rooms`, { rooms: ['study'] });
    await daemon.put(`${at(lamp)}/permissions`, { rooms: ['study'], rungs: null });
    await daemon.put(at(lamp), { brightness: 33 });
    await daemon.deviceWhen(lamp, ({ values }) => Math.abs((values.brightness ?? 0) - 33) < 1);
    await mosquitto.see(`roomtone/devices/${lamp}/state`, ({ payload }) => Math.round(JSON.parse(payload).brightness) === 33);
    assert.ok(traces(lamp).length > 2);

    const { code, stdout } = await cli('devices', 'forget', lamp);
    assert.deepEqual([code, stdout], [0, `${lamp} is forgotten.\n`]);
    assert.doesNotMatch(readFileSync(daemon.configFile, 'utf8'), new RegExp(lamp));
    await eventually(() => traces(lamp).every((key) => key === `device-hidden.${lamp}`), PATIENCE, 'every trace is gone');
    assert.doesNotMatch(await mosquitto.kept(), new RegExp(lamp));
    assert.equal((await daemon.refusal('GET', `${at(lamp)}/activity`)).code, 'api.unknown_device');
    const [entry] = (await daemon.get<AuditEntry[]>('/api/audit?limit=1')) as [AuditEntry];
    assert.deepEqual([entry.action, entry.subject], ['device.forgotten', lamp]);

    const { hidden } = await daemon.post<DiscoveryView>('/api/discover');
    assert.deepEqual(hidden, [{ id: lamp, name: 'Ambiance' }]);
    await daemon.post(`${at(lamp)}/readmit`);
    const back = await daemon.device(lamp);
    assert.deepEqual([back.rooms, back.permissions, back.holds], [[], { rooms: null, rungs: null }, {}], 'it comes back as a new one');
  });

  test('secrets are sealed anew under a new key while the hub runs', async () => {
    const before = readFileSync(join(daemon.dir, 'vault.key'), 'utf8');
    const { code, stderr } = await cli('vault', 'rotate');
    assert.equal(code, 0);
    assert.match(stderr, /^Sealed \d+ secrets with the new key\.\n$/);
    assert.notEqual(readFileSync(join(daemon.dir, 'vault.key'), 'utf8'), before);
    assert.ok(!stderr.includes(before.trim()));
    await daemon.post('/api/reload');
    await daemon.put(at(hue('Color')), { brightness: 44 });
    await daemon.deviceWhen(hue('Color'), ({ values }) => Math.abs((values.brightness ?? 0) - 44) < 1);
  });

  test('the command line leaves no token behind, and says when no hub runs', async () => {
    assert.deepEqual(await daemon.get('/api/tokens'), []);
    await daemon.kill('SIGTERM');
    const { code, stderr } = await cli('devices', 'list');
    assert.equal(code, 69);
    assert.match(stderr, /No hub runs on .*Start it first/);
    assert.equal((await cli('devices', 'dance')).code, 64);
    assert.equal((await cli('vault', 'open')).code, 64);
  });
});
