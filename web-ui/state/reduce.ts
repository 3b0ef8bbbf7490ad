import type { DeviceView, HouseView, RoomView } from '../../daemon/api/views.ts';
import type { MeshView } from '../../daemon/devices/mesh.ts';
import type { Mood } from '../../daemon/mood/mood.ts';

/** What the hub's live stream tells, by the name of its event. */
export interface LiveEvents {
  house: HouseView;
  room: RoomView;
  device: DeviceView;
  mood: Mood;
  mesh: MeshView & { adapter: string };
}

export const LIVE_EVENTS = ['house', 'room', 'device', 'mood', 'mesh'] as const satisfies readonly (keyof LiveEvents)[];

export type LiveEvent = { [Name in keyof LiveEvents]: { type: Name; data: LiveEvents[Name] } }[keyof LiveEvents];

/** The house after an event. Before the first full picture, parts of it say nothing. */
export function reduce(house: HouseView | null, event: LiveEvent): HouseView | null {
  if (event.type === 'house') return event.data;
  if (!house) return null;
  switch (event.type) {
    case 'room':
      return { ...house, rooms: upsert(house.rooms, event.data) };
    case 'device':
      return { ...house, devices: upsert(house.devices, event.data) };
    case 'mood':
      return patchRoom(house, event.data.room, { mood: event.data });
    case 'mesh':
      return house;
  }
}

export function patchRoom(house: HouseView, room: string, change: Partial<RoomView>): HouseView {
  return { ...house, rooms: house.rooms.map((each) => (each.id === room ? { ...each, ...change } : each)) };
}

export function patchDevice(house: HouseView, device: string, change: Partial<DeviceView>): HouseView {
  return { ...house, devices: house.devices.map((each) => (each.id === device ? { ...each, ...change } : each)) };
}

function upsert<T extends { id: string }>(list: readonly T[], item: T): T[] {
  return list.some((each) => each.id === item.id) ? list.map((each) => (each.id === item.id ? item : each)) : [...list, item];
}
