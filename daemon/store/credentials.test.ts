import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../api/clock.fake.ts';
import { dataFolder, openFor } from './fixture.ts';

test('there is no password until one is set; setting it ends every session', (t) => {
  const clock = new FakeClock();
  const { credentials } = openFor(t, { dir: dataFolder(t), clock });
  assert.equal(credentials.password(), undefined);
  credentials.sessions.add({ hash: 'h', user: 'admin', expiresAt: clock.wall() + 1000 });
  credentials.setPassword('first');
  credentials.setPassword('second');
  assert.equal(credentials.password(), 'second');
  assert.equal(credentials.sessions.get('h'), undefined);
});

test('sessions survive a restart and end on time', (t) => {
  const dir = dataFolder(t);
  const clock = new FakeClock();
  const first = openFor(t, { dir, clock });
  const createdAt = clock.wall();
  first.credentials.sessions.add({ hash: 'short', user: 'admin', expiresAt: createdAt + 1000 });
  first.credentials.sessions.add({ hash: 'long', user: 'admin', expiresAt: createdAt + 9000 });
  first.close();
  const { sessions } = openFor(t, { dir, clock }).credentials;
  assert.deepEqual(sessions.get('short'), { user: 'admin', createdAt, expiresAt: createdAt + 1000 });
  clock.advance(1000);
  assert.equal(sessions.get('short'), undefined);
  sessions.purge();
  clock.jumpWall(createdAt);
  assert.equal(sessions.get('short'), undefined, 'purged, not only hidden');
  assert.ok(sessions.get('long'));
  sessions.remove('long');
  assert.equal(sessions.get('long'), undefined);
});

test('tokens are listed, found by hash and removed', (t) => {
  const clock = new FakeClock();
  const { tokens } = openFor(t, { dir: dataFolder(t), clock }).credentials;
  const a = tokens.add({ name: 'Home Assistant', hash: 'ha' });
  clock.advance(1);
  const b = tokens.add({ name: 'script', hash: 'hb' });
  assert.deepEqual(tokens.list(), [a, b]);
  assert.equal(tokens.find('hb')?.name, 'script');
  assert.equal(tokens.find('other'), undefined);
  assert.equal(tokens.remove(a.id), true);
  assert.equal(tokens.remove(a.id), false);
  assert.equal(tokens.find('ha'), undefined);
});

test('the use of a token is noted, but not every time', (t) => {
  const clock = new FakeClock();
  const { tokens } = openFor(t, { dir: dataFolder(t), clock }).credentials;
  tokens.add({ name: 'script', hash: 'h' });
  const first = clock.wall();
  assert.equal(tokens.find('h')?.lastUsedAt, first);
  clock.advance(9 * 60_000);
  assert.equal(tokens.find('h')?.lastUsedAt, first);
  clock.advance(60_000);
  assert.equal(tokens.find('h')?.lastUsedAt, clock.wall());
  assert.equal(tokens.list()[0]?.lastUsedAt, clock.wall());
});
