import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { createServer, type Server as TlsServer } from 'node:tls';
import type { Clock } from '../api/clock.ts';

/** First byte of a TLS connection: a record of type handshake (RFC 8446, 5.1). No HTTP method begins with it. */
const HANDSHAKE = 0x16;
/** ms until the first byte must have come, and until the handshake must be over. */
const PATIENCE = 10_000;

/**
 * Lets an HTTP server take TLS connections on the same port: the first byte tells which it is. So the address that a person
 * knows works either way, and whoever comes without TLS can be led to it. `setSecureContext` of what is returned takes a renewed certificate over.
 */
export function acceptTls(server: Server, { cert, key, clock }: { cert: string; key: string; clock: Clock }): TlsServer {
  const serveHttp = server.listeners('connection') as ((socket: Socket) => void)[];
  const serve = (socket: Socket): void => {
    for (const listener of serveHttp) listener.call(server, socket);
  };
  const secure = createServer({ cert, key, minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'], handshakeTimeout: PATIENCE }, serve);
  secure.on('tlsClientError', (_error, socket) => socket.destroy());
  server.removeAllListeners('connection');
  server.on('connection', (socket) => {
    const timer = clock.after(PATIENCE, () => socket.destroy());
    // What goes wrong before anybody serves the connection concerns nobody.
    const ignore = (): void => {};
    socket.on('error', ignore);
    socket.once('close', () => timer.cancel());
    socket.once('data', (first: Buffer) => {
      timer.cancel();
      socket.off('error', ignore);
      socket.pause();
      socket.unshift(first);
      if (first[0] === HANDSHAKE) secure.emit('connection', socket);
      else serve(socket);
      process.nextTick(() => socket.resume());
    });
  });
  return secure;
}
