import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { needs } from './needs.ts';

/** Options for a test with a `Renderer`: only root may make a network. */
export function needsRenderer(): { skip?: string } {
  const isRoot = process.getuid?.() === 0 || process.env.ROOMTONE_NO_SKIP === '1';
  return isRoot ? needs('gmediarender', 'ip') : { skip: 'needs root' };
}

/**
 * A UPnP MediaRenderer that nobody here wrote (Debian's gmediarender) on a network of its own, since it refuses loopback, and a server
 * there with a sound to play. Needs root and iproute2. It plays into nothing, in real time.
 */
export class Renderer {
  /** Of this machine, on that network. */
  readonly address: string;
  /** Its UDN. */
  readonly id = `11111111-2222-3333-4444-${String(process.pid).padStart(12, '0')}`;
  readonly #link: string;
  #child: ChildProcess | undefined;
  #server: Server | undefined;
  #port = 0;

  private constructor() {
    this.#link = `rt${process.pid}`;
    this.address = `10.78.${process.pid % 250}.1`;
  }

  static async start(): Promise<Renderer> {
    const renderer = new Renderer();
    await renderer.#start();
    return renderer;
  }

  /** URL of its description. */
  get location(): string {
    return `http://${this.address}:${this.#port}/description.xml`;
  }

  /** Serves a tone of so many seconds. @returns its URL */
  async serveTone(seconds: number): Promise<string> {
    const wav = tone(seconds);
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'audio/wav', 'content-length': wav.length, 'accept-ranges': 'none' }).end(wav);
    });
    server.listen(0, this.address);
    await once(server, 'listening');
    this.#server = server;
    return `http://${this.address}:${(server.address() as AddressInfo).port}/tone.wav`;
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    this.#server?.close();
    if (this.#child && this.#child.exitCode === null) {
      this.#child.kill('SIGKILL');
      await once(this.#child, 'exit');
    }
    execFileSync('ip', ['link', 'del', this.#link]);
  }

  async #start(): Promise<void> {
    execFileSync('ip', ['link', 'add', this.#link, 'type', 'veth', 'peer', 'name', `${this.#link}p`]);
    execFileSync('ip', ['addr', 'add', `${this.address}/24`, 'dev', this.#link]);
    for (const link of [this.#link, `${this.#link}p`]) execFileSync('ip', ['link', 'set', link, 'up', 'multicast', 'on']);
    // It takes ports from 49152 on alone.
    this.#port = 49_200 + (process.pid % 15_000);
    const sink = ['--gstout-audiopipe=fakesink sync=true', '--gstout-initial-volume-db=-20'];
    const args = ['-I', this.#link, '-p', String(this.#port), '-f', 'Test room', '-u', this.id, ...sink];
    this.#child = spawn('gmediarender', args, { stdio: ['ignore', 'ignore', 'ignore'] });
    while (!(await this.#answers())) await wait(50);
  }

  async #answers(): Promise<boolean> {
    if (this.#child?.exitCode !== null) throw new Error('gmediarender ended');
    return fetch(this.location).then(
      ({ ok }) => ok,
      () => false,
    );
  }
}

/** 16-bit mono at 8 kHz: RIFF WAVE. */
function tone(seconds: number): Buffer {
  const rate = 8000;
  const samples = Math.round(rate * seconds);
  const wav = Buffer.alloc(44 + 2 * samples);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + 2 * samples, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(rate, 24);
  wav.writeUInt32LE(2 * rate, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(2 * samples, 40);
  for (let i = 0; i < samples; i += 1) wav.writeInt16LE(Math.round(8000 * Math.sin((2 * Math.PI * 440 * i) / rate)), 44 + 2 * i);
  return wav;
}
