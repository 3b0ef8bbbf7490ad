import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { PASSWORD } from './daemon.ts';

export interface Seen {
  topic: string;
  payload: string;
}

/** Kept by the broker from the start on. */
const KEPT = 'roomtone/bridge/state';

/** What comes in on one subscription, from the moment on in which it holds. */
export class Subscription {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #passedOver: Seen[] = [];

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  /** The first message, come or to come, that `matches`; those passed over stay. */
  async next(matches: (seen: Seen) => boolean = () => true): Promise<Seen> {
    const at = this.#passedOver.findIndex(matches);
    const [found] = at < 0 ? [] : this.#passedOver.splice(at, 1);
    if (found) return found;
    for (;;) {
      const { value: line, done } = await this.#lines.next();
      if (done) throw new Error('mosquitto_sub ended before it saw what was waited for');
      const space = line.indexOf(' ');
      const seen = { topic: line.slice(0, space), payload: line.slice(space + 1) };
      if (matches(seen)) return seen;
      this.#passedOver.push(seen);
    }
  }

  close(): void {
    this.#child.kill();
  }
}

/** Mosquitto's own clients, which nobody here wrote, at the embedded broker. */
export class Mosquitto {
  readonly #port: number;
  readonly #children: ChildProcess[] = [];

  constructor(port: number) {
    this.#port = port;
  }

  /** Subscribes; once it resolves, nothing that is published below `filter` is missed. */
  async listen(filter: string): Promise<Subscription> {
    const subscription = new Subscription(this.#run('mosquitto_sub', ['-v', '-t', filter, '-t', KEPT], 'pipe'));
    await subscription.next(({ topic }) => topic === KEPT);
    return subscription;
  }

  /** The first message on a topic below `filter` that `matches`: one that is kept, or comes again and again. */
  async see(filter: string, matches?: (seen: Seen) => boolean): Promise<Seen> {
    const subscription = await this.listen(filter);
    const seen = await subscription.next(matches);
    subscription.close();
    return seen;
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
