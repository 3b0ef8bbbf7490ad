import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Clock, Timer } from '../../daemon/api/clock.ts';
import { RoomtoneError } from '../../daemon/api/errors.ts';

export interface Message {
  /** Of the request that it answers; absent in what the bridge says of its own accord. */
  id?: number;
  error?: string;
  lamps?: LampState[];
}

export interface LampState {
  lamp: string;
  name: string;
  on: boolean;
  brightness: number;
  powered: boolean;
}

export interface ConnectionOptions {
  host: string;
  clock: Clock;
  /** ms until an answer must be there */
  answerWithin: number;
  onLamps(lamps: LampState[]): void;
}

interface Awaited {
  resolve(): void;
  reject(error: RoomtoneError): void;
  deadline: Timer;
}

/** One connection to a bridge: a line of JSON for each request, one for each answer, and one whenever a lamp changed. */
export class Connection {
  /** Resolves with what ended it. */
  readonly ended: Promise<RoomtoneError>;
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #awaited = new Map<number, Awaited>();
  readonly #end: (error: RoomtoneError) => void;
  #id = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const [host = '', port] = options.host.split(':');
    const { promise, resolve } = Promise.withResolvers<RoomtoneError>();
    this.ended = promise;
    this.#end = resolve;
    this.#socket = connect({ host, port: Number(port) });
    this.#socket.on('error', () => {}).on('close', () => this.close(this.#error('device.unreachable')));
    createInterface(this.#socket)
      .on('error', () => {})
      .on('line', (line) => this.#onLine(line));
  }

  close(error = new RoomtoneError('api.closed')): void {
    for (const { reject, deadline } of this.#awaited.values()) {
      deadline.cancel();
      reject(error);
    }
    this.#awaited.clear();
    this.#end(error);
    this.#socket.destroy();
  }

  /** Resolves when the bridge has taken it. @throws RoomtoneError, the signal's reason */
  request(body: object, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#id += 1;
    const id = this.#id;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const deadline = this.#options.clock.after(this.#options.answerWithin, () => this.close(this.#error('device.timeout')));
    const callOff = (): void => this.#take(id)?.reject(signal.reason);
    this.#awaited.set(id, { resolve, reject, deadline });
    signal.addEventListener('abort', callOff, { once: true });
    this.#socket.write(`${JSON.stringify({ id, ...body })}\n`);
    return promise.finally(() => signal.removeEventListener('abort', callOff));
  }

  #onLine(line: string): void {
    const message = parsed(line);
    if (!message) {
      this.close(this.#error('device.unreachable'));
      return;
    }
    if (message.lamps) this.#options.onLamps(message.lamps);
    const awaited = message.id === undefined ? undefined : this.#take(message.id);
    if (message.error === undefined) awaited?.resolve();
    else awaited?.reject(message.error === 'busy' ? this.#error('device.rate_limited') : this.#refused(message.error));
  }

  #take(id: number): Awaited | undefined {
    const awaited = this.#awaited.get(id);
    this.#awaited.delete(id);
    awaited?.deadline.cancel();
    return awaited;
  }

  #error(code: 'device.unreachable' | 'device.timeout' | 'device.rate_limited'): RoomtoneError {
    return new RoomtoneError(code, { params: { device: this.#options.host } });
  }

  #refused(what: string): RoomtoneError {
    return new RoomtoneError('device.refused', { params: { device: this.#options.host, what } });
  }
}

function parsed(line: string): Message | undefined {
  try {
    return JSON.parse(line) as Message;
  } catch {
    return undefined;
  }
}
