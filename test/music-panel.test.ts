import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { PanelBrowser } from './helpers/browser.ts';
import { COMMON, Daemon, PASSWORD } from './helpers/daemon.ts';
import { needs } from './helpers/needs.ts';
import { SonosSimulator } from './simulators/sonos/simulator.ts';

suite('music in the panel', needs('chromium'), () => {
  const sonos = new SonosSimulator();
  let daemon: Daemon;
  let browser: PanelBrowser;

  before(async () => {
    await sonos.start();
    const { host, port, uuid } = sonos.room('Kitchen');
    const other = sonos.room('Living Room').uuid;
    daemon = await Daemon.start({
      config: `${COMMON}
adapters: { sonos: { players: [{ host: "${host}:${port}" }] } }
rooms:
  kitchen: { name: Kitchen, devices: ["sonos:${uuid}"] }
  living-room: { name: Living room, devices: ["sonos:${other}"] }
scenes: { dinner: { name: Dinner, music: { playlist: Quiet Evening, volume: 22, shuffle: true, fade: 1 } } }
`,
    });
    browser = await PanelBrowser.open();
  });

  after(async () => {
    await browser?.close();
    await daemon?.close();
    await sonos.close();
  });

  const page = () => browser.page;

  test('a player of the room plays what is chosen, says what that is, and pauses', async () => {
    await browser.visit(`${daemon.url}/rooms/kitchen`);
    await browser.login(PASSWORD);
    const player = page().locator('.player');
    await player.getByText('Silent').waitFor();
    await player.getByText('Favorites').click();
    await player.getByRole('button', { name: 'Jazz <24/7>' }).first().click();
    await sonos.untilRoom('Kitchen', ({ state }) => state === 'PLAYING');
    await player.locator('.now-playing', { hasText: 'Jazz <24/7>' }).waitFor();
    await player.getByRole('button', { name: 'Pause Kitchen' }).click();
    await sonos.untilRoom('Kitchen', ({ state }) => state !== 'PLAYING');
    await player.getByRole('button', { name: 'Play on Kitchen' }).waitFor();
  });

  test('its volume is a slider, and it can be muted', async () => {
    const player = page().locator('.player');
    await player.getByRole('slider', { name: 'Volume' }).fill('31');
    await sonos.untilRoom('Kitchen', ({ volume }) => volume === 31);
    await player.getByRole('button', { name: 'Mute Kitchen' }).click();
    await sonos.untilRoom('Kitchen', ({ muted }) => muted);
    await player.locator('button[aria-pressed="true"]').waitFor();
    await player.getByRole('button', { name: 'Mute Kitchen' }).click();
    await sonos.untilRoom('Kitchen', ({ muted }) => !muted);
  });

  test('a scene with music plays in the room', async () => {
    await page().getByRole('button', { name: 'Dinner' }).click();
    await sonos.untilRoom('Kitchen', ({ state, volume, heard }) => state === 'PLAYING' && volume === 22 && heard.includes('Nocturnes'));
    const first = sonos.room('Kitchen').heard;
    await page().getByRole('button', { name: 'Next on Kitchen' }).click();
    await sonos.untilRoom('Kitchen', ({ heard }) => heard !== first);
  });

  test('the music page shows who plays together, and puts players together', async () => {
    await page().getByRole('link', { name: 'Music' }).click();
    const company = page().locator('.company', { has: page().getByRole('heading', { name: 'Kitchen', exact: true }) });
    await company.getByLabel('Bedroom').check();
    await sonos.untilRoom('Bedroom', ({ coordinator }) => coordinator === 'Kitchen');
    const both = page().locator('.company', { has: page().getByRole('heading', { name: 'Kitchen and Bedroom' }) });
    const volume = sonos.room('Bedroom').volume;
    await both.getByRole('slider', { name: 'All together' }).fill('30');
    await sonos.untilRoom('Bedroom', (room) => room.volume > volume);
    if (process.env.PICTURES) await pictures(process.env.PICTURES);
    await both.getByLabel('Bedroom', { exact: true }).last().uncheck();
    await sonos.untilRoom('Bedroom', ({ coordinator }) => coordinator === 'Bedroom');
    assert.deepEqual(browser.faults, []);
  });

  /** For whoever wants to look at it. */
  async function pictures(dir: string): Promise<void> {
    const storageState = await page().context().storageState();
    for (const [width, height, size] of [
      [390, 844, 'phone'],
      [1280, 900, 'desktop'],
    ] as const) {
      for (const colorScheme of ['light', 'dark'] as const) {
        const shown = await browser.another({ viewport: { width, height }, colorScheme, storageState });
        for (const path of ['music', 'rooms/kitchen']) {
          await shown.goto(`${daemon.url}/${path}`);
          await shown.getByText('Favorites').first().click();
          await shown.screenshot({ path: `${dir}/${path.replace('/', '-')}-${size}-${colorScheme}.png`, fullPage: true });
        }
        await shown.close();
      }
    }
  }
});
