import { connectAsync, type MqttClient } from 'mqtt';
import { convertColor, convertLevel, convertWhite, type DeviceOptions, StandInDevice, type State } from './device.ts';
import { respond } from './requests.ts';

export interface StandInOptions {
  /** Of the broker. */
  url: string;
  base?: string;
  devices: readonly DeviceOptions[];
  groups?: readonly GroupOptions[];
  /** `json` as since 2.0, `word` as before it, `off` where nobody has switched it on. */
  availability?: 'json' | 'word' | 'off';
  /** Whether `bridge/state` is a word alone, as before 2.0. */
  legacyState?: boolean;
}

export interface GroupOptions {
  id: number;
  name: string;
  /** Addresses, each with the number of an endpoint. */
  members: readonly (readonly [string, number])[];
}

/** ms before a lost connection to the broker is opened again. */
const RECONNECT = 20;

/**
 * Zigbee2MQTT as its clients see it, by a real broker: topics, payloads, what is kept and in which order, as release 2.12 has them
 * (github.com/Koenkk/zigbee2mqtt: `lib/mqtt.ts`, `lib/extension/{bridge,publish,groups,availability}.ts`). What it refuses stands in `errors`,
 * in the words of its log.
 */
export class Zigbee2MqttStandIn {
  readonly devices = new Map<string, StandInDevice>();
  readonly groups = new Map<number, GroupOptions & { state: State }>();
  /** Lines of its log at level `error`. */
  readonly errors: string[] = [];
  /** Every message that was addressed to it: topic below the base, and payload. */
  readonly heard: { topic: string; payload: string }[] = [];
  readonly base: string;
  permitJoinEnd: number | undefined;
  /** Commands and questions are taken and nothing comes of them. */
  isStalled = false;
  /** States cannot be read. */
  isGarbled = false;
  /** ms from a command to the state that it leads to */
  slowness = 0;
  readonly #options: StandInOptions;
  readonly #timers = new Set<NodeJS.Timeout>();
  #client: MqttClient | undefined;
  #lastLog = '';

  constructor(options: StandInOptions) {
    this.#options = options;
    this.base = options.base ?? 'zigbee2mqtt';
    for (const each of options.devices) this.devices.set(each.ieee, new StandInDevice(each));
    for (const each of options.groups ?? []) this.groups.set(each.id, { ...each, state: {} });
  }

