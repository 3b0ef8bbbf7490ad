import type { Capabilities, Device, DeviceId } from '../../daemon/devices/device.ts';
import type { Abilities, Description } from './description.ts';
import type { Item } from './didl.ts';

export const deviceId = (id: string): DeviceId => `sonos:${id}`;
export const nativeId = (device: DeviceId): string => device.slice(device.indexOf(':') + 1);

/** A player as the house knows it. @param name of its room, where there is one */
export function deviceOf(
  { id, kind, model, ...description }: Description,
  { abilities, library, name }: { abilities: Abilities; library: readonly Item[]; name: string | undefined },
): Device {
  const list = library.map((item) => ({ id: item.id, name: item.title, kind: item.kind }));
  const capabilities: Capabilities = {
    ...(abilities.maxVolume > 0 && { volume: true }),
    ...(abilities.hasMute && { mute: true }),
    ...{ transport: true, favorite: { list, addresses: true }, playing: true },
    ...(abilities.hasNext && { skip: true }),
    ...(kind === 'sonos' && { shuffle: true, group: true }),
  };
  return { id: deviceId(id), adapter: 'sonos', name: name || description.name, ...(model && { model }), capabilities };
}
