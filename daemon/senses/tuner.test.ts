import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { pino } from 'pino';
import { needs } from '../../test/helpers/needs.ts';
import { FakeClock } from '../api/clock.fake.ts';
import { FakeState } from '../api/state.fake.ts';
import { latestTuning, Tuner } from './tuner.ts';

const MODELS = { dirs: [join(import.meta.dirname, '../../models')], threads: 'auto' as const };
const UNTUNED = { key: 'of-this-machine', threads: 1, tuned: false };

function setUp(state = new FakeState()) {
  const clock = new FakeClock();
  const news = new EventEmitter<{ measured: [] }>();
  const onMeasured = () => void news.emit('measured');
  const tuner = new Tuner({ log: pino({ level: 'silent' }), clock, state, env: process.env, onMeasured });
  return { tuner, clock, state, measured: once(news, 'measured') };
}

suite('the threads of this machine', needs('setpriv', 'prlimit'), () => {
  test('are measured a minute after the senses asked, in the sandbox, and kept', async () => {
    const { tuner, clock, state, measured } = setUp();
    assert.deepEqual([tuner.advice, tuner.view()], [null, { inUse: null, measured: null }]);
    tuner.note(UNTUNED, MODELS);
    clock.advance(59_000);
    assert.deepEqual(tuner.view(), { inUse: 1, measured: null });
    clock.advance(1000);
    await measured;
    const kept = latestTuning(state);
    assert.ok(kept && kept.timings.length > 0);
    assert.deepEqual(tuner.advice, { key: kept.key, threads: kept.threads });
    assert.equal(tuner.view().measured, null, 'what was measured is not for the key that the senses named');
    tuner.note({ key: kept.key, threads: kept.threads, tuned: true });
    assert.deepEqual(tuner.view(), {
      inUse: kept.threads,
      measured: { at: kept.at, chosen: kept.threads, timings: kept.timings },
    });
    await tuner.close();
    assert.deepEqual(setUp(state).tuner.advice, { key: kept.key, threads: kept.threads }, 'after a restart too');
  });

  test('are not measured where the senses have what they need, or end before', async () => {
    const { tuner, clock, state } = setUp();
    tuner.note({ ...UNTUNED, tuned: true }, MODELS);
    clock.advance(120_000);
    tuner.note(UNTUNED, MODELS);
    tuner.note(null);
    clock.advance(120_000);
    await tuner.close();
    assert.equal(latestTuning(state), null);
  });

  test('are given up when the hub closes meanwhile', async () => {
    const { tuner, clock, state } = setUp();
    tuner.note(UNTUNED, MODELS);
    clock.advance(60_000);
    await tuner.close();
    assert.equal(latestTuning(state), null);
  });
});
