import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { createServer, type Server as TlsServer } from 'node:tls';
import type { Clock } from '../api/clock.ts';

/** First byte of a TLS connection: a record of type handshake (RFC 8446, 5.1). No HTTP method begins with it. */
const HANDSHAKE = 0x16;
/** ms until the first byte must have come, and until the handshake must be over. */
const PATIENCE = 10_000;

export interface SharedPortOptions {
  server: Server;
  clock: Clock;
  /** PEM */
  cert: string;
  key: string;
}

/**
 * Lets an HTTP server take TLS connections on the same port: the first byte tells which it is. So the address that a person
 * knows works either way, and whoever comes without TLS can be led to it.
 */
export class SharedPort {
  readonly #clock: Clock;
  readonly #secure: TlsServer;
  /** Connections that have said nothing yet, and those below TLS. */
  readonly #unserved = new Set<Socket>();
  readonly #serveHttp: (socket: Socket) => void;

  /** Takes the server's connections over. */
  constructor({ server, clock, cert, key }: SharedPortOptions) {
    const listeners = server.listeners('connection') as ((socket: Socket) => void)[];
    this.#clock = clock;
    this.#serveHttp = (socket) => {
      for (const listener of listeners) listener.call(server, socket);
    };
    this.#secure = createServer({ cert, key, minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'], handshakeTimeout: PATIENCE });
    this.#secure.on('secureConnection', this.#serveHttp);
    this.#secure.on('tlsClientError', (_error, socket) => socket.destroy());
    server.removeAllListeners('connection');
    server.on('connection', (socket) => this.#await(socket));
  }

  /** From now on, this certificate is shown. */
  renew(certificate: { cert: string; key: string }): void {
    this.#secure.setSecureContext(certificate);
  }

  /** Ends the connections that the HTTP server knows nothing of. */
  close(): void {
    for (const socket of this.#unserved) socket.destroy();
  }

  #await(socket: Socket): void {
    // What goes wrong before anybody serves the connection concerns nobody.
    const ignore = (): void => {};
    const timer = this.#clock.after(PATIENCE, () => socket.destroy());
    this.#unserved.add(socket);
    socket.on('error', ignore);
    socket.once('close', () => {
      timer.cancel();
      this.#unserved.delete(socket);
    });
    socket.once('data', (first: Buffer) => {
      timer.cancel();
      socket.off('error', ignore);
      socket.pause();
      socket.unshift(first);
      if (first[0] === HANDSHAKE) this.#secure.emit('connection', socket);
      else {
        this.#unserved.delete(socket);
        this.#serveHttp(socket);
      }
      process.nextTick(() => socket.resume());
    });
  }
}
