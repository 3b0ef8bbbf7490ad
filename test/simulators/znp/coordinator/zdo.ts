import { type Binding, type Node, zdoStatus } from '../network/node.ts';
import { Writer } from '../serial/bytes.ts';
import { deviceState, status, subsystem } from '../serial/names.ts';
import { type Commands, command, statusOnly } from './command.ts';
import type { Coordinator } from './coordinator.ts';
import { nvItem } from './stack.ts';
import { coordinatorTables } from './tables.ts';

const accepted = statusOnly(status.success);
const addressed = { address: 'u16', of: 'u16' } as const;
const table = { address: 'u16', start: 'u8' } as const;
const forever = 0xff;
const changeChannel = 0xfe;

/** Commands of this subsystem. */
const asked = {
  networkAddress: 0x00,
  ieeeAddress: 0x01,
  nodeDescriptor: 0x02,
  powerDescriptor: 0x03,
  simpleDescriptor: 0x04,
  activeEndpoints: 0x05,
  bind: 0x21,
  unbind: 0x22,
  neighbors: 0x31,
  routes: 0x32,
  bindings: 0x33,
  leave: 0x34,
  permitJoin: 0x36,
  networkUpdate: 0x37,
  startup: 0x40,
  discoverRoute: 0x45,
  removeGroup: 0x47,
  findGroup: 0x4a,
  addGroup: 0x4b,
  networkInfo: 0x50,
} as const;

/** Indications of this subsystem. */
const told = {
  networkAddress: 0x80,
  ieeeAddress: 0x81,
  nodeDescriptor: 0x82,
  powerDescriptor: 0x83,
  simpleDescriptor: 0x84,
  activeEndpoints: 0x85,
  bind: 0xa1,
  unbind: 0xa2,
  neighbors: 0xb1,
  routes: 0xb2,
  bindings: 0xb3,
  leave: 0xb4,
  permitJoin: 0xb6,
  networkUpdate: 0xb8,
  announce: 0xc1,
  left: 0xc9,
  joined: 0xca,
  permitJoinTime: 0xcb,
} as const;

/** MT_ZDO: what the host asks of devices about themselves, and what the network tells of them. */
export class Zdo {
  permitsJoin = false;
  readonly commands: Commands;
  readonly #coordinator: Coordinator;
  #closing: { cancel(): void } | undefined;

  constructor(coordinator: Coordinator) {
    this.#coordinator = coordinator;
    this.commands = { ...this.#descriptors(), ...this.#management(), ...this.#network(), ...this.#groups() };
  }

  reset(): void {
    this.#closing?.cancel();
    this.permitsJoin = false;
  }

  onJoined({ address, ieee }: Node): void {
    this.#coordinator.stack.remember(ieee, address);
    this.#tell(told.joined, new Writer().u16(address).ieee(ieee).u16(0));
  }

  onAnnounced({ address, ieee, capabilities }: Node): void {
    this.#tell(told.announce, new Writer().u16(address).u16(address).ieee(ieee).u8(capabilities));
  }

  onLeft({ address, ieee }: { address: number; ieee: string }, rejoin: boolean): void {
    if (!rejoin) this.#coordinator.stack.remember(ieee, undefined);
    this.#tell(
      told.left,
      new Writer()
        .u16(address)
        .ieee(ieee)
        .u8(0)
        .u8(0)
        .u8(rejoin ? 1 : 0),
    );
  }

  /** Lets devices join for so many seconds: 0 ends it, 255 is without end. */
  permitJoin(seconds: number): void {
    this.#closing?.cancel();
    this.permitsJoin = seconds > 0;
    this.#tell(told.permitJoinTime, new Writer().u8(seconds));
    if (seconds === 0 || seconds === forever) return;
    this.#closing = this.#coordinator.timers.after(seconds * 1000, () => this.permitJoin(0));
  }

