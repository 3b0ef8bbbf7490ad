import { isIPv4 } from 'node:net';

/** Addresses that only programs of this machine reach (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3). */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIPv4(host) && host.startsWith('127.');
}

/** Where to listen: beyond loopback only once a password exists. */
export function permittedHost(host: string, auth: { hasPassword: boolean }): string {
  return auth.hasPassword || isLoopback(host) ? host : '127.0.0.1';
}

/** As it stands in a URL: IPv6 in brackets, "every address" as this machine's own. */
export function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
