import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type Agent, request } from 'node:https';
import type { TestContext } from 'node:test';
import type { SimulatorClock } from './clock.ts';
import type { ClipObject, Reference } from './home/resource.ts';
import { type HueBridgeOptions, HueBridgeSimulator } from './simulator.ts';

interface CallOptions {
  key?: string;
  /** Sent as JSON; a string is sent as it is. */
  body?: unknown;
  headers?: Record<string, string>;
  agent?: Agent;
}

async function send(bridge: { url: string }, method: string, path: string, options: CallOptions): Promise<IncomingMessage> {
  const outgoing = request(`${bridge.url}${path}`, {
    method,
    rejectUnauthorized: false,
    agent: options.agent ?? false,
    headers: { ...(options.key && { 'hue-application-key': options.key }), ...options.headers },
  });
  outgoing.end(typeof options.body === 'string' ? options.body : options.body && JSON.stringify(options.body));
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  return incoming;
}

export interface Reply {
  status: number;
  type: string | undefined;
  text: string;
  /** Parsed, where it is JSON. */
  json: unknown;
}

/** One request on the wire, by node:https alone. */
export async function call(bridge: { url: string }, method: string, path: string, options: CallOptions = {}): Promise<Reply> {
  const incoming = await send(bridge, method, path, options);
  let text = '';
  for await (const chunk of incoming.setEncoding('utf8')) text += chunk;
  const type = incoming.headers['content-type'];
  return { status: incoming.statusCode ?? 0, type, text, json: type === 'application/json' && isJson(text) ? JSON.parse(text) : undefined };
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

export const data = (reply: Reply): ClipObject[] => (reply.json as { data: ClipObject[] }).data;
export const errors = (reply: Reply) => (reply.json as { errors: { description: string; error_code?: string }[] }).errors;
export const descriptions = (reply: Reply): string[] => errors(reply).map((each) => each.description);

/** An object inside a resource; empty where there is none. */
export const part = (resource: ClipObject | undefined, key: string): ClipObject => (resource?.[key] ?? {}) as ClipObject;

/** The references of a resource: `children` or `services`. */
export const references = (resource: ClipObject | undefined, key: 'children' | 'services'): Reference[] =>
  (resource?.[key] ?? []) as Reference[];

/** A PUT on a light. */
export const putLight = (bridge: HueBridgeSimulator, key: string, id: string, body: unknown): Promise<Reply> =>
  call(bridge, 'PUT', `/clip/v2/resource/light/${id}`, { key, body });

export interface ClipEvent {
  creationtime: string;
  id: string;
  type: string;
  data: ClipObject[];
}

/** An event stream read by hand: blocks of text between blank lines, as they come. */
export class StreamReader {
  readonly response: IncomingMessage;
  readonly #blocks: AsyncIterator<string>;
  /** Everything that has come so far. */
  text = '';

  private constructor(response: IncomingMessage) {
    this.response = response;
    this.#blocks = this.#read();
  }

  static async open(bridge: HueBridgeSimulator, key: string, headers: Record<string, string> = {}): Promise<StreamReader> {
    const accept = { accept: 'text/event-stream', ...headers };
    return new StreamReader(await send(bridge, 'GET', '/eventstream/clip/v2', { key, headers: accept }));
  }

  /** The next block, or undefined at the end, clean or broken. */
  async next(): Promise<string | undefined> {
    const { done, value } = await this.#blocks.next().catch(() => ({ done: true, value: undefined }));
    return done ? undefined : value;
  }

  /** The next block as a frame with events. */
  async frame(): Promise<{ id: string; events: ClipEvent[]; data: ClipObject[] }> {
    const [, id = '', data = '[]'] = (await this.next())?.match(/^id: (\d+:\d+)\ndata: (.*)$/) ?? [];
    const events = JSON.parse(data) as ClipEvent[];
    return { id, events, data: events.flatMap((event) => event.data) };
  }

  async *#read(): AsyncGenerator<string> {
    let rest = '';
    for await (const chunk of this.response.setEncoding('utf8')) {
      this.text += chunk;
      const blocks = `${rest}${chunk}`.split('\n\n');
      rest = blocks.pop() ?? '';
      yield* blocks;
    }
  }
}

/** A started bridge whose time stands still and which answers and echoes without delay, and a key for it. */
export async function bridgeFor(t: TestContext, options: HueBridgeOptions = {}) {
  const clock = new ManualClock();
  const bridge = new HueBridgeSimulator({ clock, answerDelay: [0, 0], echoDelay: [0, 0], ...options });
  await bridge.start();
  t.after(() => bridge.close());
  const key = bridge.authorize();
  const get = async (path: string) => data(await call(bridge, 'GET', `/clip/v2/resource${path}`, { key }));
  const put = (path: string, body: unknown) => call(bridge, 'PUT', `/clip/v2/resource${path}`, { key, body });
  return { bridge, clock, key, get, put };
}

/** The same with an open event stream that has said hello. */
export async function streamFor(t: TestContext, options: HueBridgeOptions = {}) {
  const made = await bridgeFor(t, options);
  const stream = await StreamReader.open(made.bridge, made.key);
  await stream.next();
  return { ...made, stream };
}

/** Time that moves when the test says so. */
export class ManualClock implements SimulatorClock {
  #now = 0;
  #waiting: { at: number; task: () => void }[] = [];

  mono(): number {
    return this.#now;
  }

  wall(): number {
    return Date.UTC(2026, 0, 15, 20) + this.#now;
  }

  after(delay: number, task: () => void): { cancel(): void } {
    const entry = { at: this.#now + delay, task };
    this.#waiting.push(entry);
    return {
      cancel: () => {
        this.#waiting = this.#waiting.filter((each) => each !== entry);
      },
    };
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = this.#waiting.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#waiting = this.#waiting.filter((each) => each !== due);
      this.#now = due.at;
      due.task();
    }
    this.#now = end;
  }
}
