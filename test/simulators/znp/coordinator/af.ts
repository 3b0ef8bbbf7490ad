import { type ApsMessage, type Destination, homeAutomation, isBroadcast } from '../network/message.ts';
import { Writer } from '../serial/bytes.ts';
import { status, subsystem } from '../serial/names.ts';
import { type Commands, command, statusOnly } from './command.ts';
import type { Coordinator } from './coordinator.ts';

/** Commands of this subsystem. */
const af = {
  register: 0x00,
  dataRequest: 0x01,
  dataRequestExtended: 0x02,
  delete: 0x04,
} as const;

const addressMode = { group: 1, short: 2, ieee: 3, broadcast: 15 } as const;

export interface RegisteredEndpoint {
  endpoint: number;
  profile: number;
  device: number;
  version: number;
  inputs: number[];
  outputs: number[];
}

interface DataRequest {
  destination: Destination;
  source: number;
  cluster: number;
  transaction: number;
  data: Buffer;
}

/** A data request that the coordinator took. */
export interface TakenRequest {
  /** When it was read from the line, ms of the simulator's clock. */
  at: number;
  destination: Destination;
  cluster: number;
  data: Buffer;
}

/** MT_AF: the endpoints of the host, and the messages they send and hear. */
export class Af {
  readonly endpoints = new Map<number, RegisteredEndpoint>();
  readonly groups = new Map<number, Set<number>>();
  readonly commands: Commands;
  /** Data requests that were accepted and not confirmed yet. */
  inFlight = 0;
  maxInFlight = 0;
  /** The next ones that are answered as if there were too many. */
  requestsToRefuse = 0;
  readonly #coordinator: Coordinator;
  #epoch = 0;

  constructor(coordinator: Coordinator) {
    this.#coordinator = coordinator;
    this.commands = this.#commands();
  }

  reset(): void {
    this.endpoints.clear();
    this.groups.clear();
    this.inFlight = 0;
    this.#epoch += 1;
  }

  /** Hands a message to the host, if an endpoint of it is meant. */
  hear({ source, sourceEndpoint, destination, cluster, data }: ApsMessage, linkQuality: number): void {
    const isGroup = destination.to === 'group';
    const endpoint = isGroup ? this.#memberOf(destination.group) : this.#endpointFor(destination.endpoint);
    if (endpoint === undefined) return;
    const timestamp = Math.floor((this.#coordinator.options.clock.mono() / 0.32) % 0xffffffff);
    const body = new Writer()
      .u16(isGroup ? destination.group : 0)
      .u16(cluster)
      .u16(source)
      .u8(sourceEndpoint)
      .u8(endpoint)
      .u8(destination.to === 'all' ? 1 : 0)
      .u8(linkQuality)
      .u8(0)
      .u32(timestamp)
      .u8(0)
      .u8(data.length)
      .bytes(data)
      // The short address of the last hop and the radius left: real firmware sends them, TI's document doesn't tell.
      .u16(source)
      .u8(29);
    this.#coordinator.indicate(subsystem.af, 0x81, body.done());
  }

  #commands(): Commands {
    const registered = {
      endpoint: 'u8',
      profile: 'u16',
      device: 'u16',
      version: 'u8',
      latency: 'u8',
      inputs: 'words',
      outputs: 'words',
    } as const;
    return {
      [af.register]: command(registered, (endpoint) => statusOnly(this.#register(endpoint))),
      [af.dataRequest]: command(
        { address: 'u16', endpoint: 'u8', source: 'u8', cluster: 'u16', transaction: 'u8', options: 'u8', radius: 'u8', data: 'bytes8' },
        ({ address, endpoint, ...request }) => {
          const destination = isBroadcast(address)
            ? ({ to: 'all', address, endpoint } as const)
            : ({ to: 'node', address, endpoint } as const);
          return statusOnly(this.#send({ ...request, destination }));
        },
      ),
      [af.dataRequestExtended]: command(
        {
          mode: 'u8',
          address: 'ieee',
          endpoint: 'u8',
          pan: 'u16',
          source: 'u8',
          cluster: 'u16',
          transaction: 'u8',
          options: 'u8',
          radius: 'u8',
          data: 'bytes16',
        },
        ({ mode, address, endpoint, ...request }) => {
          const destination = destinationOf(mode, Number.parseInt(address.slice(-4), 16), endpoint);
          return statusOnly(destination ? this.#send({ ...request, destination }) : status.invalidParameter);
        },
      ),
      [af.delete]: command({ endpoint: 'u8' }, ({ endpoint }) =>
        statusOnly(this.endpoints.delete(endpoint) ? status.success : status.invalidParameter),
      ),
    };
  }

  #register(endpoint: RegisteredEndpoint): number {
    if (endpoint.endpoint === 0 || endpoint.endpoint > 254) return status.invalidParameter;
    if (this.endpoints.has(endpoint.endpoint)) return status.duplicateEntry;
    this.endpoints.set(endpoint.endpoint, endpoint);
    return status.success;
  }

  /** The status of the answer; what came of the request is told by its confirmation. */
  #send({ destination, source, cluster, transaction, data }: DataRequest): number {
    const { air, buffers, violations } = this.#coordinator.options;
    if (!this.endpoints.has(source)) {
      violations.add('unregistered-endpoint', `data request from endpoint ${source}`);
      return status.invalidParameter;
    }
    if (!this.#coordinator.stack.running) {
      violations.add('not-started', 'data request before the network runs');
      return status.failure;
    }
    if (destination.to === 'node' && !air.find(destination.address)) {
      violations.add('unknown-address', `data request to 0x${destination.address.toString(16).padStart(4, '0')}`);
    }
    if (this.inFlight >= buffers || this.requestsToRefuse > 0) {
      this.requestsToRefuse = Math.max(0, this.requestsToRefuse - 1);
      this.#confirm(status.bufferFull, { source, transaction });
      return status.success;
    }
    const { clock, requests } = this.#coordinator.options;
    requests.push({ at: clock.mono(), destination, cluster, data });
    this.inFlight += 1;
    this.maxInFlight = Math.max(this.maxInFlight, this.inFlight);
    const epoch = this.#epoch;
    air.carry({ source: 0, sourceEndpoint: source, destination, cluster, data }, (result) => {
      // A coordinator that restarted meanwhile knows nothing of this request.
      if (this.#epoch !== epoch) return;
      this.inFlight -= 1;
      this.#confirm(result, { source, transaction });
    });
    return status.success;
  }

  #confirm(result: number, { source, transaction }: { source: number; transaction: number }): void {
    this.#coordinator.indicate(subsystem.af, 0x80, Buffer.from([result, source, transaction]));
  }

  #memberOf(group: number): number | undefined {
    return [...this.endpoints.keys()].find((endpoint) => this.groups.get(endpoint)?.has(group));
  }

  /** The endpoint that hears a message for this one: itself, or for all of them the first of the profile. */
  #endpointFor(id: number): number | undefined {
    if (id !== 0xff) return this.endpoints.has(id) ? id : undefined;
    return [...this.endpoints.values()].find(({ profile }) => profile === homeAutomation)?.endpoint;
  }
}

function destinationOf(mode: number, address: number, endpoint: number): Destination | undefined {
  if (mode === addressMode.group) return { to: 'group', group: address };
  if (mode === addressMode.broadcast || (mode === addressMode.short && isBroadcast(address))) return { to: 'all', address, endpoint };
  return mode === addressMode.short ? { to: 'node', address, endpoint } : undefined;
}
