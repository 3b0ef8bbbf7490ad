import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type BridgeCertificate, bridgeCertificate } from './certificate.ts';
import { FirstBytes } from './requests.ts';

interface BridgeServerOptions {
  bridgeId: string;
  /** Answers a request; a rejection breaks its connection. */
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Whether new connections are left without a word. */
  isDeaf: () => boolean;
}

/** The bridge on the network: an address, a certificate, connections, and what can go wrong with them. */
export class BridgeServer {
  readonly firstBytes = new FirstBytes();
  readonly #options: BridgeServerOptions;
  readonly #sockets = new Set<Socket>();
  /** The ends of the connections that requests come from: TLS sockets, and TCP sockets of plain HTTP. */
  readonly #ends = new Set<Socket>();
  /** Connections whose other end is gone without a word. */
  readonly #dead = new WeakSet<Socket>();
  readonly #secure: Server;
  readonly #plain: Server;
  #tls: HttpsServer | undefined;
  #certificate: BridgeCertificate | undefined;
  #host = '127.0.0.1';
  #ports = { secure: 0, plain: 0 };

  constructor(options: BridgeServerOptions) {
    this.#options = options;
    const http = createHttpServer((request, response) => this.#handle(request, response));
    // As on the web server of a bridge: otherwise an event waits until the one before it was acknowledged, which takes up to 40 ms.
    const noDelay = true;
    this.#secure = createTcpServer({ noDelay }, (socket) => this.#accept(socket, this.#tls));
    this.#plain = createTcpServer({ noDelay }, (socket) => {
      this.#attend(socket);
      this.#accept(socket, http);
    });
  }

  get host(): string {
    return this.#host;
  }

  /** Of HTTPS: 443 on a real bridge. */
  get port(): number {
    return this.#ports.secure;
  }

  /** Of plain HTTP: 80 on a real bridge. */
  get plainPort(): number {
    return this.#ports.plain;
  }

  /** Those over TLS that are open, our ends of them. */
  get connections(): TLSSocket[] {
    return [...this.#ends].filter((end): end is TLSSocket => 'encrypted' in end);
  }

  get listening(): boolean {
    return this.#secure.listening;
  }

  get certificate(): BridgeCertificate {
    if (!this.#certificate) throw new Error('The Hue Bridge simulator has no certificate before start().');
    return this.#certificate;
  }

  /** Listens where it listened before, or at a new place; port 0 is any free one. */
  async listen(port = this.#ports.secure, host = this.#host): Promise<void> {
    if (!this.#tls) await this.useFreshCertificate();
    const plain = host === this.#host ? this.#ports.plain : 0;
    this.#ports = { secure: await listenOn(this.#secure, port, host), plain: await listenOn(this.#plain, plain, host) };
    this.#host = host;
  }

  /** Breaks all connections and refuses new ones. */
  async stop(): Promise<void> {
    this.breakConnections();
    for (const server of [this.#secure, this.#plain].filter((each) => each.listening)) {
      server.close();
      await once(server, 'close');
    }
  }

  breakConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** The connections that are open now stay open and lead nowhere, as after a router lost its memory; new ones work. */
  loseConnections(): void {
    for (const end of this.#ends) this.#dead.add(end);
  }

  isDead(request: IncomingMessage): boolean {
    return this.#dead.has(request.socket);
  }

  isPlain(request: IncomingMessage): boolean {
    return !('encrypted' in request.socket);
  }

  /** A fresh server for each certificate: resumed TLS sessions of the old one must not hide the new one. */
  async useFreshCertificate(): Promise<void> {
    const certificate = await bridgeCertificate(this.#options.bridgeId);
    const { cert, key } = certificate;
    const tls = createHttpsServer({ cert, key }, (request, response) => this.#handle(request, response));
    tls.on('secureConnection', (socket) => this.#attend(socket));
    tls.on('tlsClientError', (_error, socket) => socket.destroy());
    this.#certificate = certificate;
    this.#tls = tls;
  }

  #accept(socket: Socket, server: { emit(event: 'connection', socket: Socket): boolean } | undefined): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    if (!this.#options.isDeaf()) server?.emit('connection', socket);
  }

  #attend(end: Socket): void {
    this.firstBytes.watch(end);
    this.#ends.add(end);
    end.on('close', () => this.#ends.delete(end));
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    this.#options.handle(request, response).catch(() => request.socket.destroy());
  }
}

async function listenOn(server: Server, port: number, host: string): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
