import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, suite, test } from 'node:test';
import { PanelBrowser } from './helpers/browser.ts';
import { Daemon, eventually, PASSWORD, PATIENCE, starterOnFreePorts } from './helpers/daemon.ts';
import { film } from './helpers/media.ts';
import { needs } from './helpers/needs.ts';
import { HueBridgeSimulator } from './simulators/hue/simulator.ts';

suite('the panel, while a face is in the camera', needs('ffmpeg', 'chromium', 'models/manifest.json', 'media/astronaut.png'), () => {
  let daemon: Daemon;
  let browser: PanelBrowser;

  before(async () => {
    const video = film({ seconds: 20, fps: 10, sound: true });
    daemon = await Daemon.start({
      config: `version: 1
http: { port: 0 }
mqtt: { listen: { port: 0 } }
mood: { smoothing: 1s, dwell: 2s }
adapters: { virtual: {} }
rooms:
  study:
    name: Study
    sources:
      - { id: cam, kind: camera, url: "file:${video}" }
      - { id: mic, kind: microphone, url: "file:${video}" }
    devices: [virtual:lamp]
`,
    });
    await daemon.put('/api/sensing', { on: false });
    browser = await PanelBrowser.open();
  });

  after(async () => {
    await browser?.close();
    await daemon?.close();
  });

  const page = () => browser.page;
  const lamp = () => page().locator('.lamp');
  const lampState = () => lamp().locator('.lamp-head .dots');

  test('nobody gets in without the password; with it, to the page that was asked for', async () => {
    await browser.visit(`${daemon.url}/rooms/study`);
    await browser.login('a guess');
    await page().getByText('That is not the password.').waitFor();
    assert.equal(await page().getByRole('heading', { name: 'Study' }).count(), 0);
    await browser.login(PASSWORD);
    await page().getByRole('heading', { name: 'Study' }).waitFor();
    await page().getByText('No camera and no microphone runs anywhere in the house.').waitFor();
    assert.equal(await page().getByText('That is not the password.').count(), 0, 'what was wrong is past');
  });

  test('the mood of the face appears, and the lamp follows, without a reload', async () => {
    const before = await lampState().textContent();
    await page().evaluate('window.loadedOnce = true');
    await page().getByRole('button', { name: 'Start sensing' }).click();
    await page().locator('.mood-label', { hasText: 'Cheerful' }).waitFor();
    await page().locator('.mood-line', { hasText: 'Mostly happiness' }).waitFor();
    await page().getByText('1 person').waitFor();
    await lamp().locator('.why-summary', { hasText: 'because the room is cheerful' }).waitFor();
    await lampState()
      .filter({ hasNotText: before ?? '' })
      .waitFor();
    const { moodScene } = await daemon.room('study');
    const suited = page().locator('.scene', { hasText: 'suits the mood' });
    assert.match((await suited.textContent()) ?? '', new RegExp(`^${moodScene}`, 'i'));
    assert.equal(await page().evaluate('window.loadedOnce'), true);
    assert.equal(await page().getByText('Demo').count(), 0);
  });

  test('what somebody says of the mood is noted, shown with what it moved, and taken back', async () => {
    await page().getByRole('button', { name: 'Right', exact: true }).click();
    await page().getByText('Noted as right').waitFor();
    await page().getByText('What was learned').click();
    await page().locator('.feedback-entries li', { hasText: 'Cheerful' }).waitFor();
    await page().locator('.feedback-trust li', { hasText: 'face' }).waitFor();
    await page().getByRole('button', { name: 'Take back' }).click();
    await page().getByText('Nothing was said yet.').waitFor();
  });

  test('a scene is chosen, a slider moved, and both given back', async () => {
    await page().getByRole('button', { name: 'Movie' }).click();
    await page().locator('.scene[aria-pressed=true]', { hasText: 'Movie' }).waitFor();
    await lampState().filter({ hasText: '10%' }).waitFor();
    await page().getByRole('slider', { name: 'Brightness' }).fill('80');
    await lampState().filter({ hasText: '80%' }).waitFor();
    await daemon.deviceWhen('virtual:lamp', ({ values }) => values.brightness === 80);
    await lamp().locator('.why-summary', { hasText: 'Set by' }).waitFor();
    await page().getByRole('button', { name: 'Give back' }).click();
    await lamp()
      .locator('.why-summary', { hasText: /^Scene "[^"]+", because the room is cheerful$/ })
      .waitFor();
    assert.equal(await page().locator('.scene[aria-pressed=true]').count(), 0);
  });

  test('what is written to the room counts in its mood, and the field is empty again', async () => {
    const words = page().getByRole('textbox', { name: 'Tell the room' });
    await words.fill('I love this, thank you so much!');
    await page().getByRole('button', { name: 'Tell', exact: true }).click();
    await page().getByText('The room was told').waitFor();
    assert.equal(await words.inputValue(), '');
    await page().locator('.mood-figures li', { hasText: 'text' }).waitFor();
  });

  test('"stop sensing" ends every capture, and says so once it has', async () => {
    assert.ok(daemon.captures.length >= 2);
    await page().getByRole('button', { name: 'Stop sensing' }).click();
    await page().getByText('No camera and no microphone runs anywhere in the house.').waitFor();
    await eventually(() => daemon.captures.length === 0, PATIENCE, 'capture processes end');
    await page().locator('.mood-label', { hasText: 'Sensing off' }).waitFor();
    assert.equal(await page().locator('.source', { hasText: 'Off while sensing is off' }).count(), 2);
  });

  test('logged out, the panel shows nothing of the house', async () => {
    await page().getByRole('link', { name: 'House' }).click();
    await page().getByRole('button', { name: 'Log out' }).click();
    await page().getByRole('heading', { name: 'Log in' }).waitFor();
    await page().reload();
    await page().getByRole('heading', { name: 'Log in' }).waitFor();
    assert.deepEqual(browser.faults, []);
  });
});

suite('the panel of a hub just installed', needs('chromium'), () => {
  let daemon: Daemon;
  let browser: PanelBrowser;
  let link: string;

  before(async () => {
    daemon = await Daemon.start({ config: starterOnFreePorts(), password: false });
    link = /http:\S+#token=\S+/.exec(daemon.output)?.[0] ?? '';
    browser = await PanelBrowser.open();
  });

  after(async () => {
    await browser?.close();
    await daemon?.close();
  });

  const page = () => browser.page;

  test('the link in the terminal leads through the first password into the house', async () => {
    await browser.visit(link);
    await page().getByRole('heading', { name: 'Welcome' }).waitFor();
    await page().waitForURL(`${daemon.url}/`);
    await page().getByLabel('New password').fill('short');
    await page().getByRole('button', { name: 'Set password and enter' }).click();
    await page().getByText('A password needs at least').waitFor();
    await page().getByLabel('New password').fill(PASSWORD);
    await page().getByRole('button', { name: 'Set password and enter' }).click();
    await page().getByRole('heading', { name: 'Rooms' }).waitFor();
    assert.equal(await page().getByText('A password needs at least').count(), 0);
  });

  test('the demo is marked as one wherever it shows', async () => {
    await page().getByText('This is a demo').waitFor();
    const card = page().getByRole('link', { name: /Living room/ });
    await card.getByText('Demo', { exact: true }).waitFor();
    await card.click();
    await page().getByRole('heading', { name: 'Living room' }).waitFor();
    await page().locator('.mood-label', { hasText: 'Demo' }).waitFor();
    await page().locator('.source', { hasText: 'Recorded readings' }).waitFor();
  });

  test('one click turns it off, and nothing recorded is shown any more', async () => {
    await page().getByRole('button', { name: 'Turn the demo off' }).click();
    await page().locator('.mood-label', { hasText: 'No sources' }).waitFor();
    assert.equal(await page().getByText('This is a demo').count(), 0);
    assert.equal(await page().locator('.badge').count(), 0);
    assert.equal((await daemon.house()).demo, false);
  });

  test('a bridge is paired by its button; a lamp of it is put into the room, made to show itself, and forgotten', async (t) => {
    const bridge = new HueBridgeSimulator();
    await bridge.start();
    t.after(() => bridge.close());
    await page().getByRole('link', { name: 'Devices', exact: true }).click();
    await page().getByLabel('Address of a Philips Hue bridge').fill('a bridge');
    await page().getByRole('button', { name: 'Pair', exact: true }).click();
    await page().getByText('must be a host name or address').waitFor();
    await page().getByLabel('Address of a Philips Hue bridge').fill(bridge.address);
    await page().getByRole('button', { name: 'Pair', exact: true }).click();
    await page().getByText('Press the round button on the bridge now.').waitFor();
    await page()
      .getByText(/^\d+ seconds left\.$/)
      .waitFor();
    bridge.pressLinkButton();
    await page().getByText('Paired with Hue Bridge.').waitFor();
    const lamp = page().locator('.device', { hasText: 'Ambiance' });
    await lamp.getByText('In no room').waitFor();
    await lamp.locator('summary').first().click();
    await lamp.getByRole('group', { name: 'Stands in' }).getByRole('checkbox', { name: 'Living room' }).check();
    await lamp.locator('summary').first().getByText('Living room').waitFor();
    const id = `hue:${bridge.bridgeId.toLowerCase()}.${bridge.light('Ambiance').id}`;
    await daemon.deviceWhen(id, ({ rooms }) => rooms.includes('living-room'));
    assert.match(readFileSync(daemon.configFile, 'utf8'), new RegExp(id));
    await lamp.getByRole('checkbox', { name: 'Mood' }).uncheck();
    await daemon.deviceWhen(id, ({ permissions }) => permissions.rungs?.includes('mood') === false);
    await lamp.getByRole('group', { name: 'Obeys the rooms' }).getByRole('checkbox', { name: 'Living room' }).uncheck();
    await daemon.deviceWhen(id, ({ permissions }) => permissions.rooms?.length === 0);
    await lamp.getByRole('button', { name: 'Forget' }).click();
    await lamp.getByRole('button', { name: 'Yes, Forget' }).click();
    await page().getByText('The device is forgotten.').waitFor();
    await lamp.waitFor({ state: 'detached' });
    assert.doesNotMatch(readFileSync(daemon.configFile, 'utf8'), new RegExp(id));
    await page().goBack();
    await page().getByRole('heading', { name: 'Living room' }).waitFor();
  });

  test('a hub that was killed is missed at once, and found again by itself, as it was', async () => {
    await page()
      .getByRole('radio', { name: /^Suggest/ })
      .check();
    await daemon.roomWhen('living-room', ({ mode }) => mode === 'suggest');
    await daemon.kill('SIGKILL');
    await page().getByText('No connection to the hub.').waitFor();
    daemon.edit((yaml) => yaml.replace(/^http: .*/m, `http: { host: 127.0.0.1, port: ${new URL(daemon.url).port} }`));
    daemon = await Daemon.start({ dir: daemon.dir });
    await page().getByText('No connection to the hub.').waitFor({ state: 'detached' });
    await page().locator('.pulse[data-phase=live]').waitFor();
    assert.ok(
      await page()
        .getByRole('radio', { name: /^Suggest/ })
        .isChecked(),
    );
    await page().locator('.mood-label', { hasText: 'No sources' }).waitFor();
  });

  test('a configuration with a mistake: the panel says where it is, and takes the mended one', async () => {
    await daemon.kill('SIGINT');
    daemon.edit((yaml) => `${yaml}lamps: 1\n`);
    daemon = await Daemon.start({ dir: daemon.dir });
    await page().getByRole('heading', { name: 'Safe mode' }).waitFor();
    const line = readFileSync(daemon.configFile, 'utf8').trimEnd().split('\n').length;
    await page().getByText(`roomtone.yaml, line ${line}, lamps`).waitFor();
    daemon.edit((yaml) => yaml.replace('lamps: 1\n', ''));
    await page().getByRole('button', { name: 'Read it again' }).click();
    await page().getByRole('heading', { name: 'Living room' }).waitFor();
    assert.equal(await page().getByRole('heading', { name: 'Safe mode' }).count(), 0);
    assert.deepEqual(browser.faults, []);
  });
});
