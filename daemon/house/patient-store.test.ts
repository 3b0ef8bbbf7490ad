import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { z } from 'zod';
import { FakeClock } from '../api/clock.fake.ts';
import { RoomtoneError } from '../api/errors.ts';
import { FakeState } from '../api/state.fake.ts';
import type { AuditEntry } from '../api/views.ts';
import { PatientStore } from './patient-store.ts';
import { ProblemBoard } from './problems.ts';

/** A store on a disk that can be full. */
function onDisk() {
  const clock = new FakeClock();
  const disk = { full: false };
  const inner = new FakeState();
  const refuse = (): void => {
    if (disk.full) throw new RoomtoneError('store.failed', { params: { what: 'disk full' } });
  };
  const written: string[] = [];
  const problems = new ProblemBoard({ log: pino({ level: 'silent' }), clock });
  const store = new PatientStore({
    log: pino({ level: 'silent' }),
    clock,
    problems,
    state: {
      get: (key, schema) => inner.get(key, schema),
      set: (key, value) => {
        refuse();
        inner.set(key, value);
      },
      delete: (key) => {
        refuse();
        inner.delete(key);
      },
      keys: (prefix) => inner.keys(prefix),
    },
    audit: {
      record: ({ action }) => {
        refuse();
        written.push(action);
      },
      latest: (): AuditEntry[] => [],
    },
  });
  return { clock, disk, inner, problems, store, written };
}

test('what a full disk refuses stands in memory, is told, and is written once there is room', () => {
  const { clock, disk, inner, problems, store } = onDisk();
  store.state.set('room/den', 'auto');
  disk.full = true;
  store.state.set('room/den', 'paused');
  store.state.set('room/hall', 'off');
  assert.equal(store.state.get('room/den', z.string()), 'paused');
  assert.deepEqual(store.state.keys('room/'), ['room/den', 'room/hall']);
  assert.equal(problems.get('store:write')?.code, 'store.failed');
  assert.throws(() => store.assertWritten(), { code: 'store.failed' });
  disk.full = false;
  clock.advance(5000);
  assert.deepEqual([inner.get('room/den', z.string()), inner.get('room/hall', z.string())], ['paused', 'off']);
  assert.equal(problems.get('store:write'), null);
  store.assertWritten();
  assert.equal(clock.pending, 0);
});

test('a deletion that waits is one for who asks', () => {
  const { disk, inner, store, clock } = onDisk();
  store.state.set('hold', 1);
  disk.full = true;
  store.state.delete('hold');
  assert.deepEqual([store.state.get('hold', z.number()), store.state.keys('')], [undefined, []]);
  disk.full = false;
  clock.advance(5000);
  assert.equal(inner.get('hold', z.number()), undefined);
});

test('an audit line that cannot be written is told and stops nobody', () => {
  const { disk, problems, store, written } = onDisk();
  disk.full = true;
  store.audit.record({ actor: 'panel:admin', action: 'room.mode', subject: 'den', params: {} });
  assert.equal(problems.get('store:write')?.code, 'store.failed');
  disk.full = false;
  store.audit.record({ actor: 'panel:admin', action: 'room.scene', subject: 'den', params: {} });
  assert.deepEqual([written, problems.get('store:write')], [['room.scene'], null]);
});

test('closing tries once more and leaves no timer', () => {
  const { clock, disk, inner, store } = onDisk();
  disk.full = true;
  store.state.set('a', 1);
  disk.full = false;
  store.close();
  assert.equal(inner.get('a', z.number()), 1);
  assert.equal(clock.pending, 0);
});
