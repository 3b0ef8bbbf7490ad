import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { type Answer, page, write } from './answer.ts';
import { ApiV1 } from './api-v1.ts';
import { type BridgeCertificate, bridgeCertificate } from './certificate.ts';
import { answerClip } from './clip.ts';
import { monotonicMs, realClock, type SimulatorClock, Timers } from './clock.ts';
import { EventStream } from './event-stream.ts';
import { Faults } from './faults.ts';
import { House } from './house.ts';
import type { Lamp, LampDescription, LampKind, LampState, LampWish } from './lamp.ts';
import { RateWindow } from './limits.ts';
import { type Random, type Span, seededRandom, within } from './random.ts';
import { FirstBytes, parseJson, type RecordedRequest, readText } from './requests.ts';
import { Waiting } from './waiting.ts';

export interface HueBridgeOptions {
  /** 16 hex digits; default `001788FFFE123456`. */
  bridgeId?: string;
  name?: string;
  /** Default: one lamp of each kind, named `Color`, `Ambiance`, `White`, `Plug`, on, in one room. */
  lamps?: readonly LampDescription[];
  /** Of delays, ids and keys; default 1. */
  seed?: number;
  clock?: SimulatorClock;
  /** From a request to its answer, ms; default 10 to 40. */
  answerDelay?: Span;
  /** From a change to its place on the event stream, ms; default 40 to 120. */
  echoDelay?: Span;
  /** The shortest time between two frames of the event stream, ms; default 1000. */
  eventInterval?: number;
  /** How long a press of the link button counts, ms; default 30000. */
  linkWindow?: number;
  /** Per second; defaults 10 for lights, 1 for groups. */
  lightCommands?: number;
  groupCommands?: number;
  /** Requests under way at once, event streams aside; default 3. */
  parallel?: number;
}

/** A lamp as a test sees it. */
export interface SimulatedLight {
  readonly id: string;
  readonly deviceId: string;
  readonly connectivityId: string;
  readonly name: string;
  readonly kind: LampKind;
}

const streamPath = '/eventstream/clip/v2';

const defaultLamps: readonly LampDescription[] = [
  { kind: 'color', name: 'Color' },
  { kind: 'ambiance', name: 'Ambiance' },
  { kind: 'white', name: 'White' },
  { kind: 'plug', name: 'Plug' },
];

/**
 * Stands in for a Hue Bridge v2 on loopback: CLIP v2 over HTTPS with server-sent events, as strict as the sources in
 * README.md show. A test starts it, points a client at `url`, plays the person with the methods here, and asks what arrived.
 */
export class HueBridgeSimulator {
  readonly bridgeId: string;
  readonly name: string;
  /** Every request that arrived whole, in order of arrival. */
  readonly requests: RecordedRequest[] = [];
  /** Requests answered 429 because of a limit (storms not counted). */
  rateLimitHits = 0;
  readonly #options: HueBridgeOptions;
  readonly #random: Random;
  readonly #house: House;
  readonly #stream: EventStream;
  readonly #api: ApiV1;
  readonly #lightRate: RateWindow;
  readonly #groupRate: RateWindow;
  readonly #waiting = new Waiting();
  readonly #firstBytes = new FirstBytes();
  readonly #sockets = new Set<Socket>();
  readonly #answers: Timers;
  readonly #faults = new Faults();
  readonly #front: Server;
  #tls: HttpsServer | undefined;
  #certificate: BridgeCertificate | undefined;
  #port = 0;
  #underWay = 0;

