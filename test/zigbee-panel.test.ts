import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { MeshView } from '../daemon/devices/mesh.ts';
import { PanelBrowser } from './helpers/browser.ts';
import { Daemon, eventually, PASSWORD, PATIENCE } from './helpers/daemon.ts';
import { MosquittoBroker } from './helpers/mosquitto-broker.ts';
import { needs } from './helpers/needs.ts';
import { Zigbee2MqttStandIn } from './simulators/zigbee2mqtt/stand-in.ts';
import { ZnpSimulator } from './simulators/znp/simulator.ts';

const NEW = { ieee: '0x0017880104e40009', name: '0x0017880104e40009', kind: 'ikeaWhite' } as const;

/** The panel of a hub whose Zigbee network is one behind a Zigbee2MQTT. */
suite('the Zigbee page', needs('chromium', 'mosquitto'), () => {
  let broker: MosquittoBroker;
  let z2m: Zigbee2MqttStandIn;
  let daemon: Daemon;
  let browser: PanelBrowser;

  before(async () => {
    broker = await MosquittoBroker.start();
    z2m = new Zigbee2MqttStandIn({
      url: broker.url,
      devices: [
        { ieee: '0x0017880104e40001', name: 'living room/ceiling', kind: 'hueColor' },
        { ieee: '0x0017880104e40002', name: 'desk', kind: 'ikeaDimmable', state: { linkquality: 40 } },
        { ieee: '0x00158d0001e40003', name: 'hall motion', kind: 'hueMotion' },
        { ieee: '0x00158d0001e40004', name: 'wall switch', kind: 'aqaraDoubleSwitch' },
      ],
    });
    await z2m.start();
    daemon = await Daemon.start({
      config: `version: 1
http: { port: 0 }
mqtt: { listen: { port: 0 } }
adapters: { zigbee2mqtt: { url: "${broker.url}" } }
rooms: { den: { name: Den, devices: ["zigbee2mqtt:0x0017880104e40002"] } }
`,
    });
    await daemon.houseWhen(({ devices }) => devices.filter(({ available }) => available).length === 6);
    browser = await PanelBrowser.open();
    await browser.visit(`${daemon.url}/devices`);
    await browser.login(PASSWORD);
  });

  after(async () => {
    await browser?.close();
    await daemon?.close();
    await z2m?.kill();
    await broker?.close();
  });

  const page = () => browser.page;
  const node = (name: string) =>
    page()
      .locator('.node')
      .filter({ has: page().locator('.device-name', { hasText: name }) });
  const network = () => daemon.get<MeshView>('/api/adapters/zigbee2mqtt/mesh');

  test('the way there is on the Devices page; it shows the network and how each device is heard', async () => {
    await page().getByRole('link', { name: 'See the network' }).click();
    await page().getByRole('heading', { name: 'Zigbee', exact: true }).waitFor();
    await page().getByText('Running').waitFor();
    await page().getByText('zStack3x0, Zigbee2MQTT 2.12.1').waitFor();
    // What sleeps is known from its next word on.
    z2m.tell('hall motion', { battery: 12, linkquality: 180 });
    await node('desk').getByText('Weak signal: 40 of 255').first().waitFor({ state: 'attached' });
    await node('hall motion').getByText('Strong signal: 180 of 255').first().waitFor({ state: 'attached' });
    await node('hall motion').getByText('Battery 12%').waitFor();
    await node('hall motion')
      .getByText(/^Heard /)
      .waitFor();
  });

  test('what a device says shows without a reload', async () => {
    z2m.tell('hall motion', { battery: 90, linkquality: 90 });
    await node('hall motion').getByText('Battery 90%').waitFor();
    await node('hall motion').getByText('Fair signal: 90 of 255').first().waitFor({ state: 'attached' });
    z2m.setPower('desk', false);
    await node('desk').getByText('Unavailable').waitFor();
    await page().getByText('4, of which 1 cannot be reached').waitFor();
  });

  test('devices may join for two minutes, counted down; one that does shows its steps, and can be put into a room', async () => {
    await page().getByRole('button', { name: 'Let devices join' }).click();
    await page().getByText('Devices may join now.').waitFor();
    await page()
      .getByRole('timer')
      .filter({ hasText: /^1:\d\d$/ })
      .waitFor();
    assert.ok((z2m.permitJoinEnd ?? 0) > Date.now());
    z2m.join(NEW);
    await node(NEW.name).locator('[data-now="true"]', { hasText: 'Asking what it is' }).waitFor();
    z2m.interviewed(NEW.name);
    await node(NEW.name).locator('.node-steps').waitFor({ state: 'detached' });
    await page().getByRole('button', { name: 'Close now' }).click();
    await page().getByRole('button', { name: 'Let devices join' }).waitFor();
    assert.equal(z2m.permitJoinEnd, undefined);
    await node(NEW.name).locator('summary').click();
    await node(NEW.name).getByText('IKEA LED1546G12').waitFor();
    await node(NEW.name).getByText('In no room').waitFor();
    assert.equal(await node(NEW.name).getByRole('link', { name: 'Put it into a room' }).getAttribute('href'), '/devices');
  });

  test('it is renamed; a name that is taken is refused in its own words', async () => {
    await node(NEW.name).getByLabel('Name').fill('desk');
    await node(NEW.name).getByRole('button', { name: 'Rename' }).click();
    await page().getByText("friendly_name 'desk' is already in use").waitFor();
    await node(NEW.name).getByLabel('Name').fill('reading lamp');
    await node(NEW.name).getByRole('button', { name: 'Rename' }).click();
    await node('reading lamp').waitFor();
    assert.equal(z2m.device('reading lamp').ieee, NEW.ieee);
  });

  test('it shows itself, and each switch of a plate by itself', async () => {
    await node('reading lamp').getByRole('button', { name: 'Identify' }).click();
    const blink = JSON.stringify({ effect: 'blink' });
    await eventually(() => z2m.heard.some(({ topic, payload }) => topic === 'reading lamp/set' && payload === blink), PATIENCE, 'a blink');
    await node('wall switch').locator('summary').click();
    await node('wall switch').getByRole('button', { name: 'Identify wall switch left' }).waitFor();
  });

  test('one that cannot be told is removed only once that was said and asked again', async () => {
    await node('desk').locator('summary').click();
    await node('desk').getByRole('button', { name: 'Remove' }).click();
    await node('desk').getByRole('button', { name: 'Yes, Remove' }).click();
    await page()
      .getByText(/Failed to remove device 'desk'/)
      .waitFor();
    await node('desk').getByRole('button', { name: 'Remove anyway' }).click();
    await node('desk').getByText('Unless it is reset, it may come back by itself.').waitFor();
    await node('desk').getByRole('button', { name: 'Yes, Remove anyway' }).click();
    await page().getByText('desk was removed.').waitFor();
    await node('desk').waitFor({ state: 'detached' });
    assert.equal((await network()).nodes.length, 4);
    assert.deepEqual((await daemon.room('den')).devices, [], 'and out of its room');
  });

  test('a network that is away says so, and lets nobody in', async () => {
    await z2m.kill();
    await page().getByText('Not reached now. It is tried again until it answers.').waitFor();
    assert.equal(await page().getByRole('button', { name: 'Let devices join' }).isDisabled(), true);
    await z2m.start();
    await page().getByText('Running').waitFor();
    assert.deepEqual(browser.faults, []);
  });
});

