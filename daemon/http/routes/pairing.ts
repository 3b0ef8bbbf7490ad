import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { answers, noContent } from '../answers.ts';
import type { AppContext } from '../context.ts';
import { actorOf, requireIdentity } from '../identity.ts';
import { patiently } from '../patience.ts';
import { adapterId, adapterView, discoveryView, pairedView } from '../schemas.ts';

/** ms beyond the patience of the adapter itself, which says better what was missing. */
const GRACE = 5000;
/** ms that looking around may take. */
const LOOK_WITHIN = 25_000;
const ACT_WITHIN = 20_000;

const host = z.string().regex(/^[\w./:[\]-]{0,255}$/, 'must be a host name or address, with an optional port');

const pair = {
  summary: 'Pair: waits until somebody has pressed the button of the bridge, or made a device join, for as long as `patience` says',
  params: z.object({ adapter: adapterId }),
  body: z.strictObject({ host: host.default('') }),
  response: answers(pairedView),
};

const unpair = {
  summary: 'End a pairing: its credentials are deleted, and its address leaves the configuration',
  params: z.object({ adapter: adapterId, id: z.string().min(1).max(200) }),
  response: noContent,
};

/** Finding what is there, and becoming acquainted with it. */
export const pairingRoutes =
  (context: AppContext): FastifyPluginCallbackZod =>
  (app, _options, done) => {
    const { devices } = context.hub;
    const { clock } = context;
    app.addHook('onRequest', requireIdentity(context));

    const adapters = { summary: 'Every family of devices, and what is paired', response: answers(z.array(adapterView)) };
    app.get('/api/adapters', { schema: adapters }, () => devices.adapters());

    const discover = { summary: 'Look around for devices, which takes some seconds', response: answers(discoveryView) };
    app.post('/api/discover', { schema: discover }, (_request, reply) =>
      patiently(reply, { clock, ms: LOOK_WITHIN, device: 'network' }, (signal) => devices.discover(signal)),
    );

    app.post('/api/adapters/:adapter/pair', { schema: pair }, async (request, reply) => {
      const { adapter } = request.params;
      const { host: where } = request.body;
      const family = (await devices.adapters()).find(({ id }) => id === adapter);
      const ms = (family?.pairing?.patience ?? 0) * 1000 + GRACE;
      return patiently(reply, { clock, ms, device: where || adapter }, (signal) =>
        devices.pair(actorOf(request), { adapter, host: where, signal }),
      );
    });

    app.delete('/api/adapters/:adapter/paired/:id', { schema: unpair }, async (request, reply) => {
      const { adapter, id } = request.params;
      await patiently(reply, { clock, ms: ACT_WITHIN, device: id }, (signal) => devices.unpair(actorOf(request), { adapter, id, signal }));
      return reply.code(204).send(null);
    });
    done();
  };
