import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { answers, noContent } from '../answers.ts';
import type { AppContext } from '../context.ts';
import { actorOf, requireIdentity } from '../identity.ts';
import { patiently } from '../patience.ts';
import { adapterId, meshView } from '../schemas.ts';

const ACT_WITHIN = 20_000;
/** ms: a device that sleeps answers when it wakes. */
const INTERVIEW_WITHIN = 60_000;

const network = z.object({ adapter: adapterId });
const node = z.object({ adapter: adapterId, node: z.string().min(1).max(200) });

const view = {
  summary: 'The radio network that an adapter keeps: how it stands, and every node of it',
  description: 'As the live stream sends it in `mesh` events, which have the adapter with it.',
  params: network,
  response: answers(meshView),
};
const join = {
  summary: 'Let devices join for so many seconds; 0 closes the network',
  params: network,
  body: z.strictObject({ seconds: z.number().int().min(0).max(254) }),
  response: answers(meshView),
};
const rename = {
  summary: 'Give a node a name',
  params: node,
  body: z.strictObject({ name: z.string().trim().min(1).max(60) }),
  response: answers(meshView),
};
const remove = {
  summary: 'Take a node out of its network, and what it was out of every room',
  params: node,
  querystring: z.object({ force: z.stringbool().default(false).describe('Also where it cannot be told') }),
  response: noContent,
};
const interview = {
  summary: 'Ask a node again what it is, and set it up anew; one that sleeps must be woken',
  params: node,
  response: answers(meshView),
};

/** Radio networks that adapters keep. */
export const meshRoutes =
  (context: AppContext): FastifyPluginCallbackZod =>
  (app, _options, done) => {
    const { meshes } = context.hub;
    const { clock } = context;
    app.addHook('onRequest', requireIdentity(context));

    app.get('/api/adapters/:adapter/mesh', { schema: view }, ({ params }) => meshes.view(params.adapter));

    app.post('/api/adapters/:adapter/mesh/join', { schema: join }, async (request, reply) => {
      const { adapter } = request.params;
      const { seconds } = request.body;
      await patiently(reply, { clock, ms: ACT_WITHIN, device: adapter }, (signal) =>
        meshes.permitJoin(actorOf(request), { adapter, seconds, signal }),
      );
      return meshes.view(adapter);
    });

    app.patch('/api/adapters/:adapter/mesh/nodes/:node', { schema: rename }, async (request) => {
      await meshes.rename(actorOf(request), { ...request.params, ...request.body });
      return meshes.view(request.params.adapter);
    });

    app.delete('/api/adapters/:adapter/mesh/nodes/:node', { schema: remove }, async (request, reply) => {
      const { params, query } = request;
      await patiently(reply, { clock, ms: ACT_WITHIN, device: params.node }, (signal) =>
        meshes.remove(actorOf(request), { ...params, ...query, signal }),
      );
      return reply.code(204).send(null);
    });

    app.post('/api/adapters/:adapter/mesh/nodes/:node/interview', { schema: interview }, async (request, reply) => {
      const { params } = request;
      await patiently(reply, { clock, ms: INTERVIEW_WITHIN, device: params.node }, (signal) =>
        meshes.interview(actorOf(request), { ...params, signal }),
      );
      return meshes.view(params.adapter);
    });
    done();
  };
