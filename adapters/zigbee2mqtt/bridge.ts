import type { Logger } from 'pino';
import type { Clock } from '../../daemon/api/clock.ts';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import type { ButtonEvent, DeviceGroup } from '../../daemon/devices/adapter.ts';
import type { Command, GroupCommand, Report } from '../../daemon/devices/command.ts';
import type { AttributeName, Attributes, Device, DeviceId } from '../../daemon/devices/device.ts';
import { Told, type ToldOptions } from '../../daemon/devices/told.ts';
import { attributesIn, messageFor, questionsAbout, readingsIn } from './attributes.ts';
import { commonFeatures } from './features.ts';
import { type Housing, type Unit, Zigbee2MqttHouse } from './house.ts';
import { Zigbee2MqttMesh } from './mesh.ts';
import type { Zigbee2MqttOptions } from './options.ts';
import { type Order, Orders, type OrderTimings } from './orders.ts';
import { type DeviceMessage, readDevices, readFailure, readGroups, readMessage, readOnline } from './payloads.ts';
import { Pictures } from './pictures.ts';
import { Session, type SessionTimings } from './session.ts';

export interface BridgeTimings extends SessionTimings, OrderTimings {
  /** ms until a device that is asked how it stands has answered */
  lookWithin: number;
  /** ms that Zigbee2MQTT may take for a request of its own, for one that a device must hear, and to interview one */
  requestWithin: number;
  reachWithin: number;
  interviewWithin: number;
}

export interface BridgeOptions extends Omit<ToldOptions, 'late'> {
  broker: Zigbee2MqttOptions;
  log: Logger;
  clock: Clock;
  random: () => number;
  timings: BridgeTimings;
  onButton(event: ButtonEvent): void;
  onDevices(): void;
  /** What the network tells of itself changed. */
  onMesh(): void;
  onProblem(problem: RoomtoneError | null): void;
}

/** How far a housing's state is known. */
interface Standing {
  /** What Zigbee2MQTT says of its availability; undefined where it does not watch it. */
  said?: boolean | undefined;
  /** `silent`: it was asked and did not answer. */
  picture: 'wanted' | 'taken' | 'silent';
}

/** ms: lamps report the end of a transition late, and Zigbee2MQTT may gather what they say (`debounce`). */
const LATE = 4000;

const AVAILABILITY = '/availability';

/** One Zigbee2MQTT: its devices, what they say, and commands to them. */
export class Zigbee2MqttBridge {
  readonly #options: BridgeOptions;
  readonly #house = new Zigbee2MqttHouse();
  readonly mesh: Zigbee2MqttMesh;
  readonly #told: Told;
  readonly #session: Session;
  readonly #orders: Orders;
  readonly #pictures: Pictures;
  readonly #standings = new Map<string, Standing>();
  /** Attributes told since the last gap: the first word on one after it is how it stands, not how it changed. */
  readonly #known = new Map<DeviceId, Set<AttributeName>>();
  /** The button of each device that is held down. */
  readonly #held = new Map<DeviceId, number>();

