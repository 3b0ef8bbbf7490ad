import { isIP } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RoomtoneError } from '../api/errors.ts';
import { isLoopback } from '../auth/listening.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const HOST = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i;

/**
 * Keeps a web page of somebody else from reaching the hub through its reader's browser.
 *
 * DNS rebinding points a name of the attacker's at the hub's address, so the names we answer to are known ones. An
 * address in `Host` is always answered: a browser sends one only to the place that it names.
 */
export class Guard {
  readonly #names: ReadonlySet<string>;

  /** `names`: this machine's own and those that the configuration adds. */
  constructor(options: { names: readonly string[] }) {
    const own = options.names.map((name) => name.toLowerCase());
    this.#names = new Set(['localhost', ...own, ...own.filter((name) => !name.includes('.')).map((name) => `${name}.local`)]);
  }

  /** @throws RoomtoneError `auth.bad_host`, `auth.bad_origin` */
  check(request: FastifyRequest): void {
    const host = request.headers.host ?? '';
    if (!this.#answersTo(host)) throw new RoomtoneError('auth.bad_host', { params: { host } });
    checkOrigin(request, host);
    if (changesSomething(request) || request.url.startsWith('/api/live')) checkSite(request);
  }

  #answersTo(host: string): boolean {
    const [, ipv6, name = ''] = HOST.exec(host) ?? [];
    if (ipv6 !== undefined) return isIP(ipv6) === 6;
    if (isIP(name) === 4) return true;
    const bare = name.toLowerCase().replace(/\.$/, '');
    return this.#names.has(bare) || bare.endsWith('.localhost');
  }
}

export const changesSomething = ({ method }: FastifyRequest): boolean => !SAFE_METHODS.has(method);

/** Whether the request came over the network for everybody to read. What goes from an address to itself never leaves this machine. */
export function isExposed({ protocol, ip, socket }: FastifyRequest): boolean {
  return protocol === 'http' && !isLoopback(ip.replace(/^::ffff:/, '')) && socket.remoteAddress !== socket.localAddress;
}

/** The scheme may differ: a proxy in front may speak TLS for us. */
function checkOrigin(request: FastifyRequest, host: string): void {
  const { origin } = request.headers;
  if (origin !== undefined && hostOf(origin) !== host.toLowerCase()) throw new RoomtoneError('auth.bad_origin', { params: { origin } });
}

/** A link on another site may lead to the panel; nothing may be done, and nothing heard, from there. */
function checkSite(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    throw new RoomtoneError('auth.bad_origin', { params: { origin: `another site (${site})` } });
  }
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** No referrer in particular: nothing of the hub's addresses is told to anybody. */
const SECURITY_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(self), microphone=(self), geolocation=()',
};

export function setSecurityHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(SECURITY_HEADERS);
  if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
}
