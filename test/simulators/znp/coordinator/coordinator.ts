import type { SimulatorClock } from '../../hue/clock.ts';
import { Timers } from '../../hue/clock.ts';
import type { Air, Center } from '../network/air.ts';
import type { ApsMessage } from '../network/message.ts';
import type { Node } from '../network/node.ts';
import { Writer, WrongLength } from '../serial/bytes.ts';
import { frameType, type MtFrame } from '../serial/frame.ts';
import { deviceState, rpcError, subsystem } from '../serial/names.ts';
import type { Violations } from '../violations.ts';
import { Af, type TakenRequest } from './af.ts';
import { appConfigCommands } from './app-config.ts';
import type { Commands } from './command.ts';
import type { NvMemory } from './nv.ts';
import { Stack, type TableSizes } from './stack.ts';
import { sysCommands, versionFields } from './sys.ts';
import { utilCommands } from './util.ts';
import { Zdo } from './zdo.ts';

export interface CoordinatorOptions {
  clock: SimulatorClock;
  random: () => number;
  air: Air;
  nv: NvMemory;
  ieee: string;
  tables: TableSizes;
  /** Build date of the firmware as a number, for instance 20230507. */
  revision: number;
  /** How long a restart takes, ms. */
  restartTime: number;
  /** Data requests that the stack holds at once; more get BUFFER_FULL. */
  buffers: number;
  violations: Violations;
  /** Where the data requests that it takes are written down. */
  requests: TakenRequest[];
  send(frame: MtFrame): void;
}

/** The processor of the coordinator while it has power: takes requests of the host, answers each before it tells what came of it. */
export class Coordinator implements Center {
  readonly af: Af;
  readonly zdo: Zdo;
  readonly timers: Timers;
  readonly options: CoordinatorOptions;
  #stack: Stack;
  #commands: Map<number, Commands>;
  /** Indications that wait until the answer of the request is out. */
  #held: MtFrame[] | undefined;
  #restarting = false;
  #closed = false;

  constructor(options: CoordinatorOptions) {
    this.options = options;
    this.timers = new Timers(options.clock);
    this.#stack = this.#wake();
    this.af = new Af(this);
    this.zdo = new Zdo(this);
    this.#commands = new Map([
      [subsystem.sys, sysCommands(this)],
      [subsystem.af, this.af.commands],
      [subsystem.zdo, this.zdo.commands],
      [subsystem.util, utilCommands(this)],
      [subsystem.appConfig, appConfigCommands(this)],
    ]);
    options.air.center = this;
  }

  get stack(): Stack {
    return this.#stack;
  }

  get ieee(): string {
    return this.#stack.ieee;
  }

  get network(): string | undefined {
    const { network, networkKey, running } = this.#stack;
    return running && network ? `${network.extendedPanId}/${networkKey}` : undefined;
  }

  get permitsJoin(): boolean {
    return this.zdo.permitsJoin;
  }

  handle({ type, subsystem: part, command: id, data }: MtFrame): void {
    if (this.#restarting) return;
    if (type === frameType.indication && part === subsystem.sys && id === 0) this.restart();
    else if (type === frameType.request) this.#serve(part, id, data);
    else this.options.violations.add('frame-type', `type ${type}, subsystem ${part}, command ${id}`);
  }

  /** Sends an indication: at once, or behind the answer that is being made. */
  indicate(part: number, id: number, data: Buffer): void {
    const frame = { type: frameType.indication, subsystem: part, command: id, data };
    if (this.#held) this.#held.push(frame);
    else this.#send(frame);
  }

  /** A restart by command or by power: endpoints and the state are lost, the memory is not. */
  restart(): void {
    this.#restarting = true;
    this.timers.cancelAll();
    this.af.reset();
    this.zdo.reset();
    this.timers.after(this.options.restartTime, () => {
      this.#stack = this.#wake();
      this.#restarting = false;
      this.indicate(subsystem.sys, 0x80, new Writer().u8(0).bytes(versionFields).done());
    });
  }

  /** Runs the network in the memory; false where there is none. */
  resume(): boolean {
    if (!this.#stack.network) return false;
    this.changeState(deviceState.coordinator);
    return true;
  }

  changeState(state: number): void {
    this.#stack.state = state;
    this.indicate(subsystem.zdo, 0xc0, Buffer.from([state]));
  }

  hear(message: ApsMessage, linkQuality: number): void {
    this.af.hear(message, linkQuality);
  }

  onJoined(node: Node): void {
    this.zdo.onJoined(node);
  }

  onAnnounced(node: Node): void {
    this.zdo.onAnnounced(node);
  }

  onLeft(gone: { address: number; ieee: string }, rejoin: boolean): void {
    this.zdo.onLeft(gone, rejoin);
  }

  /** Power is gone: nothing more comes out. */
  close(): void {
    this.#closed = true;
    this.timers.cancelAll();
    if (this.options.air.center === this) this.options.air.center = undefined;
  }

  #wake(): Stack {
    const { nv, ieee, tables, random } = this.options;
    return new Stack({ nv, ieee, tables, random });
  }

  #serve(part: number, id: number, data: Buffer): void {
    this.#held = [];
    const answer = this.#answer(part, id, data);
    const held = this.#held;
    this.#held = undefined;
    if (answer) this.options.send(answer);
    for (const frame of held) this.#send(frame);
  }

  #answer(part: number, id: number, data: Buffer): MtFrame | undefined {
    const commands = this.#commands.get(part);
    const command = commands?.[id];
    const refuse = (error: number) => ({
      type: frameType.answer,
      subsystem: subsystem.error,
      command: 0,
      data: Buffer.from([error, (frameType.request << 5) | part, id]),
    });
    if (!command) {
      this.options.violations.add('unknown-command', `subsystem ${part}, command 0x${id.toString(16)}`);
      return refuse(commands ? rpcError.command : rpcError.subsystem);
    }
    try {
      const answer = command(data);
      return answer && { type: frameType.answer, subsystem: part, command: id, data: answer };
    } catch (error) {
      if (!(error instanceof WrongLength)) throw error;
      this.options.violations.add('wrong-length', `subsystem ${part}, command 0x${id.toString(16)}: ${error.message}`);
      return refuse(rpcError.length);
    }
  }

  #send(frame: MtFrame): void {
    if (!this.#closed) this.options.send(frame);
  }
}