  constructor(options: HueBridgeOptions = {}) {
    this.#options = options;
    this.bridgeId = options.bridgeId ?? '001788FFFE123456';
    this.name = options.name ?? 'Hue Bridge';
    const clock = options.clock ?? realClock;
    const random = seededRandom(options.seed ?? 1);
    this.#random = random;
    this.#house = new House({
      bridgeId: this.bridgeId,
      bridgeName: this.name,
      lamps: options.lamps ?? defaultLamps,
      clock,
      random,
      echoDelay: options.echoDelay ?? [40, 120],
      onUpdate: (update) => this.#stream.push(update),
      onLampChange: () => this.#waiting.check(),
    });
    this.#stream = new EventStream({
      clock,
      random,
      interval: options.eventInterval ?? 1000,
      takeGroupUpdates: () => this.#house.takeGroupUpdates(),
    });
    this.#api = new ApiV1({ bridgeId: this.bridgeId, bridgeName: this.name, clock, random, linkWindow: options.linkWindow ?? 30_000 });
    this.#lightRate = new RateWindow(clock, options.lightCommands ?? 10);
    this.#groupRate = new RateWindow(clock, options.groupCommands ?? 1);
    this.#answers = new Timers(clock);
    this.#front = createTcpServer((socket) => this.#accept(socket));
  }

  /** Listens on 127.0.0.1, on a free port unless one is given. */
  async start(port = 0): Promise<void> {
    await this.#useFreshCertificate();
    await this.#listen(port);
  }

  async close(): Promise<void> {
    this.#waiting.close();
    this.#answers.cancelAll();
    this.#house.close();
    this.#stream.close();
    await this.unplug();
  }

  /** `host:port`, as a person would write it into a configuration. */
  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get url(): string {
    return `https://${this.address}`;
  }

  get certificate(): BridgeCertificate {
    if (!this.#certificate) throw new Error('The Hue Bridge simulator has no certificate before start().');
    return this.#certificate;
  }

  /** A key that is good at once, for tests that are not about pairing. */
  authorize(): string {
    return this.#api.issue();
  }

  pressLinkButton(): void {
    this.#api.pressLinkButton();
  }

  get lights(): readonly SimulatedLight[] {
    return this.#house.lamps.map(view);
  }

  /** The lamp of this name, or the first of this kind. */
  light(nameOrKind: string): SimulatedLight {
    return view(this.#find((lamp) => lamp.name === nameOrKind || lamp.kind === nameOrKind, nameOrKind));
  }

  state(lightId: string): LampState {
    return this.#lamp(lightId).state;
  }

  /** The grouped_light of the room with all lamps. */
  get roomGroupId(): string {
    return this.#house.groups.find((group) => group.owner.rtype === 'room')?.id ?? '';
  }

  get openStreams(): number {
    return this.#stream.openStreams;
  }

  /** Frames of the event stream so far, whether anyone listened or not. */
  get framesSent(): number {
    return this.#stream.framesSent;
  }

  /** Resolves with the lamp's state as soon as it fits, at once where it does already; rejects when the simulator closes. */
  waitForLight(lightId: string, fits: (state: LampState) => boolean): Promise<LampState> {
    const lamp = this.#lamp(lightId);
    return this.#waiting.until(() => (fits(lamp.state) ? lamp.state : undefined));
  }

  /** Resolves with the first request, past or coming, that fits; it may not be answered yet. */
  waitForRequest(fits: (request: RecordedRequest) => boolean): Promise<RecordedRequest> {
    return this.#waiting.until(() => this.requests.find(fits));
  }

  /** Resolves when exactly `count` event streams are open. */
  async waitForStreams(count: number): Promise<void> {
    await this.#waiting.until(() => this.#stream.openStreams === count || undefined);
  }

  /** Another application or a dimmer switch changes the lamp: it is on the event stream like any change. */
  turnByHand(lightId: string, change: LampWish): void {
    const lamp = this.#lamp(lightId);
    if (!lamp.state.reachable) throw new Error(`Nobody can turn ${lamp.name}: its power is cut.`);
    this.#house.changeByHand(lamp, change);
  }

  /** The power of the lamp is cut at the wall, and the bridge has noticed. */
  unreachableAtTheWall(lightId: string): void {
    this.#house.losePower(this.#lamp(lightId));
  }

  /** The power is back: the lamp joins and shows its power-on default (on, 100 %, 366 mirek). */
  powerReturns(lightId: string): void {
    this.#house.regainPower(this.#lamp(lightId));
  }

  /** The event streams open now stay open and say nothing more, as after a NAT entry was lost; new ones work. */
  goSilent(): void {
    this.#stream.silence();
  }

  /** Breaks all event streams. */
  dropStreams(): void {
    this.#stream.drop();
  }

  /** TCP connections are still accepted, nothing is answered any more; until `recover()`. */
  stall(): void {
    this.#faults.stalled = true;
  }

  /** Answers are cut-off JSON with status 200 until `recover()`, and the open event streams get a line of nonsense. */
  answerGarbage(): void {
    this.#faults.garbage = true;
    this.#stream.writeRaw('id: nonsense\ndata: [{"creationtime": \n\n');
  }

  /** The next `count` requests, of any kind, are answered 429. */
  storm429(count: number): void {
    this.#faults.storm(count, 429);
  }

  /** The next `count` requests are answered 503, as before the firmware of 2022 or while a service of the bridge restarts. */
  storm503(count: number): void {
    this.#faults.storm(count, 503);
  }

  /** The bridge is off: connections break and new ones are refused, until `plugIn()`. Lamps and keys stay as they are. */
  async unplug(): Promise<void> {
    this.#breakConnections();
    if (!this.#front.listening) return;
    this.#front.close();
    await once(this.#front, 'close');
  }

  /** The bridge is back at its address. */
  async plugIn(): Promise<void> {
    await this.#listen(this.#port);
  }

  /** Ends stall, garbage and storms; connections that were never answered break. */
  recover(): void {
    if (this.#faults.stalled) this.#breakConnections();
    this.#faults.clear();
  }

  /** Removes an application key, or all, as a person can in the Hue app: 403 from here on, streams of the key break. */
  revokeKey(key?: string): void {
    this.#api.revoke(key);
    this.#stream.drop(key);
  }

  /** The same address shows a different certificate (a replaced bridge, or someone in between); connections break. */
  async changeCertificate(): Promise<void> {
    await this.#useFreshCertificate();
    this.#breakConnections();
  }

  async #listen(port: number): Promise<void> {
    this.#front.listen(port, '127.0.0.1');
    await once(this.#front, 'listening');
    this.#port = (this.#front.address() as AddressInfo).port;
  }

  /** A fresh server for each certificate: resumed TLS sessions of the old one must not hide the new one. */
  async #useFreshCertificate(): Promise<void> {
    const certificate = await bridgeCertificate(this.bridgeId);
    const tls = createHttpsServer({ cert: certificate.cert, key: certificate.key }, (request, response) => {
      this.#handle(request, response).catch(() => request.socket.destroy());
    });
    tls.on('secureConnection', (socket) => this.#firstBytes.watch(socket));
    tls.on('tlsClientError', (_error, socket) => socket.destroy());
    this.#certificate = certificate;
    this.#tls = tls;
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    if (!this.#faults.stalled) this.#tls?.emit('connection', socket);
  }

  #breakConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readText(request);
    const recorded: RecordedRequest = {
      firstByteAt: this.#firstBytes.take(request.socket),
      receivedAt: monotonicMs(),
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: text === '' ? undefined : (parseJson(text) ?? text),
    };
    this.requests.push(recorded);
    this.#waiting.check();
    if (this.#faults.stalled) return;

    const refusal = this.#refusal(recorded);
    const isStream = recorded.path === streamPath;
    if (isStream && !refusal) {
      recorded.status = 200;
      this.#stream.accept(response, String(request.headers['hue-application-key']), lastEventId(request));
      response.on('close', () => this.#waiting.check());
      this.#waiting.check();
      return;
    }
    this.#underWay += 1;
    response.on('close', () => {
      this.#underWay -= 1;
    });
    const answer = refusal ?? this.#answer(recorded, text);
    recorded.status = answer.status;
    this.#answers.after(within(this.#options.answerDelay ?? [10, 40], this.#random), () => write(response, answer));
  }

  /** What stands between a request and the API, in the order in which the web server looks. */
  #refusal({ method, path, headers }: RecordedRequest): Answer | undefined {
    const fault = this.#faults.answer();
    if (fault) return fault;
    const isStream = path === streamPath;
    if (!isStream && this.#underWay >= (this.#options.parallel ?? 3)) return this.#limited();
    if (path.startsWith('/api')) return undefined;
    if (!isStream && !/^\/clip\/v2\/resource(\/|$)/.test(path)) return page(404);
    if (!this.#api.knows(headers['hue-application-key'])) return page(403);
    if (isStream) return method === 'GET' ? undefined : page(405);
    if (method === 'PUT' && path.startsWith('/clip/v2/resource/light/') && !this.#lightRate.pass()) return this.#limited();
    if (method === 'PUT' && path.startsWith('/clip/v2/resource/grouped_light/') && !this.#groupRate.pass()) return this.#limited();
    return undefined;
  }

  #limited(): Answer {
    this.rateLimitHits += 1;
    return page(429);
  }

  #answer({ method, path }: RecordedRequest, text: string): Answer {
    return path.startsWith('/api') ? this.#api.answer(method, path, text) : answerClip(this.#house, method, path, text);
  }

  #lamp(lightId: string): Lamp {
    return this.#find((lamp) => lamp.lightId === lightId, lightId);
  }

  #find(fits: (lamp: Lamp) => boolean, wanted: string): Lamp {
    const lamp = this.#house.lamps.find(fits);
    if (!lamp) throw new Error(`The Hue Bridge simulator has no lamp ${wanted}; it has ${this.#house.lamps.map((each) => each.name)}.`);
    return lamp;
  }
}

const view = (lamp: Lamp): SimulatedLight => ({
  id: lamp.lightId,
  deviceId: lamp.deviceId,
  connectivityId: lamp.connectivityId,
  name: lamp.name,
  kind: lamp.kind,
});

const lastEventId = ({ headers }: IncomingMessage): string | undefined => {
  const value = headers['last-event-id'];
  return Array.isArray(value) ? value[0] : value;
};
