import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { RoomtoneError } from '../../api/errors.ts';
import { answers, noContent } from '../answers.ts';
import type { AppContext } from '../context.ts';
import { actorOf, requireIdentity } from '../identity.ts';
import { errorAnswer, roomId, sourceId, tokenView } from '../schemas.ts';

const add = {
  summary: 'Add a phone source to a room, and to the configuration; it starts off',
  params: z.object({ room: roomId }),
  body: z.strictObject({ id: sourceId.optional().describe('Absent: phone, phone-2, ...') }),
  response: { 201: z.object({ source: sourceId }), '4xx': errorAnswer, '5xx': errorAnswer },
};

const source = z.object({ source: sourceId });

const remove = {
  summary: 'Take a phone source out of the configuration, with the tokens bound to it',
  params: source,
  response: noContent,
};

const createToken = {
  summary: 'Make a token that lets a device send to this source and do nothing else; its secret is in this answer alone',
  params: source,
  body: z.strictObject({ name: z.string().trim().min(1).max(60) }),
  response: answers(tokenView.extend({ token: z.string() })),
};

/** Phone sources, as the panel sets them up. What they send goes to the routes of whip.ts. */
export const phoneRoutes =
  (context: AppContext): FastifyPluginCallbackZod =>
  (app, _options, done) => {
    const { auth, hub } = context;
    app.addHook('onRequest', requireIdentity(context));

    app.post('/api/rooms/:room/phones', { schema: add }, async (request, reply) => {
      const added = await hub.commands.addPhone(actorOf(request), { room: request.params.room, ...request.body });
      reply.code(201);
      return { source: added };
    });

    app.delete('/api/sources/:source', { schema: remove }, async (request, reply) => {
      await hub.commands.removePhone(actorOf(request), request.params.source);
      for (const token of auth.tokens()) if (token.source === request.params.source) auth.removeToken(token.id);
      reply.code(204);
      return null;
    });

    app.post('/api/sources/:source/tokens', { schema: createToken }, (request) => {
      const { id, kind } = hub.queries.source(request.params.source);
      if (kind !== 'phone') throw new RoomtoneError('api.unknown_source', { params: { source: id } });
      const { token, secret } = auth.createToken(request.body.name, id);
      return { ...token, token: secret };
    });
    done();
  };
