import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, suite, test } from 'node:test';
import type { Page } from 'playwright-core';
import { systemClock } from '../daemon/api/clock.ts';
import type { SourceView } from '../daemon/api/views.ts';
import { PanelBrowser } from './helpers/browser.ts';
import { COMMON, Daemon, eventually, PASSWORD, PATIENCE, seenAt } from './helpers/daemon.ts';
import { fakeDevices } from './helpers/fake-camera.ts';
import { HouseNetwork } from './helpers/house-network.ts';
import { needs } from './helpers/needs.ts';
import { udpSockets } from './helpers/processes.ts';

const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

/** In the page: what an open preview shows, changed as a browser changes it that ramps up. */
const CHANGE = (constraints: { width: number; height: number; frameRate: number }) =>
  `document.querySelector('.preview').srcObject.getVideoTracks()[0].applyConstraints(${JSON.stringify(constraints)})`;

/** ms in which a picture of before may still come in. */
const ON_ITS_WAY = 500;

/** In the page: px that lie beyond the right edge. */
const OVERFLOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

/** A computer with the panel, and a phone that is a sensor; both in one Chromium, with a face and a voice to give. */
suite(
  'browsers as camera and microphone of a room',
  needs('ffmpeg', 'chromium', 'models/manifest.json', 'media/astronaut.png', 'media/jfk.flac'),
  () => {
    let daemon: Daemon;
    let network: HouseNetwork;
    let browser: PanelBrowser;
    let kiosk: Page;

    before(async () => {
      daemon = await Daemon.start({
        config: `${COMMON}adapters: { virtual: {} }
rooms:
  study:
    name: Study
    devices: [virtual:lamp]
`,
      });
      await daemon.put('/api/demo', { on: false });
      network = new HouseNetwork(() => daemon.url);
      await network.start();
      browser = await PanelBrowser.open(...fakeDevices());
      await browser.page.setViewportSize(DESKTOP);
    });

    after(async () => {
      await browser?.close();
      await network?.close();
      await daemon?.close();
    });

    const panel = () => browser.page;
    const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
    const sign = (page: Page, phase: string) => page.locator(`.on-air[data-phase=${phase}]`).waitFor();
    const isClosed = async (page: Page) => assert.equal(await page.locator('.preview').count(), 0, 'the camera is closed');
    const phoneWhen = (matches: (phone: SourceView) => boolean) =>
      daemon.roomWhen('study', ({ sources }) => sources.some((source) => source.id === 'phone' && matches(source)));

    test('from the login to on air, to a mood that changed, and a lamp that follows', async () => {
      await browser.visit(`${daemon.url}/rooms/study`);
      await browser.login(PASSWORD);
      await button(panel(), 'Use this device').click();
      await panel().getByText('Your browser will now ask').waitFor();
      const { sources } = await daemon.room('study');
      assert.ok(!sources.some(({ kind }) => kind === 'phone'), 'nothing is added before a person agrees');
      const lamp = panel().locator('.lamp .lamp-head .dots');
      const before = (await lamp.textContent()) ?? '';
      assert.notEqual(await panel().locator('.mood-label').textContent(), 'Cheerful');
      await button(panel(), 'Go on air').click();
      await sign(panel(), 'live');
      await panel().locator('.mood-label', { hasText: 'Cheerful' }).waitFor();
      await panel().getByText('The room reads here:').filter({ hasText: 'face' }).waitFor();
      await panel().locator('.why-summary', { hasText: 'because the room is cheerful' }).waitFor();
      await lamp.filter({ hasNotText: before }).waitFor();
      await panel().getByText('The room reads here:').filter({ hasText: 'voice' }).waitFor();
    });

    test('the same page at the size of a phone', async () => {
      await panel().setViewportSize(PHONE);
      for (const name of ['Mute', 'Stop']) assert.equal(await button(panel(), name).isVisible(), true, name);
      assert.equal(await panel().evaluate(OVERFLOW), 0);
      await panel().setViewportSize(DESKTOP);
    });

    test('pictures may change their size and their rate', async () => {
      for (const constraints of [
        { width: 320, height: 240, frameRate: 4 },
        { width: 640, height: 360, frameRate: 8 },
      ]) {
        await panel().evaluate(CHANGE(constraints));
        const since = systemClock.mono() + ON_ITS_WAY;
        await daemon.mood('study', (mood) => mood.people === 1 && seenAt(mood) > since);
      }
      assert.doesNotMatch(daemon.output, /read_failed/);
    });

    test('muted, it stays on air, and says so on every page', async () => {
      await button(panel(), 'Mute').click();
      await panel().getByText('On air, muted').waitFor();
      await panel().getByRole('link', { name: 'House', exact: true }).click();
      await panel().getByText('On air in Study').waitFor();
      await button(panel(), 'Unmute').click();
      await panel().getByRole('link', { name: 'On air in Study' }).click();
      await sign(panel(), 'live');
    });

    test('kept as a sensor, it is on air again after a reload, without a login', async () => {
      await panel().getByText('Keep this device as a sensor').first().click();
      await panel().getByLabel('Name of this device').fill('Tablet');
      await button(panel(), 'Keep this device as a sensor').click();
      await panel().getByRole('heading', { name: 'Sensor of Study' }).waitFor();
      await phoneWhen(({ publisher, state }) => publisher?.name === 'Tablet' && state === 'live');
      await panel().context().clearCookies();
      await panel().reload();
      await sign(panel(), 'live');
      await panel().getByText('The room reads here:').filter({ hasText: 'face' }).waitFor();
    });

    test('a second device is told who is there, and takes over on purpose', async () => {
      const { token } = await daemon.post<{ token: string }>('/api/sources/phone/tokens', { name: 'Old phone' });
      kiosk = await browser.another({ viewport: PHONE, isMobile: true, hasTouch: true });
      await kiosk.goto(`${network.url}/sensor#${token}`);
      await kiosk.getByRole('heading', { name: 'This device becomes a sensor' }).waitFor();
      assert.ok(!kiosk.url().includes(token), 'the token does not stay in the address');
      await button(kiosk, 'Go on air').click();
      await sign(kiosk, 'busy');
      await kiosk.getByText('is in use by Tablet').waitFor();
      await isClosed(kiosk);
      await button(kiosk, 'Take over').click();
      await sign(kiosk, 'live');
      assert.equal(await kiosk.evaluate(OVERFLOW), 0);
      await sign(panel(), 'busy');
      await panel().getByText('is in use by Old phone').waitFor();
      await isClosed(panel());
      await button(panel(), 'Stop being a sensor').click();
      await button(panel(), 'Yes, Stop being a sensor').click();
      await panel().getByRole('heading', { name: 'This device is no sensor yet' }).waitFor();
    });

    test('a network that is gone for 10 s is noticed on both sides, and then it is on air again by itself', async () => {
      network.cut();
      const began = performance.now();
      await phoneWhen(({ state, problem }) => state === 'waiting' && problem?.code === 'phone.lost');
      await sign(kiosk, 'waiting');
      await eventually(() => performance.now() - began > 10_000, 11_000, '10 s');
      network.mend();
      await phoneWhen(({ publisher, state }) => publisher?.name === 'Old phone' && state === 'live');
      await sign(kiosk, 'live');
      const since = systemClock.mono();
      await daemon.mood('study', (mood) => seenAt(mood) > since);
    });

    test('a hub that stops, and starts with a configuration that it cannot use, is waited for', async () => {
      const good = readFileSync(daemon.configFile, 'utf8');
      await daemon.kill('SIGINT');
      await kiosk.locator('.on-air:not([data-phase=live])').waitFor();
      daemon.edit((yaml) => `${yaml}lamps: 1\n`);
      daemon = await Daemon.start({ dir: daemon.dir });
      await kiosk.waitForResponse((response) => response.url().endsWith('/api/sensor') && response.status() === 503);
      daemon.edit(() => good);
      await daemon.post('/api/reload');
      await phoneWhen(({ publisher, state }) => publisher?.name === 'Old phone' && state === 'live');
      await sign(kiosk, 'live');
    });

    test('sensing off ends it at once, and on begins it again', async () => {
      assert.ok(udpSockets(daemon.senses ?? 0) > 0);
      await daemon.put('/api/sensing', { on: false });
      await eventually(() => daemon.senses === undefined, PATIENCE, 'the senses end');
      await sign(kiosk, 'off');
      await isClosed(kiosk);
      await daemon.put('/api/sensing', { on: true });
      await sign(kiosk, 'live');
    });

    test('a browser whose place somebody took takes over from its room, and gives it back', async () => {
      await browser.visit(`${daemon.url}/rooms/study`);
      await browser.login(PASSWORD);
      await button(panel(), 'Use this device').click();
      await button(panel(), 'Go on air').click();
      await sign(panel(), 'live');
      const { token } = await daemon.post<{ token: string }>('/api/sources/phone-2/tokens', { name: 'Laptop' });
      const laptop = await browser.another({ viewport: DESKTOP });
      await laptop.goto(`${daemon.url}/sensor#${token}`);
      await button(laptop, 'Go on air').click();
      await laptop.getByText('is in use by admin').waitFor();
      await button(laptop, 'Take over').click();
      await sign(laptop, 'live');
      await sign(panel(), 'busy');
      await panel().getByText('is in use by Laptop').waitFor();
      await isClosed(panel());
      await button(panel(), 'Take over').click();
      await sign(panel(), 'live');
      await sign(laptop, 'busy');
      await isClosed(laptop);
      await button(panel(), 'Stop').click();
      await isClosed(panel());
      await sign(laptop, 'live');
      await laptop.close();
    });

    test('revoked in the panel, it ends, says why, and offers nothing that would not help', async () => {
      const device = panel().locator('.linked-list li', { hasText: 'Old phone' });
      await device.getByText('sends now').waitFor();
      await device.getByRole('button', { name: 'Revoke' }).click();
      await button(panel(), 'Yes, Revoke').click();
      await kiosk.getByText('its link was revoked').waitFor();
      await isClosed(kiosk);
      const offered = await kiosk.getByRole('button').allTextContents();
      assert.deepEqual(offered, ['Stop being a sensor']);
      await phoneWhen(({ publisher }) => publisher === undefined);
      assert.deepEqual(browser.faults, []);
    });
  },
);