  #descriptors(): Commands {
    const own = coordinatorTables(this.#coordinator);
    return {
      [asked.networkAddress]: command({ ieee: 'ieee', kind: 'u8', start: 'u8' }, ({ ieee }) => this.#findByIeee(ieee)),
      [asked.ieeeAddress]: command({ address: 'u16', kind: 'u8', start: 'u8' }, ({ address }) =>
        this.#ask(address, (node) => this.#tell(told.ieeeAddress, addressPair(node ?? this.#self))),
      ),
      [asked.nodeDescriptor]: command(addressed, ({ address }) =>
        this.#ask(address, (node) => this.#answer(told.nodeDescriptor, node, node?.nodeDescriptor() ?? own.nodeDescriptor())),
      ),
      [asked.powerDescriptor]: command(addressed, ({ address }) =>
        this.#ask(address, (node) => this.#answer(told.powerDescriptor, node, node?.powerDescriptor() ?? own.powerDescriptor())),
      ),
      [asked.simpleDescriptor]: command({ ...addressed, endpoint: 'u8' }, ({ address, endpoint }) =>
        this.#ask(address, (node) =>
          this.#answer(told.simpleDescriptor, node, node?.simpleDescriptor(endpoint) ?? own.simpleDescriptor(endpoint)),
        ),
      ),
      [asked.activeEndpoints]: command(addressed, ({ address }) =>
        this.#ask(address, (node) => this.#answer(told.activeEndpoints, node, node?.activeEndpoints() ?? own.activeEndpoints())),
      ),
    };
  }

