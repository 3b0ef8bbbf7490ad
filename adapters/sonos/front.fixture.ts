import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** Actions that change something. */
const COMMAND = /#(Set|Play|Pause|Stop|Next|Previous|Seek|Add|Remove|Become|Delegate)/;

/** Stands before a player and shows what a player in trouble, and the network before it, can do. */
export class Front {
  readonly #server: Server;
  readonly #target: () => string;
  readonly #commands: number[] = [];
  #limited = 0;
  #garbles = false;
  #slowness = 0;
  #stalls = false;

  /** @param target URL of the player */
  constructor(target: () => string) {
    this.#target = target;
    this.#server = createServer((request, response) => void this.#forward(request, response).catch(() => request.destroy()));
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get place(): { host: string; port: number } {
    return { host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port };
  }

  limit(commands: number): void {
    this.#limited = commands;
  }

  garble(): void {
    this.#garbles = true;
  }

  slow(ms: number): void {
    this.#slowness = ms;
  }

  stall(): void {
    this.#stalls = true;
  }

  recover(): void {
    this.#limited = 0;
    this.#garbles = false;
    this.#slowness = 0;
    if (this.#stalls) this.#server.closeAllConnections();
    this.#stalls = false;
  }

  /** Most commands that came within a second. */
  get busiestSecond(): number {
    return Math.max(0, ...this.#commands.map((from) => this.#commands.filter((at) => at >= from && at < from + 1000).length));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = request;
    const body = await buffer(request);
    const isCommand = COMMAND.test(String(headers.soapaction));
    if (isCommand) this.#commands.push(performance.now());
    if (isCommand && this.#limited > 0) {
      this.#limited -= 1;
      response.writeHead(503).end();
      return;
    }
    if (this.#stalls) return;
    const forward = send(new URL(url, this.#target()), { method, headers });
    forward.on('error', () => request.destroy());
    forward.end(body);
    const [answer] = (await once(forward, 'response')) as [IncomingMessage];
    const text = await buffer(answer);
    const give = (): void => {
      response.writeHead(answer.statusCode ?? 500, { ...answer.headers, ...(this.#garbles && { 'content-length': '9' }) });
      response.end(this.#garbles ? '<<garbage' : text);
    };
    if (this.#slowness > 0) setTimeout(give, this.#slowness);
    else give();
  }
}
