import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import { z } from 'zod';
import { ERRORS, RoomtoneError, toRoomtoneError } from '../api/errors.ts';
import { render } from '../api/render.ts';
import { errorAnswer } from './schemas.ts';

/** Requests are small: the largest is a password or a handful of attributes. */
export const BODY_LIMIT = 16 * 1024;

/** A browser's offer has six to eight thousand bytes. */
export const DESCRIPTION_LIMIT = 64 * 1024;

/** Responses of a route: what it gives, or an error by its code. */
export const answers = <T extends z.ZodType>(schema: T) => ({ 200: schema, '4xx': errorAnswer, '5xx': errorAnswer }) as const;

export const noContent = { 204: z.null().describe('Done'), '4xx': errorAnswer, '5xx': errorAnswer } as const;

/** Renders whatever was thrown by its code; only faults of our own are logged. */
export const errorHandler =
  (log: Logger) =>
  (thrown: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const error = fromFastify(thrown, request.routeOptions.bodyLimit);
    if (error.code === 'internal.unexpected') {
      log.error({ err: thrown, method: request.method, route: request.routeOptions.url }, 'request failed');
    }
    return sendError(reply, error);
  };

export function sendError(reply: FastifyReply, error: RoomtoneError): FastifyReply {
  const { code, params, hint } = error;
  if (ERRORS[code].http === 429) reply.header('retry-after', String(params.seconds ?? 1));
  const answer = { code, message: render(code, params), params, ...(hint === undefined ? {} : { hint }) };
  return reply.code(ERRORS[code].http).send({ error: answer });
}

function fromFastify(thrown: FastifyError, limit: number): RoomtoneError {
  if (thrown instanceof RoomtoneError) return thrown;
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const what = thrown.validation.map(({ instancePath, message }) => `${place(thrown.validationContext, instancePath)}: ${message}`);
    return new RoomtoneError('api.bad_request', { params: { what: what.join('; ') } });
  }
  if (thrown.statusCode === 413) return new RoomtoneError('api.too_large', { params: { limit } });
  if (thrown.statusCode === 415)
    return new RoomtoneError('api.unsupported_media', { params: { type: 'JSON (Content-Type: application/json)' } });
  if (thrown.statusCode !== undefined && thrown.statusCode >= 400 && thrown.statusCode < 500) {
    return new RoomtoneError('api.bad_request', { params: { what: thrown.message } });
  }
  // What went wrong inside is for the log; strangers are told no more than that it did.
  return new RoomtoneError('internal.unexpected', { params: { what: 'the log says more' }, cause: toRoomtoneError(thrown) });
}

const place = (context = 'request', path = ''): string => `${context}${path.replaceAll('/', '.')}`;
