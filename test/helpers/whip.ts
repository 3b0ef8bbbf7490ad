import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface DeviceOptions {
  /** Of the endpoint */
  url: string;
  /** They say who it is. */
  headers: Record<string, string>;
  video?: boolean;
  audio?: boolean;
}

/** An answer of a WHIP endpoint. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

type Method =
  | 'publish'
  | 'offer'
  | 'offerOnly'
  | 'connected'
  | 'trickle'
  | 'restart'
  | 'patch'
  | 'remove'
  | 'renew'
  | 'request'
  | 'show'
  | 'say';

export interface Call {
  id: number;
  method: Method;
  args: unknown[];
}

interface Result {
  id: number;
  result: unknown;
  session: string;
  etag: string;
  failed?: string;
}

/**
 * A device that publishes by WHIP (RFC 9725): the protocol by fetch, the media by the browsers' own library, all in a process
 * of its own, which may be killed.
 */
export class WhipDevice {
  readonly #child: ChildProcess;
  readonly #open = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  #calls = 0;
  /** URL of the session, and the tag of its ICE session, as the last answer gave them. */
  session = '';
  etag = '';

  constructor(options: DeviceOptions) {
    this.#child = fork(join(import.meta.dirname, 'whip-client.ts'), { stdio: 'inherit' });
    this.#child.on('message', (result: Result) => this.#settle(result));
    this.#child.on('exit', () => {
      for (const { reject } of this.#open.values()) reject(new Error('the device ended'));
    });
    this.#child.send(options);
  }

  /** Offers, and takes the answer where there is one. With `trickle` the offer goes without candidates. */
  publish(options: { query?: string; trickle?: boolean } = {}): Promise<Answer> {
    return this.#call('publish', options);
  }

  /** What it would offer. */
  offer(): Promise<string> {
    return this.#call('offer');
  }

  /** Offers, and then does nothing about the answer. */
  offerOnly(): Promise<Answer> {
    return this.#call('offerOnly');
  }

  connected(): Promise<void> {
    return this.#call('connected');
  }

  /** Sends the candidates of its offer to the session. */
  trickle(condition: string = this.etag): Promise<Answer> {
    return this.#call('trickle', condition);
  }

  /** Begins another ICE session within the same one. */
  restart(): Promise<Answer> {
    return this.#call('restart');
  }

  patch(fragment: string, condition: string | null): Promise<Answer> {
    return this.#call('patch', fragment, condition);
  }

  remove(): Promise<Answer> {
    return this.#call('remove');
  }

  /** Lets the connection go, so that another may be published. */
  renew(): Promise<void> {
    return this.#call('renew');
  }

  request(method: string, url: string, what: { type?: string; body?: string; headers?: Record<string, string> }): Promise<Answer> {
    return this.#call('request', method, url, what);
  }

  /** Sends a smiling face of that size so many times a second, moving a little. */
  show(picture: { width: number; height: number; fps?: number }): Promise<void> {
    return this.#call('show', picture);
  }

  /** Sends speech, over and over. */
  say(): Promise<void> {
    return this.#call('say');
  }

  /** Nothing comes from it and nothing reaches it, as when its network or the device sleeps, until `wake`. */
  sleep(): void {
    this.#child.kill('SIGSTOP');
  }

  wake(): void {
    this.#child.kill('SIGCONT');
  }

  /** It is gone, without a word. */
  async kill(): Promise<void> {
    this.session = '';
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  #call<T>(method: Method, ...args: unknown[]): Promise<T> {
    const id = ++this.#calls;
    return new Promise<T>((resolve, reject) => {
      this.#open.set(id, { resolve, reject });
      this.#child.send({ id, method, args } satisfies Call);
    });
  }

  #settle({ id, result, session, etag, failed }: Result): void {
    const call = this.#open.get(id);
    this.#open.delete(id);
    if (failed !== undefined) {
      call?.reject(new Error(failed));
      return;
    }
    this.session = session;
    this.etag = etag;
    call?.resolve(result as never);
  }
}
