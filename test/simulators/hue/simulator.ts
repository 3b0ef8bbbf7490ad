import type { TLSSocket } from 'node:tls';
import { ApiV1 } from './api-v1.ts';
import type { BridgeCertificate } from './certificate.ts';
import { realClock, type SimulatorClock } from './clock.ts';
import { type BridgePlace, descriptionXml } from './description.ts';
import { EventStream } from './event-stream.ts';
import { Faults, type Garbage } from './faults.ts';
import { Gateway } from './gateway.ts';
import { type AccessoryDescription, House, type SceneDescription, type ZoneDescription } from './home/house.ts';
import { HueApp } from './home/hue-app.ts';
import type { Lamp, LampDescription, LampState, LampWish } from './home/lamp.ts';
import type { LampKind } from './home/lamp-models.ts';
import { MotionSensor } from './home/motion-sensor.ts';
import { Switch } from './home/switch.ts';
import { CommandLimits } from './limits.ts';
import { type Span, seededRandom } from './random.ts';
import type { RecordedRequest } from './requests.ts';
import { BridgeServer } from './server.ts';
import { Waiting } from './waiting.ts';

export interface HueBridgeOptions {
  /** 16 hex digits; default `001788FFFE123456`. */
  bridgeId?: string;
  name?: string;
  /** Default: one lamp of each of four kinds, named `Color`, `Ambiance`, `White`, `Plug`, on, in one room. */
  lamps?: readonly LampDescription[];
  /** Motion sensors and switches; default none. */
  accessories?: readonly AccessoryDescription[];
  /** Default none. */
  zones?: readonly ZoneDescription[];
  /** Default none. */
  scenes?: readonly SceneDescription[];
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
  /** Per second; defaults 10 for lights, 1 for groups and recalls of scenes together. */
  lightCommands?: number;
  groupCommands?: number;
  /** Beyond these limits: `refused` with 429 (default), or `lost`: taken and echoed, but the lamps never hear of it. */
  tooMany?: 'refused' | 'lost';
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
  /** The vendor's app in a person's hand. */
  readonly app: HueApp;
  readonly #house: House;
  readonly #stream: EventStream;
  readonly #api: ApiV1;
  readonly #gateway: Gateway;
  readonly #waiting = new Waiting();
  readonly #faults: Faults;
  readonly #server: BridgeServer;
  #echoDelay: Span;

