import type { X509Certificate } from 'node:crypto';
import type { Logger } from 'pino';
import type { Clock } from '../../daemon/api/clock.ts';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import type { AdapterScene, ButtonEvent, DeviceGroup, PaceLimits } from '../../daemon/devices/adapter.ts';
import type { Command, GroupCommand } from '../../daemon/devices/command.ts';
import type { Device, DeviceId } from '../../daemon/devices/device.ts';
import type { DiscoveryPort } from '../../daemon/devices/discovery.ts';
import { Told, type ToldOptions } from '../../daemon/devices/told.ts';
import type { HueClient, Remark } from './client.ts';
import type { HueCredentials } from './credentials.ts';
import { deviceId, HueHouse } from './house.ts';
import { attributesOfAction, GROUP_ATTRIBUTES, putFor, putForGroup } from './light.ts';
import { isOurs } from './resources.ts';
import type { Touch } from './sensors.ts';
import { HueSession, type HueTimings } from './session.ts';
import { Whereabouts } from './whereabouts.ts';

/** The vendor asks for at most one command a second to groups; less, since of two the first may be held up on its way. */
const GROUP_PACE: PaceLimits = { rate: 0.75, burst: 1 };

/** ms: the bridge gathers reports for a second, and lamps tell their target up to 2.5 s after the end of a transition. */
const LATE = 4000;

export interface HueBridgeOptions extends Omit<ToldOptions, 'late'> {
  /** Its address in the configuration. */
  host: string;
  log: Logger;
  clock: Clock;
  credentials: HueCredentials;
  discovery: DiscoveryPort;
  roots: readonly X509Certificate[];
  timings: HueTimings;
  /** @returns false if another address of the configuration leads to this bridge already */
  claim(bridge: HueBridge, id: string): boolean;
  onButton(event: ButtonEvent): void;
  /** Devices, names, abilities, groups or scenes changed. */
  onDevices(): void;
  onProblem(problem: RoomtoneError | null): void;
}

/** What a request is for. */
interface Sending {
  device: DeviceId;
  commands: readonly Command[];
  signal: AbortSignal;
}

/** One bridge: its devices, what they say, and commands to them. */
export class HueBridge {
  /** Known from the first contact on. */
  id: string | undefined;
  readonly #options: HueBridgeOptions;
  readonly #house = new HueHouse();
  readonly #told: Told;
  readonly #session: HueSession;
  readonly #whereabouts: Whereabouts;
  /** Buttons that are held down. */
  readonly #held = new Set<string>();
  #groups: readonly DeviceGroup[] = [];
  #listed = false;

