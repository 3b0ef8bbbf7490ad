/**
 * Takes the pictures of docs/phone.md, in Chromium, of a hub of its own whose camera shows a portrait of NASA's. Run again after a
 * change of the panel.
 *
 *   scripts/node scripts/picture-phone.ts         those of the docs, into docs/images/
 *   scripts/node scripts/picture-phone.ts DIR     every view in every size and scheme, to be looked at
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { PanelBrowser } from '../test/helpers/browser.ts';
import { Daemon, PASSWORD } from '../test/helpers/daemon.ts';
import { fakeDevices } from '../test/helpers/fake-camera.ts';

const SIZES = { desktop: { width: 1180, height: 990 }, phone: { width: 390, height: 844 } };
const SCHEMES = ['light', 'dark'] as const;
const OF_DOCS = new Set(['use-device-phone-light', 'on-air-desktop-light', 'lamp-phone-light', 'sensor-phone-dark', 'link-phone-light']);

const all = process.argv[2];
const into = resolve(all ?? 'docs/images');
mkdirSync(into, { recursive: true });
const scratch = mkdtempSync(join(tmpdir(), 'roomtone-pictures-'));

const daemon = await Daemon.start({
  config: `version: 1
http: { host: 0.0.0.0, port: 0 }
mqtt: { listen: { port: 0 } }
mood: { smoothing: 2s, dwell: 2s }
adapters: { virtual: {} }
rooms:
  living-room: { name: Living room, devices: [virtual:lamp] }
`,
});
const browser = await PanelBrowser.open(...fakeDevices());
try {
  await picturePanel(browser.page);
  await pictureSensor(await browser.another({ viewport: SIZES.phone, hasTouch: true }));
} finally {
  await browser.close();
  await daemon.close();
  rmSync(scratch, { recursive: true });
}

async function picturePanel(page: Page): Promise<void> {
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  await daemon.put('/api/demo', { on: false });
  await browser.visit(`${daemon.url}/rooms/living-room`);
  await browser.login(PASSWORD);
  await button('Use this device').click();
  await picture({ page, name: 'use-device', subject: page.getByText('Your browser will now ask') });
  await button('Go on air').click();
  await page.locator('.mood-label', { hasText: 'Cheerful' }).waitFor();
  await page.getByText('The room reads here:').filter({ hasText: 'voice' }).waitFor();
  await page.locator('.why-summary', { hasText: 'because the room is cheerful' }).waitFor();
  await picture({ page, name: 'on-air', subject: page.locator('.capture'), block: 'end' });
  await picture({ page, name: 'lamp', subject: page.locator('.lamp') });
  await page.getByLabel('Name of the device').fill('Old tablet');
  await button('Make a set-up link').click();
  await picture({ page, name: 'link', subject: page.locator('.qr') });
  await page.locator('.capture').getByRole('button', { name: 'Stop' }).click();
}

async function pictureSensor(page: Page): Promise<void> {
  const { token } = await daemon.post<{ token: string }>('/api/sources/phone/tokens', { name: 'Old tablet' });
  await page.goto(`${daemon.url}/sensor#${token}`);
  await picture({ page, name: 'join', subject: page.locator('main') });
  await page.getByRole('button', { name: 'Go on air' }).click();
  await page.getByText('The room reads here:').filter({ hasText: 'face' }).waitFor();
  await picture({ page, name: 'sensor', subject: page.locator('main') });
}

interface View {
  page: Page;
  name: string;
  subject: Locator;
  /** Where in the picture the subject stands. */
  block?: 'center' | 'end';
}

/** Takes what is to be had of a view. */
async function picture({ page, name: view, subject, block = 'center' }: View): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of SCHEMES) {
      const name = `${view}-${size}-${colorScheme}`;
      if (all === undefined && !OF_DOCS.has(name)) continue;
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      await subject.evaluate((element, to) => element.scrollIntoView({ block: to }), block);
      const png = join(scratch, 'page.png');
      await page.screenshot({ path: png });
      execFileSync('ffmpeg', ['-v', 'error', '-i', png, '-c:v', 'libwebp', '-quality', '82', '-y', join(into, `${name}.webp`)]);
    }
  }
}
