import type { SimulatorClock } from '../../hue/clock.ts';
import type { Air } from '../network/air.ts';
import { homeAutomation } from '../network/message.ts';
import { Node } from '../network/node.ts';
import type { Violations } from '../violations.ts';
import type { Cluster } from '../zcl/cluster.ts';
import { Endpoint } from '../zcl/endpoint.ts';
import { basicCluster, groupsCluster, identifyCluster } from './common-clusters.ts';

/** What every device needs of the simulator. */
export interface Surroundings {
  air: Air;
  clock: SimulatorClock;
  violations: Violations;
  /** To be called after anything of a device changed. */
  onChange(): void;
}

/** What a device is on the label and in its descriptors. */
export interface Model {
  manufacturer: string;
  model: string;
  manufacturerCode: number;
  /** Of the Zigbee home automation profile. */
  device: number;
  endpoint: number;
  battery: boolean;
  /** Whether it can be in groups, as lamps and plugs can. */
  groups: boolean;
  /** Clusters of which it sends commands. */
  outputs: readonly number[];
}

export interface DeviceIdentity {
  name: string;
  ieee: string;
  /** For battery devices: how often they listen, ms; default 2000. */
  pollEvery?: number | undefined;
}

/** What all devices have: a node, an endpoint with the common clusters, a way in and out of the network. */
export class Device {
  readonly node: Node;
  readonly endpoint: Endpoint;
  /** How often it was asked to make itself known. */
  identified = 0;
  protected readonly surroundings: Surroundings;

  constructor({ surroundings, model, identity, clusters }: DeviceParts) {
    const { air, clock, violations } = surroundings;
    this.surroundings = surroundings;
    const pollEvery = model.battery ? (identity.pollEvery ?? 2000) : undefined;
    this.node = new Node({ air, clock, ieee: identity.ieee, name: identity.name, manufacturerCode: model.manufacturerCode, pollEvery });
    const groups = new Set<number>();
    const common = [
      basicCluster(model),
      identifyCluster((seconds) => this.#identify(seconds)),
      ...(model.groups ? [groupsCluster(groups)] : []),
    ];
    this.endpoint = new Endpoint({
      node: this.node,
      clock,
      violations,
      id: model.endpoint,
      profile: homeAutomation,
      device: model.device,
      clusters: [...common, ...clusters],
      outputs: model.outputs,
      groups,
    });
    this.node.endpoints.set(model.endpoint, this.endpoint);
    air.nodes.push(this.node);
  }

  get name(): string {
    return this.node.name;
  }

  get ieee(): string {
    return this.node.ieee;
  }

  /** A person puts it in pairing mode. Whether it was let in. */
  join(): boolean {
    return this.surroundings.air.join(this.node);
  }

  /** A person resets it. */
  leave(): void {
    this.node.leave();
  }

  close(): void {
    this.endpoint.stop();
  }

  protected changed(): void {
    this.endpoint.changed();
    this.surroundings.onChange();
  }

  #identify(seconds: number): void {
    if (seconds > 0) this.identified += 1;
    this.surroundings.onChange();
  }
}

export interface DeviceParts {
  surroundings: Surroundings;
  model: Model;
  identity: DeviceIdentity;
  clusters: readonly Cluster[];
}