  constructor(options: HueBridgeOptions) {
    const { host, log, clock, timings, claim, onProblem } = options;
    this.#options = options;
    this.#told = new Told({ ...options, late: LATE });
    this.#whereabouts = new Whereabouts({
      ...options,
      answerWithin: timings.answerWithin,
      claim: (id) => claim(this, id),
      onFound: () => this.#session.retryNow(),
    });
    this.#session = new HueSession({
      host,
      log,
      clock,
      timings,
      connect: (signal) => this.#connect(signal),
      onPicture: (resources) => this.#take(resources),
      onEvents: (events) => this.#follow(events),
      onLost: () => this.#tellAvailability(),
      onProblem,
    });
  }

  start(): void {
    this.#session.start();
  }

  async close(): Promise<void> {
    await Promise.all([this.#session.close(), this.#whereabouts.close()]);
  }

  /** Whether the bridge has given its whole list: a device that is not on it is none of its own any more. */
  get isListed(): boolean {
    return this.#listed;
  }

  has(id: string): boolean {
    return this.#house.ids().includes(id);
  }

  devices(): Device[] {
    return this.id === undefined ? [] : this.#house.describe(this.id);
  }

  groups(): readonly DeviceGroup[] {
    return this.#groups;
  }

  scenes(): AdapterScene[] {
    return this.#house.scenes().map(({ id, metadata, room, actions }) => ({
      id: this.#deviceId(id),
      name: metadata.name,
      ...(room !== undefined && { room }),
      devices: Object.fromEntries(actions.map(({ target, action }) => [this.#deviceId(target.rid), attributesOfAction(action)])),
    }));
  }

  /** @throws RoomtoneError */
  async apply(light: string, command: Command, signal: AbortSignal): Promise<void> {
    const { device, attributes, transition } = command;
    const resource = this.#house.light(light);
    if (!resource) throw new RoomtoneError('device.unreachable', { params: { device } });
    const body = putFor(attributes, transition, resource);
    if (!body) return;
    await this.#put(`light/${light}`, body, { device, commands: [command], signal });
  }

  /** @throws RoomtoneError */
  async applyToGroup(group: string, { attributes, transition, commands }: GroupCommand, signal: AbortSignal): Promise<void> {
    const device = this.#deviceId(group);
    const lights = this.#house
      .groups()
      .find(({ id }) => id === group)
      ?.lights.flatMap((id) => this.#house.light(id) ?? []);
    if (!lights) throw new RoomtoneError('device.unreachable', { params: { device } });
    await this.#put(`grouped_light/${group}`, putForGroup(attributes, transition, lights), { device, commands, signal });
  }

  /** A lamp breathes once, a sensor or switch blinks (openhue-api, `DevicePut.yaml`). @throws RoomtoneError */
  async identify(id: string, signal: AbortSignal): Promise<void> {
    const device = this.#deviceId(id);
    const owner = this.#house.ownerOf(id);
    if (!owner) throw new RoomtoneError('device.unreachable', { params: { device } });
    await this.#put(`device/${owner}`, { identify: { action: 'identify' } }, { device, commands: [], signal });
  }

  async #connect(signal: AbortSignal): Promise<HueClient> {
    const { bridge, client } = await this.#whereabouts.connect(signal);
    this.id = bridge;
    return client;
  }

  /** @throws RoomtoneError */
  async #put(path: `${string}/${string}`, body: object, { device, commands, signal }: Sending): Promise<void> {
    const { client } = this.#session;
    if (!client) throw new RoomtoneError('device.unreachable', { params: { device } });
    const taken = this.#expect(commands);
    try {
      this.#heed(await client.put(path, body, AbortSignal.any([signal, this.#session.signal])), device);
    } catch (error) {
      // Only a person can mend it: that is for the session to say, which may not have noticed yet.
      if (error instanceof RoomtoneError && error.fault === 'user') this.#session.doubt();
      throw error;
    }
    taken();
  }

  /** Commands go out now. @returns what to call when the bridge has taken them */
  #expect(commands: readonly Command[]): () => void {
    const now = this.#options.clock.mono();
    const fades = commands.map((command) => this.#told.expect(command, now));
    return () => {
      for (const begin of fades) begin();
    };
  }

  /** What the bridge remarks on a command that it took; one of its remarks means that the lamp cannot be reached. */
  #heed(remarks: readonly Remark[], device: DeviceId): void {
    if (remarks.length > 0) this.#options.log.debug({ event: 'hue_remarks', device, remarks }, 'taken with remarks');
    if (remarks.some(({ error_code }) => error_code === 'communication_error')) {
      throw new RoomtoneError('device.unreachable', { params: { device } });
    }
  }

  #take(resources: readonly unknown[]): void {
    const unread = this.#house.replace(resources);
    if (unread > 0) this.#options.log.warn({ event: 'hue_resources_unread', host: this.#options.host, unread }, 'resources passed over');
    this.#listed = unread === 0;
    this.#held.clear();
    this.#told.keepOnly(new Set(this.#house.ids().map((id) => this.#deviceId(id))));
    this.#onList();
    for (const id of this.#house.ids()) {
      this.#told.tellNews(this.#deviceId(id), this.#house.attributes(id));
      this.#told.tellReadings(this.#deviceId(id), this.#house.readings(id), 'resync');
    }
    this.#tellAvailability();
  }

  #follow(events: readonly { type: string; data: unknown[] }[]): boolean {
    const entries = (wanted: (type: string) => boolean): unknown[] =>
      events.filter(({ type }) => wanted(type)).flatMap((each) => each.data);
    for (const entry of entries((type) => type === 'update')) this.#onUpdate(entry);
    return !entries((type) => type === 'add' || type === 'delete').some(isOurs);
  }

  #onUpdate(entry: unknown): void {
    const change = this.#house.update(entry);
    if (change?.kind === 'attributes') this.#told.tell(this.#deviceId(change.light), change.attributes, 'event');
    if (change?.kind === 'readings') this.#told.tellReadings(this.#deviceId(change.device), change.readings, 'event');
    if (change?.kind === 'touch') this.#tellTouch(this.#deviceId(change.device), change.touch);
    if (change?.kind === 'reachability') this.#tellAvailability();
    if (change?.kind === 'list') this.#onList();
  }

  /** A bridge repeats that a button is held; that it is, is said once. */
  #tellTouch(device: DeviceId, touch: Touch): void {
    const key = `${device} ${touch.button}`;
    if (touch.action !== 'hold') this.#held.delete(key);
    else if (this.#held.has(key)) return;
    else this.#held.add(key);
    this.#options.onButton({ device, ...touch, at: this.#options.clock.mono() });
  }

  #onList(): void {
    this.#groups = this.#house.groups().map(({ id, lights }) => ({
      id: this.#deviceId(id),
      members: lights.map((light) => this.#deviceId(light)),
      attributes: GROUP_ATTRIBUTES,
      pace: GROUP_PACE,
    }));
    this.#options.onDevices();
  }

  #tellAvailability(): void {
    if (this.id === undefined) return;
    const { isLive } = this.#session;
    for (const id of this.#house.ids()) this.#told.available(this.#deviceId(id), isLive && this.#house.reachable(id));
  }

  #deviceId(id: string): DeviceId {
    return deviceId(this.id ?? '', id);
  }
}
