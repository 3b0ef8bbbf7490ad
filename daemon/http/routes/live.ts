import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { RoomtoneError } from '../../api/errors.ts';
import { answers } from '../answers.ts';
import type { AppContext } from '../context.ts';
import { requireIdentity } from '../identity.ts';

const live = {
  summary: 'Server-sent events',
  description:
    'The first event is `house` with the whole House; then `mood` (Mood), `room` (Room), `device` (Device) and `house` (House) as they change, ' +
    'at most four times a second each, the newest only. A comment every 15 s keeps the stream open. It ends with the session.',
  response: answers(z.string()),
};

export const liveRoutes =
  (context: AppContext): FastifyPluginCallbackZod =>
  (app, _options, done) => {
    app.addHook('onRequest', requireIdentity(context));

    app.get('/api/live', { schema: live, exposeHeadRoute: false }, (request, reply) => {
      if (!request.identity) throw new RoomtoneError('auth.required');
      for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value);
      context.live.open(reply.raw, request.identity);
      reply.hijack();
    });
    done();
  };
