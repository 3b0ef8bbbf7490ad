import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../api/clock.ts';
import { writePrivateFile } from '../store/files.ts';
import type { Pem } from './certificates.ts';

const DAY = 24 * 3600_000;
/** iOS and macOS trust no longer one that a person installs (support.apple.com/103214). */
const VALID_DAYS = 825;
/** A new one makes every browser warn anew, so not sooner than need be. */
const RENEW_BEFORE = 30 * DAY;

/** What this machine is called by the devices around it. */
export interface Names {
  hosts: string[];
  addresses: string[];
}

export function ownNames(): Names {
  const own = hostname().toLowerCase();
  const interfaces = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return {
    hosts: ['localhost', own, ...(own.includes('.') ? [] : [`${own}.local`])],
    // IPv6 addresses change from day to day where they are private (RFC 8981): they are reached by name.
    addresses: [...new Set([...interfaces.filter(({ family }) => family === 'IPv4').map(({ address }) => address), '::1'])],
  };
}

/**
 * The certificate that the hub makes for itself, kept with its key in one file of the data folder, for its owner alone. Made
 * anew when it ends soon, or when this machine got another name or address.
 */
export async function ownCertificate({ dir, clock, names }: { dir: string; clock: Clock; names: Names }): Promise<Pem> {
  const file = join(dir, 'https.pem');
  const kept = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (isStillGood(kept, { now: clock.wall(), names })) return { cert: kept, key: kept };
  const pem = await make(names, clock.wall());
  writePrivateFile(file, pem);
  return { cert: pem, key: pem };
}

function isStillGood(pem: string, { now, names }: { now: number; names: Names }): boolean {
  try {
    const certificate = new X509Certificate(pem);
    const isNamed = names.hosts.every((host) => certificate.checkHost(host)) && names.addresses.every((ip) => certificate.checkIP(ip));
    return isNamed && certificate.validFromDate.getTime() <= now && certificate.validToDate.getTime() - now > RENEW_BEFORE;
  } catch {
    return false;
  }
}

async function make({ hosts, addresses }: Names, now: number): Promise<string> {
  const { generate } = await import('selfsigned');
  const { cert, private: key } = await generate([{ name: 'commonName', value: `Roomtone on ${hostname()}`.slice(0, 64) }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    // The clocks of other devices may be behind.
    notBeforeDate: new Date(now - DAY),
    notAfterDate: new Date(now + (VALID_DAYS - 1) * DAY),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [...hosts.map((value) => ({ type: 2 as const, value })), ...addresses.map((ip) => ({ type: 7 as const, ip }))],
      },
    ],
  });
  return `${key.trim()}\n${cert.trim()}\n`;
}
