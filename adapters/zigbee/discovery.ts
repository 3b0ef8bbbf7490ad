import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Candidate, DiscoveryPort } from '../../daemon/devices/discovery.ts';

/** udev keeps a name here for each serial port, made of what the hardware says of itself. */
const BY_ID = '/dev/serial/by-id';

/** How makers of coordinators call them (names of USB sticks in zigbee-herdsman's `adapterDiscovery.ts`). */
const LIKELY = /zigbee|zstack|sonoff|conbee|raspbee|slzb|cc25|cc26|cc13|skyconnect|zbt-|zbdongle|ember|efr32|tubeszb|zzh|slae/i;

/**
 * Serial ports that look like a coordinator, and coordinators on the network that announce themselves as zigbee-herdsman
 * knows them (`_zigbee-coordinator._tcp`). What answers there is not asked: a port may be in use by another program.
 */
export async function findCoordinators(network: DiscoveryPort, signal: AbortSignal): Promise<Candidate[]> {
  const [names, services] = await Promise.all([readdir(BY_ID).catch(() => []), network.mdns('zigbee-coordinator', signal)]);
  const plugged = names.filter((name) => LIKELY.test(name)).map((name) => ({ id: name, name: readable(name), host: join(BY_ID, name) }));
  const served = services.flatMap(({ name, addresses: [address], port }) =>
    address === undefined ? [] : [{ id: name, name, host: `tcp://${address}:${port}` }],
  );
  return [...plugged, ...served];
}

const readable = (name: string): string =>
  name
    .replace(/^usb-/, '')
    .replace(/-if\d+.*$/, '')
    .replaceAll('_', ' ');
