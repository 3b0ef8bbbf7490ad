import type { networkInterfaces } from 'node:os';

/**
 * IPv4 addresses to ask from, one for each interface that can reach other machines.
 * @param names of the interfaces; empty: all but loopback
 */
export function addressesOf(interfaces: ReturnType<typeof networkInterfaces>, names: readonly string[]): string[] {
  return Object.entries(interfaces).flatMap(([name, addresses = []]) => {
    if (names.length > 0 && !names.includes(name)) return [];
    const found = addresses.find(({ family, internal }) => family === 'IPv4' && (!internal || names.length > 0));
    return found ? [found.address] : [];
  });
}
