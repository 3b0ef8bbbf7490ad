import type { Clock, Timer } from '../../daemon/api/clock.ts';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import type { MeshNode, MeshPort, MeshView } from '../../daemon/devices/mesh.ts';
import { within } from '../../daemon/devices/within.ts';
import type { Chores } from './chores.ts';
import type { Driver } from './driver.ts';
import type { Household } from './household.ts';
import type { Joining } from './joining.ts';
import type { NetworkSecrets } from './network.ts';
import type { ZigbeeNode } from './node.ts';
import type { Presence } from './presence.ts';

type Stack = typeof import('./stack.ts');

export interface MeshTimings {
  /** ms after somebody joined before the coordinator's memory is copied */
  backUpAfter: number;
  backUpEvery: number;
  /** ms between two times that what is known of the devices is written, beside when one comes or goes */
  saveEvery: number;
}

export interface ZigbeeMeshOptions {
  port: string;
  clock: Clock;
  timings: MeshTimings;
  secrets: NetworkSecrets;
  household: Household;
  presence: Presence;
  joining: Joining;
  chores: Chores;
  /** Undefined while the coordinator is away. */
  driver: () => Driver | undefined;
  stack: () => Stack | undefined;
  onChange: () => void;
}

type Coordinator = Pick<MeshView, 'channel' | 'panId'> & { coordinator: MeshView['coordinator'] };

/** ms that a person waits for something to be done at the coordinator. */
const ACT_WITHIN = 10_000;

/** Looking after the network: who is in it, who may come in, who is to go, and a copy of the coordinator's memory. */
export class ZigbeeMesh implements MeshPort {
  readonly #options: ZigbeeMeshOptions;
  readonly #timers = new Set<Timer>();
  #told: Coordinator;
  #reached = false;
  #soon: Timer | undefined;

  constructor(options: ZigbeeMeshOptions) {
    this.#options = options;
    this.#told = { coordinator: { port: options.port } };
  }

  /** Learns what the coordinator says of itself and of the network. */
  async take(driver: Driver): Promise<void> {
    const { port, clock, timings, secrets, onChange } = this.#options;
    const [{ type, meta }, { channel, panID }, id] = [
      await driver.getCoordinatorVersion(),
      await driver.getNetworkParameters(),
      await driver.check(),
    ];
    const model = [type, meta.revision].filter(Boolean).join(' ');
    this.#told = { coordinator: { port, id, model }, channel, panId: panID };
    this.#reached = true;
    this.#timers.add(clock.every(timings.saveEvery, () => driver.save()));
    this.#timers.add(clock.every(timings.backUpEvery, () => this.#backUp()));
    const { at = 0 } = secrets.backup() ?? {};
    if (Math.abs(clock.wall() - at) > timings.backUpEvery) this.backUpSoon();
    onChange();
  }

  lose(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#soon?.cancel();
    this.#options.joining.clear();
    this.#options.onChange();
  }

  close(): void {
    this.lose();
  }

  view(): MeshView {
    const { household, joining, secrets, driver } = this.#options;
    const { at: backupAt } = secrets.backup() ?? {};
    const known = new Set(household.nodes.map(({ id }) => id));
    const strangers = joining.all().filter(({ node }) => !known.has(node));
    return {
      state: driver() ? 'online' : this.#reached ? 'offline' : 'starting',
      ...this.#told,
      joinSeconds: joining.secondsLeft,
      ...(backupAt !== undefined && { backupAt }),
      nodes: [
        ...household.nodes.map((node) => this.#describe(node)),
        ...strangers.map(({ node, step }) => ({
          ...{ id: node, name: node, devices: [], power: 'unknown' as const },
          available: true,
          joining: step,
        })),
      ],
    };
  }

  async permitJoin(seconds: number, signal: AbortSignal): Promise<void> {
    const driver = this.#online();
    await this.#within({ device: this.#options.port, signal }, () => driver.permitJoin(seconds));
    this.#options.joining.opened(seconds);
  }

  async rename(node: string, name: string): Promise<void> {
    if (!this.#options.household.node(node)) throw unknown(node);
    this.#options.household.rename(node, name);
  }

  async remove(node: string, { force, signal }: { force: boolean; signal: AbortSignal }): Promise<void> {
    const { household, joining } = this.#options;
    const device = this.#online().getDeviceByIeeeAddr(node);
    if (!device && !household.node(node) && !joining.step(node)) throw unknown(node);
    try {
      await this.#within({ device: node, signal }, async () => device?.removeFromNetwork());
    } catch (error) {
      if (!force) throw error;
      device?.removeFromDatabase();
    }
    // The library does not say so itself.
    household.drop(node);
  }

  async interview(node: string, signal: AbortSignal): Promise<void> {
    this.#online();
    const { household, joining } = this.#options;
    if (!household.node(node) && !joining.step(node)) throw unknown(node);
    await this.#within({ device: node, signal, patient: true }, () => household.interview(node));
  }

  /** Who joined has a place in the coordinator's memory. Several often join one after the other. */
  backUpSoon(): void {
    const { clock, timings } = this.#options;
    this.#soon?.cancel();
    this.#soon = clock.after(timings.backUpAfter, () => this.#backUp());
  }

  #backUp(): void {
    const { chores, clock, secrets, driver, onChange } = this.#options;
    chores.add('back up', async () => {
      const memory = await driver()?.copyMemory();
      if (memory === undefined) return;
      secrets.keepBackup({ at: clock.wall(), memory });
      onChange();
    });
  }

  #describe(node: ZigbeeNode): MeshNode {
    const { presence, joining } = this.#options;
    const { device, definition, battery } = node;
    const step = joining.step(node.id);
    const model = definition?.model ?? device.modelID;
    const vendor = definition?.vendor ?? device.manufacturerName;
    return {
      id: node.id,
      name: node.name,
      ...(vendor !== undefined && { vendor }),
      ...(model !== undefined && { model }),
      devices: node.parts.map(({ id }) => id),
      power: node.power,
      ...(device.linkquality !== undefined && { linkQuality: device.linkquality }),
      ...(battery !== undefined && { battery }),
      ...(device.lastSeen !== undefined && { lastSeen: device.lastSeen }),
      available: presence.isAvailable(node.id),
      ...(step && { joining: step }),
    };
  }

  /** @throws RoomtoneError `mesh.offline` */
  #online(): Driver {
    const driver = this.#options.driver();
    if (!driver) throw new RoomtoneError('mesh.offline', { params: { adapter: 'zigbee' } });
    return driver;
  }

  /** @throws RoomtoneError */
  async #within<T>(
    { device, signal, patient }: { device: string; signal: AbortSignal; patient?: boolean },
    work: () => Promise<T>,
  ): Promise<T> {
    const { clock, stack } = this.#options;
    const error = new RoomtoneError('device.timeout', { params: { device } });
    try {
      return await within({ clock, ms: patient ? 6 * ACT_WITHIN : ACT_WITHIN, error, signal }, work);
    } catch (thrown) {
      throw stack()?.toDeviceError(thrown, device) ?? thrown;
    }
  }
}

const unknown = (node: string): RoomtoneError => new RoomtoneError('mesh.unknown_node', { params: { adapter: 'zigbee', node } });