  /** Publishes what it has, as after a start. */
  async start(): Promise<void> {
    const client = await connectAsync(this.#options.url, {
      reconnectPeriod: RECONNECT,
      will: { topic: `${this.base}/bridge/state`, payload: Buffer.from(this.#stateWord(false)), qos: 1, retain: true },
    });
    this.#client = client;
    client.on('error', () => {});
    client.on('message', (topic, payload) => this.#onMessage(topic.slice(this.base.length + 1), payload.toString()));
    await this.#introduce();
    // As it does after every connection to the broker; everything else is published once.
    client.on('connect', () => void this.#greet());
    for (const device of this.devices.values()) this.#sayAvailability(device);
    this.publishInfo();
    this.publishDevices();
    this.publishGroups();
    for (const device of this.devices.values()) this.publishState(device);
    await this.#flushed();
  }

  /** Ends as it does when it is told to. */
  async stop(): Promise<void> {
    await this.#client?.publishAsync(`${this.base}/bridge/state`, this.#stateWord(false), { retain: true });
    await this.#end(false);
  }

  /** Ends without a word: the broker publishes its last will. */
  async kill(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (!client) return;
    client.options.reconnectPeriod = 0;
    client.stream.destroy();
    await this.#end(true, client);
  }

  device(name: string): StandInDevice {
    const found = [...this.devices.values()].find((each) => each.name === name);
    if (!found) throw new Error(`no device ${name}`);
    return found;
  }

  /** A device does something of its own accord, or a person did it at the device, and it reports. */
  tell(name: string, change: State): void {
    const device = this.device(name);
    if (!device.isPowered) return;
    const lasting = Object.fromEntries(Object.entries(change).filter(([key]) => key !== 'action'));
    Object.assign(device.real, lasting);
    Object.assign(device.cache, lasting);
    this.publishState(device, 'action' in change ? { action: change.action } : {});
  }

  /** A device loses its power, or gets it back; both are noticed at once. */
  setPower(name: string, isPowered: boolean): void {
    const device = this.device(name);
    device.isPowered = isPowered;
    this.#sayAvailability(device);
  }

  /** A new device joins and is being interviewed. */
  join(options: DeviceOptions): void {
    const device = new StandInDevice(options);
    device.isInterviewed = false;
    this.devices.set(device.ieee, device);
    const data = { friendly_name: device.name, ieee_address: device.ieee };
    this.publishDevices();
    this.publish('bridge/event', { type: 'device_joined', data });
    this.publishDevices();
    this.publish('bridge/event', { type: 'device_interview', data: { ...data, status: 'started' } });
  }

  /** The interview of a device ends. */
  interviewed(name: string, status: 'successful' | 'failed' = 'successful'): void {
    const device = this.device(name);
    device.isInterviewed = status === 'successful';
    this.publishDevices();
    this.publish('bridge/event', {
      type: 'device_interview',
      data: { friendly_name: device.name, ieee_address: device.ieee, status },
    });
    if (device.isInterviewed) this.#sayAvailability(device);
  }

  setDisabled(name: string, isDisabled: boolean): void {
    this.device(name).isDisabled = isDisabled;
    this.publishDevices();
  }

  publish(topic: string, payload: object | string, { retain = false }: { retain?: boolean } = {}): void {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    // As the real one: what cannot be sent is lost, and not made up for.
    if (this.#client?.connected) this.#client.publish(`${this.base}/${topic}`, text, { retain }, () => {});
  }

  publishInfo(): void {
    const permit = this.permitJoinEnd === undefined ? { permit_join: false } : { permit_join: true, permit_join_end: this.permitJoinEnd };
    const coordinator = { type: 'zStack3x0', ieee_address: '0x00124b0000000001', meta: {} };
    const network = { channel: 15, pan_id: 6754, extended_pan_id: '0xdddddddddddddddd' };
    this.publish('bridge/info', { version: '2.12.1', coordinator, network, log_level: 'info', ...permit, config: {} }, { retain: true });
  }

  publishDevices(): void {
    const coordinator = { ieee_address: '0x00124b0000000001', type: 'Coordinator', friendly_name: 'Coordinator', definition: null };
    const devices = [...this.devices.values()].map((device) => device.describe());
    this.publish('bridge/devices', [{ ...coordinator, endpoints: {} }, ...devices] as object, { retain: true });
  }

  publishGroups(): void {
    const groups = [...this.groups.values()].map(({ id, name, members }) => ({
      ...{ id, friendly_name: name, scenes: [] },
      members: members.map(([ieee_address, endpoint]) => ({ ieee_address, endpoint })),
    }));
    this.publish('bridge/groups', groups as object, { retain: true });
  }

  publishState(device: StandInDevice, passing: State = {}): void {
    const { retain = false } = device.options;
    this.publish(device.name, this.isGarbled ? '}{' : { ...device.cache, ...passing }, { retain });
  }

  log(message: string): void {
    this.errors.push(message);
    if (message === this.#lastLog) return;
    this.#lastLog = message;
    this.publish('bridge/logging', { level: 'error', message: `z2m: ${message}`, namespace: 'z2m' });
  }

  async #introduce(): Promise<void> {
    await this.#client?.publishAsync(`${this.base}/bridge/state`, this.#stateWord(true), { qos: 1, retain: true });
    await this.#client?.subscribeAsync(`${this.base}/#`);
  }

  async #greet(): Promise<void> {
    await this.#introduce().catch(() => {});
  }

  async #flushed(): Promise<void> {
    await this.#client?.publishAsync(`${this.base}/bridge/health`, '{}', { qos: 1 });
  }

  async #end(force: boolean, client = this.#client): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#client = undefined;
    await client?.endAsync(force);
  }

  #stateWord(isOnline: boolean): string {
    const word = isOnline ? 'online' : 'offline';
    return this.#options.legacyState ? word : JSON.stringify({ state: word });
  }

