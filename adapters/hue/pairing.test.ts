import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Timer } from '../../daemon/api/clock.ts';
import { CountingClock } from '../../test/helpers/counting-clock.ts';
import { HueBench } from './bench.fixture.ts';
import { hue } from './index.ts';
import { pair, paired, unpair } from './pairing.ts';

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
    assert.deepEqual(bench.state.keys(''), []);
    assert.equal(clock.pending, 0);
  });

  it('gives up after half a minute where every answer takes long, too', async (t) => {
    const bench = await open(t);
    const clock = new HastyClock();
    const countdown: number[] = [];
    const onProgress = ({ secondsLeft }: { secondsLeft: number }): void => {
      countdown.push(secondsLeft);
      clock.skip(1500);
    };
    const request = { host: bench.bridge.address, signal: new AbortController().signal, onProgress };
    await assert.rejects(pair(request, { ...bench.context, clock }), { code: 'hue.link_button' });
    assert.ok(countdown.length <= 12, `${countdown.length}`);
  });

  it('a bridge that is too busy for a while, or breaks off, is asked again; one that stays so is said', async (t) => {
    const bench = await open(t);
    const clock = new HastyClock();
    const trouble = new Map([
      [30, () => bench.bridge.storm429(1)],
      [29, () => bench.bridge.answerGarbage()],
      [28, () => bench.bridge.recover()],
      [27, () => bench.bridge.pressLinkButton()],
    ]);
    const onProgress = ({ secondsLeft }: { secondsLeft: number }): void => trouble.get(secondsLeft)?.();
    const request = { host: bench.bridge.address, signal: new AbortController().signal, onProgress };
    assert.equal((await pair(request, { ...bench.context, clock })).id, bench.bridgeId);
    const inVain = { ...request, onProgress: () => bench.bridge.answerGarbage() };
    await assert.rejects(pair(inVain, { ...bench.context, clock }), { code: 'hue.bad_answer' });
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

  it('a bridge that is paired again at a new address stays the one it was in the configuration', async (t) => {
    const bench = await open(t);
    bench.pair('192.168.1.20');
    bench.bridge.pressLinkButton();
    const result = await pair({ host: bench.bridge.address, signal: new AbortController().signal, onProgress: () => {} }, bench.context);
    assert.deepEqual(result, { id: bench.bridgeId, name: 'Hue Bridge', host: '192.168.1.20' });
    assert.deepEqual(paired(bench.context), [result]);
    await bench.build({}, '192.168.1.20').start();
    await bench.until(() => bench.available('color'));
  });

  it('ended, leaves nothing behind, and says where the bridge keeps the key', async (t) => {
    const bench = await open(t);
    bench.pair();
    assert.deepEqual(paired(bench.context), [{ id: bench.bridgeId, name: 'Hue Bridge', host: bench.bridge.address }]);
    await unpair(bench.bridgeId, bench.context, new AbortController().signal);
    assert.deepEqual([bench.vault.names(), bench.state.keys(''), paired(bench.context)], [[], [], []]);
    assert.equal(bench.bridge.requests.at(-1)?.method, 'DELETE');
    assert.equal(bench.logged.filter(({ event }) => event === 'hue_key_left').length, 1);
    assert.equal(bench.clock.pending, 0);
    await unpair(bench.bridgeId, bench.context, new AbortController().signal);
  });

  it('ended while the bridge is away, or shows another certificate, tells it nothing', async (t) => {
    const bench = await open(t);
    bench.pair();
    await bench.bridge.changeCertificate();
    await unpair(bench.bridgeId, bench.context, new AbortController().signal);
    assert.deepEqual(bench.bridge.requests, []);
    bench.pair();
    await bench.bridge.unplug();
    await unpair(bench.bridgeId, bench.context, new AbortController().signal);
    assert.deepEqual([bench.vault.names(), bench.state.keys('')], [[], []]);
  });

  it('an address comes into the section once, and goes out of it', () => {
    const one = hue.withHost?.({ bridges: [] }, '192.168.1.20') ?? { bridges: [] };
    assert.deepEqual(one, { bridges: [{ host: '192.168.1.20' }] });
    assert.equal(hue.withHost?.(one, '192.168.1.20'), one);
    assert.deepEqual(hue.withoutHost?.(one, '192.168.1.20'), { bridges: [] });
    assert.equal(hue.withoutHost?.(one, '192.168.1.21'), one);
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
  #skipped = 0;

  override mono(): number {
    return super.mono() + this.#skipped;
  }

  skip(ms: number): void {
    this.#skipped += ms;
  }

  override after(delay: number, task: () => void): Timer {
    if (delay !== 1000) return super.after(delay, task);
    return super.after(0, () => {
      this.skip(delay);
      task();
    });
  }
}
