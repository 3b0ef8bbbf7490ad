import type { FastifyRequest } from 'fastify';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { RoomtoneError } from '../../api/errors.ts';
import { answers, noContent } from '../answers.ts';
import type { AppContext } from '../context.ts';
import { clearCookie, identify, openCookie, requireIdentity, sessionIdOf } from '../identity.ts';
import { healthView, sessionView, tokenView } from '../schemas.ts';

const secret = z.string().min(1).max(256);

const health = {
  summary: 'Whether every part that must run does',
  response: { 200: healthView, 503: healthView },
};

const setup = {
  summary: 'Choose the first password, with the token of the set-up link',
  body: z.strictObject({ token: secret, password: secret }),
  response: answers(sessionView),
};

const login = {
  summary: 'Log in; the answer sets a cookie',
  body: z.strictObject({ password: secret }),
  response: answers(sessionView),
};

const password = {
  summary: 'Change the password; ends all other sessions',
  body: z.strictObject({ current: secret, next: secret }),
  response: answers(sessionView),
};

const createToken = {
  summary: 'Make an API token; its secret is in this answer alone',
  body: z.strictObject({ name: z.string().trim().min(1).max(60) }),
  response: answers(tokenView.extend({ token: z.string() })),
};

const removeToken = {
  summary: 'Remove an API token; what uses it is cut off',
  params: z.object({ id: z.string().min(1).max(80) }),
  response: noContent,
};

/** What must work before anybody is logged in. */
export const loginRoutes =
  (context: AppContext): FastifyPluginCallbackZod =>
  (app, _options, done) => {
    const { auth, clock, hub } = context;
    const session = (request: FastifyRequest) => ({ authenticated: request.identity !== null, setupRequired: !auth.hasPassword });

    app.get('/api/health', { schema: health }, (_request, reply) => {
      const found = hub.queries.health();
      reply.code(found.ready ? 200 : 503);
      return found;
    });

    app.get(
      '/api/session',
      { schema: { summary: 'Whether this browser is logged in', response: answers(sessionView) } },
      (request, reply) => {
        request.identity = identify(request, reply, context);
        return session(request);
      },
    );

    app.post('/api/setup', { schema: setup }, async (request, reply) => {
      const opened = await auth.setUp({ ...request.body, address: request.ip });
      openCookie(request, reply, { session: opened, clock });
      return session(request);
    });

    app.post('/api/login', { schema: login }, async (request, reply) => {
      const opened = await auth.login({ ...request.body, address: request.ip });
      openCookie(request, reply, { session: opened, clock });
      return session(request);
    });

    app.post('/api/logout', { schema: { summary: 'Log out', response: answers(sessionView) } }, (request, reply) => {
      const id = sessionIdOf(request);
      if (id !== undefined) auth.logout(id);
      clearCookie(request, reply);
      return session(request);
    });
    done();
  };

export const accountRoutes =
  (context: AppContext): FastifyPluginCallbackZod =>
  (app, _options, done) => {
    const { auth, clock } = context;
    app.addHook('onRequest', requireIdentity(context));

    app.post('/api/password', { schema: password }, async (request, reply) => {
      const opened = await auth.changePassword({ ...request.body, address: request.ip });
      openCookie(request, reply, { session: opened, clock });
      return { authenticated: true, setupRequired: false };
    });

    app.get('/api/tokens', { schema: { summary: 'API tokens, without their secrets', response: answers(z.array(tokenView)) } }, () =>
      auth.tokens(),
    );

    app.post('/api/tokens', { schema: createToken }, (request) => {
      const { token, secret } = auth.createToken(request.body.name);
      return { ...token, token: secret };
    });

    app.delete('/api/tokens/:id', { schema: removeToken }, (request, reply) => {
      if (!auth.removeToken(request.params.id)) throw new RoomtoneError('api.not_found', { params: { path: request.url } });
      reply.code(204);
      return null;
    });
    done();
  };
