import type { VaultPort } from './adapter.ts';

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
}
