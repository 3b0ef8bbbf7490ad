import { isIPv6 } from 'node:net';
import type { Candidate, DiscoveryPort, MdnsService, SsdpDevice } from '../../daemon/devices/discovery.ts';

/** Every UPnP device answers to this one; a bridge adds its id (`hue-bridgeid`). */
const SSDP_TARGET = 'upnp:rootdevice';

const HTTPS = 443;

/**
 * Bridges on the local network. They announce `_hue._tcp` by multicast DNS, with their id as `bridgeid`; those with old
 * firmware answer SSDP alone (https://developers.meethue.com/develop/application-design-guidance/hue-bridge-discovery/).
 */
export async function discoverBridges(network: DiscoveryPort, signal: AbortSignal): Promise<Candidate[]> {
  const [services, devices] = await Promise.all([network.mdns('hue', signal), network.ssdp(SSDP_TARGET, signal)]);
  const found = [...devices.flatMap(byAnswer), ...services.flatMap(byService)];
  return [...new Map(found.map((candidate) => [candidate.id, candidate])).values()];
}

function byService({ name, addresses: [address], port, txt }: MdnsService): Candidate[] {
  const id = bridgeId(txt.bridgeid);
  if (!id || address === undefined) return [];
  const host = isIPv6(address) ? `[${address}]` : address;
  return [{ id, name, host: port === HTTPS ? host : `${host}:${port}`, ...(txt.modelid && { model: txt.modelid }) }];
}

function byAnswer({ address, headers }: SsdpDevice): Candidate[] {
  const id = bridgeId(headers['hue-bridgeid']);
  return id ? [{ id, name: `Hue Bridge - ${id.slice(-6)}`, host: address }] : [];
}

const bridgeId = (text = ''): string | undefined => (/^[0-9a-f]{16}$/i.test(text) ? text.toLowerCase() : undefined);
