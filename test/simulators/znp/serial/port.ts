import { createServer, type Server, type Socket } from 'node:net';

/** How bytes leave: each frame by itself, in pieces of one byte, or several frames in one piece. */
export type Chunking = 'frames' | 'split' | 'merged';

export interface SerialPortOptions {
  onConnect(): void;
  onData(chunk: Buffer): void;
}

/** The coordinator's serial line behind a TCP port, as network coordinators have it: one host at a time, the newest wins. */
export class SerialPort {
  chunking: Chunking = 'frames';
  readonly #options: SerialPortOptions;
  #server: Server | undefined;
  #socket: Socket | undefined;
  #port = 0;
  #held: Buffer[] = [];
  /** TCP connections taken since the simulator was made. */
  connections = 0;

  constructor(options: SerialPortOptions) {
    this.#options = options;
  }

  get port(): number {
    return this.#port;
  }

  get connected(): boolean {
    return this.#socket !== undefined;
  }

  /** Listens on loopback, on the port it had before if it had one. */
  async open(): Promise<void> {
    const server = createServer((socket) => this.#accept(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (address && typeof address === 'object') this.#port = address.port;
  }

  send(frame: Buffer): void {
    if (this.chunking === 'merged') {
      if (this.#held.push(frame) === 1) setImmediate(() => this.#flush());
      return;
    }
    if (this.chunking === 'frames') this.#socket?.write(frame);
    else for (const byte of frame) this.#socket?.write(Buffer.from([byte]));
  }

  /** Ends the connection at once, as a lost network does; the port stays open. */
  drop(): void {
    this.#socket?.resetAndDestroy();
    this.#socket = undefined;
  }

  async close(): Promise<void> {
    this.drop();
    const server = this.#server;
    this.#server = undefined;
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  #accept(socket: Socket): void {
    this.#socket?.destroy();
    this.#socket = socket;
    this.connections += 1;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#options.onData(chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = undefined;
    });
    this.#options.onConnect();
  }

  #flush(): void {
    this.#socket?.write(Buffer.concat(this.#held));
    this.#held = [];
  }
}