  constructor(options: BridgeOptions) {
    const { broker, log, clock, random, timings, onProblem } = options;
    const publish = (topic: string, payload: string): void => this.#session.publish(topic, payload);
    this.#options = options;
    this.#told = new Told({ ...options, late: LATE });
    this.#orders = new Orders({ clock, timings, publish });
    this.#pictures = new Pictures({
      clock,
      answerWithin: timings.lookWithin,
      publish,
      onDone: (ieee, answered) => this.#onPicture(ieee, answered),
    });
    this.#session = new Session({
      ...{ broker, log, clock, random, timings, onProblem },
      topics: () => topicsOf(this.#house),
      onMessage: (topic, payload, retained) => this.#onMessage(topic, payload, retained),
      onLive: () => this.#onLive(),
      onLost: () => this.#onLost(),
    });
    this.mesh = new Zigbee2MqttMesh({
      ...{ port: `${broker.url} ${broker.base}`, clock, house: this.#house, session: this.#session },
      patience: { own: timings.requestWithin, device: timings.reachWithin, interview: timings.interviewWithin },
      isAvailable: (housing) => this.#isAvailable(housing),
      onChange: options.onMesh,
    });
  }

  start(): void {
    this.#session.start();
  }

  async close(): Promise<void> {
    this.#pictures.stop();
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
    const now = this.#options.clock.mono();
    const fades = commands.map((command) => this.#told.expect(command, now));
    await this.#orders.send(order, signal);
    for (const begin of fades) begin();
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
      if (properties.length > 0 && housing && this.#isAvailable(housing)) return { name: housing.name, properties };
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
    const { log, onDevices } = this.#options;
    if (!devices || devices.unread > 0) {
      log.warn({ event: 'zigbee2mqtt_devices_unread', unread: devices?.unread }, 'devices passed over');
      if (!devices) return;
    }
    const before = topicsOf(this.#house);
    this.#house.replaceDevices(devices.entries, devices.unread === 0);
    this.#listenAnew(before);
    this.#told.keepOnly(new Set(this.#house.units().map(({ device }) => device.id)));
    for (const ieee of this.#standings.keys()) if (!this.#house.housing(ieee)) this.#standings.delete(ieee);
    for (const id of this.#known.keys()) if (!this.#house.unit(id)) this.#known.delete(id);
    onDevices();
    this.mesh.onDevices();
    this.#session.listed();
    if (this.#session.isLive) this.#takePictures();
    for (const housing of this.#house.housings()) this.#tellAvailability(housing);
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
    this.#pictures.onFailure(failure);
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
    if (message) this.#take(housing, message, retained);
    this.#orders.onMessage(housing.name, message);
    this.#pictures.onMessage(housing.name);
  }

  #take(housing: Housing, message: DeviceMessage, retained: boolean): void {
    const kind = this.#kindOf(housing, retained);
    for (const { device, features } of housing.units) {
      this.#tell(device.id, attributesIn(message, features), kind);
      this.#told.tellNewReadings(device.id, readingsIn(message, features), retained ? 'resync' : 'event');
      if (!retained) this.#tellTouch({ device, features }, message);
    }
    const standing = this.#standing(housing.ieee);
    if (standing.picture === 'silent') standing.picture = 'taken';
    this.mesh.onMessage(housing, message, retained);
    this.#tellAvailability(housing);
  }

  /** Everything is repeated with every message: only what differs, or was asked for, is a word of the device. */
  #tell(device: DeviceId, attributes: Attributes, kind: Report['kind']): void {
    const known = this.#known.get(device) ?? new Set();
    this.#known.set(device, known);
    for (const [name, value] of Object.entries(attributes) as [AttributeName, unknown][]) {
      this.#told.tellNews(device, { [name]: value }, known.has(name) ? kind : 'resync');
      known.add(name);
    }
  }

  #kindOf(housing: Housing, retained: boolean): Report['kind'] {
    if (retained || this.#standing(housing.ieee).picture === 'wanted') return 'resync';
    return this.#orders.isAsked(housing.name) ? 'poll' : 'event';
  }

  /** That a button is held is said once, and a release that does not say of which is that of the one held last. */
  #tellTouch({ device: { id: device }, features: { buttons } }: Pick<Unit, 'device' | 'features'>, message: DeviceMessage): void {
    const touch = typeof message.action === 'string' ? buttons?.touch(message.action, message) : undefined;
    if (!touch) return;
    const held = this.#held.get(device);
    if (touch.action === 'hold' && held === touch.button) return;
    if (touch.action === 'hold') this.#held.set(device, touch.button);
    else this.#held.delete(device);
    const button = touch.action === 'release' ? (held ?? touch.button) : touch.button;
    this.#options.onButton({ device, ...touch, button, at: this.#options.clock.mono() });
  }

  #onAvailability(name: string, payload: string): void {
    const housing = this.#house.named(name);
    const online = readOnline(payload);
    if (!housing || online === undefined) return;
    const standing = this.#standing(housing.ieee);
    const isBack = online && standing.said === false;
    standing.said = online;
    if (isBack) this.#lookAnew(housing);
    this.#tellAvailability(housing);
    if (this.#session.isLive) this.#takePicture(housing);
  }

  #onLive(): void {
    this.mesh.onLive();
    this.#takePictures();
    for (const housing of this.#house.housings()) this.#tellAvailability(housing);
  }

  #onLost(): void {
    this.#pictures.stop();
    this.#orders.failAll(new RoomtoneError('device.unreachable', { params: { device: 'Zigbee2MQTT' } }));
    this.#held.clear();
    for (const housing of this.#house.housings()) {
      this.#lookAnew(housing);
      // What was kept of it comes again; where nothing is kept, the device itself must say.
      this.#standing(housing.ieee).said = undefined;
      this.#tellAvailability(housing);
    }
  }

  #takePictures(): void {
    for (const housing of this.#house.housings()) this.#takePicture(housing);
  }

  /** What sleeps cannot be asked, what has no power need not be, and what is being interviewed is not known yet. */
  #takePicture(housing: Housing): void {
    const standing = this.#standing(housing.ieee);
    if (standing.picture !== 'wanted' || standing.said === false || housing.units.length === 0) return;
    const questions = canBeAsked(housing) ? housing.units.flatMap(({ features }) => features.questions) : [];
    if (questions.length > 0) this.#pictures.take({ ieee: housing.ieee, name: housing.name, questions });
    else standing.picture = 'taken';
    this.#tellAvailability(housing);
  }

  #onPicture(ieee: string, answered: boolean): void {
    const housing = this.#house.housing(ieee);
    if (!housing) return;
    this.#standing(ieee).picture = answered ? 'taken' : 'silent';
    this.#tellAvailability(housing);
  }

  #lookAnew(housing: Housing): void {
    this.#standing(housing.ieee).picture = 'wanted';
    for (const { device } of housing.units) this.#known.delete(device.id);
  }

  #tellAvailability(housing: Housing): void {
    const available = this.#isAvailable(housing);
    for (const { device } of housing.units) this.#told.available(device.id, available);
    this.#options.onMesh();
  }

  /** How Zigbee2MQTT says it stands, once that is known; where it does not watch, how the device answered. */
  #isAvailable({ ieee, told, units }: Housing): boolean {
    const { said, picture } = this.#standing(ieee);
    if (!this.#session.isLive || told.disabled) return false;
    if (units.length === 0) return said ?? true;
    return picture !== 'wanted' && (said ?? picture === 'taken');
  }

  #standing(ieee: string): Standing {
    const standing = this.#standings.get(ieee) ?? { picture: 'wanted' };
    this.#standings.set(ieee, standing);
    return standing;
  }
}

const canBeAsked = ({ told }: Housing): boolean => !told.disabled && told.power_source !== 'Battery';

const topicsOf = (house: Zigbee2MqttHouse): string[] => [
  ...house.housings().flatMap(({ name }) => [name, `${name}${AVAILABILITY}`]),
  ...house.groups().map(({ name }) => name),
];
