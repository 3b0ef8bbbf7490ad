import { EventEmitter } from 'node:events';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import type {
  Adapter,
  AdapterContext,
  AdapterEvents,
  DeviceGroup,
  LaneLimits,
  PairingRequest,
  PairingResult,
  Route,
} from '../../daemon/devices/adapter.ts';
import type { Command, GroupCommand } from '../../daemon/devices/command.ts';
import type { Device, DeviceId } from '../../daemon/devices/device.ts';
import type { MeshPort } from '../../daemon/devices/mesh.ts';
import { Told } from '../../daemon/devices/told.ts';
import { Chores } from './chores.ts';
import type { Driver } from './driver.ts';
import { giveBackMemory } from './give-back.ts';
import { ZigbeeGroups } from './groups.ts';
import { Household } from './household.ts';
import { JOIN_SECONDS, Joining } from './joining.ts';
import { KnownNodes } from './known.ts';
import { Lamps } from './lamps.ts';
import { ZigbeeMesh } from './mesh.ts';
import { NetworkSecrets } from './network.ts';
import type { Part, ZigbeeNode } from './node.ts';
import type { ZigbeeOptions } from './options.ts';
import { Presence } from './presence.ts';
import { ZigbeeSession } from './session.ts';
import { ZIGBEE_TIMINGS, type ZigbeeTimings } from './timings.ts';

type Stack = typeof import('./stack.ts');

/** A network carries some tens of messages a second over one hop, and each takes its answer; over several, less. */
const LIMITS: LaneLimits = { rate: 30, burst: 2, inFlight: 2 };

/** ms by which reports come late: lamps tell a change within the second that they are asked to. */
const LATE = 1500;

/** ms that whatever is being done at the coordinator may take to end, when the adapter is closed. */
const FINISH_WITHIN = 1000;

/** A Zigbee network of the hub's own, by a coordinator at a serial port or behind TCP. */
export class ZigbeeAdapter implements Adapter {
  readonly id = 'zigbee';
  readonly events = new EventEmitter<AdapterEvents>();
  readonly mesh: MeshPort;
  readonly #options: ZigbeeOptions;
  readonly #context: AdapterContext;
  readonly #timings: ZigbeeTimings;
  readonly #secrets: NetworkSecrets;
  readonly #chores: Chores;
  readonly #household: Household;
  readonly #lamps: Lamps;
  readonly #groups: ZigbeeGroups;
  readonly #joining: Joining;
  readonly #presence: Presence;
  readonly #mesh: ZigbeeMesh;
  readonly #session: ZigbeeSession;
  #stack: Stack | undefined;

