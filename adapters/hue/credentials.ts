import type { VaultPort } from '../../daemon/devices/adapter.ts';

/** What a paired bridge left behind. */
export interface Credentials {
  /** Sent as `hue-application-key`. */
  key: string;
  /** SHA-256 fingerprint of the certificate it showed then. */
  certificate: string;
}

const keyName = (bridge: string): string => `hue.${bridge}.key`;
const certificateName = (bridge: string): string => `hue.${bridge}.certificate`;
const hostName = (host: string): string => `hue.host.${host}`;

/** Bridges this hub was paired with, in the vault. Bridge ids are 16 lower-case hex digits. */
export class HueCredentials {
  readonly #vault: VaultPort;

  constructor(vault: VaultPort) {
    this.#vault = vault;
  }

  get(bridge: string): Credentials | undefined {
    const key = this.#vault.get(keyName(bridge));
    const certificate = this.#vault.get(certificateName(bridge));
    return key && certificate ? { key, certificate } : undefined;
  }

  set(bridge: string, { key, certificate }: Credentials): void {
    this.#vault.set(keyName(bridge), key);
    this.#vault.set(certificateName(bridge), certificate);
  }

  /** The bridge that last proved itself at this address. */
  bridgeAt(host: string): string | undefined {
    return this.#vault.get(hostName(host));
  }

  rememberHost(host: string, bridge: string): void {
    if (this.bridgeAt(host) !== bridge) this.#vault.set(hostName(host), bridge);
  }
}
