import cookie from '@fastify/cookie';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance } from 'fastify';
import {
  createJsonSchemaTransform,
  createJsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import { z } from 'zod';
import { RoomtoneError } from '../api/errors.ts';
import { BODY_LIMIT, errorHandler } from './answers.ts';
import type { AppContext } from './context.ts';
import { changesSomething, Guard, isExposed, setSecurityHeaders } from './guard.ts';
import { requireIdentity, SESSION_COOKIES } from './identity.ts';
import { servePanel } from './panel.ts';
import { accountRoutes, loginRoutes } from './routes/account.ts';
import { deviceRoutes } from './routes/devices.ts';
import { houseRoutes } from './routes/house.ts';
import { learningRoutes } from './routes/learning.ts';
import { liveRoutes } from './routes/live.ts';
import { meshRoutes } from './routes/meshes.ts';
import { modelRoutes } from './routes/models.ts';
import { pairingRoutes } from './routes/pairing.ts';
import { phoneRoutes } from './routes/phones.ts';
import { sensorRoutes } from './routes/sensor.ts';
import { whipRoutes } from './routes/whip.ts';
import { NAMED_SCHEMAS } from './schemas.ts';

/** Puts the routes together; opens nothing. */
export async function buildApp(context: AppContext): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: 30_000,
    // Device ids stand in paths and carry addresses of hardware.
    routerOptions: { maxParamLength: 300 },
  });
  app.removeContentTypeParser('text/plain');
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(errorHandler(context.log));

  const guard = new Guard(context);
  app.decorateRequest('identity', null);
  app.addHook('onRequest', async (request, reply) => {
    setSecurityHeaders(request, reply);
    guard.check(request);
    if (context.isClosing?.() && changesSomething(request)) throw new RoomtoneError('api.closed');
    if (context.tls && isExposed(request)) return reply.redirect(`https://${request.headers.host}${request.url}`, 308);
  });

  await app.register(cookie);
  await describe(app, context.version);
  await app.register(loginRoutes(context));
  await app.register(accountRoutes(context));
  await app.register(houseRoutes(context));
  await app.register(learningRoutes(context));
  await app.register(deviceRoutes(context));
  await app.register(meshRoutes(context));
  await app.register(modelRoutes(context));
  await app.register(pairingRoutes(context));
  await app.register(phoneRoutes(context));
  await app.register(sensorRoutes(context));
  await app.register(whipRoutes(context));
  await app.register(liveRoutes(context));
  app.get('/api/openapi.json', { onRequest: requireIdentity(context), schema: { hide: true } }, () => app.swagger());
  await servePanel(app, { dir: context.staticDir });
  return app;
}

async function describe(app: FastifyInstance, version: string): Promise<void> {
  const schemaRegistry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED_SCHEMAS)) schemaRegistry.add(schema, { id });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Roomtone', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer' },
          session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIES.http },
          secureSession: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIES.https },
        },
      },
      security: [{ token: [] }, { session: [] }, { secureSession: [] }],
    },
    transform: createJsonSchemaTransform({ schemaRegistry }),
    transformObject: createJsonSchemaTransformObject({ schemaRegistry }),
  });
}
