import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { networkInterfaces } from 'node:os';
import { describe, it, type TestContext } from 'node:test';
import { Bonjour } from 'bonjour-service';
import { pino } from 'pino';
import { FakeClock } from '../api/clock.fake.ts';
import { systemClock } from '../api/clock.ts';
import { NetworkDiscovery } from './discovery.ts';
import { addressesOf } from './interfaces.ts';

const TARGET = 'urn:schemas-upnp-org:device:ZonePlayer:1';

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

/** A device that answers searches with these lines, as they stand in the UPnP Device Architecture. */
async function ssdpDevice(t: TestContext, answers: readonly string[]) {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  t.after(() => socket.close());
  await once(socket, 'listening');
  const asked: string[] = [];
  socket.on('message', (message, { port, address }) => {
    asked.push(message.toString());
    for (const answer of answers) socket.send(answer.replaceAll('\n', '\r\n'), port, address);
  });
  const askedTwice = async (): Promise<void> => {
    while (asked.length < 2) await once(socket, 'message');
  };
  return { port: socket.address().port, asked, askedTwice };
}

/** On a busy machine an answer may come after the time for it is over. */
async function untilFound<T>(look: () => Promise<T[]>): Promise<T[]> {
  for (;;) {
    const found = await look();
    if (found.length > 0) return found;
  }
}

function discovery(t: TestContext, options: { mdnsPort?: number; ssdpPort?: number; addresses?: string[] }) {
  const { mdnsPort, ssdpPort, addresses = ['127.0.0.1'] } = options;
  const made = new NetworkDiscovery({
    log: pino({ level: 'silent' }),
    clock: systemClock,
    addresses: () => addresses,
    ...(mdnsPort === undefined ? {} : { mdnsPort }),
    ...(ssdpPort === undefined ? {} : { ssdp: { group: '127.0.0.1', port: ssdpPort } }),
    timings: { listen: 500, askAgain: 100 },
  });
  t.after(() => made.close());
  return made;
}

const never = (): AbortSignal => new AbortController().signal;

describe('SSDP', () => {
  it('asks for one kind of device and reads what answers, each once', async (t) => {
    const good = `HTTP/1.1 200 OK\nCACHE-CONTROL: max-age=1800\nLOCATION: http://127.0.0.1:1400/xml\nSERVER: Linux UPnP/1.0 Sonos/80\nST: ${TARGET}\nUSN: uuid:RINCON_1::${TARGET}\n\n`;
    const device = await ssdpDevice(t, [good, 'HTTP/1.1 200 OK\nUSN: no location\n\n', '\u0000\u0001 rubbish', 'HTTP/1.1 500 No\n\n']);
    const network = discovery(t, { ssdpPort: device.port });
    const found = await untilFound(() => network.ssdp(TARGET, never()));
    assert.equal(found.length, 1);
    const [first] = found;
    assert.equal(first?.usn, `uuid:RINCON_1::${TARGET}`);
    assert.deepEqual([first.address, first.location, first.server], ['127.0.0.1', 'http://127.0.0.1:1400/xml', 'Linux UPnP/1.0 Sonos/80']);
    assert.equal(first.headers['cache-control'], 'max-age=1800');
    assert.match(device.asked[0] ?? '', /^M-SEARCH \* HTTP\/1\.1\r\n/);
    // A question may be lost.
    await device.askedTwice();
  });
});

describe('multicast DNS', () => {
  it('finds a service with its address, port and texts', async (t) => {
    const port = await freePort();
    const announcing = { interface: '127.0.0.1', bind: '0.0.0.0', port };
    const responder = new Bonjour(announcing, () => {});
    t.after(() => responder.destroy());
    const txt = { bridgeid: '001788fffe123456', modelid: 'BSB002' };
    const service = responder.publish({ name: 'Hue Bridge - 123456', type: 'hue', port: 443, txt, host: 'hue.local', probe: false });
    await once(service, 'up');
    const network = discovery(t, { mdnsPort: port });
    const found = await untilFound(() => network.mdns('hue', never()));
    assert.equal(found.length, 1);
    assert.equal(found[0]?.name, 'Hue Bridge - 123456');
    assert.equal(found[0].port, 443);
    assert.equal(found[0].txt.bridgeid, '001788fffe123456');
    assert.ok(found[0].addresses.length > 0);
    assert.deepEqual(await network.mdns('other', never()), []);
  });
});

describe('discovery', () => {
  it('finds nothing where no interface can be asked, and does not fail', async (t) => {
    const nowhere = discovery(t, { addresses: ['192.0.2.77'], mdnsPort: await freePort(), ssdpPort: 1 });
    assert.deepEqual(await nowhere.mdns('hue', never()), []);
    assert.deepEqual(await nowhere.ssdp(TARGET, never()), []);
  });

  it('can be called off, and leaves no timer', async () => {
    const clock = new FakeClock();
    const made = new NetworkDiscovery({ log: pino({ level: 'silent' }), clock, addresses: () => [] });
    const abort = new AbortController();
    const searches = [made.mdns('hue', abort.signal), made.ssdp(TARGET, never())];
    abort.abort(new Error('enough'));
    await assert.rejects(searches[0] ?? Promise.resolve(), { message: 'enough' });
    made.close();
    await assert.rejects(searches[1] ?? Promise.resolve(), { code: 'api.closed' });
    assert.equal(clock.pending, 0);
    await assert.rejects(made.mdns('hue', never()), { code: 'api.closed' });
  });

  it('asks on the interfaces that were chosen; without a choice on all but loopback', () => {
    const address = (of: string, internal: boolean) => ({
      address: of,
      family: 'IPv4' as const,
      internal,
      netmask: '',
      mac: '',
      cidr: null,
    });
    const interfaces: ReturnType<typeof networkInterfaces> = {
      lo: [address('127.0.0.1', true)],
      eth0: [address('10.0.0.5', false), address('10.0.0.6', false)],
      wlan0: [{ ...address('fe80::1', false), family: 'IPv6', scopeid: 2 }, address('10.0.1.5', false)],
    };
    assert.deepEqual(addressesOf(interfaces, []), ['10.0.0.5', '10.0.1.5']);
    assert.deepEqual(addressesOf(interfaces, ['wlan0', 'gone0']), ['10.0.1.5']);
  });
});
