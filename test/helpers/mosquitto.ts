import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { PASSWORD } from './daemon.ts';

export interface Seen {
  topic: string;
  payload: string;
}

/** Mosquitto's own clients, which nobody here wrote, at the embedded broker. */
export class Mosquitto {
  readonly #port: number;
  readonly #children: ChildProcess[] = [];

  constructor(port: number) {
    this.#port = port;
  }

  /** The first message on a topic below `filter` that `matches`. */
  async see(filter: string, matches: (seen: Seen) => boolean = () => true): Promise<Seen> {
    const child = this.#run('mosquitto_sub', ['-v', '-t', filter], 'pipe');
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      const space = line.indexOf(' ');
      const seen = { topic: line.slice(0, space), payload: line.slice(space + 1) };
      if (!matches(seen)) continue;
      child.kill();
      return seen;
    }
    throw new Error(`mosquitto_sub ended before ${filter} was seen`);
  }

  async say(topic: string, payload: string, ...flags: string[]): Promise<number> {
    const child = this.#run('mosquitto_pub', ['-q', '1', '-t', topic, '-m', payload, ...flags], 'ignore');
    const [code] = (await once(child, 'exit')) as [number];
    return code;
  }

  /** Everything that is kept now. */
  async kept(): Promise<string> {
    const child = this.#run('mosquitto_sub', ['-v', '-t', '#', '--retained-only', '-W', '5'], 'pipe');
    return text(child.stdout as NodeJS.ReadableStream);
  }

  close(): void {
    for (const child of this.#children) child.kill();
  }

  #run(program: string, args: string[], stdout: 'pipe' | 'ignore'): ChildProcess {
    const login = ['-h', '127.0.0.1', '-p', String(this.#port), '-u', 'admin', '-P', PASSWORD];
    const child = spawn(program, [...login, ...args], { stdio: ['ignore', stdout, 'inherit'] });
    this.#children.push(child);
    return child;
  }
}
