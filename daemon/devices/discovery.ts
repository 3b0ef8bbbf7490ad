/** Something on the network, or plugged in, that an adapter could speak to. */
export interface Candidate {
  /** The hardware's own id: the same thing found in two ways is one. */
  id: string;
  name: string;
  /** What `pair` takes, or what the adapter's section of the configuration needs: an address, a path of a serial port. */
  host: string;
  model?: string;
}

/** A service found by DNS-SD over multicast DNS (RFC 6763, RFC 6762). */
export interface MdnsService {
  /** The instance's own name, such as `Hue Bridge - 123456`. */
  name: string;
  /** IPv4 before IPv6; never link-local IPv6, which needs a zone. */
  addresses: readonly string[];
  port: number;
  txt: Readonly<Record<string, string>>;
}

/** An answer to an SSDP search (UPnP Device Architecture 2.0, section 1.3.3). */
export interface SsdpDevice {
  /** Address that it came from. */
  address: string;
  /** Unique service name. */
  usn: string;
  /** URL of its description. */
  location: string;
  server: string;
  /** All header fields, names in lower case. */
  headers: Readonly<Record<string, string>>;
}

/**
 * Asks the local network what is there; nothing goes beyond it. Each call listens for a few seconds and resolves with what
 * answered, also when nothing did or no interface can multicast. @throws the signal's reason when it is called off
 */
export interface DiscoveryPort {
  /** @param type such as `hue`, for `_hue._tcp.local` */
  mdns(type: string, signal: AbortSignal): Promise<MdnsService[]>;
  /** @param target such as `urn:schemas-upnp-org:device:ZonePlayer:1` */
  ssdp(target: string, signal: AbortSignal): Promise<SsdpDevice[]>;
}

/** A network on which nobody answers. */
export const silentNetwork: DiscoveryPort = { mdns: async () => [], ssdp: async () => [] };
