import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import type { MessageParams } from '../../daemon/api/errors.ts';
import type { DeviceView, HouseView, RoomView } from '../../daemon/api/views.ts';
import type { Mood } from '../../daemon/mood/mood.ts';
import { descendants, isAlive } from './processes.ts';

const root = resolve(import.meta.dirname, '../..');
const node = process.execPath;

export const PASSWORD = 'correct horse battery';

/** What the configuration of a test begins with: free ports, and moods that follow fast. */
export const COMMON = `version: 1
http: { port: 0 }
mqtt: { listen: { port: 0 } }
mood: { smoothing: 1s, dwell: 1s }
`;

/** An answer other than yes. */
export interface Refusal {
  status: number;
  code: string;
  message: string;
  params: MessageParams;
}

/** What /api/live sends. */
export type LiveEvent =
  | { event: 'house'; data: HouseView }
  | { event: 'room'; data: RoomView }
  | { event: 'device'; data: DeviceView }
  | { event: 'mood'; data: Mood }
  | { event: string; data: unknown };

export interface DaemonOptions {
  /** YAML; `PORT`-free: give port 0. Absent: the hub writes its own starter. */
  config?: string;
  env?: Record<string, string>;
  args?: string[];
  /** Reuse the data folder of an earlier daemon, as after a crash. */
  dir?: string;
  /** Set the admin password before the start. Default: on a new data folder. */
  password?: boolean;
  /** The folder of another copy of the program. */
  program?: string;
  /** Start it as a person does, by `npm start`. */
  npm?: boolean;
}

/** What a first start writes, save that it takes no port that another program may have. */
export function starterOnFreePorts(): string {
  return readFileSync(join(root, 'config/starter.yaml'), 'utf8').replaceAll(/port: (8686|1883)/g, 'port: 0');
}

