import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { answers } from '../answers.ts';
import type { AppContext } from '../context.ts';
import { actorOf, requireIdentity } from '../identity.ts';
import {
  auditEntry,
  deviceId,
  deviceView,
  errorAnswer,
  houseView,
  mode,
  roomId,
  roomView,
  sourceId,
  wishedAttributes,
} from '../schemas.ts';

const onOff = z.strictObject({ on: z.boolean() });
/** No error of it may quote what was written. */
const written = z.strictObject({ text: z.string() }, { error: () => 'must be an object with "text", a string, and nothing else' });
const inRoom = z.object({ room: roomId });

const changesRoom = <Body extends z.ZodType>(summary: string, body: Body) => ({
  schema: { summary, params: inRoom, body, response: answers(roomView) },
});

const changesHouse = <Body extends z.ZodType>(summary: string, body: Body) => ({
  schema: { summary, body, response: answers(houseView) },
});

/** What the hub knows, and every change a person can make. A change answers with how things stand after it. */
export const houseRoutes =
  (context: AppContext): FastifyPluginCallbackZod =>
  (app, _options, done) => {
    const { commands, queries } = context.hub;
    app.addHook('onRequest', requireIdentity(context));

    app.get('/api/house', { schema: { summary: 'The whole house', response: answers(houseView) } }, () => queries.house());

    app.get('/api/rooms/:room', { schema: { summary: 'One room', params: inRoom, response: answers(roomView) } }, ({ params }) =>
      queries.room(params.room),
    );

    app.put('/api/rooms/:room/mode', changesRoom('How far the hub goes in a room', z.strictObject({ mode })), (request) => {
      const { room } = request.params;
      commands.setMode(actorOf(request), room, request.body.mode);
      return queries.room(room);
    });

    const wishedScene = z.strictObject({ scene: z.string().min(1).max(80).nullable() });
    app.put('/api/rooms/:room/scene', changesRoom('Activate a scene, or end it (null)', wishedScene), (request) => {
      const { room } = request.params;
      commands.activateScene(actorOf(request), room, request.body.scene);
      return queries.room(room);
    });

    app.put('/api/rooms/:room/ambience', changesRoom('Whether light and sound follow the mood', onOff), (request) => {
      const { room } = request.params;
      commands.setAmbience(actorOf(request), room, request.body.on);
      return queries.room(room);
    });

    const inScene = z.object({ room: roomId, scene: z.string().min(1).max(80) });
    const reset = { summary: "Take a room's own scene away: the house's holds again", params: inScene, response: answers(roomView) };
    app.delete('/api/rooms/:room/scenes/:scene', { schema: reset }, async (request) => {
      await commands.resetScene(actorOf(request), request.params);
      return queries.room(request.params.room);
    });

    const accept = { summary: 'Say yes to what the room suggests', params: inRoom, response: answers(roomView) };
    app.post('/api/rooms/:room/suggestion/accept', { schema: accept }, (request) => {
      commands.acceptSuggestion(actorOf(request), request.params.room);
      return queries.room(request.params.room);
    });

    const strength = z.strictObject({ intensity: z.number().min(0).max(100) });
    app.put('/api/rooms/:room/intensity', changesRoom('How far moods go in a room, percent', strength), (request) => {
      const { room } = request.params;
      commands.setIntensity(actorOf(request), room, request.body.intensity);
      return queries.room(room);
    });

    const resume = { summary: 'End holds: automation may act again', params: inRoom, response: answers(roomView) };
    app.post('/api/rooms/:room/resume', { schema: resume }, (request) => {
      commands.resume(actorOf(request), request.params.room);
      return queries.room(request.params.room);
    });

    const tell = {
      summary: 'Write to a room: the senses read its mood, and forget it',
      description: 'Answered once it waits to be read. 32 messages may wait; then the oldest is dropped, which is shown as a problem.',
      params: inRoom,
      body: written,
      response: { 202: roomView, '4xx': errorAnswer, '5xx': errorAnswer },
    };
    app.post('/api/rooms/:room/text', { schema: tell }, (request, reply) => {
      const { room } = request.params;
      commands.submitText(actorOf(request), room, request.body.text);
      reply.code(202);
      return queries.room(room);
    });

    const device = z.object({ device: deviceId });
    const setDevice = {
      summary: "A person's own values for a device",
      params: device,
      body: wishedAttributes,
      response: answers(deviceView),
    };
    app.put('/api/devices/:device', { schema: setDevice }, (request) => {
      commands.setDevice(actorOf(request), request.params.device, request.body);
      return queries.device(request.params.device);
    });

    const pin = { summary: 'Keep a device as it is until it is resumed', params: device, response: answers(deviceView) };
    app.post('/api/devices/:device/pin', { schema: pin }, (request) => {
      commands.pin(actorOf(request), request.params.device);
      return queries.device(request.params.device);
    });

    const resumeDevice = { summary: 'End what people did to a device', params: device, response: answers(deviceView) };
    app.post('/api/devices/:device/resume', { schema: resumeDevice }, (request) => {
      commands.resumeDevice(actorOf(request), request.params.device);
      return queries.device(request.params.device);
    });

    app.put('/api/sensing', changesHouse('Sensing in the whole house', onOff), (request) => {
      commands.setSensing(actorOf(request), request.body.on);
      return queries.house();
    });

    app.put('/api/demo', changesHouse('Recorded observations in a room without sources', onOff), (request) => {
      commands.setDemo(actorOf(request), request.body.on);
      return queries.house();
    });

    const source = z.object({ source: sourceId });
    const setSource = { summary: 'Switch a camera or microphone', params: source, body: onOff, response: answers(houseView) };
    app.put('/api/sources/:source', { schema: setSource }, (request) => {
      commands.setSource(actorOf(request), request.params.source, request.body.on);
      return queries.house();
    });

    app.post('/api/reload', { schema: { summary: 'Read the configuration file again', response: answers(houseView) } }, async (request) => {
      await commands.reload(actorOf(request));
      return queries.house();
    });

    const limit = z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) });
    const audit = { summary: 'Who did what, newest first', querystring: limit, response: answers(z.array(auditEntry)) };
    app.get('/api/audit', { schema: audit }, ({ query }) => queries.audit(query.limit));
    done();
  };
