import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '../../daemon/api/clock.ts';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import { bridgeCertificate } from '../../test/simulators/hue/certificate.ts';
import { HueClient } from './client.ts';

/** Something that is not, or not quite, a bridge. */
async function impostor(t: TestContext, answer: RequestListener): Promise<{ client: HueClient; signal: AbortSignal }> {
  const { cert, key } = await bridgeCertificate('001788fffe123456');
  const server = createServer({ cert, key }, answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new HueClient({ host, clock: systemClock, answerWithin: 2000, key: 'k' });
  t.after(async () => {
    await client.close();
    server.closeAllConnections();
    server.close();
  });
  return { client, signal: new AbortController().signal };
}

describe('what answers in place of a bridge', () => {
  it('one without CLIP v2 is too old', async (t) => {
    const { client, signal } = await impostor(t, (_, response) => response.writeHead(404).end());
    await assert.rejects(client.openStream(undefined, signal), { code: 'hue.too_old' });
  });

  it('a web page for the event stream is a bad answer', async (t) => {
    const { client, signal } = await impostor(t, (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'));
    await assert.rejects(client.openStream(undefined, signal), { code: 'hue.bad_answer' });
  });

  it('a device that names no bridge id is no bridge', async (t) => {
    const { client, signal } = await impostor(t, (_, response) => response.end('{"name": "NAS"}'));
    await assert.rejects(client.identify(signal), { code: 'hue.not_a_bridge' });
  });

  it('nor is a web server without the address that every bridge has', async (t) => {
    const { client, signal } = await impostor(t, (_, response) => response.writeHead(404).end('<p>'));
    await assert.rejects(client.identify(signal), { code: 'hue.not_a_bridge' });
  });

  it('an answer of the wrong shape, an inner error and an endless answer are bad answers or none', async (t) => {
    const answers = ['{"data": 7}', '', 'x'.repeat(17 * 1024 * 1024)];
    const { client, signal } = await impostor(t, (_, response) => response.end(answers.shift()));
    await assert.rejects(client.resources(signal), { code: 'hue.bad_answer' });
    await assert.rejects(client.resources(signal), { code: 'hue.bad_answer' });
    await assert.rejects(client.resources(signal), { code: 'device.unreachable' });
  });

  it('a refusal is told in the words of the bridge', async (t) => {
    const { client, signal } = await impostor(t, (_, response) =>
      response.writeHead(400).end('{"errors":[{"description":"out of range"}]}'),
    );
    await assert.rejects(
      client.put('light/a', {}, signal),
      (error) => error instanceof RoomtoneError && error.params.what === 'out of range',
    );
  });
});
