import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './daemon.ts';

/** A real mosquitto on loopback that keeps its port over restarts. */
export class MosquittoBroker {
  readonly port: number;
  readonly #dir: string;
  #process: ChildProcess | undefined;

  private constructor(port: number, dir: string) {
    this.port = port;
    this.#dir = dir;
  }

  /** @param options `anonymous: false`: nobody is let in; `persistence`: what was retained survives a restart, as Debian has it */
  static async start({ anonymous = true, persistence = false } = {}): Promise<MosquittoBroker> {
    const dir = await mkdtemp(join(tmpdir(), 'roomtone-mosquitto-'));
    const broker = new MosquittoBroker(await freePort(), dir);
    const keeps = persistence ? `persistence true\npersistence_location ${dir}/\n` : '';
    const listens = `user root\nlistener ${broker.port} 127.0.0.1\nset_tcp_nodelay true\n`;
    await writeFile(join(dir, 'conf'), `${listens}allow_anonymous ${anonymous}\n${keeps}`);
    await broker.run();
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  async run(): Promise<void> {
    this.#process = spawn('mosquitto', ['-v', '-c', join(this.#dir, 'conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
    for await (const line of createInterface({ input: this.#process.stderr as NodeJS.ReadableStream })) if (line.includes('running')) break;
    this.#process.stderr?.resume();
  }

  /** With `SIGTERM` it writes down what it keeps. */
  async stop(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const { exitCode, signalCode } = this.#process ?? {};
    if (!this.#process || exitCode !== null || signalCode !== null) return;
    this.#process.kill(signal);
    await once(this.#process, 'exit');
  }

  async close(): Promise<void> {
    await this.stop();
    await rm(this.#dir, { recursive: true, force: true });
  }
}
