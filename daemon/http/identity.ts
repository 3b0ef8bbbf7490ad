import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../api/actor.ts';
import type { Clock } from '../api/clock.ts';
import { RoomtoneError } from '../api/errors.ts';
import type { Authenticator, Identity, OpenedSession } from '../auth/authenticator.ts';

/**
 * The session's cookie, by scheme. All ports of a host share their cookies, and a browser lets plain HTTP neither see nor replace one
 * that came over TLS (RFC 6265bis, 5.7): under one name, a session over HTTPS would keep its owner from logging in over HTTP.
 */
export const SESSION_COOKIES = { http: 'roomtone_session', https: '__Host-roomtone_session' } as const;

declare module 'fastify' {
  interface FastifyRequest {
    /** Null until a route asked who is there. */
    identity: Identity | null;
  }
}

export interface IdentityContext {
  auth: Authenticator;
  clock: Clock;
}

/** Who sends the request, by bearer token or session cookie. Prolongs the cookie when the session was. */
export function identify(request: FastifyRequest, reply: FastifyReply, { auth, clock }: IdentityContext): Identity | null {
  const bearer = bearerOf(request);
  if (bearer !== undefined) return auth.token(bearer) ?? null;
  const id = sessionIdOf(request);
  const session = id === undefined ? undefined : auth.session(id);
  if (!session || id === undefined) return null;
  if (session.renewedUntil !== undefined) sendCookie({ request, reply, id, life: session.renewedUntil - clock.wall() });
  return session.identity;
}

/** Who may send to a phone source by the bearer token of the request. */
export function identifyPublisher(request: FastifyRequest, { auth }: IdentityContext): Identity | null {
  const bearer = bearerOf(request);
  return bearer === undefined ? null : (auth.publisher(bearer) ?? null);
}

/**
 * A hook for routes with a `source` in the path, for whoever may send to it.
 * @throws RoomtoneError `auth.required`, `auth.other_source`
 */
export const requirePublisher = (context: IdentityContext) => async (request: FastifyRequest, reply: FastifyReply) => {
  const found = identifyPublisher(request, context) ?? identify(request, reply, context);
  if (!found) throw new RoomtoneError('auth.required');
  const { source } = request.params as { source?: string };
  if (found.source !== undefined && found.source !== source)
    throw new RoomtoneError('auth.other_source', { params: { source: found.source } });
  request.identity = found;
};

const bearerOf = (request: FastifyRequest): string | undefined => /^Bearer ([\w-]{1,200})$/i.exec(request.headers.authorization ?? '')?.[1];

/** A hook for routes that are for members of the house alone. @throws RoomtoneError `auth.required` */
export const requireIdentity = (context: IdentityContext) => async (request: FastifyRequest, reply: FastifyReply) => {
  request.identity = identify(request, reply, context);
  if (!request.identity) throw new RoomtoneError('auth.required');
};

export function openCookie(request: FastifyRequest, reply: FastifyReply, opened: { session: OpenedSession; clock: Clock }): void {
  request.identity = opened.session.identity;
  sendCookie({ request, reply, id: opened.session.id, life: opened.session.expiresAt - opened.clock.wall() });
}

export const sessionIdOf = (request: FastifyRequest): string | undefined => request.cookies[SESSION_COOKIES[request.protocol]];

export function clearCookie(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(SESSION_COOKIES[request.protocol], cookieOptions(request));
}

/** Who sent a request behind one of the hooks above. */
export function identityOf({ identity }: FastifyRequest): Identity {
  if (!identity) throw new RoomtoneError('auth.required');
  return identity;
}

/** Who stands in the audit for a request behind `requireIdentity`. */
export function actorOf(request: FastifyRequest): Actor {
  const identity = identityOf(request);
  return { kind: 'panel', name: identity.via === 'token' ? `token ${identity.name}` : identity.name };
}

function sendCookie(cookie: { request: FastifyRequest; reply: FastifyReply; id: string; life: number }): void {
  const { request, reply, id, life } = cookie;
  reply.setCookie(SESSION_COOKIES[request.protocol], id, { ...cookieOptions(request), maxAge: Math.floor(life / 1000) });
}

const cookieOptions = ({ protocol }: FastifyRequest) =>
  ({ path: '/', httpOnly: true, sameSite: 'strict', secure: protocol === 'https' }) as const;
