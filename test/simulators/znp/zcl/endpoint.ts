import type { SimulatorClock } from '../../hue/clock.ts';
import type { ApsMessage, Destination } from '../network/message.ts';
import type { Node } from '../network/node.ts';
import { Reader, Writer, WrongLength } from '../serial/bytes.ts';
import type { Violations } from '../violations.ts';
import type { Attribute, Cluster, Outcome } from './cluster.ts';
import { Foundation } from './foundation.ts';
import { decodeZcl, encodeZcl, general, type ZclFrame, zclStatus } from './frame.ts';
import { Reporting } from './reporting.ts';
import { writeValue } from './types.ts';

export interface EndpointOptions {
  node: Node;
  clock: SimulatorClock;
  violations: Violations;
  id: number;
  profile: number;
  device: number;
  clusters: readonly Cluster[];
  /** Clusters of which it sends commands. */
  outputs?: readonly number[];
  groups?: Set<number>;
}

/** An application on a device: takes the messages for its clusters and answers as the cluster library asks for. */
export class Endpoint {
  readonly id: number;
  readonly groups: Set<number>;
  readonly #options: EndpointOptions;
  readonly #foundations = new Map<number, Foundation>();
  readonly #reporting = new Map<number, Reporting>();
  #sequence = 0;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.id = options.id;
    this.groups = options.groups ?? new Set();
    for (const cluster of options.clusters) {
      const send = (id: number, attribute: Attribute) => this.#report(cluster.id, id, attribute);
      const reporting = new Reporting({ clock: options.clock, send });
      this.#reporting.set(cluster.id, reporting);
      this.#foundations.set(cluster.id, new Foundation(cluster, reporting));
    }
  }

  descriptor(): Buffer {
    const { id, profile, device, clusters, outputs = [] } = this.#options;
    const inputs = clusters.map((cluster) => cluster.id);
    return new Writer().u8(id).u16(profile).u16(device).u8(1).words(inputs).words(outputs).done();
  }

  /** Values may have changed: what is due is reported. */
  changed(): void {
    if (this.#options.node.powered) for (const reporting of this.#reporting.values()) reporting.check();
  }

  stop(): void {
    for (const reporting of this.#reporting.values()) reporting.stop();
  }

  forgetNetwork(): void {
    this.groups.clear();
    for (const reporting of this.#reporting.values()) reporting.forget();
  }

  /** Sends a command of a cluster's client, as a remote does, to what it is bound to. */
  command(cluster: number, command: number, payload: Buffer): void {
    const frame = { specific: true, fromServer: false, quiet: false, sequence: this.#nextSequence(), command, payload };
    this.#options.node.sendToBound(this.id, cluster, encodeZcl(frame));
  }

  hear({ source, sourceEndpoint, destination, cluster, data }: ApsMessage): void {
    const frame = this.#decode(data);
    if (!frame || frame.fromServer) return;
    const toMany = destination.to !== 'node';
    const outcome = this.#act(cluster, frame, toMany);
    if (toMany || outcome === undefined) return;
    const answer = answerTo(frame, outcome);
    if (!answer) return;
    const back: Destination = { to: 'node', address: source, endpoint: sourceEndpoint };
    this.#options.node.send(back, { endpoint: this.id, cluster, data: encodeZcl(answer) });
  }

  #act(clusterId: number, frame: ZclFrame, toMany: boolean): Outcome | undefined {
    const cluster = this.#options.clusters.find(({ id }) => id === clusterId);
    // Answers of others, such as those to a remote's commands, need none.
    if (!frame.specific && [general.defaultAnswer, general.readAnswer].some((id) => id === frame.command)) return undefined;
    if (!cluster) return zclStatus.unsupportedCluster;
    try {
      if (!frame.specific) return this.#foundations.get(clusterId)?.act(frame);
      if (frame.manufacturer !== undefined) return zclStatus.unsupportedClusterCommand;
      const command = cluster.commands[frame.command];
      return command ? command(new Reader(frame.payload), { toMany }) : zclStatus.unsupportedClusterCommand;
    } catch (error) {
      if (!(error instanceof WrongLength)) throw error;
      this.#complain(`cluster 0x${clusterId.toString(16)}, command ${frame.command}: ${error.message}`);
      return zclStatus.malformed;
    }
  }

  #decode(data: Buffer): ZclFrame | undefined {
    try {
      return decodeZcl(data);
    } catch (error) {
      if (!(error instanceof WrongLength)) throw error;
      this.#complain(error.message);
      return undefined;
    }
  }

  #complain(detail: string): void {
    this.#options.violations.add('malformed-zcl', `${this.#options.node.name}: ${detail}`);
  }

  #report(cluster: number, id: number, { type, read }: Attribute): void {
    const payload = new Writer().u16(id).u8(type);
    writeValue(payload, type, read());
    const frame = { specific: false, fromServer: true, quiet: true, sequence: this.#nextSequence(), command: general.report };
    this.#options.node.sendToBound(this.id, cluster, encodeZcl({ ...frame, payload: payload.done() }));
  }

  #nextSequence(): number {
    this.#sequence = (this.#sequence + 1) % 256;
    return this.#sequence;
  }
}

/** The frame that answers; none where the sender wants none and all went well. */
function answerTo(frame: ZclFrame, outcome: Outcome): ZclFrame | undefined {
  const { sequence, manufacturer } = frame;
  const answer = { fromServer: true, quiet: true, sequence, manufacturer };
  if (typeof outcome !== 'number') return { ...answer, specific: frame.specific, ...outcome };
  if (frame.quiet && outcome === zclStatus.success) return undefined;
  return { ...answer, specific: false, command: general.defaultAnswer, payload: Buffer.from([frame.command, outcome]) };
}