  constructor(options: HueBridgeOptions = {}) {
    this.bridgeId = options.bridgeId ?? '001788FFFE123456';
    this.name = options.name ?? 'Hue Bridge';
    const clock = options.clock ?? realClock;
    const random = seededRandom(options.seed ?? 1);
    this.#echoDelay = options.echoDelay ?? [40, 120];
    this.#stream = new EventStream({
      clock,
      random,
      interval: options.eventInterval ?? 1000,
      takeGroupUpdates: () => this.#house.takeGroupUpdates(),
    });
    this.#house = new House({
      bridgeId: this.bridgeId,
      bridgeName: this.name,
      lamps: options.lamps ?? defaultLamps,
      accessories: options.accessories ?? [],
      zones: options.zones ?? [],
      scenes: options.scenes ?? [],
      clock,
      random,
      echoDelay: () => this.#echoDelay,
      announcer: this.#stream,
      onChange: () => this.#waiting.check(),
    });
    this.app = new HueApp(this.#house, this.#stream);
    this.#api = new ApiV1({ bridgeId: this.bridgeId, bridgeName: this.name, clock, random, linkWindow: options.linkWindow ?? 30_000 });
    this.#faults = new Faults({ clock, random });
    this.#gateway = new Gateway({
      api: this.#api,
      house: this.#house,
      stream: this.#stream,
      faults: this.#faults,
      limits: new CommandLimits({ clock, lights: options.lightCommands ?? 10, groups: options.groupCommands ?? 1 }),
      waiting: this.#waiting,
      clock,
      random,
      answerDelay: options.answerDelay ?? [10, 40],
      parallel: options.parallel ?? 3,
      tooMany: options.tooMany ?? 'refused',
      description: () => (this.place ? descriptionXml(this.place) : ''),
    });
    this.#server = new BridgeServer({
      bridgeId: this.bridgeId,
      handle: (request, response) => this.#gateway.handle(this.#server, request, response),
      isDeaf: () => this.#faults.stalled,
    });
  }

  /** Listens on 127.0.0.1, on a free port unless one is given. */
  async start(port = 0): Promise<void> {
    await this.#server.listen(port);
  }

  async close(): Promise<void> {
    this.#waiting.close();
    this.#gateway.close();
    this.#faults.close();
    this.#house.close();
    this.#stream.close();
    await this.#server.stop();
  }

  /** `host:port`, as a person would write it into a configuration. */
  get address(): string {
    return `${this.#server.host}:${this.#server.port}`;
  }

  get url(): string {
    return `https://${this.address}`;
  }

  /** Who the bridge is and where, for `Announcements`; undefined while it is off. */
  get place(): BridgePlace | undefined {
    const { host, listening, plainPort, port } = this.#server;
    return listening ? { bridgeId: this.bridgeId, name: this.name, host, port, plainPort } : undefined;
  }

  get certificate(): BridgeCertificate {
    return this.#server.certificate;
  }

  /** Every request that arrived whole, in order of arrival. */
  get requests(): RecordedRequest[] {
    return this.#gateway.requests;
  }

  /** Requests answered 429 because of a limit (storms not counted). */
  get rateLimitHits(): number {
    return this.#gateway.rateLimitHits;
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
    return this.#house.rooms[0]?.lightId ?? '';
  }

  /** The grouped_light of a room or zone by its name, or of `home`. */
  groupId(name: string): string {
    return this.#house.groupNamed(name).lightId;
  }

  sceneId(name: string): string {
    return this.#house.sceneNamed(name).id;
  }

  /** Whether the bridge says of a scene that it is what its lamps show. */
  isActive(scene: string): boolean {
    return this.#house.sceneNamed(scene).active !== 'inactive';
  }

  /** The motion sensor of this name, or the first. */
  motionSensor(name?: string): MotionSensor {
    return this.#accessory(name, (each) => each instanceof MotionSensor);
  }

  /** The switch of this name, or the first. */
  switch(name?: string): Switch {
    return this.#accessory(name, (each) => each instanceof Switch);
  }

  /** How often a device (its id) was asked to make itself seen: a lamp breathes once, a sensor blinks for 15 s. */
  identified(deviceId: string): number {
    return this.#house.devices.find((each) => each.id === deviceId)?.identified ?? 0;
  }

  /** Its ends of the connections over TLS that are open. */
  get connections(): TLSSocket[] {
    return this.#server.connections;
  }

  /** Requests that have arrived and wait for their answer, event streams aside. */
  get pondered(): number {
    return this.#gateway.underWay;
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
    this.#house.lights.changeByHand(lamp, change);
  }

  /** The power of the lamp is cut at the wall, and the bridge has noticed. */
  unreachableAtTheWall(lightId: string): void {
    this.#house.lights.losePower(this.#lamp(lightId));
  }

  /** The power is back: the lamp joins and shows its power-on default (on, 100 %, 366 mirek). */
  powerReturns(lightId: string): void {
    this.#house.lights.regainPower(this.#lamp(lightId));
  }

  /** The bridge hears an accessory no longer (too far away, its battery empty), or again. */
  hearAccessory(name: string, heard: boolean): void {
    const { connectivity } = this.#accessory(name, (each): each is MotionSensor | Switch => each.device.name === name);
    const update = connectivity.set(heard ? 'connected' : 'connectivity_issue');
    if (update) this.#stream.update(update);
  }

  /** From here on changes take so long to reach the event stream, ms. */
  delayEchoes(span: Span): void {
    this.#echoDelay = span;
  }

  /** The event streams open now stay open and say nothing more, as after a NAT entry was lost; new ones work. */
  goSilent(): void {
    this.#stream.silence();
  }

  /** Breaks all event streams. */
  dropStreams(): void {
    this.#stream.drop();
  }

  /** Every connection that is open now stays open and leads nowhere, streams too; new ones work. */
  loseConnections(): void {
    this.#stream.silence();
    this.#server.loseConnections();
  }

  /** TCP connections are still accepted, nothing is answered any more; until `recover()`, or for `ms`. */
  stall(ms?: number): void {
    this.#faults.stalled = true;
    this.#faults.lasting(ms, () => this.recover());
  }

  /** Answers are no CLIP until `recover()`, or for `ms`; the open event streams get a line of nonsense. */
  answerGarbage(kind: Garbage = 'truncated', ms?: number): void {
    this.#faults.answerGarbage(kind);
    this.#faults.lasting(ms, () => this.recover());
    this.#stream.writeRaw('id: nonsense\ndata: [{"creationtime": \n\n');
  }

  /** Answers take so much longer, ms, until `recover()`, or for `ms`. */
  slowDown(span: Span, ms?: number): void {
    this.#faults.slowDown(span);
    this.#faults.lasting(ms, () => this.#faults.slowDown([0, 0]));
  }

  /** The next `count` requests, of any kind, are answered 429. */
  storm429(count: number): void {
    this.#faults.storm(429, { count });
  }

  /** The next `count` requests are answered 503, as before the firmware of 2022 or while a service of the bridge restarts. */
  storm503(count: number): void {
    this.#faults.storm(503, { count });
  }

  /** All requests get this status for `ms`: from the web server as a page, with a description from the API as JSON. */
  fail(status: number, { ms, description }: { ms?: number; description?: string } = {}): void {
    this.#faults.storm(status, { count: Number.POSITIVE_INFINITY, description });
    this.#faults.lasting(ms, () => this.#faults.endStorm());
  }

  /** The bridge is off: connections break and new ones are refused, until `plugIn()`. Lamps and keys stay as they are. */
  async unplug(): Promise<void> {
    await this.#server.stop();
  }

  /** The bridge is back at its address. */
  async plugIn(): Promise<void> {
    await this.#server.listen();
  }

  /** The bridge gets another address, as from a router that starts again; nobody is at the old one. */
  async moveTo(host: string, port = 0): Promise<void> {
    await this.#server.stop();
    await this.#server.listen(port, host);
  }

  /** Ends stall, garbage, slowness and storms; connections that were never answered break. */
  recover(): void {
    if (this.#faults.stalled) this.#server.breakConnections();
    this.#faults.clear();
  }

  /** Removes an application key, or all, as a person can in the Hue app: 403 from here on, streams of the key break, or stay. */
  revokeKey({ key, streams = 'break' }: { key?: string; streams?: 'break' | 'stay' } = {}): void {
    this.#api.revoke(key);
    if (streams === 'break') this.#stream.drop(key);
  }

  /** The same address shows a different certificate (a replaced bridge, or someone in between); connections break. */
  async changeCertificate(): Promise<void> {
    await this.#server.useFreshCertificate();
    this.#server.breakConnections();
  }

  #accessory<T extends MotionSensor | Switch>(name: string | undefined, fits: (each: MotionSensor | Switch) => each is T): T {
    const found = this.#house.accessories.filter(fits).find((each) => name === undefined || each.device.name === name);
    if (!found) throw new Error(`The Hue Bridge simulator has no accessory ${name}.`);
    return found;
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
  deviceId: lamp.device.id,
  connectivityId: lamp.connectivity.id,
  name: lamp.name,
  kind: lamp.kind,
});
