import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeModel } from '../../daemon/api/hub.fake.ts';
import { byRole, isFetching, offers, share } from './models.ts';

test('models stand below their role, in their order', () => {
  const models = [fakeModel({ id: 'a' }), fakeModel({ id: 'b', role: 'voice-activity' }), fakeModel({ id: 'c' })];
  assert.deepEqual(
    [...byRole(models)].map(([role, each]) => [role, each.map(({ id }) => id)]),
    [
      ['face-detection', ['a', 'c']],
      ['voice-activity', ['b']],
    ],
  );
});

test('progress is a share of the whole', () => {
  assert.equal(isFetching([fakeModel(), fakeModel({ received: 0 })]), true);
  assert.equal(isFetching([fakeModel()]), false);
  assert.equal(share(fakeModel({ received: 25, size: 100 })), 0.25);
  assert.equal(share(fakeModel()), 0);
});

test('fetched is what is not there, can be had and is not on its way; used is what is there', () => {
  assert.deepEqual(offers(fakeModel({ state: 'missing' })), { fetch: true, use: false });
  assert.deepEqual(offers(fakeModel({ state: 'wrong' })), { fetch: true, use: false });
  assert.deepEqual(offers(fakeModel({ state: 'missing', received: 3 })), { fetch: false, use: false });
  assert.deepEqual(offers(fakeModel({ state: 'missing', fetchable: false })), { fetch: false, use: false });
  assert.deepEqual(offers(fakeModel({ state: 'present' })), { fetch: false, use: true });
  assert.deepEqual(offers(fakeModel({ state: 'in-use' })), { fetch: false, use: false });
});
