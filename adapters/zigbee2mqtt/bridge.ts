import type { Logger } from 'pino';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import type { DeviceGroup } from '../../daemon/devices/adapter.ts';
import type { Command, GroupCommand, Report } from '../../daemon/devices/command.ts';
import type { Device, DeviceId } from '../../daemon/devices/device.ts';
import { messageFor, questionsAbout } from './attributes.ts';
import { commonFeatures } from './features.ts';
import { type Housing, type Unit, Zigbee2MqttHouse } from './house.ts';
import { Zigbee2MqttMesh } from './mesh.ts';
import type { Zigbee2MqttOptions } from './options.ts';
import { type Order, Orders, type OrderTimings } from './orders.ts';
import { type DeviceMessage, readDevices, readFailure, readGroups, readMessage, readOnline } from './payloads.ts';
import { Session, type SessionTimings } from './session.ts';
import { Standings } from './standings.ts';
import { Words, type WordsOptions } from './words.ts';

export interface BridgeTimings extends SessionTimings, OrderTimings {
  /** ms until a device that is asked how it stands has answered */
  lookWithin: number;
  /** ms that Zigbee2MQTT may take for a request of its own, for one that a device must hear, and to interview one */
  requestWithin: number;
  reachWithin: number;
  interviewWithin: number;
}

export interface BridgeOptions extends WordsOptions {
  broker: Zigbee2MqttOptions;
  log: Logger;
  random: () => number;
  timings: BridgeTimings;
  onDevices(): void;
  /** What the network tells of itself changed. */
  onMesh(): void;
  onProblem(problem: RoomtoneError | null): void;
}

const AVAILABILITY = '/availability';

/** One Zigbee2MQTT: its devices, what they say, and commands to them. */
export class Zigbee2MqttBridge {
  readonly mesh: Zigbee2MqttMesh;
  readonly #options: BridgeOptions;
  readonly #house = new Zigbee2MqttHouse();
  readonly #words: Words;
  readonly #session: Session;
  readonly #orders: Orders;
  readonly #standings: Standings;
  /** Entries of the list of devices that could not be read. */
  #unread: number | 'all' = 0;

