import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { FakeClock } from '../api/clock.fake.ts';
import { FakeCredentials } from '../api/credentials.fake.ts';
import { ADMIN, Authenticator, type Identity } from './authenticator.ts';
import { hashPassword, verifyPassword } from './password.ts';

const PASSWORD = 'correct horse battery';
const HOME = '192.168.1.7';
const DAY = 24 * 3600_000;

function make() {
  const clock = new FakeClock();
  const credentials = new FakeCredentials({ clock });
  const auth = new Authenticator({ clock, random: randomBytes, credentials });
  return { clock, credentials, auth };
}

async function withPassword() {
  const made = make();
  await made.auth.setPassword(PASSWORD);
  return made;
}

const code = (expected: string) => ({ code: expected });

describe('password hashing', () => {
  it('makes a PHC string that only the right password opens', async () => {
    const phc = await hashPassword(PASSWORD, randomBytes);
    assert.match(phc, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]+\$[\w+/]+$/);
    assert.equal(await verifyPassword(phc, PASSWORD), true);
    assert.equal(await verifyPassword(phc, `${PASSWORD}!`), false);
  });

  it('agrees with the reference implementation (phc-winner-argon2, test.c)', async () => {
    const phc = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    assert.equal(await verifyPassword(phc, 'password'), true);
  });

  it('takes the same letters however a keyboard composes them', async () => {
    const phc = await hashPassword('Z\u00fcrich-1234', randomBytes);
    assert.equal(await verifyPassword(phc, 'Zu\u0308rich-1234'), true);
  });

  it('lets nobody in by a damaged record', async () => {
    assert.equal(await verifyPassword('$argon2id$v=19$m=8,t=1,p=1$', PASSWORD), false);
    assert.equal(await verifyPassword('', ''), false);
  });
});

describe('a password chosen by another process', () => {
  it('is told once, and ends what the old one opened', async () => {
    const { auth, credentials } = await withPassword();
    const told: string[] = [];
    auth.events.on('password', () => told.push('password'));
    auth.events.on('revoked', (isRevoked) => {
      told.push(`password ${isRevoked({ via: 'password', name: ADMIN, credential: ADMIN })}`);
      told.push(`token ${isRevoked({ via: 'token', name: 'x', credential: '1' })}`);
    });
    auth.notice();
    assert.deepEqual(told, []);
    credentials.setPassword(await hashPassword('another long one', randomBytes));
    auth.notice();
    auth.notice();
    assert.deepEqual(told, ['password true', 'token false', 'password']);
  });
});

