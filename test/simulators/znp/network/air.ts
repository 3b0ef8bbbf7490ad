import { type SimulatorClock, Timers } from '../../hue/clock.ts';
import { type Random, type Span, within } from '../../hue/random.ts';
import { status } from '../serial/names.ts';
import { type ApsMessage, coordinatorAddress, type Destination, isBroadcast } from './message.ts';
import type { Binding, Node } from './node.ts';

/** How long a parent keeps a message for a child that sleeps, ms (`INDIRECT_MSG_TIMEOUT` of Z-Stack: 7 s). */
const indirectTimeout = 7000;

/** A device counts as awake for this long after it joined: it polls fast while it is being asked about, ms. */
const awakeAfterJoin = 10_000;

/** What the network needs of its coordinator. */
export interface Center {
  readonly ieee: string;
  /** The network it runs, as a name that devices keep; undefined while it runs none. */
  readonly network: string | undefined;
  readonly permitsJoin: boolean;
  hear(message: ApsMessage, linkQuality: number): void;
  onJoined(node: Node): void;
  onAnnounced(node: Node): void;
  onLeft(gone: { address: number; ieee: string }, rejoin: boolean): void;
}

interface AirOptions {
  clock: SimulatorClock;
  random: Random;
  /** How long a message is under way, ms. */
  airTime: Span;
}

/** The radio: who is there, who hears whom, and how long it takes. */
export class Air {
  readonly nodes: Node[] = [];
  /** Undefined while the coordinator has no power. */
  center: Center | undefined;
  readonly #timers: Timers;
  readonly #options: AirOptions;
  /** Until when each way is busy: messages on one way keep their order. */
  readonly #busyUntil = new Map<string, number>();

  constructor(options: AirOptions) {
    this.#options = options;
    this.#timers = new Timers(options.clock);
  }

  /** The device with this short address in the coordinator's network. */
  find(address: number): Node | undefined {
    return this.nodes.find((node) => node.address === address && this.#isMember(node));
  }

  destinationOf(target: Binding['target']): Destination | undefined {
    if ('group' in target) return { to: 'group', group: target.group };
    if (target.ieee === this.center?.ieee) return { to: 'node', address: coordinatorAddress, endpoint: target.endpoint };
    const node = this.nodes.find(({ ieee }) => ieee === target.ieee);
    return node && { to: 'node', address: node.address, endpoint: target.endpoint };
  }

  /** Carries a message of the coordinator; `done` gets the status that its confirmation shows. */
  carry(message: ApsMessage, done: (status: number) => void): void {
    const { destination } = message;
    if (destination.to === 'node') {
      this.reach(destination.address, (node) => node.hear(message), done);
      return;
    }
    this.#later('many', () => {
      for (const node of this.nodes) if (this.#isMember(node) && this.#hearsAll(node, destination)) node.hear(message);
      done(status.success);
    });
  }

  /** Does something at a device once it can be reached. */
  reach(address: number, act: (node: Node) => void, done: (status: number) => void): void {
    const node = this.find(address);
    if (!node) {
      this.#later('nowhere', () => done(status.noRoute));
      return;
    }
    const wait = node.sleep?.untilListening ?? 0;
    if (wait > indirectTimeout) {
      this.#timers.after(indirectTimeout, () => done(status.macTransactionExpired));
      return;
    }
    const deliver = () => {
      if (!node.powered) done(node.isRouter ? status.macNoAck : status.macTransactionExpired);
      else {
        done(status.success);
        act(node);
      }
    };
    this.#later(`to ${node.ieee}`, deliver, wait);
  }

  /** A message of a device, to the coordinator, another device, or many. */
  send(from: Node, message: ApsMessage): void {
    const network = from.network;
    this.#later(`from ${from.ieee}`, () => {
      const { destination } = message;
      const center = this.center?.network === network ? this.center : undefined;
      if (destination.to !== 'node' || destination.address === coordinatorAddress) center?.hear(message, from.linkQuality);
      for (const node of this.nodes) {
        if (node === from || node.network !== network || !node.powered) continue;
        const addressed = destination.to === 'node' ? node.address === destination.address : this.#hearsAll(node, destination);
        if (addressed) node.hear(message);
      }
    });
  }

  /** A device asks to join. Whether it was let in. */
  join(node: Node): boolean {
    const { center } = this;
    if (!center?.permitsJoin || center.network === undefined || !node.powered) return false;
    node.network = center.network;
    node.address = this.#freeAddress();
    node.sleep?.wake(awakeAfterJoin);
    this.#later(`from ${node.ieee}`, () => {
      center.onJoined(node);
      this.announce(node);
    });
    return true;
  }

  announce(node: Node): void {
    node.sleep?.wake(awakeAfterJoin);
    this.#later(`from ${node.ieee}`, () => {
      if (node.powered && this.#isMember(node)) this.center?.onAnnounced(node);
    });
  }

  leave(node: Node, rejoin = false): void {
    const wasMember = this.#isMember(node);
    const { address, ieee } = node;
    if (!rejoin) node.forgetNetwork();
    this.#later(`from ${ieee}`, () => {
      if (wasMember && node.powered) this.center?.onLeft({ address, ieee }, rejoin);
      if (rejoin) this.announce(node);
    });
  }

  close(): void {
    this.#timers.cancelAll();
  }

  #isMember(node: Node): boolean {
    return node.network !== undefined && node.network === this.center?.network;
  }

  #hearsAll(node: Node, destination: Destination): boolean {
    if (!node.powered) return false;
    if (destination.to === 'group') return node.isRouter;
    return destination.to === 'all' && (node.isRouter || destination.address === 0xffff) && isBroadcast(destination.address);
  }

  #later(way: string, task: () => void, beyond = 0): void {
    const now = this.#options.clock.mono();
    const start = Math.max(now + beyond, this.#busyUntil.get(way) ?? 0);
    const end = start + within(this.#options.airTime, this.#options.random);
    this.#busyUntil.set(way, end);
    this.#timers.after(end - now, task);
  }

  #freeAddress(): number {
    const taken = new Set(this.nodes.map(({ address }) => address));
    for (;;) {
      const address = 1 + Math.floor(this.#options.random() * 0xfff6);
      if (!taken.has(address)) return address;
    }
  }
}
