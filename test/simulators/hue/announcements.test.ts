import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { Bonjour, type Service } from 'bonjour-service';
import { Announcements } from './announcements.ts';
import { HueBridgeSimulator } from './simulator.ts';

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

async function bridges(t: TestContext, ids: readonly string[]): Promise<HueBridgeSimulator[]> {
  const made = ids.map((bridgeId) => new HueBridgeSimulator({ bridgeId, name: `Bridge ${bridgeId.slice(-2)}` }));
  for (const bridge of made) await bridge.start();
  t.after(() => Promise.all(made.map((bridge) => bridge.close())));
  return made;
}

/** A client of multicast DNS that was not written here. */
function browser(t: TestContext, port: number) {
  const bonjour = new Bonjour({ interface: '127.0.0.1', bind: '0.0.0.0', port } as object);
  t.after(() => new Promise<void>((resolve) => bonjour.destroy(() => resolve())));
  return bonjour.find({ type: 'hue' });
}

/** The headers of the first answers to a search, as it stands in the UPnP Device Architecture. */
async function search(t: TestContext, port: number, { target, count }: { target: string; count: number }) {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  t.after(() => socket.close());
  const question = ['M-SEARCH * HTTP/1.1', 'HOST: 239.255.255.250:1900', 'MAN: "ssdp:discover"', 'MX: 3', `ST: ${target}`, '', ''];
  socket.send(question.join('\r\n'), port, '127.0.0.1');
  const answers: Record<string, string | undefined>[] = [];
  while (answers.length < count) {
    const [message] = (await once(socket, 'message')) as [Buffer];
    const lines = message
      .toString()
      .split('\r\n')
      .map((line) => line.match(/^([\w-]+): ?(.*)$/));
    answers.push(Object.fromEntries(lines.flatMap((parts) => (parts ? [[parts[1], parts[2]]] : []))));
  }
  return answers;
}

const place = ({ addresses, port }: Service): string => `${addresses?.[0]}:${port}`;

test('several bridges are found by multicast DNS, each with its id, model and address', async (t) => {
  const mdnsPort = await freePort();
  const [first, second] = await bridges(t, ['001788FFFE111111', 'ECB5FAFFFE222222']);
  assert.ok(first && second);
  const network = new Announcements({ mdnsPort });
  await network.start();
  t.after(() => network.close());
  network.announce(first);
  network.announce(second);
  const found = new Map<string, Service>();
  const search = browser(t, mdnsPort);
  while (found.size < 2) {
    const [service] = (await once(search, 'up')) as [Service];
    found.set(service.name, service);
  }
  const shown = found.get('Hue Bridge - 222222');
  assert.ok(shown);
  assert.deepEqual(shown.txt, { bridgeid: 'ecb5fafffe222222', modelid: 'BSB002' });
  assert.equal(shown.host, 'ecb5fa222222.local');
  assert.deepEqual([...found.values()].map(place).sort(), [first.address, second.address].sort());
});

test('a bridge that moved is announced anew, one that is off answers nothing, one that leaves says goodbye', async (t) => {
  const mdnsPort = await freePort();
  const [bridge] = await bridges(t, ['001788FFFE111111']);
  assert.ok(bridge);
  const network = new Announcements({ mdnsPort });
  await network.start();
  t.after(() => network.close());
  network.announce(bridge);
  const search = browser(t, mdnsPort);
  await once(search, 'up');
  const changed = once(search, 'srv-update') as Promise<[Service]>;
  await bridge.moveTo('127.0.0.2');
  network.announce(bridge);
  assert.equal(`127.0.0.2:${(await changed)[0].port}`, bridge.address);
  const gone = once(search, 'down');
  network.withdraw(bridge);
  assert.equal(((await gone) as [Service])[0].name, 'Hue Bridge - 111111');
  await bridge.unplug();
  assert.equal(bridge.place, undefined);
});

test('a search by SSDP is answered in the vendor’s words, and leads to a description', async (t) => {
  const [bridge, off] = await bridges(t, ['001788FFFE111111', '001788FFFE222222']);
  assert.ok(bridge && off);
  await off.unplug();
  const network = new Announcements({ ssdpPort: 0 });
  await network.start();
  t.after(() => network.close());
  network.announce(bridge);
  network.announce(off);
  const answers = await search(t, network.ssdpPort, { target: 'ssdp:all', count: 3 });
  const udn = 'uuid:2f402f80-da50-11e1-9b23-001788111111';
  assert.deepEqual(
    answers.map(({ ST, USN }) => [ST, USN]),
    [
      ['upnp:rootdevice', `${udn}::upnp:rootdevice`],
      [udn, udn],
      ['urn:schemas-upnp-org:device:basic:1', udn],
    ],
  );
  const [{ LOCATION, SERVER, 'hue-bridgeid': id } = {}] = answers;
  assert.deepEqual([SERVER, id], ['Hue/1.0 UPnP/1.0 IpBridge/1.78.0', '001788FFFE111111']);

  const description = await fetch(String(LOCATION));
  assert.equal(description.headers.get('content-type'), 'text/xml');
  const xml = await description.text();
  assert.match(xml, /<modelNumber>BSB002<\/modelNumber>/);
  assert.match(xml, /<serialNumber>001788111111<\/serialNumber>/);
  const config = (await (await fetch(new URL('/api/config', String(LOCATION)))).json()) as { bridgeid: string };
  assert.equal(config.bridgeid, '001788FFFE111111');
  assert.equal((await fetch(new URL('/clip/v2/resource', String(LOCATION)))).status, 404, 'the new API is there over HTTPS alone');
});
