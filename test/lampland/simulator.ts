import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { realClock } from '../../test/simulators/hue/clock.ts';
import { RateWindow } from '../../test/simulators/hue/limits.ts';
import type { LampState } from './connection.ts';

interface Request {
  id: number;
  set?: string;
  on?: boolean;
  brightness?: number;
}

/** A Lampland bridge with one lamp, on loopback, and what can go wrong with it. */
export class LamplandSimulator {
  readonly lamp: LampState = { lamp: 'l1', name: 'Desk', on: true, brightness: 100, powered: true };
  limitHits = 0;
  isStalled = false;
  isGarbled = false;
  /** ms from a request to its answer */
  slowness = 0;
  /** Requests to be answered as one too many. */
  busyFor = 0;
  readonly #server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  readonly #sockets = new Set<Socket>();
  readonly #limit = new RateWindow(realClock, 10);
  #port = 0;

  async plugIn(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = this.place.port;
  }

  async unplug(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  get place(): { host: string; port: number } {
    return { host: '127.0.0.1', port: (this.#server.address() as AddressInfo | null)?.port ?? this.#port };
  }

  /** Somebody changes the lamp, or its power. */
  change(change: Partial<LampState>): void {
    Object.assign(this.lamp, change);
    for (const socket of this.#sockets) this.#say(socket, { lamps: [this.lamp] });
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
    const lines = createInterface(socket).on('error', () => {});
    lines.on('line', (line) => this.#answer(socket, JSON.parse(line)));
  }

  #answer(socket: Socket, request: Request): void {
    if (this.isGarbled) {
      socket.write('}{\n');
      return;
    }
    const answer = { id: request.id, ...this.#carryOut(request) };
    if (this.slowness > 0) setTimeout(() => this.#say(socket, answer), this.slowness);
    else this.#say(socket, answer);
  }

  #carryOut({ set, on = this.lamp.on, brightness = this.lamp.brightness }: Request): object {
    if (set === undefined) return { lamps: [this.lamp] };
    this.busyFor -= 1;
    if (this.busyFor >= 0) return { error: 'busy' };
    if (!this.#limit.pass()) {
      this.limitHits += 1;
      return { error: 'busy' };
    }
    this.change({ on, brightness });
    return {};
  }

  #say(socket: Socket, message: object): void {
    if (!this.isStalled) socket.write(`${JSON.stringify(message)}\n`);
  }
}
