import { pino } from 'pino';
import { FakeClock } from '../api/clock.fake.ts';
import { FakeState } from '../api/state.fake.ts';
import type { AdapterContext, VaultPort } from './adapter.ts';
import type { DiscoveryPort, MdnsService, SsdpDevice } from './discovery.ts';

/** A vault in memory. */
export class FakeVault implements VaultPort {
  readonly secrets = new Map<string, string>();

  get(name: string): string | undefined {
    return this.secrets.get(name);
  }

  set(name: string, secret: string): void {
    this.secrets.set(name, secret);
  }

  delete(name: string): void {
    this.secrets.delete(name);
  }

  names(): string[] {
    return [...this.secrets.keys()].sort();
  }
}

/** A network that answers at once with what a test put on it. */
export class FakeDiscovery implements DiscoveryPort {
  /** By type and by target. */
  readonly services = new Map<string, MdnsService[]>();
  readonly devices = new Map<string, SsdpDevice[]>();

  async mdns(type: string, signal: AbortSignal): Promise<MdnsService[]> {
    signal.throwIfAborted();
    return this.services.get(type) ?? [];
  }

  async ssdp(target: string, signal: AbortSignal): Promise<SsdpDevice[]> {
    signal.throwIfAborted();
    return this.devices.get(target) ?? [];
  }
}

/** What the hub lends an adapter, all of it in memory but what a test brings along. */
export function fakeContext(own: Partial<AdapterContext> = {}): AdapterContext {
  return {
    log: pino({ level: 'silent' }),
    clock: new FakeClock(),
    random: () => 0.5,
    vault: new FakeVault(),
    state: new FakeState(),
    discovery: new FakeDiscovery(),
    folder: () => {
      throw new Error('a test whose adapter keeps files gives it a folder');
    },
    ...own,
  };
}
