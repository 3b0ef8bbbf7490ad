import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { answers } from '../answers.ts';
import type { AppContext } from '../context.ts';
import { actorOf, requireIdentity } from '../identity.ts';
import { errorAnswer, inferenceView, modelView } from '../schemas.ts';

const modelId = z.string().min(1).max(100);
const models = z.array(modelView);

const begin = {
  summary: 'Begin to fetch a model; GET /api/models tells how far it is',
  params: z.object({ id: modelId }),
  response: { 202: models, '4xx': errorAnswer, '5xx': errorAnswer },
};

const beginAll = {
  summary: 'Begin to fetch what the recommended set lacks: of each role the first that can be had',
  response: { 202: models, '4xx': errorAnswer, '5xx': errorAnswer },
};

const use = {
  summary: 'Take this model for its role from now on',
  body: z.strictObject({ role: z.string().min(1).max(60), id: modelId }),
  response: answers(models),
};

/** The models: what there is, and which is used. Files come from the addresses of the manifest alone. */
export const modelRoutes =
  (context: AppContext): FastifyPluginCallbackZod =>
  (app, _options, done) => {
    const { commands, queries } = context.hub;
    app.addHook('onRequest', requireIdentity(context));

    app.get('/api/models', { schema: { summary: 'Every model, and what of it is there', response: answers(models) } }, () =>
      queries.models(),
    );

    app.post('/api/models/:id/fetch', { schema: begin }, async (request, reply) => {
      commands.fetchModel(actorOf(request), request.params.id);
      reply.code(202);
      return queries.models();
    });

    app.post('/api/models/recommended', { schema: beginAll }, async (request, reply) => {
      commands.fetchRecommended(actorOf(request));
      reply.code(202);
      return queries.models();
    });

    app.get('/api/models/inference', { schema: { summary: 'What the networks run on, and why', response: answers(inferenceView) } }, () =>
      queries.inference(),
    );

    app.put('/api/models/use', { schema: use }, (request) => {
      const { role, id } = request.body;
      commands.useModel(actorOf(request), { role, model: id });
      return queries.models();
    });
    done();
  };
