import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Timer } from '../../daemon/api/clock.ts';
import { CountingClock } from '../../test/helpers/counting-clock.ts';
import { HueBench } from './bench.fixture.ts';
import { pair } from './pairing.ts';

async function open(t: TestContext): Promise<HueBench> {
  const bench = await HueBench.open();
  t.after(() => bench.close());
  return bench;
}

describe('pairing with a Hue bridge', () => {
  it('waits for the link button, counting down, then keeps key and certificate', async (t) => {
    const bench = await open(t);
    const clock = new HastyClock();
    const countdown: number[] = [];
    const paired = pair(
      {
        host: bench.bridge.address,
        signal: new AbortController().signal,
        onProgress: ({ secondsLeft }) => {
          countdown.push(secondsLeft);
          if (secondsLeft === 28) bench.bridge.pressLinkButton();
        },
      },
      { ...bench.context, clock },
    );
    assert.deepEqual(await paired, { id: '001788fffe123456', name: 'Hue Bridge' });
    assert.deepEqual(countdown, [30, 29, 28]);
    assert.equal(bench.vault.get('hue.001788fffe123456.certificate'), bench.bridge.certificate.fingerprint256);
    assert.equal(clock.pending, 0);
    await bench.build().start();
    await bench.until(() => bench.available('color'));
  });

  it('gives up after half a minute, and keeps nothing', async (t) => {
    const bench = await open(t);
    const clock = new HastyClock();
    const request = { host: bench.bridge.address, signal: new AbortController().signal, onProgress: () => {} };
    const paired = assert.rejects(pair(request, { ...bench.context, clock }), {
      code: 'hue.link_button',
      params: { host: bench.bridge.address, seconds: 30 },
    });
    await paired;
    assert.equal(bench.vault.secrets.size, 0);
    assert.equal(clock.pending, 0);
  });

  it('can be called off', async (t) => {
    const bench = await open(t);
    const abort = new AbortController();
    const request = { host: bench.bridge.address, signal: abort.signal, onProgress: () => abort.abort(new Error('enough')) };
    await assert.rejects(pair(request, bench.context), { message: 'enough' });
    assert.equal(bench.clock.pending, 0);
  });

  it('pairing again after a replaced certificate makes the bridge usable again', async (t) => {
    const bench = await open(t);
    await bench.live();
    await bench.bridge.changeCertificate();
    await bench.until(() => bench.problems.includes('hue.certificate_changed'));
    bench.bridge.pressLinkButton();
    await pair({ host: bench.bridge.address, signal: new AbortController().signal, onProgress: () => {} }, bench.context);
    await bench.until(() => bench.problems.at(-1) === null);
    assert.ok(bench.available('color'));
  });

  it('says when nothing answers', async (t) => {
    const bench = await open(t);
    await bench.bridge.unplug();
    const request = { host: bench.bridge.address, signal: new AbortController().signal, onProgress: () => {} };
    await assert.rejects(pair(request, bench.context), { code: 'device.unreachable' });
  });
});

/** Seconds of waiting pass at once; everything else takes its time. */
class HastyClock extends CountingClock {
  override after(delay: number, task: () => void): Timer {
    return super.after(delay === 1000 ? 0 : delay, task);
  }
}
