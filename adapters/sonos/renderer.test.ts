import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { pino } from 'pino';
import { systemClock } from '../../daemon/api/clock.ts';
import type { DeviceId } from '../../daemon/devices/device.ts';
import { NetworkDiscovery } from '../../daemon/network/discovery.ts';
import { needsRenderer, Renderer } from '../../test/helpers/renderer.ts';
import { SonosBench } from './bench.fixture.ts';
import { searchPlayers } from './discovery.ts';

suite('a UPnP renderer that nobody here wrote', { ...needsRenderer(), timeout: 60_000 }, () => {
  let renderer: Renderer;
  let bench: SonosBench;
  let device: DeviceId;
  let url: string;

  before(async () => {
    renderer = await Renderer.start();
    url = await renderer.serveTone(3);
    // It tells by events alone: nobody asks within the time of this test.
    bench = new SonosBench([renderer.location], { heartbeat: 600_000, poll: 600_000 });
    await bench.adapter.start();
    await bench.until(() => bench.available.size > 0);
    device = [...bench.available.keys()][0] as DeviceId;
  });

  after(async () => {
    await bench.adapter.close();
    await renderer.close();
  });

  test('is found by SSDP', async () => {
    const network = new NetworkDiscovery({ log: pino({ level: 'silent' }), clock: systemClock, addresses: () => [renderer.address] });
    assert.ok((await searchPlayers(network, new AbortController().signal)).includes(renderer.location));
  });

  test('is listed with what it has, and nothing more', () => {
    const [listed] = bench.adapter.list();
    assert.equal(listed?.name, 'Test room');
    assert.deepEqual(listed?.capabilities, {
      ...{ volume: true, mute: true, transport: true, playing: true },
      favorite: { list: [], addresses: true },
    });
  });

  test('takes a volume and tells of it by an event', async () => {
    for (const volume of [35, 60]) {
      const from = bench.reports.length;
      await bench.apply(device, { volume });
      const report = await bench.report(({ attribute, value }) => attribute === 'volume' && value === volume, from);
      assert.equal(report.kind, 'event');
    }
    await bench.apply(device, { mute: true });
    await bench.report(({ attribute, value }) => attribute === 'mute' && value === true);
    await bench.apply(device, { mute: false });
  });

  test('fades a file in, and says when it has come to its end, which is nobody else’s doing', async () => {
    await bench.apply(device, { volume: 20 });
    const from = bench.reports.length;
    await bench.apply(device, { favorite: url, transport: 'playing', volume: 50 }, 1.2);
    await bench.report(({ attribute, value }) => attribute === 'transport' && value === 'playing', from);
    await bench.report(({ attribute, value, transitional }) => attribute === 'volume' && value === 50 && !transitional, from);
    const volumes = bench.reports.slice(from).filter(({ attribute }) => attribute === 'volume');
    assert.ok(volumes.length >= 4 && volumes.slice(0, -1).every(({ transitional }) => transitional));
    assert.equal(bench.of(device).favorite, url);
    await bench.until(() =>
      bench.readings.some(({ reading, value }) => reading === 'playing' && JSON.stringify(value).includes('tone.wav')),
    );
    const ended = await bench.report(
      ({ attribute, value, transitional }) => attribute === 'transport' && value === 'stopped' && !transitional,
      from,
    );
    assert.equal(ended.origin, 'device');
  });

  test('pauses with a fade, and is as loud as before when it goes on', async () => {
    const before = bench.reports.length;
    await bench.apply(device, { favorite: url, transport: 'playing' });
    await bench.report(({ attribute, value }) => attribute === 'transport' && value === 'playing', before);
    const from = bench.reports.length;
    await bench.apply(device, { transport: 'paused' }, 0.8);
    const paused = await bench.report(({ attribute, value }) => attribute === 'transport' && value === 'paused', from);
    assert.equal(paused.origin, 'unknown');
    await bench.report(({ attribute, value, transitional }) => attribute === 'volume' && value === 50 && !transitional, from);
  });

  test('announces over what plays, and gives it back', async () => {
    await bench.apply(device, { transport: 'playing' });
    const from = bench.reports.length;
    await bench.adapter.announce([device], { url: `${url}?announcement`, volume: 30 }, new AbortController().signal);
    assert.deepEqual(
      bench.reports.slice(from).filter(({ attribute }) => attribute === 'volume'),
      [],
      'nothing of it looks like a hand',
    );
    assert.equal(bench.of(device).favorite, url);
  });

  test('is away when it does not answer, and its address is a problem', async () => {
    const nobody = new SonosBench([`http://${renderer.address}:9/description.xml`], { firstRetry: 20 });
    await nobody.adapter.start();
    await nobody.until(() => nobody.problems.length > 0);
    assert.deepEqual(nobody.problems, ['device.unreachable']);
    await nobody.adapter.close();
  });
});
