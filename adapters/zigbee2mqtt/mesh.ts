import type { Clock } from '../../daemon/api/clock.ts';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import type { JoiningStep, MeshNode, MeshPort, MeshView, PowerSource } from '../../daemon/devices/mesh.ts';
import type { Housing, Zigbee2MqttHouse } from './house.ts';
import { type BridgeDevice, type BridgeInfo, type DeviceMessage, readEvent, readInfo } from './payloads.ts';
import type { Session } from './session.ts';

export interface MeshOptions {
  /** As people know the network: the broker's address and the base topic. */
  port: string;
  clock: Clock;
  house: Zigbee2MqttHouse;
  session: Session;
  /** ms that a request may take by itself, and one that a device has to be reached for */
  patience: { own: number; device: number; interview: number };
  isAvailable(housing: Housing): boolean;
  onChange(): void;
}

/** What a housing's messages say of its radio. */
interface Heard {
  linkQuality?: number;
  /** % */
  battery?: number;
  /** Epoch ms */
  at: number;
}

/** Of the events that Zigbee2MQTT tells of a device that joins (`device_interview`). */
const STEPS: Readonly<Record<string, JoiningStep>> = { started: 'interviewing', failed: 'failed' };

/** The Zigbee network behind a Zigbee2MQTT, as people look after it: by its own requests. */
export class Zigbee2MqttMesh implements MeshPort {
  readonly #options: MeshOptions;
  readonly #heard = new Map<string, Heard>();
  /** Those that have joined and are not ready yet. */
  readonly #joining = new Map<string, JoiningStep>();
  #info: BridgeInfo | undefined;
  #wasOnline = false;

  constructor(options: MeshOptions) {
    this.#options = options;
  }

  view(): MeshView {
    const { port, house, session } = this.#options;
    const { version, coordinator, network } = this.#info ?? {};
    return {
      state: session.isLive ? 'online' : this.#wasOnline ? 'offline' : 'starting',
      coordinator: {
        port,
        ...(coordinator?.ieee_address !== undefined && { id: coordinator.ieee_address }),
        ...(version !== undefined && { model: [coordinator?.type, `Zigbee2MQTT ${version}`].filter(Boolean).join(', ') }),
      },
      ...(network && { channel: network.channel, panId: network.pan_id }),
      joinSeconds: session.isLive ? this.#joinSeconds() : 0,
      nodes: house.housings().map((housing) => this.#describe(housing)),
    };
  }

  async permitJoin(seconds: number, signal: AbortSignal): Promise<void> {
    await this.#ask('permit_join', { time: seconds }, { within: this.#options.patience.own, signal });
  }

  async rename(node: string, name: string): Promise<void> {
    const { own } = this.#options.patience;
    await this.#ask('device/rename', { from: this.#ieee(node), to: name }, { within: own, signal: new AbortController().signal });
  }

  async remove(node: string, { force, signal }: { force: boolean; signal: AbortSignal }): Promise<void> {
    await this.#ask('device/remove', { id: this.#ieee(node), force }, { within: this.#options.patience.device, signal });
  }

  async interview(node: string, signal: AbortSignal): Promise<void> {
    await this.#ask('device/interview', { id: this.#ieee(node) }, { within: this.#options.patience.interview, signal });
  }

  onLive(): void {
    this.#wasOnline = true;
    this.#options.onChange();
  }

  onInfo(payload: string): void {
    this.#info = readInfo(payload) ?? this.#info;
    this.#options.onChange();
  }

  onEvent(payload: string): void {
    const event = readEvent(payload);
    if (!event) return;
    const { ieee_address: ieee, status } = event.data;
    const step = event.type === 'device_joined' ? 'joined' : STEPS[status ?? ''];
    if (step) this.#joining.set(ieee, step);
    else if (event.type === 'device_leave' || status === 'successful') this.#joining.delete(ieee);
    this.#options.onChange();
  }

  /** The list of devices is another. */
  onDevices(): void {
    const { house, onChange } = this.#options;
    for (const ieee of this.#heard.keys()) if (!house.housing(ieee)) this.#heard.delete(ieee);
    for (const ieee of this.#joining.keys()) if (house.housing(ieee)?.told.interview_completed) this.#joining.delete(ieee);
    onChange();
  }

  /** @param retained kept by the broker: nobody knows since when */
  onMessage({ ieee }: Housing, message: DeviceMessage, retained: boolean): void {
    const before = this.#heard.get(ieee);
    const at = lastSeen(message) ?? (retained ? before?.at : this.#options.clock.wall());
    if (at === undefined) return;
    const linkQuality = numberIn(message, 'linkquality') ?? before?.linkQuality;
    const battery = numberIn(message, 'battery', 100) ?? before?.battery;
    this.#heard.set(ieee, { at, ...(linkQuality !== undefined && { linkQuality }), ...(battery !== undefined && { battery }) });
    this.#options.onChange();
  }

  async #ask(call: string, payload: object, { within, signal }: { within: number; signal: AbortSignal }): Promise<void> {
    const { session } = this.#options;
    if (!session.isLive) throw new RoomtoneError('mesh.offline', { params: { adapter: 'zigbee2mqtt' } });
    await session.ask({ call, payload: { ...payload }, within }, signal);
  }

  #ieee(node: string): string {
    if (this.#options.house.housing(node)) return node;
    throw new RoomtoneError('mesh.unknown_node', { params: { adapter: 'zigbee2mqtt', node } });
  }

  #joinSeconds(): number {
    const { permit_join = false, permit_join_end, permit_join_timeout } = this.#info ?? {};
    if (!permit_join) return 0;
    const left = permit_join_end ? Math.ceil((permit_join_end - this.#options.clock.wall()) / 1000) : (permit_join_timeout ?? LONGEST);
    return Math.min(LONGEST, Math.max(0, left));
  }

  #describe(housing: Housing): MeshNode {
    const { ieee, name, told, units } = housing;
    const { linkQuality, battery, at } = this.#heard.get(ieee) ?? {};
    const joining = this.#joining.get(ieee) ?? stepOf(told);
    return {
      ...{
        id: ieee,
        name,
        devices: units.map(({ device }) => device.id),
        power: powerOf(told),
        available: this.#options.isAvailable(housing),
      },
      ...(told.definition && { vendor: told.definition.vendor, model: told.definition.model }),
      ...(linkQuality !== undefined && { linkQuality }),
      ...(battery !== undefined && { battery }),
      ...(at !== undefined && { lastSeen: at }),
      ...(joining && { joining }),
    };
  }
}

/** Seconds: the most that a network stays open (Zigbee specification, Mgmt_Permit_Joining_req). */
const LONGEST = 254;

/** Of one that joined before we listened. */
function stepOf({ interviewing, interview_completed }: BridgeDevice): JoiningStep | undefined {
  if (interviewing) return 'interviewing';
  return interview_completed ? undefined : 'failed';
}

function powerOf({ power_source }: BridgeDevice): PowerSource {
  if (!power_source || power_source === 'Unknown') return 'unknown';
  return power_source === 'Battery' ? 'battery' : 'mains';
}

function numberIn(message: DeviceMessage, name: string, most = Number.POSITIVE_INFINITY): number | undefined {
  const value = message[name];
  return typeof value === 'number' && value >= 0 ? Math.min(value, most) : undefined;
}

/** Told where Zigbee2MQTT is set to (`advanced.last_seen`), as ISO 8601 or epoch ms. */
function lastSeen({ last_seen: told }: DeviceMessage): number | undefined {
  const at = typeof told === 'string' ? Date.parse(told) : told;
  return typeof at === 'number' && Number.isFinite(at) ? at : undefined;
}
