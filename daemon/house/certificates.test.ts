import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { pino } from 'pino';
import { FakeClock } from '../api/clock.fake.ts';
import { Certificates } from './certificates.ts';
import { ownCertificate } from './own-certificate.ts';

const DAY = 24 * 3600_000;
const NAMES = { hosts: ['localhost', 'hub', 'hub.local'], addresses: ['127.0.0.1', '192.0.2.7', '::1'] };
const log = pino({ level: 'silent' });

function folder(context: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'roomtone-https-'));
  context.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

/** The clock that certificates are made by must be near the one they are checked by. */
function clockNow(): FakeClock {
  const clock = new FakeClock();
  clock.jumpWall(Date.now());
  return clock;
}

function make(dir: string, options: Partial<ConstructorParameters<typeof Certificates>[0]> = {}) {
  const clock = clockNow();
  const certificates = new Certificates({ log, clock, dir, tls: 'own', names: () => NAMES, ...options });
  const problems: (string | null)[] = [];
  certificates.events.on('problem', (problem) => problems.push(problem?.code ?? null));
  return { certificates, clock, problems };
}

const sleepless = (certificates: Certificates) =>
  new Promise<string>((resolve) => certificates.events.once('changed', ({ fingerprint }) => resolve(fingerprint)));

describe("the hub's own certificate", () => {
  it('names this machine, is good for servers alone, and lies with its key where only the owner reads', async (context) => {
    const dir = folder(context);
    const { certificates, clock } = make(dir);
    await certificates.start();
    certificates.close();
    const { current } = certificates;
    assert.ok(current?.own);
    const certificate = new X509Certificate(current.cert);
    for (const host of NAMES.hosts) assert.ok(certificate.checkHost(host), host);
    for (const address of NAMES.addresses) assert.ok(certificate.checkIP(address), address);
    assert.equal(certificate.checkHost('other.local'), undefined);
    assert.equal(certificate.ca, false);
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
    assert.ok(current.validUntil - clock.wall() <= 825 * DAY);
    assert.equal(current.fingerprint, certificate.fingerprint256);
    assert.equal(statSync(join(dir, 'https.pem')).mode & 0o777, 0o600);
  });

  it('stays the same from start to start', async (context) => {
    const dir = folder(context);
    const clock = clockNow();
    const first = await ownCertificate({ dir, clock, names: NAMES });
    assert.deepEqual(await ownCertificate({ dir, clock, names: NAMES }), first);
  });

  it('is made anew in a running hub before it ends, and for another name or address', async (context) => {
    const dir = folder(context);
    let names = NAMES;
    const { certificates, clock } = make(dir, { names: () => names });
    await certificates.start();
    const first = certificates.current?.fingerprint;
    clock.advance(DAY);
    assert.equal(certificates.current?.fingerprint, first);
    const renewed = sleepless(certificates);
    clock.jumpWall(clock.wall() + 800 * DAY);
    clock.advance(3600_000);
    assert.notEqual(await renewed, first);
    const moved = sleepless(certificates);
    names = { ...NAMES, addresses: ['192.0.2.8'] };
    clock.advance(3600_000);
    await moved;
    assert.ok(new X509Certificate(certificates.current?.cert ?? '').checkIP('192.0.2.8'));
    certificates.close();
  });

  it('replaces a file that is none', async (context) => {
    const dir = folder(context);
    writeFileSync(join(dir, 'https.pem'), 'half a fi');
    await ownCertificate({ dir, clock: clockNow(), names: NAMES });
    assert.match(readFileSync(join(dir, 'https.pem'), 'utf8'), /BEGIN CERTIFICATE/);
  });
});

describe('a certificate by configuration', () => {
  async function pemFiles(context: TestContext) {
    const dir = folder(context);
    const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
    const write = async (clock = clockNow()) => {
      const pem = (await ownCertificate({ dir: mkdtempSync(join(dir, 'made-')), clock, names: NAMES })).cert;
      const at = pem.indexOf('-----BEGIN CERTIFICATE');
      writeFileSync(key, pem.slice(0, at));
      writeFileSync(cert, pem.slice(at));
    };
    await write();
    return { dir, tls: { cert, key }, write };
  }

  it('is used, and a renewed one is taken over within the hour', async (context) => {
    const { dir, tls, write } = await pemFiles(context);
    const { certificates, clock, problems } = make(dir, { tls });
    await certificates.start();
    const first = certificates.current;
    assert.equal(first?.own, false);
    await write();
    const renewed = sleepless(certificates);
    clock.advance(3600_000);
    assert.notEqual(await renewed, first?.fingerprint);
    assert.deepEqual(new Set(problems), new Set([null]));
    certificates.close();
  });

  it('that ends soon is told', async (context) => {
    const { dir, tls } = await pemFiles(context);
    const { certificates, clock, problems } = make(dir, { tls });
    clock.jumpWall(clock.wall() + 815 * DAY);
    await certificates.start();
    certificates.close();
    assert.deepEqual(problems, ['http.certificate_ends']);
  });

  it('that does not fit its key is a problem, and the own one stands in', async (context) => {
    const { dir, tls, write } = await pemFiles(context);
    const key = readFileSync(tls.key);
    await write();
    writeFileSync(tls.key, key);
    const { certificates, problems } = make(dir, { tls });
    await certificates.start();
    certificates.close();
    assert.deepEqual(problems, ['http.bad_certificate']);
    assert.equal(certificates.current?.own, true);
  });
});

it('where HTTPS is off nothing is made', async (context) => {
  const dir = folder(context);
  const { certificates } = make(dir, { tls: 'off' });
  await certificates.start();
  assert.equal(certificates.current, null);
  assert.throws(() => statSync(join(dir, 'https.pem')));
});