/** ms that a test waits for what it is sure to come, on a busy machine. */
export const PATIENCE = 40_000;

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
  readonly #isGroup: boolean;
  readonly #streams = new AbortController();
  /** It printed something, or ended. */
  readonly #news = new EventEmitter<{ news: [] }>();

  private constructor(dir: string, { child, isGroup }: { child: ChildProcess; isGroup: boolean }) {
    this.dir = dir;
    this.#isGroup = isGroup;
    this.configFile = join(dir, 'roomtone.yaml');
    this.process = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#print(text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#print(text));
    child.on('close', () => this.#news.emit('news'));
  }

  static async start(options: DaemonOptions = {}): Promise<Daemon> {
    const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'roomtone-'));
    const configFile = join(dir, 'roomtone.yaml');
    if (options.config !== undefined) writeFileSync(configFile, options.config);
    if (options.password ?? !options.dir) await setPassword(dir);
    const named = options.config === undefined && !options.dir ? [] : ['--config', configFile];
    const program = options.program ?? root;
    const [command, ...leading] = options.npm ? ['npm', 'start', '--'] : [node, join(program, 'daemon/main.ts')];
    const child = spawn(command, [...leading, '--data', dir, ...named, ...(options.args ?? [])], {
      cwd: program,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, as a terminal makes one: Ctrl-C is for the whole of it.
      detached: options.npm ?? false,
    });
    const daemon = new Daemon(dir, { child, isGroup: options.npm ?? false });
    await daemon.printed(/^\s*Stop with Ctrl-C/m);
    daemon.url = /http:\/\/[\d.]+:\d+/.exec(daemon.output)?.[0] ?? '';
    daemon.mqttPort = Number(/mqtt:\/\/[\d.]+:(\d+)/.exec(daemon.output)?.[1] ?? 0);
    return daemon;
  }

  /** Resolves once the output matches; rejects if the process ends before. */
  async printed(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.output)) {
      if (this.#ended) throw new Error(`the daemon ended before it printed ${pattern}:\n${this.output}`);
      await once(this.#news, 'news');
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

  /** Sends a request that is to be refused. @returns its status and the error */
  async refusal(method: string, path: string, body: unknown = method === 'GET' ? undefined : {}): Promise<Refusal> {
    const { status, text } = await this.#answer(method, path, body);
    if (status < 400) throw new Error(`${method} ${path}: was not refused (${status})`);
    return { status, ...JSON.parse(text).error };
  }

  house(): Promise<HouseView> {
    return this.get<HouseView>('/api/house');
  }

  async room(id: string): Promise<RoomView> {
    return this.get<RoomView>(`/api/rooms/${id}`);
  }

  async device(id: string): Promise<DeviceView> {
    const found = (await this.house()).devices.find((each) => each.id === id);
    if (!found) throw new Error(`there is no device ${id}`);
    return found;
  }

  /** Writes the configuration file anew, as an editor does. */
  edit(change: (yaml: string) => string): void {
    writeFileSync(this.configFile, change(readFileSync(this.configFile, 'utf8')));
  }

  /** The programs that hold a camera or microphone open now. */
  get captures(): ProcessEntry[] {
    return processTree(this.pid).filter(({ command }) => /^(\S*\/)?(ffmpeg|arecord)\b/.test(command));
  }

  /** Process id of the senses; undefined while there are none. */
  get senses(): number | undefined {
    return processTree(this.pid).find(({ command }) => command.endsWith('daemon/senses/process.ts') && !command.includes('setpriv'))?.pid;
  }

  get #ended(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** The live stream, from its first event on. */
  async *live(): AsyncGenerator<LiveEvent> {
    if (!this.#cookie) await this.login();
    const signal = AbortSignal.any([this.#streams.signal, AbortSignal.timeout(PATIENCE)]);
    const response = await fetch(`${this.url}/api/live`, { headers: { cookie: this.#cookie }, signal });
    if (!response.ok || !response.body) throw new Error(`live: ${response.status}`);
    const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
    for await (const { event, data } of events) yield { event: event ?? 'message', data: JSON.parse(data) } as LiveEvent;
  }

  /** The first live event that `matches`. */
  async until<T>(matches: (event: LiveEvent) => T | undefined | false): Promise<T> {
    return this.#patiently(matches, async () => {
      for await (const event of this.live()) {
        const found = matches(event);
        if (found !== undefined && found !== false) return found;
      }
      throw new Error('the live stream ended');
    });
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
    return this.#patiently(matches, async () => {
      for await (const _ of this.live()) {
        const house = await this.house();
        if (matches(house)) return house;
      }
      throw new Error('the live stream ended');
    });
  }

  /** The house once the room `id` is so, now or later. */
  async roomWhen(id: string, matches: (room: RoomView) => boolean): Promise<RoomView> {
    const house = await this.houseWhen(({ rooms }) => rooms.some((room) => room.id === id && matches(room)));
    return house.rooms.find((room) => room.id === id) as RoomView;
  }

  async deviceWhen(id: string, matches: (device: DeviceView) => boolean): Promise<DeviceView> {
    const house = await this.houseWhen(({ devices }) => devices.some((device) => device.id === id && matches(device)));
    return house.devices.find((device) => device.id === id) as DeviceView;
  }

  get cookie(): string {
    return this.#cookie;
  }

  /** Sends the signal and waits for the end. By `npm start` it is for npm and the hub alike, as Ctrl-C in a terminal. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.#ended) return;
    const ended = once(this.process, 'exit');
    if (this.#isGroup) process.kill(-this.pid, signal);
    else this.process.kill(signal);
    await ended;
  }

  /** Ends it as Ctrl-C does and removes its data folder. */
  async close(): Promise<void> {
    this.#streams.abort();
    await this.kill('SIGINT');
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** What never came says so, with what the daemon printed last. */
  async #patiently<T>(wanted: (_: never) => unknown, wait: () => Promise<T>): Promise<T> {
    try {
      return await wait();
    } catch (error) {
      const cause = error instanceof Error && error.name === 'TimeoutError' ? `not within ${PATIENCE} ms` : error;
      throw new Error(`${cause}: ${wanted}\nThe daemon${this.#ended ? ' ended. It' : ''} printed last:\n${this.output.slice(-3000)}`);
    }
  }

  async #request<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { status, text } = await this.#answer(method, path, body);
    if (status >= 400) throw new Error(`${method} ${path}: ${status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  async #answer(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
    if (!this.#cookie) await this.login();
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { cookie: this.#cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  }

  #print(text: string): void {
    this.output += text;
    this.#news.emit('news');
  }
}

export async function setPassword(dir: string, password = PASSWORD): Promise<void> {
  const child = spawn(node, [join(root, 'daemon/main.ts'), 'password', '--data', dir], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(`${password}\n`);
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`roomtone password: exit code ${code}`);
}

/** Runs `roomtone ARGS` to its end; `code` is null where it does not come to one. */
export async function roomtone(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(node, [join(root, 'daemon/main.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE,
    killSignal: 'SIGKILL',
  });
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
  command: string;
}

/** Every process that lives at or below `pid`, itself first, from /proc. */
export function processTree(pid: number): ProcessEntry[] {
  return [pid, ...descendants(pid)].filter(isAlive).flatMap(readCommand);
}

function readCommand(pid: number): ProcessEntry[] {
  try {
    return [{ pid, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() }];
  } catch {
    return [];
  }
}

type Awaitable<T> = T | Promise<T>;

/** Looks until `probe` gives something, at most `ms`; for what announces itself nowhere, such as the end of a grandchild. */
export async function eventually<T>(probe: () => Awaitable<T | undefined | false>, ms: number, what: string): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${ms} ms`);
    await new Promise((resume) => setTimeout(resume, 20));
  }
}

/** When the picture was taken whose face brought this mood about, mono ms; -Infinity where it was no picture. */
export function seenAt({ trigger }: Mood): number {
  const [, at] = /^[^.]+\.([0-9a-z]+)\.f\d+$/.exec(trigger ?? '') ?? [];
  return at === undefined ? Number.NEGATIVE_INFINITY : Number.parseInt(at, 36) / 1000;
}

/** A port of loopback that nobody listens on, for what must be written down before the start. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