  #sayAvailability({ name, isPowered, isDisabled, isInterviewed }: StandInDevice): void {
    const { availability = 'json' } = this.#options;
    if (availability === 'off' || isDisabled || !isInterviewed) return;
    const word = isPowered ? 'online' : 'offline';
    this.publish(`${name}/availability`, availability === 'word' ? word : { state: word }, { retain: true });
  }

  #onMessage(topic: string, payload: string): void {
    const [, name, verb] = /^(?!bridge)(.+?)\/(get|set)$/.exec(topic) ?? [];
    const [, call] = /^bridge\/request\/(.*)/.exec(topic) ?? [];
    if (name === undefined && call === undefined) return;
    this.heard.push({ topic, payload });
    if (this.isStalled) return;
    if (call !== undefined) respond(this, call, payload);
    else if (this.slowness > 0) this.#later(() => this.#onWish(name ?? '', verb, payload));
    else this.#onWish(name ?? '', verb, payload);
  }

  #later(task: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      task();
    }, this.slowness);
    this.#timers.add(timer);
  }

  #onWish(name: string, verb: string | undefined, payload: string): void {
    const device = [...this.devices.values()].find((each) => each.name === name || each.ieee === name);
    const group = [...this.groups.values()].find((each) => each.name === name);
    const message = parsed(payload);
    if (!device && !group) this.log(`Entity '${name}' is unknown`);
    else if (device && !device.isInterviewed) this.log(`Cannot publish to unsupported device '${name}'`);
    else if (!message) this.log(`Invalid message '${message}', skipping...`);
    else if (device && verb === 'get') this.#get(device, message);
    else if (device) this.#set(device, message);
    else if (group && verb === 'set') this.#setGroup(group, message);
  }

  #get(device: StandInDevice, message: State): void {
    for (const property of Object.keys(message)) {
      const wrong = device.get(property);
      if (wrong === undefined) this.publishState(device);
      else this.log(wrong);
    }
  }

  #set(device: StandInDevice, message: State): void {
    const { update, errors } = device.set(message);
    for (const error of errors) this.log(error);
    if (device.options.optimistic === false || Object.keys(update).length === 0) return;
    Object.assign(device.cache, update);
    this.publishState(device);
  }

  /** What any lamp can do goes out once; then the group's state is published, and that of each member (`lib/extension/groups.ts`). */
  #setGroup(group: GroupOptions & { state: State }, message: State): void {
    const { color_temp, color } = message;
    const results = [
      ...('state' in message || 'brightness' in message ? [convertLevel(message)] : []),
      ...(color_temp === undefined ? [] : [convertWhite(color_temp, undefined)]),
      ...(color === undefined ? [] : [convertColor(color)]),
    ];
    for (const result of results) {
      if (typeof result === 'string') this.log(`Publish 'set' 'state' to '${group.name}' failed: '${result}'`);
      else Object.assign(group.state, result);
    }
    const update: State = Object.assign({}, ...results.filter((result) => typeof result === 'object'));
    this.publish(group.name, group.state);
    for (const [ieee] of group.members) {
      const member = this.devices.get(ieee);
      if (!member) continue;
      member.takeAsMember(update);
      this.publishState(member);
    }
  }
}

function parsed(payload: string): State | undefined {
  try {
    return JSON.parse(payload) as State;
  } catch {
    return undefined;
  }
}
