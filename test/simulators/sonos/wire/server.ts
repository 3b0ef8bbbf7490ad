import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Place, Player } from '../household/player.ts';
import { type ServiceDescription, services } from '../services/descriptions.ts';
import { deviceDescription, serverHeader, serviceDescription } from './description.ts';
import type { GenaAnswer, Subscribed, Subscribers } from './gena.ts';
import { BadRequest, type ControlRequest } from './soap.ts';

interface PlayerServerOptions {
  player: Player;
  subscribers: Subscribers;
  /** A number for a new subscription. */
  nextSubscription: () => number;
  /** Answers a call to a service: status and body. A rejection breaks the connection; BadRequest is answered with its status. */
  control: (service: ServiceDescription, request: ControlRequest) => Promise<{ status: number; body: string }>;
  /** What never reached a service: why, and what it was. */
  onBadRequest: (why: string) => void;
}

/** One player on the network: its web server, with control, events and descriptions. */
export class PlayerServer {
  /** Connections are accepted and nothing is answered. */
  stalled = false;
  readonly #options: PlayerServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #place: Place = { host: '127.0.0.1', port: 0 };

  constructor(options: PlayerServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#handle(request, response));
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** Listens at a place, or where it listened before; port 0 is any free one. */
  async listen(place = this.#place): Promise<Place> {
    this.#server.listen(place.port, place.host);
    await once(this.#server, 'listening');
    this.#place = { host: place.host, port: (this.#server.address() as AddressInfo).port };
    this.#options.player.place = this.#place;
    return this.#place;
  }

  /** Breaks all connections and refuses new ones. */
  async stop(): Promise<void> {
    this.#options.player.place = undefined;
    this.breakConnections();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  breakConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.stalled) return;
    try {
      await this.#route(request, response);
    } catch (error) {
      if (!(error instanceof BadRequest)) {
        request.socket.destroy();
        return;
      }
      this.#options.onBadRequest(`${request.method} ${request.url}: ${error.message}`);
      this.#answer(response, { status: error.status });
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '' } = request;
    if (method === 'GET') return this.#get(path, response);
    const { player } = this.#options;
    const service = services.find(({ name, controlPath, eventPath }) => {
      const other = name === 'ConnectionManager' ? ['/MediaServer/ConnectionManager/Control', '/MediaServer/ConnectionManager/Event'] : [];
      return [controlPath, eventPath, ...other].includes(path);
    });
    if (!service || (player.isBridge && path.startsWith('/MediaRenderer'))) throw new BadRequest(404, 'there is no such path');
    if (path.endsWith('/Event')) return this.#subscribe(service, { request, response });
    if (method !== 'POST') throw new BadRequest(405, 'control takes POST');
    const { headers } = request;
    const { soapaction } = headers as Record<string, string | undefined>;
    const body = await readText(request);
    const { status, body: answer } = await this.#options.control(service, {
      contentType: headers['content-type'],
      soapAction: soapaction,
      body,
    });
    this.#answer(response, { status, body: answer, headers: { EXT: '' } });
  }

  async #subscribe(
    service: ServiceDescription,
    { request, response }: { request: IncomingMessage; response: ServerResponse },
  ): Promise<void> {
    const { subscribers, nextSubscription } = this.#options;
    const { method, headers } = request;
    if (method !== 'SUBSCRIBE' && method !== 'UNSUBSCRIBE') throw new BadRequest(405, 'events take SUBSCRIBE and UNSUBSCRIBE');
    const answer: Subscribed =
      method === 'SUBSCRIBE' ? subscribers.subscribe(service.name, headers, nextSubscription()) : subscribers.unsubscribe(headers);
    await answer.after;
    if (answer.announce) response.once('finish', answer.announce);
    if (answer.status !== 200) this.#options.onBadRequest(`${method} ${request.url}: ${answer.status} for ${JSON.stringify(headers)}`);
    this.#answer(response, answer);
  }

  #get(path: string, response: ServerResponse): void {
    const service = services.find(({ descriptionPath }) => descriptionPath === path);
    const body =
      path === '/xml/device_description.xml'
        ? deviceDescription(this.#options.player, this.#place)
        : service && serviceDescription(service);
    if (body === undefined) throw new BadRequest(404, 'there is no such page');
    this.#answer(response, { status: 200, body });
  }

  #answer(response: ServerResponse, { status, headers = {}, body = '' }: GenaAnswer & { body?: string }): void {
    if (response.destroyed) return;
    const type: Record<string, string> = body === '' ? {} : { 'CONTENT-TYPE': 'text/xml; charset="utf-8"' };
    const length = { 'CONTENT-LENGTH': String(Buffer.byteLength(body)) };
    response.writeHead(status, { ...length, ...type, ...headers, Server: serverHeader(this.#options.player), Connection: 'close' });
    response.end(body);
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
