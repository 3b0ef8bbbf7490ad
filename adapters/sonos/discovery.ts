import type { Timer } from '../../daemon/api/clock.ts';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import type { AdapterContext } from '../../daemon/devices/adapter.ts';
import type { Candidate, DiscoveryPort, SsdpDevice } from '../../daemon/devices/discovery.ts';

const ZONE_PLAYER = 'urn:schemas-upnp-org:device:ZonePlayer:1';
const MEDIA_RENDERER = 'urn:schemas-upnp-org:device:MediaRenderer:1';

/** URLs of the descriptions of players on the local network. */
export async function searchPlayers(network: DiscoveryPort, signal: AbortSignal): Promise<string[]> {
  const [players, renderers] = await Promise.all([network.ssdp(ZONE_PLAYER, signal), network.ssdp(MEDIA_RENDERER, signal)]);
  return [
    ...new Set(
      [...players, ...renderers].map(({ location }) => location).filter((location) => /^http:/.test(location) && URL.canParse(location)),
    ),
  ];
}

/** What could be written into the configuration: Sonos players by their address, others by the URL of their description. */
export async function discoverPlayers(network: DiscoveryPort, signal: AbortSignal): Promise<Candidate[]> {
  const [players, renderers] = await Promise.all([network.ssdp(ZONE_PLAYER, signal), network.ssdp(MEDIA_RENDERER, signal)]);
  const found = [
    ...players.map((device) =>
      candidate(device, { name: `Sonos ${device.address}`, host: new URL(device.location).host.replace(/:1400$/, '') }),
    ),
    ...renderers
      .filter(({ server }) => !/Sonos/i.test(server))
      .map((device) => candidate(device, { name: device.server, host: device.location })),
  ];
  return [...new Map(found.map((each) => [each.id, each])).values()];
}

const candidate = ({ usn }: SsdpDevice, { name, host }: { name: string; host: string }): Candidate => ({
  id: /^uuid:([^:]+)/.exec(usn)?.[1]?.replace(/_MR$/, '') ?? usn,
  name,
  host,
});

/** Looks for players again and again. */
export class Search {
  readonly #options: { context: AdapterContext; every: number; onFound: (location: string) => void };
  readonly #closing = new AbortController();
  #looking: Promise<void> | undefined;
  #next: Timer | undefined;

  /** @param options `every`: ms from the end of one to the next */
  constructor(options: { context: AdapterContext; every: number; onFound: (location: string) => void }) {
    this.#options = options;
  }

  start(): void {
    const { context, every, onFound } = this.#options;
    const { signal } = this.#closing;
    const look = async (): Promise<void> => {
      for (const location of await searchPlayers(context.discovery, signal)) onFound(location);
    };
    this.#looking = look()
      .catch((error: unknown) => context.log.debug({ event: 'sonos_search_failed', err: error }, 'could not look around'))
      .then(() => {
        if (!signal.aborted) this.#next = context.clock.after(every, () => this.start());
      });
  }

  async close(): Promise<void> {
    this.#closing.abort(new RoomtoneError('api.closed'));
    this.#next?.cancel();
    await this.#looking;
  }
}