  constructor(options: BridgeOptions) {
    const { broker, log, clock, random, timings, onProblem, onMesh } = options;
    const house = this.#house;
    const publish = (topic: string, payload: string): void => this.#session.publish(topic, payload);
    this.#options = options;
    this.#words = new Words(options);
    this.#orders = new Orders({ clock, timings, publish });
    this.#session = new Session({
      ...{ broker, log, clock, random, timings, onProblem },
      topics: () => topicsOf(house),
      onMessage: (topic, payload, retained) => this.#onMessage(topic, payload, retained),
      onLive: () => this.#onLive(),
      onLost: () => this.#onLost(),
    });
    this.#standings = new Standings({
      ...{ clock, house, publish, lookWithin: timings.lookWithin },
      isLive: () => this.#session.isLive,
      onAvailability: (housing, available) => this.#tellAvailability(housing, available),
      onGap: (housing) => this.#words.gap(housing),
    });
    this.mesh = new Zigbee2MqttMesh({
      ...{ port: `${broker.url} ${broker.base}`, clock, house, session: this.#session },
      patience: { own: timings.requestWithin, device: timings.reachWithin, interview: timings.interviewWithin },
      isAvailable: (housing) => this.#standings.isAvailable(housing),
      onChange: onMesh,
    });
  }

  start(): void {
    this.#session.start();
  }

  async close(): Promise<void> {
    this.#standings.close();
    this.#orders.failAll(new RoomtoneError('api.closed'));
    await this.#session.close();
  }

  isGone(id: DeviceId): boolean {
    return this.#house.isGone(id);
  }

  devices(): Device[] {
    return this.#house.units().map(({ device }) => device);
  }

  groups(): DeviceGroup[] {
    return this.#house.describeGroups();
  }

  /** @throws RoomtoneError */
  async apply(command: Command, signal: AbortSignal): Promise<void> {
    const { housing, unit } = this.#reach(command.device);
    const message = messageFor(command.attributes, command.transition, unit.features);
    if (!message) return;
    const properties = questionsAbout(message, unit.features);
    const question = properties.length > 0 ? { name: housing.name, properties } : undefined;
    await this.#send({ device: command.device, name: housing.name, message, question }, [command], signal);
  }

  /** @throws RoomtoneError */
  async applyToGroup({ group, attributes, transition, commands }: GroupCommand, signal: AbortSignal): Promise<void> {
    const device = group as DeviceId;
    const found = this.#house.groups().find(({ id }) => id === group);
    const features = found && commonFeatures(found.members.map((member) => member.features));
    const message = features && messageFor(attributes, transition, features);
    if (!found || !this.#session.isLive) throw new RoomtoneError('device.unreachable', { params: { device } });
    if (!message) return;
    await this.#send({ device, name: found.name, message, question: this.#questionFor(found.members, message) }, commands, signal);
  }

  /** @throws RoomtoneError */
  async identify(id: DeviceId, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { housing, unit } = this.#reach(id);
    const { identify } = unit.features;
    if (!identify) throw new RoomtoneError('device.no_identify', { params: { device: id } });
    this.#session.publish(`${housing.name}/set`, JSON.stringify({ [identify.property]: identify.value }));
  }

  /** Out of the network; one of several in a housing stays in it with the others. @throws RoomtoneError */
  async forget(id: DeviceId, signal: AbortSignal): Promise<void> {
    const { housing } = this.#reach(id);
    if (housing.units.length > 1) return;
    await this.mesh.remove(housing.ieee, { force: false, signal });
  }

  async #send(order: Order, commands: readonly Command[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const taken = this.#words.expect(commands);
    await this.#orders.send(order, signal);
    taken();
  }

  #reach(id: DeviceId): { housing: Housing; unit: Unit } {
    const unit = this.#house.unit(id);
    const housing = unit && this.#house.housing(unit.ieee);
    if (!unit || !housing || !this.#session.isLive) throw new RoomtoneError('device.unreachable', { params: { device: id } });
    return { housing, unit };
  }

  /** Of one that can answer. */
  #questionFor(members: readonly Unit[], message: DeviceMessage): Order['question'] {
    for (const { ieee, features } of members) {
      const properties = questionsAbout(message, features);
      const housing = this.#house.housing(ieee);
      if (properties.length > 0 && housing && this.#standings.isAvailable(housing)) return { name: housing.name, properties };
    }
    return undefined;
  }

  #onMessage(topic: string, payload: string, retained: boolean): void {
    if (topic === 'bridge/devices') this.#onDevices(payload);
    else if (topic === 'bridge/groups') this.#onGroups(payload);
    else if (topic === 'bridge/logging') this.#onLog(payload);
    else if (topic === 'bridge/info') this.mesh.onInfo(payload);
    else if (topic === 'bridge/event') this.mesh.onEvent(payload);
    else if (!topic.startsWith('bridge/')) this.#onWord(topic, payload, retained);
  }

  #onDevices(payload: string): void {
    const devices = readDevices(payload);
    this.#sayUnread(devices?.unread ?? 'all');
    if (!devices) return;
    const before = topicsOf(this.#house);
    this.#house.replaceDevices(devices.entries, devices.unread === 0);
    this.#listenAnew(before);
    this.#words.keepOnly(this.#house);
    this.#options.onDevices();
    this.mesh.onDevices();
    this.#session.listed();
    this.#standings.look();
  }

  /** Once, however often the list comes. */
  #sayUnread(unread: number | 'all'): void {
    if (unread === this.#unread) return;
    this.#unread = unread;
    if (unread !== 0) this.#options.log.warn({ event: 'zigbee2mqtt_devices_unread', unread }, 'devices passed over');
  }

  #onGroups(payload: string): void {
    const groups = readGroups(payload);
    if (!groups) return;
    const before = topicsOf(this.#house);
    this.#house.replaceGroups(groups.entries);
    this.#listenAnew(before);
    this.#options.onDevices();
  }

  #listenAnew(before: readonly string[]): void {
    const now = topicsOf(this.#house);
    const [had, has] = [new Set(before), new Set(now)];
    this.#session.listen(
      now.filter((topic) => !had.has(topic)),
      before.filter((topic) => !has.has(topic)),
    );
  }

  #onLog(payload: string): void {
    const failure = readFailure(payload);
    if (!failure) return;
    this.#orders.onFailure(failure);
    this.#standings.onFailure(failure);
  }

  /** A name may end in what is a word of ours, so names go first. */
  #onWord(topic: string, payload: string, retained: boolean): void {
    const housing = this.#house.named(topic);
    if (housing) this.#onState(housing, payload, retained);
    else if (topic.endsWith(AVAILABILITY)) this.#onAvailability(topic.slice(0, -AVAILABILITY.length), payload);
    else this.#orders.onMessage(topic, readMessage(payload));
  }

  #onState(housing: Housing, payload: string, retained: boolean): void {
    // A name that was given up is cleared with an empty message.
    if (payload === '') return;
    const message = readMessage(payload);
    if (message) {
      this.#words.take(housing, message, { kind: this.#kindOf(housing, retained), retained });
      this.mesh.onMessage(housing, message, retained);
      this.#standings.onMessage(housing);
    }
    this.#orders.onMessage(housing.name, message);
  }

  #kindOf(housing: Housing, retained: boolean): Report['kind'] {
    if (retained || this.#standings.isBeingTaken(housing)) return 'resync';
    return this.#orders.isAsked(housing.name) ? 'poll' : 'event';
  }

  #onAvailability(name: string, payload: string): void {
    const housing = this.#house.named(name);
    const online = readOnline(payload);
    if (housing && online !== undefined) this.#standings.onAvailability(housing, online);
  }

  #onLive(): void {
    this.mesh.onLive();
    this.#standings.look();
  }

  #onLost(): void {
    this.#orders.failAll(new RoomtoneError('device.unreachable', { params: { device: 'Zigbee2MQTT' } }));
    this.#standings.lose();
  }

  #tellAvailability(housing: Housing, available: boolean): void {
    this.#words.available(housing, available);
    this.#options.onMesh();
  }
}

const topicsOf = (house: Zigbee2MqttHouse): string[] => [
  ...house.housings().flatMap(({ name }) => [name, `${name}${AVAILABILITY}`]),
  ...house.groups().map(({ name }) => name),
];
