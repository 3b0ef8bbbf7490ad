import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { Bonjour } from 'bonjour-service';
import { type BridgePlace, macOf, udnOf } from './description.ts';

/** A bridge as its announcements need it; `HueBridgeSimulator` is one. */
export interface AnnouncedBridge {
  /** Undefined while it is off. */
  readonly place: BridgePlace | undefined;
}

interface AnnouncementsOptions {
  /** IPv4 address of the interface to announce on; default 127.0.0.1. */
  address?: string;
  /** Of multicast DNS: 5353 in a real home, a free one in a test. Absent: no multicast DNS. */
  mdnsPort?: number;
  /** Of SSDP, where searches are sent to `address` itself; 0 is any free one. Absent: no SSDP. */
  ssdpPort?: number;
}

/** What the library below keeps to itself: it would leave out the addresses of a loopback interface. */
interface Mdns {
  on(event: 'query', listener: (query: { questions: { name: string; type: string }[] }) => void): unknown;
  on(event: 'error' | 'warning', listener: () => void): unknown;
  respond(response: { answers: DnsRecord[]; additionals?: DnsRecord[] }, done?: () => void): void;
}

interface DnsRecord {
  name: string;
  type: 'PTR' | 'SRV' | 'TXT' | 'A';
  ttl: number;
  data: unknown;
}

const serviceType = '_hue._tcp.local';

/** The local network as far as bridges make themselves known on it: multicast DNS and SSDP, for any number of bridges. */
export class Announcements {
  readonly #options: AnnouncementsOptions & { address: string };
  readonly #bridges = new Set<AnnouncedBridge>();
  #bonjour: Bonjour | undefined;
  #mdns: Mdns | undefined;
  #ssdp: Socket | undefined;

  constructor(options: AnnouncementsOptions = {}) {
    this.#options = { address: '127.0.0.1', ...options };
  }

  async start(): Promise<void> {
    const { address, mdnsPort, ssdpPort } = this.#options;
    if (mdnsPort !== undefined) this.#startMdns(mdnsPort);
    if (ssdpPort === undefined) return;
    this.#ssdp = createSocket({ type: 'udp4', reuseAddr: true });
    this.#ssdp.on('message', (message, from) => this.#answerSearch(message.toString(), from));
    this.#ssdp.bind(ssdpPort, address);
    await once(this.#ssdp, 'listening');
  }

  get ssdpPort(): number {
    return this.#ssdp?.address().port ?? 0;
  }

  /** Makes a bridge known, now and whenever someone asks; once more after it moved, as a bridge does by itself. */
  announce(bridge: AnnouncedBridge): void {
    this.#bridges.add(bridge);
    if (bridge.place) this.#mdns?.respond({ answers: records(bridge.place) });
  }

  /** The bridge says goodbye. One that loses its power doesn't: it only stops to answer. */
  withdraw(bridge: AnnouncedBridge): void {
    this.#bridges.delete(bridge);
    if (bridge.place) this.#mdns?.respond({ answers: records(bridge.place).map((record) => ({ ...record, ttl: 0 })) });
  }

  async close(): Promise<void> {
    if (this.#bonjour) await new Promise<void>((resolve) => this.#bonjour?.destroy(resolve));
    this.#bonjour = undefined;
    this.#ssdp?.close();
    this.#ssdp = undefined;
  }

  #startMdns(port: number): void {
    // Handed on to the socket, though the library's types do not say so.
    const options = { interface: this.#options.address, bind: '0.0.0.0', port };
    this.#bonjour = new Bonjour(options, () => {});
    const { server } = this.#bonjour as unknown as { server: { mdns: Mdns } };
    this.#mdns = server.mdns;
    server.mdns.on('error', () => {});
    server.mdns.on('query', ({ questions }) => {
      const asked = questions.some(({ name, type }) => name.toLowerCase() === serviceType && (type === 'PTR' || type === 'ANY'));
      for (const place of asked ? this.#places() : []) {
        const [pointer, ...additionals] = records(place);
        if (pointer) server.mdns.respond({ answers: [pointer], additionals });
      }
    });
  }

  #answerSearch(message: string, from: RemoteInfo): void {
    const target = message.match(/^ST: *(.*?)\r?$/im)?.[1]?.toLowerCase();
    if (!message.startsWith('M-SEARCH * HTTP/1.1') || target === undefined) return;
    for (const place of this.#places()) {
      for (const { st, usn } of targets(place).filter((each) => target === 'ssdp:all' || target === each.st.toLowerCase())) {
        this.#ssdp?.send(searchAnswer(place, { st, usn }), from.port, from.address);
      }
    }
  }

  #places(): BridgePlace[] {
    return [...this.#bridges].flatMap(({ place }) => place ?? []);
  }
}

/** The pointer to the bridge, its place, its texts and its address. */
function records({ bridgeId, host, port }: BridgePlace): DnsRecord[] {
  const id = bridgeId.toLowerCase();
  const instance = `Hue Bridge - ${id.slice(-6).toUpperCase()}.${serviceType}`;
  const target = `${macOf(id)}.local`;
  const texts = [`bridgeid=${id}`, 'modelid=BSB002'].map((text) => Buffer.from(text));
  return [
    { name: serviceType, type: 'PTR', ttl: 4500, data: instance },
    { name: instance, type: 'SRV', ttl: 120, data: { port, target, priority: 0, weight: 0 } },
    { name: instance, type: 'TXT', ttl: 4500, data: texts },
    { name: target, type: 'A', ttl: 120, data: host },
  ];
}

/** What a bridge answers to, with its unique service names. */
function targets({ bridgeId }: BridgePlace): { st: string; usn: string }[] {
  const udn = udnOf(bridgeId);
  return [
    { st: 'upnp:rootdevice', usn: `${udn}::upnp:rootdevice` },
    { st: udn, usn: udn },
    { st: 'urn:schemas-upnp-org:device:basic:1', usn: udn },
  ];
}

const searchAnswer = ({ bridgeId, host, plainPort }: BridgePlace, { st, usn }: { st: string; usn: string }): string =>
  [
    'HTTP/1.1 200 OK',
    'HOST: 239.255.255.250:1900',
    'EXT:',
    'CACHE-CONTROL: max-age=100',
    `LOCATION: http://${host}:${plainPort}/description.xml`,
    'SERVER: Hue/1.0 UPnP/1.0 IpBridge/1.78.0',
    `hue-bridgeid: ${bridgeId.toUpperCase()}`,
    `ST: ${st}`,
    `USN: ${usn}`,
    '',
    '',
  ].join('\r\n');
