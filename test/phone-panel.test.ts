import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { SourceView } from '../daemon/api/views.ts';
import { PanelBrowser, playing } from './helpers/browser.ts';
import { COMMON, Daemon, PASSWORD } from './helpers/daemon.ts';
import { captureFiles } from './helpers/media.ts';
import { needs } from './helpers/needs.ts';

const needed = needs('ffmpeg', 'chromium', 'models/manifest.json', 'media/astronaut.png', 'media/jfk.flac');

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

suite('a browser becomes camera and microphone of a room', needed, () => {
  let daemon: Daemon;
  let browser: PanelBrowser;
  let files: { video: string; sound: string };

  before(async () => {
    files = captureFiles();
    daemon = await Daemon.start({
      config: `${COMMON}adapters: { virtual: {} }
rooms:
  study:
    name: Study
    devices: [virtual:lamp]
`,
    });
    browser = await PanelBrowser.open({ args: playing(files), page: PHONE });
  });

  after(async () => {
    await browser?.close();
    await daemon?.close();
    rmSync(dirname(files.video), { recursive: true });
  });

  const page = () => browser.page;
  const button = (name: string | RegExp) => page().getByRole('button', { name, exact: typeof name === 'string' });
  const sign = (phase: string) => page().locator(`.on-air[data-phase=${phase}]`);
  const phoneWhen = (matches: (phone: SourceView) => boolean) =>
    daemon.roomWhen('study', ({ sources }) => sources.some((source) => source.id === 'phone' && matches(source)));

  async function goOnAir(): Promise<void> {
    await button('Use this device').click();
    await button('Go on air').click();
    await sign('live').waitFor();
  }

  test('from the login to on air, to a mood, to a lamp that follows', async () => {
    await browser.visit(`${daemon.url}/rooms/study`);
    await browser.login(PASSWORD);
    await button('Use this device').click();
    await page().getByText('Your browser will now ask').waitFor();
    const { sources } = await daemon.room('study');
    assert.ok(!sources.some(({ kind }) => kind === 'phone'), 'nothing is added before a person agrees');
    await button('Go on air').click();
    await sign('live').waitFor();
    await page().locator('.mood-label', { hasText: 'Cheerful' }).waitFor();
    await page().getByText('The room reads here:').filter({ hasText: 'face' }).waitFor();
    await page().locator('.why-summary', { hasText: 'because the room is cheerful' }).waitFor();
    await daemon.mood('study', ({ contributions }) => contributions.some(({ modality }) => modality === 'voice'));
  });

  test('muted, it stays on air, and no voice is read; whoever walks to another page is reminded', async () => {
    await button('Mute').click();
    await page().getByText('On air, muted').waitFor();
    await daemon.mood('study', ({ contributions }) => contributions.every(({ modality }) => modality !== 'voice'));
    await page().getByRole('link', { name: 'House', exact: true }).click();
    await page().getByText('On air in Study').waitFor();
    await button('Unmute').click();
    await page().getByRole('link', { name: 'On air in Study' }).click();
    await sign('live').waitFor();
  });

  test('sensing off closes the camera at once and says so; a person starts anew', async () => {
    await daemon.put('/api/sensing', { on: false });
    await page().getByText('Off air: sensing is off').waitFor();
    assert.equal(await page().locator('.preview').count(), 0);
    await daemon.put('/api/sensing', { on: true });
    await button('Try again').click();
    await sign('live').waitFor();
    await button('Stop').click();
    await phoneWhen(({ publisher }) => publisher === undefined);
  });

  test('kept as a sensor, it is on air again after a reload, without a login', async () => {
    await goOnAir();
    await page().getByText('Keep this device as a sensor').first().click();
    await page().getByLabel('Name of this device').fill('Tablet');
    await button('Keep this device as a sensor').click();
    await page().getByRole('heading', { name: 'Sensor of Study' }).waitFor();
    await phoneWhen(({ publisher, state }) => publisher?.name === 'Tablet' && state === 'live');
    await page().context().clearCookies();
    await page().reload();
    await sign('live').waitFor();
    await page().getByText('The room reads here:').filter({ hasText: 'face' }).waitFor();
  });

  test('a sensor closes its camera while sensing is off, and comes back by itself', async () => {
    await daemon.put('/api/sensing', { on: false });
    await sign('off').waitFor();
    assert.equal(await page().locator('.preview').count(), 0);
    await daemon.put('/api/sensing', { on: true });
    await sign('live').waitFor();
  });

  test('a hub that was gone is found again', async () => {
    await daemon.kill('SIGKILL');
    daemon.edit((yaml) => yaml.replace(/^http: .*/m, `http: { host: 127.0.0.1, port: ${new URL(daemon.url).port} }`));
    await page().getByText('The hub does not answer.').waitFor();
    daemon = await Daemon.start({ dir: daemon.dir });
    await phoneWhen(({ publisher, state }) => publisher?.name === 'Tablet' && state === 'live');
    await sign('live').waitFor();
  });

  test('revoked, it says so and stays off; a new link lets it in', async () => {
    const [token] = await daemon.get<{ id: string }[]>('/api/tokens');
    await daemon.delete(`/api/tokens/${token?.id}`);
    await page().getByText('its link was revoked').waitFor();
    assert.equal(await page().locator('.preview').count(), 0);
    const { token: secret } = await daemon.post<{ token: string }>('/api/sources/phone/tokens', { name: 'Tablet again' });
    await page().goto(`${daemon.url}/sensor#${secret}`);
    await page().getByRole('heading', { name: 'This device becomes a sensor' }).waitFor();
    assert.ok(!page().url().includes(secret), 'the token does not stay in the address');
    await button('Go on air').click();
    await sign('live').waitFor();
    await phoneWhen(({ publisher }) => publisher?.name === 'Tablet again');
    assert.deepEqual(browser.faults, []);
  });
});
