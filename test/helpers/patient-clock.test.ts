import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { Agent, type Dispatcher, request } from 'undici';
import { bridgeCertificate } from '../simulators/hue/certificate.ts';
import { HueBridgeSimulator } from '../simulators/hue/simulator.ts';
import { PatientClock } from './patient-clock.ts';
import { Wire } from './wire.ts';

const ANSWER_WITHIN = 5000;

interface Patient {
  wire: Wire;
  clock: PatientClock;
  get(url: string): Promise<Dispatcher.ResponseData>;
}

function patient(t: TestContext): Patient {
  const wire = new Wire();
  const clock = new PatientClock({ answerWithin: ANSWER_WITHIN, wire });
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false }, bodyTimeout: 0 });
  t.after(async () => {
    await dispatcher.destroy();
    wire.close();
  });
  const get = async (url: string): Promise<Dispatcher.ResponseData> => {
    const deadline = clock.after(ANSWER_WITHIN, () => assert.fail('no answer'));
    return request(url, { dispatcher }).finally(() => deadline.cancel());
  };
  return { wire, clock, get };
}

/** A server with one endless answer. What follows upon another waits until the kernel had that acknowledged. */
async function slowHost(t: TestContext) {
  const { cert, key } = await bridgeCertificate('001788FFFE123456');
  const connections = new Set<TLSSocket>();
  const https = createHttpsServer({ cert, key });
  https.on('secureConnection', (end: TLSSocket) => {
    connections.add(end);
    end.on('close', () => connections.delete(end));
  });
  const tcp = createTcpServer({ noDelay: false }, (socket) => https.emit('connection', socket)).listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  t.after(() => tcp.close());
  const answering = once(https, 'request').then(([, response]) => response as ServerResponse);
  return { host: { connections, pondered: 0 }, answering, url: `https://127.0.0.1:${(tcp.address() as AddressInfo).port}/` };
}

/** With the first word of an answer that goes on. */
async function answered(t: TestContext) {
  const { wire, clock, get } = patient(t);
  const { host, answering, url } = await slowHost(t);
  wire.watch(host);
  const getting = get(url);
  const response = await answering;
  response.writeHead(200);
  response.write('first');
  return { clock, response, body: (await getting).body };
}

describe('virtual time beside a real wire', () => {
  it('stands still until what was sent has arrived, however long the kernel takes', async (t) => {
    const { clock, response, body } = await answered(t);
    let text = '';
    body.on('data', (chunk) => {
      text += chunk;
    });
    for (const word of [' second', ' third', ' fourth']) {
      response.write(word);
      await clock.pass(1000);
    }
    assert.equal(text, 'first second third fourth');
  });

  it('stands still until the end of a connection is known at its other end', async (t) => {
    const { clock, response, body } = await answered(t);
    let isOver = false;
    body.resume().on('error', () => {
      isOver = true;
    });
    response.destroy();
    await clock.pass(1);
    assert.ok(isOver);
  });

  it('passes while a host ponders its answer by the same clock', async (t) => {
    const { wire, clock, get } = patient(t);
    const bridge = new HueBridgeSimulator({ clock, answerDelay: [200, 200] });
    wire.watch(bridge);
    await bridge.start();
    t.after(() => bridge.close());
    let status = 0;
    void get(`${bridge.url}/api/config`).then(({ statusCode, body }) => {
      status = statusCode;
      return body.dump();
    });
    const took = await clock.passUntil(() => status > 0, ANSWER_WITHIN, 10);
    assert.deepEqual([status, took], [200, 200]);
  });
});