/** The same page, over a coordinator that the hub drives itself. */
suite("the Zigbee page of a coordinator of the hub's own", needs('chromium'), () => {
  let simulator: ZnpSimulator;
  let daemon: Daemon;
  let browser: PanelBrowser;

  before(async () => {
    simulator = new ZnpSimulator({
      devices: [
        { kind: 'color', name: 'Desk' },
        { kind: 'motion', name: 'Corner' },
      ],
    });
    await simulator.start();
    daemon = await Daemon.start({
      config: `version: 1
http: { port: 0 }
mqtt: { listen: { port: 0 } }
adapters: { zigbee: { port: "${simulator.path}", adapter: zstack } }
rooms: { den: { name: Den } }
`,
    });
    browser = await PanelBrowser.open();
    await browser.visit(`${daemon.url}/zigbee`);
    await browser.login(PASSWORD);
  });

  after(async () => {
    await browser?.close();
    await daemon?.close();
    await simulator?.close();
  });

  const page = () => browser.page;
  const node = (id: string) =>
    page()
      .locator('.node')
      .filter({ has: page().getByText(id, { exact: true }) });

  test('a lamp joins, is named, shows how it is heard, and is removed', async () => {
    await page().getByText('Running').waitFor();
    await page().getByRole('button', { name: 'Let devices join' }).click();
    await page().getByRole('timer').waitFor();
    const desk = simulator.lamp('Desk');
    assert.equal(desk.join(), true);
    await node(desk.ieee).locator('summary').waitFor();
    await daemon.houseWhen(({ devices }) => devices.some(({ id, available }) => id.includes(desk.ieee) && available));
    await node(desk.ieee).locator('summary').click();
    await node(desk.ieee).getByText('Innr RB 285 C', { exact: true }).waitFor();
    await node(desk.ieee)
      .getByText(/signal: \d+ of 255/)
      .first()
      .waitFor();
    await node(desk.ieee)
      .getByText(/^Heard /)
      .waitFor();
    await node(desk.ieee).getByLabel('Name').fill('Reading');
    await node(desk.ieee).getByRole('button', { name: 'Rename' }).click();
    await page().locator('.device-name', { hasText: 'Reading' }).waitFor();
    await page().getByRole('button', { name: 'Close now' }).click();
    await page().getByRole('button', { name: 'Let devices join' }).waitFor();
    await node(desk.ieee).getByRole('button', { name: 'Remove' }).click();
    await node(desk.ieee).getByRole('button', { name: 'Yes, Remove' }).click();
    await page().getByText('Reading was removed.').waitFor();
    await node(desk.ieee).waitFor({ state: 'detached' });
    assert.deepEqual(browser.faults, []);
  });
});
