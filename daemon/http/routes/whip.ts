import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ERRORS, RoomtoneError } from '../../api/errors.ts';
import { DESCRIPTION_LIMIT, sendError } from '../answers.ts';
import type { AppContext } from '../context.ts';
import { identityOf, requirePublisher } from '../identity.ts';
import { errorAnswer, sourceId } from '../schemas.ts';

const SDP = 'application/sdp';
const FRAGMENT = 'application/trickle-ice-sdpfrag';

const endpoint = z.object({ source: sourceId });
const session = endpoint.extend({ session: z.string().regex(/^[\w-]{1,100}$/) });
const sdp = z.string();
const description = z.string().min(1);
const errors = { '4xx': errorAnswer, '5xx': errorAnswer };

const begin = {
  summary: 'Send camera and microphone to a phone source: a WHIP endpoint (RFC 9725)',
  description:
    'With `?takeOver=true` a device that sends already is cut off; without, it is refused and told who that is. Also open to tokens that are bound to the source.',
  params: endpoint,
  querystring: z.object({ takeOver: z.stringbool().default(false) }),
  body: description,
  response: { 201: sdp, ...errors },
};

const change = {
  summary: 'Further candidates of a connection, or another ICE session for it (RFC 9725, 4.3)',
  params: session,
  body: description,
  response: { 200: sdp, 204: z.null(), ...errors },
};

const end = { summary: 'End a connection', params: session, response: { 200: z.null(), ...errors } };

/**
 * The WebRTC-HTTP ingestion protocol, RFC 9725, for every phone source. Encapsulated: its bodies are SDP, and whoever has a
 * token that is bound to one source comes in here and nowhere else.
 */
export const whipRoutes =
  (context: AppContext): FastifyPluginCallbackZod =>
  (app, _options, done) => {
    const { publishing } = context.hub;
    const onRequest = requirePublisher(context);
    takeDescriptions(app);
    app.addHook('onSend', tellWhatIsMissing);

    const url = '/api/sources/:source/whip';
    app.post(url, { schema: begin, bodyLimit: DESCRIPTION_LIMIT, onRequest }, async (request, reply) => {
      const { source } = request.params;
      requireType(request, SDP);
      const published = await publishing.begin(identityOf(request), { source, offer: request.body, takeOver: request.query.takeOver });
      reply.code(201).headers({
        'content-type': SDP,
        location: `/api/sources/${source}/whip/${published.session}`,
        etag: published.etag,
        'accept-patch': FRAGMENT,
      });
      return published.answer;
    });

    const sessionUrl = `${url}/:session`;
    app.patch(sessionUrl, { schema: change, bodyLimit: DESCRIPTION_LIMIT, onRequest }, async (request, reply) => {
      requireType(request, FRAGMENT);
      const condition = request.headers['if-match'];
      if (condition === undefined) throw new RoomtoneError('phone.no_condition');
      const { etag, fragment } = await publishing.change(identityOf(request), { ...request.params, condition, fragment: request.body });
      if (fragment === null) {
        reply.code(204);
        return null;
      }
      reply.headers({ 'content-type': FRAGMENT, etag });
      return fragment;
    });

    app.delete(sessionUrl, { schema: end, onRequest }, async (request) => {
      await publishing.end(identityOf(request), request.params);
      return null;
    });

    refuseOthers(app, { url, allowed: 'POST, OPTIONS', accepts: { 'accept-post': SDP } });
    refuseOthers(app, { url: sessionUrl, allowed: 'PATCH, DELETE, OPTIONS', accepts: { 'accept-patch': FRAGMENT } });
    done();
  };

function takeDescriptions(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([SDP, FRAGMENT], { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.addContentTypeParser('*', (request, _payload, done) => done(unsupported(request.method === 'PATCH' ? FRAGMENT : SDP)));
}

/** A description of the other kind is as unknown here as JSON. */
function requireType(request: FastifyRequest, type: string): void {
  const [given = ''] = (request.headers['content-type'] ?? '').split(';');
  if (given.trim().toLowerCase() !== type) throw unsupported(type);
}

const unsupported = (type: string) => new RoomtoneError('api.unsupported_media', { params: { type } });

/** What HTTP wants said beside a status: how to log in (RFC 6750, 3), and when to come back. */
async function tellWhatIsMissing(_request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (reply.statusCode === 401) reply.header('www-authenticate', 'Bearer');
  if (reply.statusCode === ERRORS['phone.no_answer'].http) reply.header('retry-after', '2');
}

/** `OPTIONS` says what may be done; other methods are reserved (RFC 9725, 4.2 and 4.5). */
function refuseOthers(app: FastifyInstance, { url, allowed, accepts }: { url: string; allowed: string; accepts: object }): void {
  app.route({
    method: 'OPTIONS',
    url,
    schema: { hide: true },
    handler: (_request, reply) =>
      reply
        .code(204)
        .headers({ allow: allowed, ...accepts })
        .send(),
  });
  const others = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'].filter((method) => !allowed.includes(method));
  app.route({
    method: others,
    url,
    schema: { hide: true },
    handler: (request, reply) => {
      const params = { method: request.method, path: request.url.split('?', 1)[0] ?? '' };
      return sendError(reply.header('allow', allowed), new RoomtoneError('api.no_method', { params }));
    },
  });
}
