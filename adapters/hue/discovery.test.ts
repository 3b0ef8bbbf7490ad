import assert from 'node:assert/strict';
import { it } from 'node:test';
import { FakeDiscovery } from '../../daemon/devices/adapter.fake.ts';
import { discoverBridges } from './discovery.ts';

const signal = new AbortController().signal;
const service = { name: 'Hue Bridge - 123456', port: 443, txt: { bridgeid: '001788FFFE123456', modelid: 'BSB002' } };
const answer = {
  usn: 'uuid:2f402f80-da50-11e1-9b23-001788123456::upnp:rootdevice',
  location: '',
  server: 'Hue/1.0 UPnP/1.0 IpBridge/1.65.0',
};

it('a bridge that is found in both ways is one', async () => {
  const network = new FakeDiscovery();
  network.services.set('hue', [{ ...service, addresses: ['192.168.1.20'] }]);
  network.devices.set('upnp:rootdevice', [
    { ...answer, address: '192.168.1.20', headers: { 'hue-bridgeid': '001788FFFE123456' } },
    { ...answer, address: '192.168.1.21', headers: { 'hue-bridgeid': '001788FFFE654321' } },
  ]);
  assert.deepEqual(await discoverBridges(network, signal), [
    { id: '001788fffe123456', name: 'Hue Bridge - 123456', host: '192.168.1.20', model: 'BSB002' },
    { id: '001788fffe654321', name: 'Hue Bridge - 654321', host: '192.168.1.21' },
  ]);
});

it('whatever else answers is none', async () => {
  const network = new FakeDiscovery();
  network.services.set('hue', [
    { ...service, addresses: [] },
    { ...service, addresses: ['192.168.1.22'], txt: { bridgeid: 'nonsense' } },
    { ...service, addresses: ['192.168.1.23'], txt: {} },
  ]);
  network.devices.set('upnp:rootdevice', [{ ...answer, address: '192.168.1.24', headers: {} }]);
  assert.deepEqual(await discoverBridges(network, signal), []);
});

it('an address of version 6 and a port of its own stand in the address to pair with', async () => {
  const network = new FakeDiscovery();
  network.services.set('hue', [{ ...service, addresses: ['fd00::20'], port: 8443 }]);
  assert.deepEqual(
    (await discoverBridges(network, signal)).map(({ host }) => host),
    ['[fd00::20]:8443'],
  );
});
