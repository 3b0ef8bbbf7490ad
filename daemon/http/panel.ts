import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RoomtoneError } from '../api/errors.ts';
import { sendError } from './answers.ts';

const NOT_BUILT = 'The control panel has not been built. Run "npm run prepare" in the folder of Roomtone, then reload this page.\n';

/**
 * Serves the built control panel. Files under assets/ carry a hash of their content in the name and never change; the
 * page that names them is asked for anew each time. Unknown paths without a file ending are places within the panel.
 */
export async function servePanel(app: FastifyInstance, { dir }: { dir: string }): Promise<void> {
  const built = existsSync(join(dir, 'index.html'));
  if (built) {
    await app.register(fastifyStatic, {
      root: dir,
      cacheControl: false,
      setHeaders: (reply, path) => {
        const immutable = path.startsWith(join(dir, 'assets/'));
        reply.header('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler((request, reply) => {
    if (!isPlaceInPanel(request)) return sendError(reply, notFound(request));
    return built ? reply.sendFile('index.html') : explain(reply);
  });
}

function isPlaceInPanel(request: FastifyRequest): boolean {
  const path = request.url.split('?', 1)[0] ?? '';
  const isFile = /\.[a-z0-9]+$/i.test(path);
  return (request.method === 'GET' || request.method === 'HEAD') && !path.startsWith('/api/') && path !== '/api' && !isFile;
}

const notFound = (request: FastifyRequest) => new RoomtoneError('api.not_found', { params: { path: request.url.split('?', 1)[0] ?? '' } });

const explain = (reply: FastifyReply) => reply.code(503).type('text/plain; charset=utf-8').send(NOT_BUILT);