  #management(): Commands {
    const own = coordinatorTables(this.#coordinator);
    const noEntries = (start: number) => Buffer.from([zdoStatus.success, 0, start, 0]);
    // An IEEE address and an endpoint, or, for a group, the same bytes of which two count.
    const bind = {
      address: 'u16',
      ieee: 'ieee',
      endpoint: 'u8',
      cluster: 'u16',
      mode: 'u8',
      target: 'ieee',
      targetEndpoint: 'u8',
    } as const;
    const change = (kind: number, add: boolean) =>
      command(bind, (fields) =>
        this.#ask(fields.address, (node) => node && this.#answer(kind, node, Buffer.from([node.changeBinding(bindingOf(fields), add)]))),
      );
    return {
      [asked.bind]: change(told.bind, true),
      [asked.unbind]: change(told.unbind, false),
      [asked.neighbors]: command(table, ({ address, start }) =>
        this.#ask(address, (node) => this.#answer(told.neighbors, node, own.neighbors(node, start))),
      ),
      [asked.routes]: command(table, ({ address, start }) =>
        this.#ask(address, (node) => this.#answer(told.routes, node, node ? noEntries(start) : own.routes(start))),
      ),
      [asked.bindings]: command(table, ({ address, start }) =>
        this.#ask(address, (node) => this.#answer(told.bindings, node, node?.bindingTable(start) ?? noEntries(start))),
      ),
      [asked.leave]: command({ address: 'u16', ieee: 'ieee', flags: 'u8' }, ({ address, flags }) =>
        this.#ask(address, (node) => {
          this.#answer(told.leave, node, Buffer.from([zdoStatus.success]));
          if (node) this.#coordinator.options.air.leave(node, (flags & 1) === 1);
        }),
      ),
      [asked.permitJoin]: command({ mode: 'u8', address: 'u16', seconds: 'u8', significance: 'u8' }, ({ address, seconds }) => {
        const isOwn = address === 0 || address >= 0xfff8;
        return this.#ask(isOwn ? 0 : address, (node) => {
          this.#answer(told.permitJoin, node, Buffer.from([zdoStatus.success]));
          this.permitJoin(seconds);
        });
      }),
      [asked.networkUpdate]: command(
        { address: 'u16', mode: 'u8', channels: 'u32', duration: 'u8', count: 'u8', manager: 'u16' },
        ({ channels, duration }) => {
          const wanted = channelsIn(channels);
          if (duration === changeChannel && wanted[0] !== undefined) this.#coordinator.stack.moveToChannel(wanted[0]);
          else this.#scanEnergy(wanted, channels);
          return accepted;
        },
      ),
    };
  }

  #network(): Commands {
    return {
      [asked.startup]: command({ delay: 'u16' }, () => {
        if (this.#coordinator.resume()) return statusOnly(0);
        this.#coordinator.changeState(deviceState.coordinatorStarting);
        const channels = this.#coordinator.options.nv.get(nvItem.channels)?.readUInt32LE() ?? 0;
        if (!this.#coordinator.stack.form(channels)) return statusOnly(2);
        this.#coordinator.changeState(deviceState.coordinator);
        return statusOnly(1);
      }),
      [asked.discoverRoute]: command({ address: 'u16', options: 'u8', radius: 'u8' }, () => accepted),
      [asked.networkInfo]: command({}, () => {
        const now = this.#coordinator.stack;
        const network = now.network ?? { panId: 0xffff, extendedPanId: `0x${'0'.repeat(16)}`, channel: 0 };
        return new Writer()
          .u16(now.running ? 0 : 0xfffe)
          .u8(now.state)
          .u16(network.panId)
          .u16(0)
          .ieee(network.extendedPanId)
          .ieee(`0x${'0'.repeat(16)}`)
          .u8(network.channel)
          .done();
      }),
    };
  }

  #groups(): Commands {
    const groupsOf = (endpoint: number): Set<number> => {
      const { groups } = this.#coordinator.af;
      const known = groups.get(endpoint) ?? new Set();
      groups.set(endpoint, known);
      return known;
    };
    const member = { endpoint: 'u8', group: 'u16' } as const;
    return {
      [asked.removeGroup]: command(member, ({ endpoint, group }) =>
        statusOnly(groupsOf(endpoint).delete(group) ? status.success : status.failure),
      ),
      [asked.findGroup]: command(member, ({ endpoint, group }) => {
        const found = groupsOf(endpoint).has(group);
        return new Writer()
          .u8(found ? status.success : status.failure)
          .u16(found ? group : 0)
          .u8(0)
          .done();
      }),
      [asked.addGroup]: command({ ...member, name: 'bytes8' }, ({ endpoint, group }) => {
        groupsOf(endpoint).add(group);
        return accepted;
      }),
    };
  }

  /** Asks a device, or the coordinator itself; a device that cannot be reached stays silent. */
  #ask(address: number, act: (node: Node | undefined) => void): Buffer {
    const { air, violations } = this.#coordinator.options;
    if (address === 0) act(undefined);
    else {
      if (!air.find(address)) violations.add('unknown-address', `ZDO request to 0x${address.toString(16).padStart(4, '0')}`);
      air.reach(address, act, () => {});
    }
    return accepted;
  }

  #findByIeee(ieee: string): Buffer {
    const { air } = this.#coordinator.options;
    if (ieee === this.#coordinator.ieee) this.#tell(told.networkAddress, addressPair(this.#self));
    else {
      const node = air.nodes.find((one) => one.ieee === ieee && air.find(one.address) === one);
      if (node)
        air.reach(
          node.address,
          () => this.#tell(told.networkAddress, addressPair(node)),
          () => {},
        );
    }
    return accepted;
  }

  #scanEnergy(wanted: readonly number[], channels: number): void {
    const { random } = this.#coordinator.options;
    const energies = Buffer.from(wanted.map(() => Math.floor(random() * 200)));
    const body = new Writer().u16(0).u8(zdoStatus.success).u32(channels).u16(0).u16(0).u8(energies.length).bytes(energies);
    this.#tell(told.networkUpdate, body);
  }

  get #self(): { ieee: string; address: number } {
    return { ieee: this.#coordinator.ieee, address: 0 };
  }

  #answer(kind: number, node: Node | undefined, body: Buffer): void {
    this.#tell(kind, new Writer().u16(node?.address ?? 0).bytes(body));
  }

  #tell(kind: number, body: Writer): void {
    this.#coordinator.indicate(subsystem.zdo, kind, body.done());
  }
}

/** The body of an answer about addresses; the device has no children to list. */
const addressPair = ({ ieee, address }: { ieee: string; address: number }): Writer =>
  new Writer().u8(zdoStatus.success).ieee(ieee).u16(address).u8(0).u8(0);

const channelsIn = (mask: number): number[] => [...Array(16).keys()].map((n) => n + 11).filter((channel) => mask & (1 << channel));

interface BindFields {
  endpoint: number;
  cluster: number;
  mode: number;
  target: string;
  targetEndpoint: number;
}

const groupMode = 1;

const bindingOf = ({ endpoint, cluster, mode, target, targetEndpoint }: BindFields): Binding => ({
  endpoint,
  cluster,
  target: mode === groupMode ? { group: Number.parseInt(target.slice(-4), 16) } : { ieee: target, endpoint: targetEndpoint },
});
