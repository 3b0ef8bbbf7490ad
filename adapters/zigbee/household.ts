import type { Logger } from 'pino';
import type { Events, Models } from 'zigbee-herdsman';
import type { Clock } from '../../daemon/api/clock.ts';
import type { ButtonEvent } from '../../daemon/devices/adapter.ts';
import type { DeviceId, Readings } from '../../daemon/devices/device.ts';
import type { Told } from '../../daemon/devices/told.ts';
import type { Chores } from './chores.ts';
import type { Driver } from './driver.ts';
import type { Joining } from './joining.ts';
import type { KnownNodes } from './known.ts';
import type { Lamps } from './lamps.ts';
import { LIGHT_CLUSTERS, type LightCluster } from './light.ts';
import { meaningsOf, type Part, ZigbeeNode } from './node.ts';
import type { Presence } from './presence.ts';
import { SETUP } from './setup-version.ts';
import { wordsOf } from './translate.ts';

type Stack = typeof import('./stack.ts');

/** Of the time between two tries to set a node up. */
const MOST_DOUBLINGS = 8;

export interface HouseholdTimings {
  /** ms before a node that could not be set up is tried again, once it is heard; doubles from time to time */
  setUpAgain: number;
  /** ms that a node may take to answer whether it is there */
  pingWithin: number;
}

export interface HouseholdOptions {
  log: Logger;
  clock: Clock;
  timings: HouseholdTimings;
  told: Told;
  chores: Chores;
  presence: Presence;
  joining: Joining;
  lamps: Lamps;
  known: KnownNodes;
  onButton(event: ButtonEvent): void;
  /** Something came from the coordinator. */
  onHeard(): void;
  /** Devices, names or abilities changed. */
  onDevices(): void;
  /** What people see of the network changed. */
  onChange(): void;
  /** A node is in the network for good: its coordinator's memory has changed. */
  onJoined(): void;
}

/** The nodes of a network: what they are, what they say, and how they come in. */
export class Household {
  readonly #options: HouseholdOptions;
  readonly #nodes = new Map<string, ZigbeeNode>();
  readonly #parts = new Map<DeviceId, { node: ZigbeeNode; part: Part }>();
  /** Nodes whose whole state is to be asked for. */
  readonly #unread = new Set<string>();
  /** Nodes that are not set up, and when that may be tried next: ms of CLOCK_MONOTONIC. */
  readonly #toSetUp = new Map<string, { tries: number; notBefore: number }>();
  #driver: Driver | undefined;
  #stack: Stack | undefined;
  #listed = false;

  constructor(options: HouseholdOptions) {
    this.#options = options;
  }

  /** Whether the coordinator's whole list was taken once: what is not in it is none of its own. */
  get isListed(): boolean {
    return this.#listed;
  }

