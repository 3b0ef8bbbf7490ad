import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Actor } from '../../daemon/api/actor.ts';
import type { Clock } from '../../daemon/api/clock.ts';
import type { DeviceId } from '../../daemon/devices/device.ts';
import { Hub } from '../../daemon/hub.ts';

/** What a configuration begins with: free ports, and nobody outside this machine is asked for anything. */
export const ALONE = `version: 1
http: { port: 0 }
mqtt: { listen: { port: 0 } }
discovery: { interfaces: [lo] }
`;

export const SOMEBODY: Actor = { kind: 'panel', name: 'somebody' };

interface LogLine {
  level: number;
  event?: string;
  [field: string]: unknown;
}

/** The whole hub in this process, on a clock of the caller's and a data folder of its own. */
export class HubHere {
  readonly hub: Hub;
  readonly lines: LogLine[];
  readonly #dir: string;

  private constructor(hub: Hub, dir: string, lines: LogLine[]) {
    this.hub = hub;
    this.#dir = dir;
    this.lines = lines;
  }

  static async start(config: string, clock: Clock): Promise<HubHere> {
    const dir = mkdtempSync(join(tmpdir(), 'roomtone-'));
    const configFile = join(dir, 'roomtone.yaml');
    writeFileSync(configFile, config);
    const lines: LogLine[] = [];
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
    const hub = await Hub.open({ log, clock, random: Math.random, randomBytes, dataDir: dir, configFile, version: '0.0.0', env: process.env });
    await hub.start();
    return new HubHere(hub, dir, lines);
  }

  async close(): Promise<void> {
    await this.hub.close();
    rmSync(this.#dir, { recursive: true });
  }

  /** The hub asks it by the press of its button alone: the bridge's must have been pressed. */
  async pair(adapter: string, host: string): Promise<void> {
    const { signal } = new AbortController();
    await this.hub.devices.pair(SOMEBODY, { adapter, host, signal });
  }

  available(device: DeviceId): boolean {
    return this.hub.queries.house().devices.some(({ id, available }) => id === device && available);
  }

  /** Resolves once it holds; looked at whenever the hub says something. */
  async until(holds: () => boolean): Promise<void> {
    const { events } = this.hub;
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (): void => {
      if (holds()) resolve();
    };
    events.on('house', look).on('device', look).on('room', look);
    look();
    await promise;
    events.off('house', look).off('device', look).off('room', look);
  }
}
