import type { Reading } from '../devices/adapter.ts';
import type { DeviceId } from '../devices/device.ts';
import type { PresenceObservation } from '../mood/observation.ts';

/** What a motion sensor's word means for its room; undefined for what says nothing of presence. */
export function presenceOf({ device, reading, value, at }: Reading, room: string): PresenceObservation | undefined {
  if (reading !== 'occupancy') return undefined;
  const source = sourceOf(device);
  // A sensor tells that somebody is there, not how many.
  return {
    v: 1,
    id: `${source}-${at}`,
    room,
    source,
    at,
    confidence: 1,
    quality: 1,
    modality: 'presence',
    occupied: value === true,
    people: 0,
  };
}

/** The end of a device id tells devices apart; ids of sources are shorter and of fewer characters. */
const sourceOf = (device: DeviceId): string =>
  device
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, '-')
    .slice(-40);
