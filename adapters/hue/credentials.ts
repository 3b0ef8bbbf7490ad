import { z } from 'zod';
import type { StatePort } from '../../daemon/api/ports.ts';
import type { AdapterContext, VaultPort } from '../../daemon/devices/adapter.ts';

/** What a paired bridge left behind. */
export interface Credentials {
  /** Sent as `hue-application-key`. */
  key: string;
  /** SHA-256 fingerprint of the certificate it showed then. */
  certificate: string;
}

const placeSchema = z.object({
  name: z.string(),
  /** Its address in the configuration. */
  host: z.string(),
  /** Where it answered last. */
  address: z.string(),
});

/** How a bridge is called, and where it is. */
export type Place = z.infer<typeof placeSchema>;

const STATE = 'adapters.hue.bridge.';
const keyName = (bridge: string): string => `hue.${bridge}.key`;
const certificateName = (bridge: string): string => `hue.${bridge}.certificate`;

/** Bridges this hub was paired with: secrets in the vault, places in the state. Bridge ids are 16 lower-case hex digits. */
export class HueCredentials {
  readonly #vault: VaultPort;
  readonly #state: StatePort;

  constructor({ vault, state }: Pick<AdapterContext, 'vault' | 'state'>) {
    this.#vault = vault;
    this.#state = state;
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

  place(bridge: string): Place | undefined {
    return this.#state.get(STATE + bridge, placeSchema);
  }

  /** The bridge that belongs to this address of the configuration, by pairing or because it answered there. */
  bridgeOf(host: string): string | undefined {
    return this.bridges().find((bridge) => this.place(bridge)?.host === host);
  }

  /** Written only where it is news. One bridge belongs to an address: the last. */
  remember(bridge: string, place: Place): void {
    for (const other of this.bridges()) if (other !== bridge && this.place(other)?.host === place.host) this.#state.delete(STATE + other);
    if (JSON.stringify(this.place(bridge)) !== JSON.stringify(place)) this.#state.set(STATE + bridge, place);
  }

  /** Those with a place. */
  bridges(): string[] {
    return this.#state.keys(STATE).map((key) => key.slice(STATE.length));
  }

  /** Leaves nothing of it. */
  forget(bridge: string): void {
    this.#vault.delete(keyName(bridge));
    this.#vault.delete(certificateName(bridge));
    this.#state.delete(STATE + bridge);
  }
}
