import type { SimulatorClock } from '../../hue/clock.ts';
import { Writer } from '../serial/bytes.ts';
import type { Endpoint } from '../zcl/endpoint.ts';
import type { Air } from './air.ts';
import type { ApsMessage, Destination } from './message.ts';
import { Sleep } from './sleep.ts';

/** Statuses of the Zigbee device profile. */
export const zdoStatus = { success: 0x00, invalidEndpoint: 0x82, notActive: 0x83, noEntry: 0x88 } as const;

export interface Binding {
  endpoint: number;
  cluster: number;
  target: { group: number } | { ieee: string; endpoint: number };
}

export interface NodeOptions {
  air: Air;
  clock: SimulatorClock;
  /** 0x and 16 hex digits. */
  ieee: string;
  name: string;
  manufacturerCode: number;
  /** Battery devices listen only so often, ms; undefined for what hangs on the mains. */
  pollEvery?: number | undefined;
}

/** A device on the network: its addresses, descriptors, bindings, and whether it can be reached. */
export class Node {
  readonly ieee: string;
  readonly name: string;
  readonly sleep: Sleep | undefined;
  readonly endpoints = new Map<number, Endpoint>();
  readonly bindings: Binding[] = [];
  /** Every message that reached it. */
  readonly heard: { at: number; cluster: number; data: Buffer; byGroup: boolean }[] = [];
  /** The network it belongs to, as `Air` names networks; undefined outside of any. */
  network: string | undefined;
  address = 0xfffe;
  powered = true;
  linkQuality = 120;
  readonly #options: NodeOptions;

  constructor(options: NodeOptions) {
    this.#options = options;
    this.ieee = options.ieee;
    this.name = options.name;
    if (options.pollEvery !== undefined) this.sleep = new Sleep({ clock: options.clock, pollEvery: options.pollEvery });
  }

  get isRouter(): boolean {
    return this.sleep === undefined;
  }

  /** MAC capabilities: a router on the mains, or an end device whose receiver sleeps. */
  get capabilities(): number {
    return this.isRouter ? 0x8e : 0x80;
  }

  send(destination: Destination, { endpoint, cluster, data }: { endpoint: number; cluster: number; data: Buffer }): void {
    if (!this.powered || this.network === undefined) return;
    this.sleep?.wake(250);
    this.#options.air.send(this, { source: this.address, sourceEndpoint: endpoint, destination, cluster, data });
  }

  /** Sends to everything that this cluster of an endpoint is bound to. */
  sendToBound(endpoint: number, cluster: number, data: Buffer): void {
    for (const binding of this.bindings) {
      if (binding.endpoint !== endpoint || binding.cluster !== cluster) continue;
      const destination = this.#options.air.destinationOf(binding.target);
      if (destination) this.send(destination, { endpoint, cluster, data });
    }
  }

  hear(message: ApsMessage): void {
    const { destination, cluster, data } = message;
    this.heard.push({ at: this.#options.clock.mono(), cluster, data, byGroup: destination.to === 'group' });
    this.sleep?.wake(250);
    for (const endpoint of this.endpoints.values()) if (isFor(endpoint, destination)) endpoint.hear(message);
  }

  /** Cuts the mains, or takes out the battery. */
  cutPower(): void {
    this.powered = false;
    for (const endpoint of this.endpoints.values()) endpoint.stop();
  }

  /** Power returns: it announces itself. */
  restorePower(): void {
    if (this.powered) return;
    this.powered = true;
    this.#options.air.announce(this);
  }

  /** As a person resets it: it says so if it can, and forgets the network. */
  leave(): void {
    this.#options.air.leave(this);
  }

  forgetNetwork(): void {
    this.network = undefined;
    this.address = 0xfffe;
    this.bindings.length = 0;
    for (const endpoint of this.endpoints.values()) endpoint.forgetNetwork();
  }

  nodeDescriptor(): Buffer {
    const { manufacturerCode } = this.#options;
    return this.#described()
      .u8(this.isRouter ? 1 : 2)
      .u8(0x40)
      .u8(this.capabilities)
      .u16(manufacturerCode)
      .u8(82)
      .u16(128)
      .u16(0x2c00)
      .u16(128)
      .u8(0)
      .done();
  }

  powerDescriptor(): Buffer {
    return this.#described()
      .u16(this.isRouter ? 0xc110 : 0xc440)
      .done();
  }

  activeEndpoints(): Buffer {
    const ids = [...this.endpoints.keys()];
    return this.#described().u8(ids.length).bytes(Buffer.from(ids)).done();
  }

  simpleDescriptor(id: number): Buffer {
    const endpoint = this.endpoints.get(id);
    if (!endpoint) {
      const problem = id === 0 || id > 240 ? zdoStatus.invalidEndpoint : zdoStatus.notActive;
      return new Writer().u8(problem).u16(this.address).u8(0).done();
    }
    const descriptor = endpoint.descriptor();
    return this.#described().u8(descriptor.length).bytes(descriptor).done();
  }

  /** Adds or removes a binding; answers the status. */
  changeBinding(binding: Binding, add: boolean): number {
    const at = this.bindings.findIndex((known) => JSON.stringify(known) === JSON.stringify(binding));
    if (add && at < 0) this.bindings.push(binding);
    if (!add && at < 0) return zdoStatus.noEntry;
    if (!add) this.bindings.splice(at, 1);
    return zdoStatus.success;
  }

  bindingTable(start: number): Buffer {
    const shown = this.bindings.slice(start, start + 3);
    const body = new Writer().u8(zdoStatus.success).u8(this.bindings.length).u8(start).u8(shown.length);
    for (const { endpoint, cluster, target } of shown) {
      body.ieee(this.ieee).u8(endpoint).u16(cluster);
      if ('group' in target) body.u8(1).u16(target.group);
      else body.u8(3).ieee(target.ieee).u8(target.endpoint);
    }
    return body.done();
  }

  #described(): Writer {
    return new Writer().u8(zdoStatus.success).u16(this.address);
  }
}

function isFor(endpoint: Endpoint, destination: Destination): boolean {
  if (destination.to === 'group') return endpoint.groups.has(destination.group);
  return destination.endpoint === endpoint.id || destination.endpoint === 0xff;
}
