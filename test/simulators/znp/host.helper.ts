import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { FakeClock } from '../../../daemon/api/clock.fake.ts';
import { Writer } from './serial/bytes.ts';
import { encodeFrame, FrameReader, frameType, type MtFrame } from './serial/frame.ts';
import { ZnpSimulator, type ZnpSimulatorOptions } from './simulator.ts';

/** A host that knows frames and nothing more. */
export class RawHost {
  readonly received: MtFrame[] = [];
  readonly noise: string[] = [];
  readonly #socket: Socket;
  readonly #waiting: (() => void)[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    const reader = new FrameReader({
      onFrame: (frame) => this.received.push(frame),
      onNoise: (kind) => this.noise.push(kind),
    });
    socket.on('data', (chunk: Buffer) => {
      reader.push(chunk);
      for (const look of this.#waiting.splice(0)) look();
    });
  }

  static async connect(simulator: ZnpSimulator): Promise<RawHost> {
    const socket = connect(Number(new URL(simulator.path).port), '127.0.0.1');
    await once(socket, 'connect');
    return new RawHost(socket);
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Sends a request and resolves with its answer, which may be a refusal. */
  async request(subsystem: number, command: number, data: Buffer = Buffer.alloc(0)): Promise<MtFrame> {
    const before = this.received.length;
    this.write(encodeFrame({ type: frameType.request, subsystem, command, data }));
    return this.next(({ type }) => type === frameType.answer, before);
  }

  /** The first frame from place `from` on that fits. */
  async next(fits: (frame: MtFrame) => boolean, from = 0): Promise<MtFrame> {
    for (;;) {
      const found = this.received.slice(from).find(fits);
      if (found) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** A simulator whose time the test owns, and a host at its port; both are closed after the test. */
export async function rawHostFor(t: TestContext, options: ZnpSimulatorOptions = {}) {
  const clock = new FakeClock();
  const simulator = new ZnpSimulator({ clock, airTime: [0, 0], tables: { addresses: 4, trustCenterKeys: 2 }, ...options });
  await simulator.start();
  const host = await RawHost.connect(simulator);
  t.after(async () => {
    host.close();
    await simulator.close();
  });
  return { clock, simulator, host };
}

/** Sets what a network needs, and forms it on channel 11. */
export async function formNetwork(host: RawHost): Promise<void> {
  const panId = new Writer().u16(0x0083).u16(0).u16(2).u16(0x1a62).done();
  await host.request(1, 0x1d, panId);
  await host.request(
    15,
    0x08,
    new Writer()
      .u8(1)
      .u32(1 << 11)
      .done(),
  );
  await host.request(15, 0x05, Buffer.from([0x04]));
  await host.next(({ subsystem, command, data }) => subsystem === 5 && command === 0xc0 && data[0] === 9);
}

/** Registers an application endpoint of home automation without clusters. */
export async function registerEndpoint(host: RawHost, endpoint = 1): Promise<MtFrame> {
  return host.request(4, 0x00, new Writer().u8(endpoint).u16(0x0104).u16(5).u8(0).u8(0).words([]).words([]).done());
}

export interface RawData {
  address: number;
  cluster: number;
  data: readonly number[];
  source?: number;
  transaction?: number;
}

/** AF_DATA_REQUEST to endpoint 1. */
export const dataRequest = ({ address, cluster, data, source = 1, transaction = 7 }: RawData): Buffer =>
  new Writer().u16(address).u8(1).u8(source).u16(cluster).u8(transaction).u8(0).u8(30).u8(data.length).bytes(Buffer.from(data)).done();
