import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { VERDICTS } from '../../mood/verdict.ts';
import { answers, noContent } from '../answers.ts';
import type { AppContext } from '../context.ts';
import { actorOf, requireIdentity } from '../identity.ts';
import { bodyView, feedbackView, roomId, sourceId, wearerView } from '../schemas.ts';

/** What people say of moods, and what their wearables measure. */
export const learningRoutes =
  (context: AppContext): FastifyPluginCallbackZod =>
  (app, _options, done) => {
    const { feedback, wearables } = context.hub;
    app.addHook('onRequest', requireIdentity(context));
    const inRoom = z.object({ room: roomId });

    const view = {
      summary: 'What people said of the moods of a room, and what was learned of it',
      params: inRoom,
      response: answers(feedbackView),
    };
    app.get('/api/rooms/:room/feedback', { schema: view }, ({ params }) => feedback.view(params.room));

    const say = {
      summary: "Say that a room's mood is right or wrong, or that its scene does not suit now",
      description: 'Answered with all that was learned in the room; docs/fusion.md says how much that may be.',
      params: inRoom,
      body: z.strictObject({ verdict: z.enum(VERDICTS) }),
      response: answers(feedbackView),
    };
    app.post('/api/rooms/:room/feedback', { schema: say }, (request) =>
      feedback.say(actorOf(request), request.params.room, request.body.verdict),
    );

    const takeBack = {
      summary: 'Take something said back, as if it had never been said',
      params: inRoom.extend({ entry: z.string().max(80) }),
      response: answers(feedbackView),
    };
    app.delete('/api/rooms/:room/feedback/:entry', { schema: takeBack }, (request) =>
      feedback.takeBack(actorOf(request), request.params.room, request.params.entry),
    );

    const body = {
      summary: 'What a wearable measured',
      description: 'Read against what is ordinary for its wearer, which is learned from it; the sample itself is not kept.',
      params: inRoom,
      body: z.looseObject({}).describe('Fields of docs/fusion.md, "Bodies"'),
      response: answers(bodyView),
    };
    app.post('/api/rooms/:room/body', { schema: body }, (request) => wearables.submit(request.params.room, request.body));

    app.get('/api/wearers', { schema: { summary: 'Wearers whose baseline is known', response: answers(z.array(wearerView)) } }, () =>
      wearables.list(),
    );

    const wearer = z.object({ wearer: sourceId });
    const forget = { summary: 'Forget what is ordinary for a wearer', params: wearer, response: noContent };
    app.delete('/api/wearers/:wearer', { schema: forget }, async (request, reply) => {
      wearables.forget(actorOf(request), request.params.wearer);
      return reply.code(204).send(null);
    });
    done();
  };
