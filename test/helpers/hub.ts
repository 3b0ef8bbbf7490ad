import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
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
    const hub = await Hub.open({
      log,
      clock,
      random: Math.random,
      randomBytes,
      dataDir: dir,
      configFile,
      version: '0.0.0',
      env: process.env,
    });
    await hub.start();
    return new HubHere(hub, dir, lines);
  }

  /** What the configuration file says now. */
  get config(): string {
    return readFileSync(join(this.#dir, 'roomtone.yaml'), 'utf8');
  }

  /** Keys in the state and names in the vault that speak of something, but for what was forgotten on purpose. */
  traces(what: string): string[] {
    const db = new Database(join(this.#dir, 'roomtone.db'), { readonly: true });
    try {
      const keys = db.prepare<[], { key: string; value: string }>('SELECT key, value FROM state').all();
      const secrets = db.prepare<[], { name: string }>('SELECT name FROM vault').all();
      const named = keys.filter(({ key, value }) => key.includes(what) || value.includes(what)).map(({ key }) => key);
      return [...named, ...secrets.map(({ name }) => name).filter((name) => name.includes(what))];
    } finally {
      db.close();
    }
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