  get nodes(): readonly ZigbeeNode[] {
    return [...this.#nodes.values()];
  }

  node(id: string): ZigbeeNode | undefined {
    return this.#nodes.get(id);
  }

  find(device: DeviceId): { node: ZigbeeNode; part: Part } | undefined {
    return this.#parts.get(device);
  }

  /** Takes over all nodes that a driver knows, and listens to it. */
  async take(driver: Driver, stack: Stack): Promise<void> {
    this.#driver = driver;
    this.#stack = stack;
    const { presence, told, onDevices } = this.#options;
    driver.on('message', (message) => this.#onMessage(message));
    driver.on('lastSeenChanged', ({ device, reason }) => this.#onSeen(device, reason));
    driver.on('deviceJoined', ({ device }) => this.#onStep(device, 'joined'));
    driver.on('deviceInterview', (event) => void this.#onInterview(event).catch((err) => this.#onBroken(event.device, err)));
    driver.on('deviceAnnounce', ({ device }) => this.#onAnnounced(device.ieeeAddr));
    driver.on('deviceLeave', ({ ieeeAddr }) => this.drop(ieeeAddr));
    const nodes: ZigbeeNode[] = [];
    for (const device of driver.getDevicesIterator(({ type }) => type !== 'Coordinator')) {
      if (device.modelID === undefined) this.#onStep(device, 'failed');
      else nodes.push(await this.#describe(device));
    }
    if (this.#driver !== driver) return;
    this.#nodes.clear();
    this.#parts.clear();
    for (const node of nodes) this.#add(node);
    this.#listed = true;
    told.keepOnly(new Set(this.#parts.keys()));
    onDevices();
    // Who was heard last first: those who are away take long to be found so.
    for (const node of nodes.toSorted((a, b) => (b.device.lastSeen ?? 0) - (a.device.lastSeen ?? 0))) {
      this.#unread.add(node.id);
      presence.watch(node.id, { isOnMains: node.power !== 'battery', age: ageOf(node.device, this.#options.clock) });
    }
  }

  /** The coordinator is away: its nodes are still known. */
  lose(): void {
    this.#driver = undefined;
    this.#options.presence.clear();
    this.#options.chores.clear();
    this.#options.lamps.clear();
  }

  /** Asks a node how it stands; of one that needs no more, whether it is there. @throws when it does not answer */
  async ask(id: string, thoroughly: boolean): Promise<void> {
    const { lamps, timings } = this.#options;
    const node = this.#nodes.get(id);
    if (!node) return;
    const plain = node.parts.filter(({ isPlain, traits }) => isPlain && traits);
    const isUnread = this.#unread.has(id);
    if (plain.length === 0) await pinged(node.device, { timeout: timings.pingWithin, thoroughly });
    for (const part of plain) {
      await lamps.read(part, isUnread ? 'resync' : 'poll', { thoroughly, ...(!isUnread && { names: new Set(['on'] as const) }) });
    }
    this.#unread.delete(id);
  }

  /** A node is there, or is not any more. */
  onPresence(id: string, available: boolean): void {
    const { told, lamps, onChange } = this.#options;
    for (const part of this.#nodes.get(id)?.parts ?? []) {
      if (!available) lamps.clear(part.id);
      told.available(part.id, available);
    }
    if (!available) this.#unread.add(id);
    onChange();
  }

  /** Asks a node anew what it is, and sets it up. @throws whatever the library throws */
  async interview(id: string): Promise<void> {
    const device = this.#driver?.getDeviceByIeeeAddr(id);
    if (!device || !this.#stack) return;
    this.#onStep(device, 'interviewing');
    try {
      await device.interview(true);
    } catch (error) {
      this.#onStep(device, 'failed');
      throw error;
    }
    delete device.meta.roomtone;
    await this.#takeIn(device);
  }

  /** It has left, or was taken out. */
  drop(id: string): void {
    const { presence, known, joining, told, onDevices, onChange } = this.#options;
    const node = this.#nodes.get(id);
    this.#nodes.delete(id);
    for (const { id: part } of node?.parts ?? []) this.#parts.delete(part);
    presence.forget(id);
    known.forget(id);
    joining.forget(id);
    told.keepOnly(new Set(this.#parts.keys()));
    if (node) onDevices();
    onChange();
  }

  /** As it is called from now on. */
  rename(id: string, name: string): void {
    const node = this.#nodes.get(id);
    this.#options.known.note(id, { name });
    if (node) node.name = name;
    this.#options.onDevices();
    this.#options.onChange();
  }

  /** A lamp was found to know one transition at a time. */
  noteOneTransition(device: DeviceId): void {
    const found = this.#parts.get(device);
    if (!found?.part.traits) return;
    this.#options.known.note(found.node.id, { oneTransition: true });
    found.part.traits.oneTransition = true;
  }

  async #describe(device: Models.Device): Promise<ZigbeeNode> {
    const { name, oneTransition = false } = this.#options.known.get(device.ieeeAddr);
    // It is given what the library has of the device; the two packages bring types of their own for it.
    const definition = await this.#stack?.findByDevice(device as never, true);
    const own = { device, name, knowsOneTransition: oneTransition };
    try {
      return new ZigbeeNode({ ...own, definition });
    } catch (err) {
      this.#options.log.error({ event: 'zigbee_converter_broke', node: device.ieeeAddr, model: definition?.model, err }, 'converter broke');
      return new ZigbeeNode({ ...own, definition: undefined });
    }
  }

  #onBroken(device: Models.Device, err: unknown): void {
    this.#options.log.error({ event: 'zigbee_join_broke', node: device.ieeeAddr, err }, 'a device could not be taken in');
    this.#onStep(device, 'failed');
  }

  #add(node: ZigbeeNode): void {
    for (const { id } of this.#nodes.get(node.id)?.parts ?? []) this.#parts.delete(id);
    this.#nodes.set(node.id, node);
    for (const part of node.parts) this.#parts.set(part.id, { node, part });
    if (node.device.meta.roomtone !== SETUP) this.#toSetUp.set(node.id, { tries: 0, notBefore: 0 });
  }

  #onStep(device: Models.Device, step: Parameters<Joining['reached']>[1]): void {
    this.#options.joining.reached(device.ieeeAddr, step);
  }

  async #onInterview({ device, status }: Events.DeviceInterviewPayload): Promise<void> {
    if (status === 'successful') await this.#takeIn(device);
    else this.#onStep(device, status === 'started' ? 'interviewing' : 'failed');
  }

  /** A node has said what it is. */
  async #takeIn(device: Models.Device): Promise<void> {
    const { presence, log, onDevices, onJoined } = this.#options;
    this.#onStep(device, 'configuring');
    const node = await this.#describe(device);
    log.info({ event: 'zigbee_joined', node: node.id, model: node.definition?.model ?? device.modelID }, 'joined');
    this.#add(node);
    onDevices();
    this.#unread.add(node.id);
    await this.#setUp(node);
    // It has said more of itself by now.
    this.#add(await this.#describe(device));
    onDevices();
    this.#onStep(device, 'ready');
    presence.watch(node.id, { isOnMains: node.power !== 'battery', age: 0 });
    onJoined();
  }

  /** Once it is set up it tells by itself what changes. One that sleeps, or is away, is tried again when it is heard. */
  async #setUp(node: ZigbeeNode): Promise<void> {
    const { clock, log, timings } = this.#options;
    const coordinator = this.#driver?.getDevicesByType('Coordinator')[0]?.getEndpoint(1);
    if (!coordinator || !this.#stack) return;
    const tries = (this.#toSetUp.get(node.id)?.tries ?? 0) + 1;
    this.#toSetUp.set(node.id, { tries, notBefore: clock.mono() + timings.setUpAgain * 2 ** Math.min(tries - 1, MOST_DOUBLINGS) });
    try {
      await this.#stack.setUp(node, coordinator);
      this.#toSetUp.delete(node.id);
    } catch (error) {
      log.debug({ event: 'zigbee_setup_failed', node: node.id, code: this.#stack.toDeviceError(error, node.id).code });
    }
  }

  #onSeen({ ieeeAddr }: Models.Device, reason: string): void {
    const { presence, chores, clock, onHeard } = this.#options;
    onHeard();
    const node = this.#nodes.get(ieeeAddr);
    if (!node) return;
    presence.heard(ieeeAddr);
    // It was let in anew: what it was told to report, it may have forgotten.
    if (reason === 'deviceJoined') this.#toSetUp.set(ieeeAddr, { tries: 0, notBefore: 0 });
    const due = this.#toSetUp.get(ieeeAddr);
    if (!due || clock.mono() < due.notBefore || this.#options.joining.step(ieeeAddr)) return;
    due.notBefore = Number.POSITIVE_INFINITY;
    chores.add(`set up ${ieeeAddr}`, () => this.#setUp(node));
  }

  /** Who announces itself had no power, or changed its place in the network. */
  #onAnnounced(id: string): void {
    const node = this.#nodes.get(id);
    if (!node || this.#options.joining.step(id) !== undefined) return;
    this.#unread.add(id);
    this.#options.presence.returned(id);
    if (node.power !== 'battery') this.#options.chores.add(`ask ${id}`, () => this.ask(id, false));
  }

  #onMessage(message: Events.MessagePayload): void {
    const node = this.#nodes.get(message.device.ieeeAddr);
    if (!node) return;
    const { type, cluster, data } = message;
    const part = node.parts.find(({ endpoint, isPlain }) => isPlain && endpoint.ID === message.endpoint.ID);
    const isReport = type === 'attributeReport';
    if (part && isLightCluster(cluster) && (isReport || type === 'readResponse')) {
      this.#options.lamps.hear(part, { cluster, data: data as Record<string, unknown>, isReport });
    } else void this.#understand(node, message);
  }

  async #understand(node: ZigbeeNode, message: Events.MessagePayload): Promise<void> {
    try {
      this.#hear(node, await wordsOf(node, message, (words) => this.#hear(node, words)));
    } catch (err) {
      this.#options.log.debug({ event: 'zigbee_not_understood', node: node.id, cluster: message.cluster, err });
    }
  }

  #hear(node: ZigbeeNode, words: object): void {
    if (!this.#driver) return;
    const { told, clock, onButton, onChange } = this.#options;
    const said = inRange(words);
    for (const meaning of meaningsOf(node, said)) {
      if ('attributes' in meaning) told.tell(meaning.part.id, meaning.attributes, 'event');
      else told.tellReadings(meaning.part.id, { [meaning.reading]: meaning.value } as Readings, 'event');
    }
    if (typeof said.battery === 'number' && node.battery !== said.battery) {
      node.battery = said.battery;
      onChange();
    }
    const [part] = node.parts;
    const step = typeof said.action_step_size === 'number' ? said.action_step_size : undefined;
    const touch = typeof said.action === 'string' ? node.buttons?.touch(said.action, step) : undefined;
    if (part && touch) onButton({ device: part.id, ...touch, at: clock.mono() });
  }
}

/** Some tell their battery in half percents, which others do not. */
function inRange(words: object): Record<string, unknown> {
  const said: Record<string, unknown> = { ...words };
  return typeof said.battery === 'number' ? { ...said, battery: Math.min(100, said.battery) } : said;
}

const isLightCluster = (cluster: string | number): cluster is LightCluster =>
  (LIGHT_CLUSTERS as readonly (string | number)[]).includes(cluster);

/** ms since it was heard last; a clock that was set back meanwhile makes nobody younger than new. */
const ageOf = ({ lastSeen = 0 }: Models.Device, clock: Clock): number => Math.max(0, clock.wall() - lastSeen);

/** Every node has a version of the cluster library that can be asked for. @throws when it does not answer */
async function pinged(device: Models.Device, { timeout, thoroughly }: { timeout: number; thoroughly: boolean }): Promise<void> {
  const endpoint = device.endpoints.find((each) => each.supportsInputCluster('genBasic')) ?? device.endpoints[0];
  await endpoint?.read('genBasic', ['zclVersion'], { timeout, disableRecovery: !thoroughly, sendPolicy: 'immediate' });
}
