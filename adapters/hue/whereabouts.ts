import type { X509Certificate } from 'node:crypto';
import type { Logger } from 'pino';
import type { Clock } from '../../daemon/api/clock.ts';
import { RoomtoneError, toRoomtoneError } from '../../daemon/api/errors.ts';
import type { DiscoveryPort } from '../../daemon/devices/discovery.ts';
import { trustIn } from './certificate.ts';
import { HueClient } from './client.ts';
import type { HueCredentials } from './credentials.ts';
import { discoverBridges } from './discovery.ts';

/** ms between two searches of the network for a bridge that does not answer where it was. */
const SEARCH_EVERY = 60_000;

export interface WhereaboutsOptions {
  /** Its address in the configuration. */
  host: string;
  log: Logger;
  clock: Clock;
  /** ms until an answer must be there */
  answerWithin: number;
  credentials: HueCredentials;
  discovery: DiscoveryPort;
  roots: readonly X509Certificate[];
  /** @returns false if the bridge is spoken to already, by another address of the configuration */
  claim: (bridge: string) => boolean;
  /** It was found elsewhere: worth another attempt at once. */
  onFound: () => void;
}

/** Finds the bridge that belongs to an address of the configuration, also where it moved to, and makes sure that it is that one. */
export class Whereabouts {
  readonly #options: WhereaboutsOptions;
  readonly #closing = new AbortController();
  #searching: Promise<void> | undefined;
  #searchedAt = Number.NEGATIVE_INFINITY;
  #found: string | undefined;

  constructor(options: WhereaboutsOptions) {
    this.#options = options;
  }

  async close(): Promise<void> {
    this.#closing.abort(new RoomtoneError('api.closed'));
    await this.#searching;
  }

  /** @throws RoomtoneError `hue.*`, `device.*`: what went wrong where it was expected */
  async connect(signal: AbortSignal): Promise<{ bridge: string; client: HueClient }> {
    const { host, credentials } = this.#options;
    const wanted = credentials.bridgeOf(host);
    const last = wanted && credentials.place(wanted)?.address;
    const addresses = new Set([this.#found, last, host].filter((each) => each !== undefined));
    const failures: RoomtoneError[] = [];
    for (const address of addresses) {
      try {
        return await this.#reach(address, { wanted, signal });
      } catch (error) {
        signal.throwIfAborted();
        failures.push(toRoomtoneError(error));
      }
    }
    if (wanted) this.#search(wanted);
    // A bridge that does not prove itself, or does not know us any more, says more than a place where nobody is.
    throw failures.find(({ fault }) => fault === 'user') ?? failures[0];
  }

  /** Asks who answers, without the key, and goes on only with a bridge that we were paired with. */
  async #reach(address: string, { wanted, signal }: { wanted: string | undefined; signal: AbortSignal }) {
    const { host, log, clock, answerWithin, credentials, roots, claim } = this.#options;
    const base = { host: address, clock, answerWithin };
    const stranger = new HueClient(base);
    const { id, name, certificate } = await stranger.identify(signal).finally(() => stranger.close());
    if (wanted !== undefined && id !== wanted)
      throw new RoomtoneError('hue.other_bridge', { params: { host: address, found: id, wanted } });
    const known = credentials.get(id);
    if (!known) throw new RoomtoneError('hue.not_paired', { params: { host: address } });
    const trusts = trustIn(id, known.certificate, roots);
    if (!trusts(certificate)) throw new RoomtoneError('hue.certificate_changed', { params: { host: address } });
    if (!claim(id)) throw new RoomtoneError('hue.configured_twice', { params: { host } });
    const before = credentials.place(id)?.address;
    if (before !== undefined && before !== address)
      log.info({ event: 'hue_bridge_moved', bridge: id, from: before, to: address }, 'bridge has a new address');
    credentials.remember(id, { name, host, address });
    return { bridge: id, client: new HueClient({ ...base, key: known.key, trusts }) };
  }

  /** In the background: to look around takes seconds, and the bridge may be back where it was before that. */
  #search(bridge: string): void {
    const { clock, discovery, log, onFound } = this.#options;
    const now = clock.mono();
    if (this.#searching || now < this.#searchedAt + SEARCH_EVERY) return;
    this.#searchedAt = now;
    const look = async (): Promise<void> => {
      const host = (await discoverBridges(discovery, this.#closing.signal)).find(({ id }) => id === bridge)?.host;
      if (host === undefined || host === this.#found) return;
      this.#found = host;
      onFound();
    };
    this.#searching = look()
      .catch((error: unknown) => log.debug({ event: 'hue_search_failed', err: error }, 'could not look around'))
      .finally(() => {
        this.#searching = undefined;
      });
  }
}
