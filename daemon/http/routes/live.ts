import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { RoomtoneError } from '../../api/errors.ts';
import type { Identity } from '../../auth/authenticator.ts';
import { answers } from '../answers.ts';
import type { AppContext } from '../context.ts';
import { requireIdentity } from '../identity.ts';

const live = {
  summary: 'Server-sent events',
  description:
    'The first event is `house` with the whole House; then `mood` (Mood), `room` (Room), `device` (Device), `mesh` (Mesh, with its adapter) and `house` (House) as they change, ' +
    'at most four times a second each, the newest only. A comment every 15 s keeps the stream open. It ends with the session.',
  response: answers(z.string()),
};

const observations = {
  summary: 'What is observed, as it is observed',
  description:
    'JSON lines in the format of docs/recording.md: a header, then every observation and every hand. An empty line every 15 s keeps the ' +
    'stream open. It ends with the session, and where its reader does not keep up.',
  response: answers(z.string()),
};

export const liveRoutes =
  (context: AppContext): FastifyPluginCallbackZod =>
  (app, _options, done) => {
    app.addHook('onRequest', requireIdentity(context));

    app.get('/api/live', { schema: live, exposeHeadRoute: false }, (request, reply) => {
      context.live.open(...streamOf(request, reply));
      reply.hijack();
    });

    app.get('/api/observations', { schema: observations, exposeHeadRoute: false }, (request, reply) => {
      context.observations.open(...streamOf(request, reply));
      reply.hijack();
    });
    done();
  };

/** The bare response, with the headers that every answer has, and who asked. @throws RoomtoneError `auth.required` */
function streamOf(request: FastifyRequest, reply: FastifyReply): [ServerResponse, Identity] {
  if (!request.identity) throw new RoomtoneError('auth.required');
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value);
  return [reply.raw, request.identity];
}
