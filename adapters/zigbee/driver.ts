import { join } from 'node:path';
import type { Logger } from 'pino';
import { Controller, setLogger, Zcl, Zdo } from 'zigbee-herdsman';
import { toUnifiedBackup } from 'zigbee-herdsman/dist/utils/backup.js';
import { setLogger as setConvertersLogger } from 'zigbee-herdsman-converters';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import { MemoryFile } from './memory-file.ts';
import type { NetworkIdentity } from './network.ts';
import type { ZigbeeOptions } from './options.ts';

/** The hub sends no more than two requests at a time; what the library sends by itself must keep to it, too. */
const IN_FLIGHT = 2;

/** Statuses of a data request at which the coordinator has more to do than it can (TI's Monitor and Test API, 3.2). */
const BUSY: ReadonlySet<number> = new Set([0x11, 0x1a, 0xe1]);

export interface DriverOptions {
  log: Logger;
  options: ZigbeeOptions;
  network: NetworkIdentity;
  /** As it was copied last. */
  memory: unknown;
  /** Of the library's list of devices. */
  folder: string;
}

/** What zigbee-herdsman 10.9 keeps to itself and the hub cannot do without. */
interface Inside {
  adapter?: {
    backup(devices: string[]): Promise<Parameters<typeof toUnifiedBackup>[0]>;
    supportsBackup(): Promise<boolean>;
    getCoordinatorIEEE(): Promise<string>;
    once(event: 'disconnected', listener: () => void): unknown;
    removeAllListeners(): void;
    stop(): Promise<void>;
    /** Of the driver for Texas Instruments: each keeps a timer of a minute. */
    deviceAnnounceRouteDiscoveryDebouncers?: Map<number, { clear(): void }>;
  };
  adapterDisconnected: boolean;
  backupTimer?: NodeJS.Timeout;
  databaseSaveTimer?: NodeJS.Timeout;
  permitJoinTimer?: NodeJS.Timeout;
  databaseSave(): void;
}

/**
 * zigbee-herdsman's controller as the hub uses it. It keeps its devices in variables of its modules, so there is one at a time
 * in a process; it lives as long as one connection to the coordinator. Loaded only when a coordinator is configured.
 */
export class Driver extends Controller {
  readonly #memory: MemoryFile | undefined;

  constructor({ log, options, network, memory, folder }: DriverOptions) {
    setLogger(quietly(log));
    setConvertersLogger(quietly(log));
    const memoryFile = memory === undefined ? undefined : new MemoryFile(JSON.stringify(memory));
    const database = join(folder, 'devices.db');
    super({
      network: {
        panID: network.panId,
        extendedPanID: network.extendedPanId,
        networkKey: network.key,
        channelList: [options.channel],
        networkKeyDistribute: false,
      },
      serialPort: {
        path: options.port,
        adapter: options.adapter,
        ...(options.baudRate !== undefined && { baudRate: options.baudRate }),
        ...(options.rtscts !== undefined && { rtscts: options.rtscts }),
      },
      databasePath: database,
      databaseBackupPath: `${database}.before-reset`,
      // It takes an empty path for none, and writes no file of its own then.
      backupPath: memoryFile?.path ?? '',
      adapter: { concurrent: IN_FLIGHT, disableLED: false },
      acceptJoiningDeviceHandler: async () => true,
    });
    this.#memory = memoryFile;
    this.#heedEarlyEnd();
  }

  get #inside(): Inside {
    return this as unknown as Inside;
  }

  /** The library listens for the end of a connection only once it has all that it asks for in the beginning. */
  #heedEarlyEnd(): void {
    let adapter: Inside['adapter'];
    const notice = (made: Inside['adapter']): void => {
      adapter = made;
      made?.once('disconnected', () => this.emit('adapterDisconnected'));
    };
    Object.defineProperty(this, 'adapter', { get: () => adapter, set: notice });
  }

  /** As the library's, with nothing left to run by itself. @throws whatever the library throws */
  override async start(signal?: AbortSignal) {
    try {
      const result = await super.start(signal);
      clearInterval(this.#inside.backupTimer);
      clearInterval(this.#inside.databaseSaveTimer);
      return result;
    } finally {
      this.#memory?.close();
    }
  }

  /** The library would write the network key into a file: the hub copies the memory itself, into its vault. */
  override async backup(): Promise<void> {
    this.save();
  }

  /** The coordinator's memory, or undefined where its kind cannot tell it. Has the network key in it. */
  async copyMemory(): Promise<unknown> {
    const { adapter } = this.#inside;
    if (!adapter || !(await adapter.supportsBackup())) return undefined;
    return toUnifiedBackup(await adapter.backup(this.getDeviceIeeeAddresses()));
  }

  /** Writes what is known of the devices to disk. */
  save(): void {
    this.#inside.databaseSave();
  }

  /** Asks the coordinator itself something that it must know. @throws when it gives no answer */
  async check(): Promise<string> {
    const { adapter } = this.#inside;
    if (!adapter) throw new RoomtoneError('api.not_ready');
    return adapter.getCoordinatorIEEE();
  }

  /** Ends the connection at once, also one that is being made or has broken, and leaves no timer. */
  async end(): Promise<void> {
    const { adapter, permitJoinTimer } = this.#inside;
    this.removeAllListeners();
    if (!adapter) return;
    adapter.removeAllListeners();
    for (const each of adapter.deviceAnnounceRouteDiscoveryDebouncers?.values() ?? []) each.clear();
    clearTimeout(permitJoinTimer);
    this.#inside.adapterDisconnected = true;
    await adapter.stop().catch(() => {});
  }

  /** After `end`, once `start` has settled: keeps what is known of the devices and forgets it in the library. */
  async forget(): Promise<void> {
    if (this.#inside.adapter) await this.stop();
  }
}

/**
 * What a failed request means. @param thrown what the library threw
 * @param device as people know it
 */
export function toDeviceError(thrown: unknown, device: string): RoomtoneError {
  if (thrown instanceof RoomtoneError) return thrown;
  const cause = new Error(redacted(String(thrown)));
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
  if (thrown instanceof Zcl.StatusError)
    return new RoomtoneError('device.refused', { params: { device, what: Zcl.Status[thrown.code] ?? String(code) }, cause });
  if (typeof code === 'number' && BUSY.has(code)) return new RoomtoneError('device.rate_limited', { params: { device }, cause });
  return new RoomtoneError('device.unreachable', { params: { device }, cause });
}

/** Whether a device answered, and does not want it. */
export const isRefusal = (thrown: unknown): boolean => thrown instanceof Zcl.StatusError || thrown instanceof Zdo.StatusError;

/** Name of a status of the cluster library. */
export const statusName = (status: number): string => Zcl.Status[status] ?? `status ${status}`;

/** Keys are 16 bytes: as hex digits, or as a list of numbers. */
const redacted = (text: string): string => text.replace(/[0-9a-f]{32,}/gi, '(hidden)').replace(/\[(\d+,\s*){15,}\d+\]/g, '(hidden)');

/** The library's own words, for those who look for a fault; frames, which may carry keys, are left out. */
function quietly(log: Logger) {
  const say = (message: string | (() => string)): void => {
    if (log.isLevelEnabled('debug')) log.debug({ event: 'herdsman' }, redacted(typeof message === 'string' ? message : message()));
  };
  return { debug: () => {}, info: say, warning: say, error: say };
}