describe('set-up', () => {
  it('takes the token of the terminal once and opens a session', async () => {
    const { auth } = make();
    const token = auth.setupToken();
    assert.ok(token && Buffer.from(token, 'base64url').length === 16);
    const session = await auth.setUp({ token, password: PASSWORD, address: HOME });
    assert.equal(auth.session(session.id)?.identity.name, ADMIN);
    assert.equal(auth.setupToken(), undefined);
    await assert.rejects(auth.setUp({ token, password: PASSWORD, address: HOME }), code('auth.bad_setup_token'));
  });

  it('keeps the token when the password is too short, and refuses a wrong one', async () => {
    const { auth } = make();
    const token = auth.setupToken() ?? '';
    await assert.rejects(auth.setUp({ token, password: 'short', address: HOME }), code('auth.weak_password'));
    await assert.rejects(auth.setUp({ token: `${token}x`, password: PASSWORD, address: HOME }), code('auth.bad_setup_token'));
    assert.equal(auth.setupToken(), token);
  });

  it('takes one of two that come at the same time', async () => {
    const { auth } = make();
    const token = auth.setupToken() ?? '';
    const both = await Promise.allSettled([
      auth.setUp({ token, password: PASSWORD, address: HOME }),
      auth.setUp({ token, password: 'another password', address: '10.0.0.9' }),
    ]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  });

  it('is a new token at each start', () => {
    assert.notEqual(make().auth.setupToken(), make().auth.setupToken());
  });
});

describe('sessions', () => {
  it('last 30 days from the last use', async () => {
    const { auth, clock } = await withPassword();
    const { id } = await auth.login({ password: PASSWORD, address: HOME });
    clock.advance(29 * DAY);
    assert.ok(auth.session(id)?.renewedUntil);
    assert.equal(auth.session(id)?.renewedUntil, undefined, 'written once a day at most');
    clock.advance(29 * DAY);
    assert.ok(auth.session(id));
    clock.advance(30 * DAY);
    assert.equal(auth.session(id), undefined);
  });

  it('end by logout, and say so to whoever keeps a connection open', async () => {
    const { auth } = await withPassword();
    const { id, identity } = await auth.login({ password: PASSWORD, address: HOME });
    const other = await auth.login({ password: PASSWORD, address: HOME });
    const ended: boolean[][] = [];
    auth.events.on('revoked', (isRevoked) => ended.push([isRevoked(identity), isRevoked(other.identity)]));
    auth.logout(id);
    assert.deepEqual(ended, [[true, false]]);
    assert.equal(auth.session(id), undefined);
    assert.equal(auth.holds(identity), false);
    assert.equal(auth.holds(other.identity), true);
  });

  it('all end with a change of password, but for the new one; tokens stay', async () => {
    const { auth } = await withPassword();
    const before = await auth.login({ password: PASSWORD, address: HOME });
    const { secret } = auth.createToken('script');
    const revoked: Identity['via'][] = [];
    auth.events.on('revoked', (isRevoked) => {
      for (const via of ['session', 'token', 'password'] as const) if (isRevoked({ via, name: '', credential: '' })) revoked.push(via);
    });
    const after = await auth.changePassword({ current: PASSWORD, next: 'a new long password', address: HOME });
    assert.equal(auth.session(before.id), undefined);
    assert.ok(auth.session(after.id));
    assert.ok(auth.token(secret));
    assert.deepEqual(revoked, ['session', 'password']);
    await assert.rejects(auth.login({ password: PASSWORD, address: HOME }), code('auth.wrong_password'));
  });
});

describe('tokens and the broker', () => {
  it('let in who holds the secret, until removed', async () => {
    const { auth } = await withPassword();
    const { token, secret } = auth.createToken('home-assistant');
    assert.deepEqual(auth.token(secret), { via: 'token', name: 'home-assistant', credential: token.id });
    assert.equal(auth.token(`${secret}x`), undefined);
    assert.equal((await auth.connect({ username: 'anybody', password: secret, address: HOME })).name, 'home-assistant');
    assert.equal(auth.removeToken(token.id), true);
    assert.equal(auth.removeToken(token.id), false);
    assert.equal(auth.token(secret), undefined);
  });

  it('takes the admin password for the user admin alone', async () => {
    const { auth } = await withPassword();
    assert.equal((await auth.connect({ username: ADMIN, password: PASSWORD, address: HOME })).via, 'password');
    await assert.rejects(auth.connect({ username: 'root', password: PASSWORD, address: HOME }), code('auth.wrong_password'));
    await assert.rejects(auth.connect({ address: HOME }), code('auth.required'));
    await assert.rejects(make().auth.connect({ username: ADMIN, password: PASSWORD, address: HOME }), code('auth.no_password'));
  });

  it('keeps nothing that would open a door', async () => {
    const { auth, credentials } = await withPassword();
    const { id } = await auth.login({ password: PASSWORD, address: HOME });
    const { secret } = auth.createToken('script');
    for (const each of [PASSWORD, id, secret]) assert.ok(!credentials.dump().includes(each));
  });
});

describe('a flood of logins', () => {
  const attempt = (auth: Authenticator, address: string, password = 'not the password') =>
    auth.login({ password, address }).then(
      () => 'in',
      (error: { code: string }) => error.code,
    );

  it('waits longer after each failure, and says how long', async () => {
    const { auth, clock } = await withPassword();
    for (let n = 0; n < 5; n++) assert.equal(await attempt(auth, HOME), 'auth.wrong_password');
    for (const seconds of [1, 2, 4, 8]) {
      await assert.rejects(auth.login({ password: PASSWORD, address: HOME }), { code: 'auth.too_many', params: { seconds } });
      clock.advance(seconds * 1000);
      assert.equal(await attempt(auth, HOME), 'auth.wrong_password');
    }
    clock.advance(60_000);
    assert.equal(await attempt(auth, HOME, PASSWORD), 'in');
    assert.equal(await attempt(auth, HOME), 'auth.wrong_password', 'success wipes the slate');
  });

  it('counts attempts made at once, and hashes few of them', async () => {
    const { auth } = await withPassword();
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => attempt(auth, HOME)));
    assert.equal(outcomes.filter((each) => each === 'auth.wrong_password').length, 5);
    assert.equal(outcomes.filter((each) => each === 'auth.too_many').length, 95);
  });

  it('from many addresses meets the common limit and the bounded queue, but spares whoever was in before', async () => {
    const { auth } = await withPassword();
    assert.equal(await attempt(auth, HOME, PASSWORD), 'in');
    const outcomes = await Promise.all(Array.from({ length: 200 }, (_, n) => attempt(auth, `203.0.113.${n}`)));
    assert.ok(outcomes.filter((each) => each === 'auth.wrong_password').length <= 10, 'two hashing and eight waiting');
    for (let n = 0; n < 20; n++) await attempt(auth, `198.51.100.${n}`);
    assert.equal(await attempt(auth, '198.51.100.250', PASSWORD), 'auth.too_many');
    assert.equal(await attempt(auth, HOME, PASSWORD), 'in');
  });

  it('takes a whole IPv6 network for one address', async () => {
    const { auth } = await withPassword();
    for (let n = 0; n < 5; n++) assert.equal(await attempt(auth, `2001:db8:0:1::${n}`), 'auth.wrong_password');
    assert.equal(await attempt(auth, '2001:db8:0:1:ffff::1'), 'auth.too_many');
    assert.equal(await attempt(auth, '2001:db8:0:2::1'), 'auth.wrong_password');
  });
});
