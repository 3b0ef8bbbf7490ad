import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { SKIPS } from '../../devices/adapter.ts';
import { permissionsSchema } from '../../devices/permissions.ts';
import { answers, noContent } from '../answers.ts';
import type { AppContext } from '../context.ts';
import { actorOf, requireIdentity } from '../identity.ts';
import { patiently } from '../patience.ts';
import { activityEntry, deviceId, deviceView, queueView, roomId } from '../schemas.ts';

/** ms: the registry gives up earlier, and says better what was missing. */
const ACT_WITHIN = 20_000;

/** ms: longer than any announcement that an adapter plays. */
const ANNOUNCE_WITHIN = 330_000;

const device = z.object({ device: deviceId });

/** Looking after single devices: where they stand, what they obey, what happened to them, and their end. */
export const deviceRoutes =
  (context: AppContext): FastifyPluginCallbackZod =>
  (app, _options, done) => {
    const { devices, queries } = context.hub;
    const { clock } = context;
    app.addHook('onRequest', requireIdentity(context));

    const place = {
      summary: 'Put a device into these rooms and no others; written into the configuration',
      params: device,
      body: z.strictObject({ rooms: z.array(roomId).max(100) }),
      response: answers(deviceView),
    };
    app.put('/api/devices/:device/rooms', { schema: place }, async (request) => {
      await devices.place(actorOf(request), request.params.device, request.body.rooms);
      return queries.device(request.params.device);
    });

    const permit = {
      summary: 'Whom a device obeys: claims of these rooms and rungs alone (null: of all)',
      params: device,
      body: permissionsSchema,
      response: answers(deviceView),
    };
    app.put('/api/devices/:device/permissions', { schema: permit }, (request) => {
      devices.permit(actorOf(request), request.params.device, request.body);
      return queries.device(request.params.device);
    });

    const identify = { summary: 'Let a device show itself, by a blink or a chime', params: device, response: noContent };
    app.post('/api/devices/:device/identify', { schema: identify }, async (request, reply) => {
      const { device: id } = request.params;
      await patiently(reply, { clock, ms: ACT_WITHIN, device: id }, (signal) => devices.identify(actorOf(request), id, signal));
      return reply.code(204).send(null);
    });

    const skip = {
      summary: 'Go on to the next of what a player plays, or back',
      params: device,
      body: z.strictObject({ to: z.enum(SKIPS) }),
      response: noContent,
    };
    app.post('/api/devices/:device/skip', { schema: skip }, async (request, reply) => {
      const { device: id } = request.params;
      const { to } = request.body;
      await patiently(reply, { clock, ms: ACT_WITHIN, device: id }, (signal) => devices.skip(actorOf(request), id, { to, signal }));
      return reply.code(204).send(null);
    });

    const announce = {
      summary: 'Play something on players over what they play',
      description: 'Answered once it is over and they are as they were: volumes, music, groups.',
      body: z.strictObject({
        devices: z.array(deviceId).min(1).max(100),
        url: z.url({ protocol: /^https?$/ }).max(2000),
        volume: z.number().min(0).max(100).optional(),
      }),
      response: noContent,
    };
    app.post('/api/announcements', { schema: announce }, async (request, reply) => {
      const { devices: ids, ...rest } = request.body;
      const limit = { clock, ms: ANNOUNCE_WITHIN, device: ids.join(', ') };
      await patiently(reply, limit, (signal) => devices.announce(actorOf(request), ids, { ...rest, signal }));
      return reply.code(204).send(null);
    });

    const forget = {
      summary: 'Forget a device: it leaves its rooms, and nothing of it is kept. One that its bridge goes on listing is hidden',
      params: device,
      response: noContent,
    };
    app.delete('/api/devices/:device', { schema: forget }, async (request, reply) => {
      const { device: id } = request.params;
      await patiently(reply, { clock, ms: ACT_WITHIN, device: id }, (signal) => devices.forget(actorOf(request), id, signal));
      return reply.code(204).send(null);
    });

    const readmit = { summary: 'Take back that a device was forgotten', params: device, response: answers(deviceView) };
    app.post('/api/devices/:device/readmit', { schema: readmit }, (request) => {
      devices.readmit(actorOf(request), request.params.device);
      return queries.device(request.params.device);
    });

    const limit = z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) });
    const activity = {
      summary: 'What happened to a device, newest first',
      params: device,
      querystring: limit,
      response: answers(z.array(activityEntry)),
    };
    app.get('/api/devices/:device/activity', { schema: activity }, ({ params, query }) => devices.activity(params.device, query.limit));

    app.get('/api/queue', { schema: { summary: 'What the command queue has done and has to do', response: answers(queueView) } }, () =>
      devices.queue(),
    );
    done();
  };
