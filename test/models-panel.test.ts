import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { ModelView } from '../daemon/api/views.ts';
import { PanelBrowser } from './helpers/browser.ts';
import { Daemon, PASSWORD } from './helpers/daemon.ts';
import { needs } from './helpers/needs.ts';
import { tinyNetwork } from './helpers/onnx.ts';

const MODEL = tinyNetwork({ channels: 3, side: 224, columns: 7, softmax: true });
const HALF = Math.floor(MODEL.length / 2);

/** The panel of a hub whose models come from a server of loopback: it has the model "mine", and nothing else. */
suite('the models page', needs('chromium'), () => {
  let server: Server;
  let daemon: Daemon;
  let browser: PanelBrowser;
  /** The answer that was given half of the model, and waits to give the rest. */
  let halfway: ServerResponse | undefined;

  before(async () => {
    server = createServer(({ url }, response) => {
      if (url !== '/mine.onnx') return response.writeHead(404).end();
      halfway = response;
      response.writeHead(200, { 'content-length': MODEL.length });
      return response.write(MODEL.subarray(0, HALF));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const dir = mkdtempSync(join(tmpdir(), 'roomtone-'));
    mkdirSync(join(dir, 'models'));
    const description = {
      ...{ id: 'mine', role: 'face-emotion', version: '3', file: 'mine.onnx', bytes: MODEL.length },
      sha256: createHash('sha256').update(MODEL).digest('hex'),
      ...{ licence: 'a licence of its own', trainedOn: 'my own faces', url: 'https://example.org/mine.onnx' },
      labels: ['anger', 'disgust', 'fear', 'happiness', 'neutral', 'sadness', 'surprise'],
      face: { side: 224, color: 'rgb' },
    };
    writeFileSync(join(dir, 'models/mine.json'), JSON.stringify(description));
    const from = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const config = 'version: 1\nhttp: { port: 0 }\nmqtt: { listen: { port: 0 } }\n';
    daemon = await Daemon.start({ dir, config, password: true, args: ['--from', from] });
    browser = await PanelBrowser.open();
    await browser.visit(`${daemon.url}/models`);
    await browser.login(PASSWORD);
  });

  after(async () => {
    await browser?.close();
    await daemon?.close();
    server?.closeAllConnections();
    server?.close();
  });

  const row = (id: string) =>
    browser.page.getByRole('row').filter({ has: browser.page.getByRole('rowheader', { name: new RegExp(`^${id}`) }) });
  const stateOf = async (id: string) => (await daemon.get<ModelView[]>('/api/models')).find((each) => each.id === id)?.state;

  test('every model is listed by its role, with its licence and what it was trained on', async () => {
    await browser.page.getByRole('heading', { name: 'Reading faces' }).waitFor();
    const mine = row('mine');
    for (const text of ['a licence of its own', 'Trained on my own faces', 'not measured', 'Not there']) {
      await mine.getByText(text).first().waitFor();
    }
    await row('own-fer-int8').getByText('In use').waitFor();
    assert.equal(await row('own-fer-int8').getByRole('button').count(), 0);
    await browser.page.getByText('No network of pictures is loaded.').waitFor();
  });

  test('the recommended set is offered with its terms', async () => {
    const offer = browser.page.getByRole('region', { name: 'Better models' });
    await offer.getByText('16 MB. Apache-2.0').waitFor();
    await offer.getByText('Trained on AffectNet').waitFor();
    await offer.getByRole('button', { name: /^Fetch them under these terms \([\d.]+ MB\)$/ }).waitFor();
  });

  test('one is fetched while its progress shows, and chosen', async () => {
    await row('mine').getByRole('button', { name: 'Fetch mine under its licence' }).click();
    await row('mine')
      .getByRole('progressbar', { name: /Fetching mine: [45]\d%/ })
      .waitFor();
    halfway?.end(MODEL.subarray(HALF));
    await row('mine').getByText('Present').waitFor();
    await row('mine').getByRole('button', { name: 'Use mine' }).click();
    await row('mine').getByText('In use').waitFor();
    await row('own-fer-int8').getByText('Present').waitFor();
    assert.equal(await stateOf('mine'), 'in-use');
  });

  test('one that cannot be had says why', async () => {
    await row('enet-b0-8-va-mtl').getByRole('button', { name: 'Fetch' }).click();
    await browser.page.getByText(/could not be fetched from http:\S+enet_b0_8_va_mtl\.onnx: the answer was 404/).waitFor();
    assert.equal(await stateOf('enet-b0-8-va-mtl'), 'missing');
    assert.deepEqual(browser.faults, []);
  });
});
