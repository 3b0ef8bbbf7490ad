import { realClock, type SimulatorClock } from '../hue/clock.ts';
import { type Random, type Span, seededRandom } from '../hue/random.ts';
import { Waiting } from '../hue/waiting.ts';
import type { TakenRequest } from './coordinator/af.ts';
import { Coordinator } from './coordinator/coordinator.ts';
import { NvMemory } from './coordinator/nv.ts';
import { realTableSizes, type TableSizes } from './coordinator/stack.ts';
import type { Device } from './devices/device.ts';
import { Lamp, type LampKind } from './devices/lamp.ts';
import type { LampQuirks } from './devices/light.ts';
import { Remote } from './devices/remote.ts';
import { MotionSensor, Thermometer } from './devices/sensors.ts';
import { LineFaults } from './line-faults.ts';
import { Air } from './network/air.ts';
import { encodeFrame, FrameReader, frameType, type MtFrame } from './serial/frame.ts';
import { type Chunking, SerialPort } from './serial/port.ts';
import { type Violation, Violations } from './violations.ts';

export type DeviceKind = LampKind | 'remote' | 'motion' | 'thermometer';

export interface DeviceDescription {
  kind: DeviceKind;
  name: string;
  /** Of lamps. */
  quirks?: LampQuirks;
  /** Of battery devices: how often they listen, ms; default 2000. */
  pollEvery?: number;
}

export interface ZnpSimulatorOptions {
  /** Default: one device of each kind, named after it, none of them in a network. */
  devices?: readonly DeviceDescription[];
  /** The coordinator's address; default `0x00124b0012345678`. */
  ieee?: string;
  /** Build date of its firmware; default 20230507. */
  revision?: number;
  /** Sizes of the tables in its memory; default those of a CC2652R. */
  tables?: TableSizes;
  clock?: SimulatorClock;
  /** Of delays, addresses and keys; default 1. */
  seed?: number;
  /** How long a message is in the air, ms; default 2 to 8. */
  airTime?: Span;
  /** How long a restart takes, ms; default 50. */
  restartTime?: number;
  /** Data requests that the coordinator holds at once; default 16. */
  buffers?: number;
}

const everyKind: readonly DeviceKind[] = ['color', 'ambiance', 'dimmable', 'plug', 'remote', 'motion', 'thermometer'];

/**
 * Stands in for a Texas Instruments coordinator (CC2652, Z-Stack 3.x.0, ZNP firmware) behind a TCP port on loopback, with a small
 * Zigbee network behind it. A test points a host at `path`, plays the people and the faults with the methods here, and asks what
 * arrived. README.md has the sources of what it does.
 */
export class ZnpSimulator {
  readonly #options: ZnpSimulatorOptions;
  readonly #clock: SimulatorClock;
  readonly #random: Random;
  readonly #violations = new Violations();
  readonly #waiting = new Waiting();
  readonly #air: Air;
  readonly #port: SerialPort;
  readonly #faults = new LineFaults();
  readonly #requests: TakenRequest[] = [];
  readonly #devices: Device[];
  #memory = new NvMemory();
  #coordinator: Coordinator | undefined;
  #reader: FrameReader;
  #maxInFlight = 0;

