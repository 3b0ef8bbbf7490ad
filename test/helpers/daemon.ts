import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import type { HouseView, RoomView } from '../../daemon/api/views.ts';
import type { Mood } from '../../daemon/mood/mood.ts';

const root = resolve(import.meta.dirname, '../..');
const node = join(root, 'node_modules/.bin/node');

export const PASSWORD = 'correct horse battery';

/** What /api/live sends. */
export type LiveEvent =
  | { event: 'house'; data: HouseView }
  | { event: 'room'; data: RoomView }
  | { event: 'mood'; data: Mood }
  | { event: string; data: unknown };

export interface DaemonOptions {
  /** YAML; `PORT`-free: give port 0. Absent: the hub writes its own starter. */
  config?: string;
  env?: Record<string, string>;
  args?: string[];
  /** Reuse the data folder of an earlier daemon, as after a crash. */
  dir?: string;
  /** Set the admin password before the start. Default true. */
  password?: boolean;
}

/** The real daemon, as a process of its own, on a data folder of its own. */
export class Daemon {
  readonly dir: string;
  readonly configFile: string;
  readonly process: ChildProcess;
  /** Everything it printed so far. */
  output = '';
  url = '';
  mqttPort = 0;
  #cookie = '';
  readonly #streams = new AbortController();

  private constructor(dir: string, child: ChildProcess) {
    this.dir = dir;
    this.configFile = join(dir, 'roomtone.yaml');
    this.process = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#print(text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#print(text));
  }

  static async start(options: DaemonOptions = {}): Promise<Daemon> {
    const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'roomtone-'));
    const configFile = join(dir, 'roomtone.yaml');
    if (options.config !== undefined) writeFileSync(configFile, options.config);
    if (options.password !== false && !options.dir) await setPassword(dir);
    const named = options.config === undefined && !options.dir ? [] : ['--config', configFile];
    const child = spawn(node, [join(root, 'daemon/main.ts'), '--data', dir, ...named, ...(options.args ?? [])], {
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const daemon = new Daemon(dir, child);
    await daemon.printed(/^\s*Stop with Ctrl-C/m);
    daemon.url = /http:\/\/[\d.]+:\d+/.exec(daemon.output)?.[0] ?? '';
    daemon.mqttPort = Number(/mqtt:\/\/[\d.]+:(\d+)/.exec(daemon.output)?.[1] ?? 0);
    return daemon;
  }

  /** Resolves once the output matches; rejects if the process ends before. */
  async printed(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.output)) {
      if (this.process.exitCode !== null || this.process.signalCode !== null) {
        throw new Error(
          `the daemon ended (${this.process.exitCode ?? this.process.signalCode}) before it printed ${pattern}:\n${this.output}`,
        );
      }
      await Promise.race([
        once(this.process.stdout as NodeJS.ReadableStream, 'data'),
        once(this.process.stderr as NodeJS.ReadableStream, 'data'),
        once(this.process, 'exit'),
      ]);
    }
  }

  async login(password = PASSWORD): Promise<void> {
    const response = await fetch(`${this.url}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ password }),
    });
    if (!response.ok) throw new Error(`login: ${response.status} ${await response.text()}`);
    this.#cookie = (response.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
  }

  async get<T>(path: string): Promise<T> {
    return this.#request<T>('GET', path);
  }

  async put<T>(path: string, body: unknown): Promise<T> {
    return this.#request<T>('PUT', path, body);
  }

  async post<T>(path: string, body: unknown = {}): Promise<T> {
    return this.#request<T>('POST', path, body);
  }

  house(): Promise<HouseView> {
    return this.get<HouseView>('/api/house');
  }

  /** The live stream, from its first event on. */
  async *live(): AsyncGenerator<LiveEvent> {
    if (!this.#cookie) await this.login();
    const response = await fetch(`${this.url}/api/live`, { headers: { cookie: this.#cookie }, signal: this.#streams.signal });
    if (!response.ok || !response.body) throw new Error(`live: ${response.status}`);
    const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
    for await (const { event, data } of events) yield { event: event ?? 'message', data: JSON.parse(data) } as LiveEvent;
  }

  /** The first live event that `matches`. */
  async until<T>(matches: (event: LiveEvent) => T | undefined | false): Promise<T> {
    for await (const event of this.live()) {
      const found = matches(event);
      if (found !== undefined && found !== false) return found;
    }
    throw new Error('the live stream ended');
  }

  /** The first mood of `room` that `matches`. */
  mood(room: string, matches: (mood: Mood) => boolean = () => true): Promise<Mood> {
    return this.until(({ event, data }) => {
      if (event !== 'mood') return undefined;
      const mood = data as Mood;
      return mood.room === room && matches(mood) ? mood : undefined;
    });
  }

  /** The first state of the house, now or later, that `matches`. */
  async houseWhen(matches: (house: HouseView) => boolean): Promise<HouseView> {
    for await (const _ of this.live()) {
      const house = await this.house();
      if (matches(house)) return house;
    }
    throw new Error('the live stream ended');
  }

  get cookie(): string {
    return this.#cookie;
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.kill(signal);
    await ended;
  }

  /** Ends it as Ctrl-C does and removes its data folder. */
  async close(): Promise<void> {
    this.#streams.abort();
    await this.kill('SIGINT');
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #request<T>(method: string, path: string, body?: unknown): Promise<T> {
    if (!this.#cookie) await this.login();
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { cookie: this.#cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  #print(text: string): void {
    this.output += text;
  }
}

export async function setPassword(dir: string, password = PASSWORD): Promise<void> {
  const child = spawn(node, [join(root, 'daemon/main.ts'), 'password', '--data', dir], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(`${password}\n`);
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`roomtone password: exit code ${code}`);
}

/** Runs `roomtone ARGS` to its end. */
export async function roomtone(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(node, [join(root, 'daemon/main.ts'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

interface ProcessEntry {
  pid: number;
  parent: number;
  command: string;
}

/** Every process below `pid`, itself first, from /proc. */
export function processTree(pid: number): ProcessEntry[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(readProcess);
  const tree = all.filter((each) => each.pid === pid);
  for (const member of tree) tree.push(...all.filter((each) => each.parent === member.pid));
  return tree;
}

function readProcess(pid: string): ProcessEntry[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return [];
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return [{ pid: Number(pid), parent: Number(fields[1]), command }];
  } catch {
    return [];
  }
}

/** Looks until `probe` gives something, at most `ms`; for what announces itself nowhere, such as the end of a grandchild. */
export async function eventually<T>(probe: () => T | undefined | false, ms: number, what: string): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    const found = probe();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${ms} ms`);
    await new Promise((resume) => setTimeout(resume, 20));
  }
}
