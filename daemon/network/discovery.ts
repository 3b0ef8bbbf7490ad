import type { Logger } from 'pino';
import type { Clock } from '../api/clock.ts';
import { RoomtoneError } from '../api/errors.ts';
import type { DiscoveryPort, MdnsService, SsdpDevice } from '../devices/discovery.ts';
import { MdnsBrowser } from './mdns.ts';
import { SsdpSearch } from './ssdp.ts';

/** A device may take 3 s (the MX that we ask with) to answer a search, and a lost question is asked once more. */
const TIMINGS = { listen: 4000, askAgain: 1000 };

export interface NetworkDiscoveryOptions {
  log: Logger;
  clock: Clock;
  /** IPv4 addresses of the interfaces to ask from, as they are now. */
  addresses: () => readonly string[];
  /** Of the standards, except in tests. */
  mdnsPort?: number;
  ssdp?: { group: string; port: number };
  /** ms */
  timings?: { listen: number; askAgain: number };
}

/** A search that is under way. */
interface Search {
  askAgain(): void;
  stop(): void;
}

/** Asks the local network by multicast DNS and SSDP, for a few seconds at a time. Nothing is open in between. */
export class NetworkDiscovery implements DiscoveryPort {
  readonly #options: NetworkDiscoveryOptions;
  readonly #closing = new AbortController();

  constructor(options: NetworkDiscoveryOptions) {
    this.#options = options;
  }

  /** Ends what is under way. */
  close(): void {
    this.#closing.abort(new RoomtoneError('api.closed'));
  }

  async mdns(type: string, signal: AbortSignal): Promise<MdnsService[]> {
    const { addresses, mdnsPort: port } = this.#options;
    const found = new Map<string, MdnsService>();
    const onService = (service: MdnsService): void => void found.set(service.name, service);
    await this.#listen(signal, (onError) =>
      addresses().map((address) => new MdnsBrowser({ address, ...(port === undefined ? {} : { port }), type, onService, onError })),
    );
    return [...found.values()];
  }

  async ssdp(target: string, signal: AbortSignal): Promise<SsdpDevice[]> {
    const { addresses, ssdp } = this.#options;
    const found = new Map<string, SsdpDevice>();
    const onAnswer = (device: SsdpDevice): void => void found.set(device.usn, device);
    await this.#listen(signal, (onError) => addresses().map((address) => new SsdpSearch({ address, target, ...ssdp, onAnswer, onError })));
    return [...found.values()];
  }

  /** An interface that cannot multicast is no reason to fail: the others may find something, and an address can be typed in. */
  async #listen(caller: AbortSignal, begin: (onError: (error: Error) => void) => Search[]): Promise<void> {
    const { clock, log, timings = TIMINGS } = this.#options;
    const signal = AbortSignal.any([caller, this.#closing.signal]);
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const searches = begin((error) => log.debug({ event: 'discovery_failed', err: error }, 'an interface cannot be asked'));
    const again = clock.after(timings.askAgain, () => {
      for (const search of searches) search.askAgain();
    });
    const end = clock.after(timings.listen, resolve);
    const callOff = (): void => reject(signal.reason);
    signal.addEventListener('abort', callOff, { once: true });
    try {
      await promise;
    } finally {
      again.cancel();
      end.cancel();
      signal.removeEventListener('abort', callOff);
      for (const search of searches) search.stop();
    }
  }
}