  constructor(options: ZnpSimulatorOptions = {}) {
    this.#options = options;
    this.#clock = options.clock ?? realClock;
    this.#random = seededRandom(options.seed ?? 1);
    this.#air = new Air({ clock: this.#clock, random: this.#random, airTime: options.airTime ?? [2, 8] });
    this.#reader = this.#newReader();
    this.#port = new SerialPort({
      onConnect: () => {
        this.#reader = this.#newReader();
      },
      onData: (chunk) => this.#receive(chunk),
    });
    const described = options.devices ?? everyKind.map((kind) => ({ kind, name: kind }));
    this.#devices = described.map((description, index) => this.#makeDevice(description, index));
  }

  /** Powers the coordinator and listens on 127.0.0.1, on a free port. */
  async start(): Promise<void> {
    this.#powerUp();
    await this.#port.open();
  }

  async close(): Promise<void> {
    this.#waiting.close();
    this.#coordinator?.close();
    for (const device of this.#devices) device.close();
    this.#air.close();
    await this.#port.close();
  }

  /** As a host's configuration has it: `tcp://host:port`. */
  get path(): string {
    return `tcp://127.0.0.1:${this.#port.port}`;
  }

  /** Everything the host did that it never should. */
  get violations(): readonly Violation[] {
    return this.#violations.all;
  }

  /** Data requests without a confirmation, now. */
  get inFlight(): number {
    return this.#coordinator?.af.inFlight ?? 0;
  }

  /** The most of them at any time so far. */
  get maxInFlight(): number {
    return Math.max(this.#maxInFlight, this.#coordinator?.af.maxInFlight ?? 0);
  }

  /** Every data request that the coordinator took, oldest first. */
  get requests(): readonly TakenRequest[] {
    return this.#requests;
  }

  /** TCP connections so far. */
  get connections(): number {
    return this.#port.connections;
  }

  get permitsJoin(): boolean {
    return this.#coordinator?.permitsJoin ?? false;
  }

  /** Network by extended PAN id and key, or undefined while none runs. */
  get network(): string | undefined {
    return this.#coordinator?.network;
  }

  get devices(): readonly Device[] {
    return this.#devices;
  }

  lamp(name: string): Lamp {
    return this.#find(name, Lamp);
  }

  remote(name: string): Remote {
    return this.#find(name, Remote);
  }

  motionSensor(name: string): MotionSensor {
    return this.#find(name, MotionSensor);
  }

  thermometer(name: string): Thermometer {
    return this.#find(name, Thermometer);
  }

  /** Resolves once `look` holds; looked at whenever something was sent, received, or changed at a device. */
  async until(look: () => boolean): Promise<void> {
    await this.#waiting.until(() => look() || undefined);
  }

  /** The network to the coordinator fails: the connection ends, the coordinator goes on. */
  dropConnection(): void {
    this.#port.drop();
  }

  /** Pulled out of its socket: no power, nothing listens. */
  async unplug(): Promise<void> {
    this.#maxInFlight = this.maxInFlight;
    this.#coordinator?.close();
    this.#coordinator = undefined;
    await this.#port.close();
  }

  /** Back at the same port; with `memory: 'lost'` as fresh as a new one. */
  async plugIn({ memory = 'kept' }: { memory?: 'kept' | 'lost' } = {}): Promise<void> {
    if (memory === 'lost') this.#memory = new NvMemory();
    this.#powerUp();
    await this.#port.open();
  }

  /** Takes requests and answers none, until `recover`: a half-open connection or a firmware that hangs. */
  goSilent(): void {
    this.#faults.silent = true;
  }

  /** The next `count` requests get no answer and do nothing. */
  loseRequests(count: number): void {
    this.#faults.requestsToLose = count;
  }

  /** The next `count` data requests find the coordinator's buffers full. */
  refuseRequests(count: number): void {
    if (this.#coordinator) this.#coordinator.af.requestsToRefuse = count;
  }

  /** The next `count` frames go out with a wrong check sequence. */
  corruptFrames(count: number): void {
    this.#faults.framesToCorrupt = count;
  }

  /** Each indication goes out twice. */
  duplicateIndications(): void {
    this.#faults.duplicates = true;
  }

  /** How frames are cut into pieces on the wire. */
  cutFrames(chunking: Chunking): void {
    this.#port.chunking = chunking;
  }

  /** Ends all faults of the line; a coordinator that was pulled out stays out. */
  recover(): void {
    this.#faults.clear();
    this.#port.chunking = 'frames';
  }

  #powerUp(): void {
    const { ieee = '0x00124b0012345678', revision = 20230507, tables = realTableSizes, restartTime = 50, buffers = 16 } = this.#options;
    this.#coordinator = new Coordinator({
      clock: this.#clock,
      random: this.#random,
      air: this.#air,
      nv: this.#memory,
      violations: this.#violations,
      requests: this.#requests,
      send: (frame) => this.#send(frame),
      ...{ ieee, revision, tables, restartTime, buffers },
    });
  }

  #newReader(): FrameReader {
    return new FrameReader({
      onFrame: (frame) => {
        if (!this.#faults.swallows(frame)) this.#coordinator?.handle(frame);
      },
      onNoise: (kind, bytes) => {
        const isBootloaderByte = kind === 'stray' && bytes.every((byte) => byte === 0xef);
        const name = ({ stray: 'stray-bytes', checkSequence: 'bad-check-sequence', length: 'too-long' } as const)[kind];
        if (!isBootloaderByte) this.#violations.add(name, bytes.toString('hex'));
      },
    });
  }

  #receive(chunk: Buffer): void {
    this.#reader.push(chunk);
    this.#waiting.check();
  }

  #send(frame: MtFrame): void {
    for (const bytes of this.#faults.alter(encodeFrame(frame), frame.type === frameType.indication)) this.#port.send(bytes);
    this.#waiting.check();
  }

  #makeDevice({ kind, name, quirks = {}, pollEvery }: DeviceDescription, index: number): Device {
    const ieee = `0x00158d0001${(index + 1).toString(16).padStart(6, '0')}`;
    const surroundings = { air: this.#air, clock: this.#clock, violations: this.#violations, onChange: () => this.#waiting.check() };
    const parts = { surroundings, identity: { name, ieee, pollEvery } };
    if (kind === 'remote') return new Remote(parts);
    if (kind === 'motion') return new MotionSensor(parts);
    if (kind === 'thermometer') return new Thermometer(parts);
    return new Lamp({ ...parts, kind, quirks });
  }

  #find<T extends Device>(name: string, kind: new (...args: never[]) => T): T {
    const device = this.#devices.find((one) => one.name === name);
    if (!(device instanceof kind)) throw new Error(`There is no ${kind.name} "${name}" in this simulator.`);
    return device;
  }
}