  /** @param timings what a test may shorten */
  constructor(options: ZigbeeOptions, context: AdapterContext, timings: Partial<ZigbeeTimings> = {}) {
    const { log, clock, random, state, vault } = context;
    this.#options = options;
    this.#context = context;
    this.#timings = { ...ZIGBEE_TIMINGS, ...timings };
    this.#secrets = new NetworkSecrets(vault);
    const known = new KnownNodes(state);
    const chores = new Chores(clock, this.#timings.betweenChores);
    this.#chores = chores;
    const told = new Told({
      ...{ clock, late: LATE },
      onReport: (report) => this.events.emit('report', report),
      onReading: (reading) => this.events.emit('reading', reading),
      onAvailability: (device, available) => this.events.emit('availability', { device, available }),
    });
    const onChange = () => void this.events.emit('mesh');
    this.#joining = new Joining(clock, onChange);
    this.#lamps = new Lamps({
      ...{ clock, told, chores, timings: this.#timings },
      stack: () => this.#stack,
      signal: () => this.#session.signal,
      onDoubt: (device) => this.#presence.doubt(nodeOf(device)),
      onOneTransition: (device) => this.#household.noteOneTransition(device),
    });
    this.#presence = new Presence({
      ...{ clock, random, timings: this.#timings },
      ask: (node, thoroughly) =>
        new Promise((resolve, reject) => chores.add(`ask ${node}`, () => this.#household.ask(node, thoroughly).then(resolve, reject))),
      onChange: (node, available) => this.#onPresence(node, available),
    });
    this.#household = new Household({
      ...{ log, clock, told, chores, known, timings: this.#timings },
      ...{ presence: this.#presence, joining: this.#joining, lamps: this.#lamps, onChange },
      onButton: (event) => this.events.emit('button', event),
      onHeard: () => this.#session.heard(),
      onDevices: () => this.events.emit('devices'),
      onJoined: () => this.#mesh.backUpSoon(),
    });
    this.#groups = new ZigbeeGroups({
      ...{ state, chores },
      driver: () => this.#session.driver,
      part: (device) => this.#household.find(device)?.part,
      isAvailable: (device) => this.#presence.isAvailable(nodeOf(device)),
      onChange: () => this.events.emit('devices'),
    });
    this.#session = new ZigbeeSession({
      ...{ port: options.port, log, clock, random, timings: this.#timings },
      open: () => this.#open(),
      onLive: (driver) => this.#onLive(driver),
      onLost: () => this.#onLost(),
      onProblem: (problem) => this.events.emit('problem', { scope: options.port, problem }),
    });
    this.#mesh = new ZigbeeMesh({
      ...{ port: options.port, clock, chores, timings: this.#timings, secrets: this.#secrets, onChange },
      ...{ household: this.#household, joining: this.#joining, presence: this.#presence },
      driver: () => this.#session.driver,
      stack: () => this.#stack,
    });
    this.mesh = this.#mesh;
  }

  /** Returns at once: the coordinator is reached in the background, for as long as it takes. */
  async start(): Promise<void> {
    this.#groups.load();
    this.#session.start();
  }

  async close(): Promise<void> {
    await this.#finishChores();
    await this.#session.close();
    this.#household.lose();
    this.#mesh.close();
    this.events.removeAllListeners();
  }

  /** The library keeps a timer for whatever it waits for when it is ended. */
  async #finishChores(): Promise<void> {
    const patience = Promise.withResolvers<void>();
    const timer = this.#context.clock.after(FINISH_WITHIN, patience.resolve);
    await Promise.race([this.#chores.close(), patience.promise]);
    timer.cancel();
  }

  list(): Device[] {
    return this.#household.nodes.flatMap((node) => node.describe());
  }

  isGone(device: DeviceId): boolean {
    return this.#household.isListed && !this.#household.find(device);
  }

  route(): Route {
    return { key: 'zigbee', limits: LIMITS };
  }

  groups(): DeviceGroup[] {
    return this.#groups.list();
  }

  gather(sets: readonly (readonly DeviceId[])[]): void {
    this.#groups.gather(sets);
  }

  async apply(command: Command, signal: AbortSignal): Promise<void> {
    const { node, part } = this.#reach(command.device, signal);
    await this.#lamps.apply(node, part, command, signal);
  }

  async applyToGroup(command: GroupCommand, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const found = this.#groups.find(command.group);
    if (!found) throw new RoomtoneError('device.unreachable', { params: { device: command.group } });
    await this.#lamps.applyToGroup(found, command, signal);
  }

  async identify(device: DeviceId, signal: AbortSignal): Promise<void> {
    const { part } = this.#reach(device, signal);
    await this.#lamps.identify(part, signal);
  }

  /** What a person does not want any more is out, whether or not it heard of it. */
  async forget(device: DeviceId, signal: AbortSignal): Promise<void> {
    const node = nodeOf(device);
    try {
      await this.#mesh.remove(node, { force: false, signal });
    } catch (error) {
      await this.#mesh.remove(node, { force: true, signal });
      throw error;
    }
  }

  /** Opens the network until somebody is in. @throws RoomtoneError `mesh.nobody_joined` */
  async pair({ signal, onProgress }: PairingRequest): Promise<PairingResult> {
    const { clock } = this.#context;
    await this.#mesh.permitJoin(JOIN_SECONDS, signal);
    const late = new AbortController();
    const tick = clock.every(1000, () => {
      onProgress({ secondsLeft: this.#joining.secondsLeft });
      if (this.#joining.secondsLeft === 0)
        late.abort(new RoomtoneError('mesh.nobody_joined', { params: { adapter: 'zigbee', seconds: JOIN_SECONDS } }));
    });
    try {
      const id = await this.#joining.newcomer(AbortSignal.any([signal, late.signal]));
      return { id, name: this.#household.node(id)?.name ?? id };
    } finally {
      tick.cancel();
      if (this.#session.driver) await this.#mesh.permitJoin(0, this.#session.signal).catch(() => {});
    }
  }

  async #open(): Promise<Driver> {
    this.#stack ??= await import('./stack.ts');
    const { log, folder } = this.#context;
    return new this.#stack.Driver({
      log,
      options: this.#options,
      network: this.#secrets.identity(),
      memory: this.#secrets.backup()?.memory,
      folder: folder(),
    });
  }

  async #onLive(driver: Driver): Promise<void> {
    if (!this.#stack) return;
    const isFirst = !this.#household.isListed;
    await this.#household.take(driver, this.#stack);
    // By now the libraries are loaded, and the converters of all makes that there are.
    if (isFirst) giveBackMemory();
    await this.#mesh.take(driver);
    this.#groups.mend();
  }

  #onLost(): void {
    this.#household.lose();
    this.#mesh.lose();
  }

  #onPresence(node: string, available: boolean): void {
    this.#household.onPresence(node, available);
    if (available) this.#groups.mend();
  }

  /** @throws RoomtoneError where nothing can be said to the device now */
  #reach(device: DeviceId, signal: AbortSignal): { node: ZigbeeNode; part: Part } {
    signal.throwIfAborted();
    const found = this.#household.find(device);
    if (!found || !this.#session.driver) throw new RoomtoneError('device.unreachable', { params: { device } });
    return found;
  }
}

/** The node that a device is part of: `zigbee:<ieee>/<endpoint>`. */
const nodeOf = (device: DeviceId): string => device.slice('zigbee:'.length).split('/')[0] ?? '';
