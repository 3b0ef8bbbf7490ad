import type { FastifyReply } from 'fastify';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { RoomtoneError } from '../../api/errors.ts';
import { answers } from '../answers.ts';
import type { AppContext } from '../context.ts';
import { actorOf, requireIdentity } from '../identity.ts';

/** Time for somebody to walk to a bridge and press its button, ms. */
const PATIENCE = 35_000;

const pair = {
  summary: 'Pair a bridge: waits up to 35 s for its button to be pressed',
  params: z.object({ adapter: z.string().regex(/^[a-z0-9-]{1,40}$/) }),
  body: z.strictObject({ host: z.string().regex(/^[\w.:[\]-]{1,255}$/, 'must be a host name or address, with an optional port') }),
  response: answers(z.object({ id: z.string(), name: z.string() })),
};

export const pairingRoutes =
  (context: AppContext): FastifyPluginCallbackZod =>
  (app, _options, done) => {
    app.addHook('onRequest', requireIdentity(context));

    app.post('/api/adapters/:adapter/pair', { schema: pair }, async (request, reply) => {
      const { adapter } = request.params;
      const { host } = request.body;
      const waiting = patience(reply, context, host);
      try {
        return await context.hub.commands.pair(actorOf(request), { adapter, host, signal: waiting.signal });
      } finally {
        waiting.end();
      }
    });
    done();
  };

/** Runs out after a while, and at once when the person who asked has gone. */
function patience(reply: FastifyReply, { clock }: AppContext, device: string): { signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const giveUp = () => controller.abort(new RoomtoneError('device.timeout', { params: { device } }));
  const timer = clock.after(PATIENCE, giveUp);
  reply.raw.once('close', giveUp);
  return {
    signal: controller.signal,
    end: () => {
      timer.cancel();
      reply.raw.off('close', giveUp);
    },
  };
}
