import type { DeviceView, HoldEnd, HouseView, Problem, RoomView, SourceView } from '../../daemon/api/views.ts';
import type { AttributeName } from '../../daemon/devices/device.ts';
import type { Mood } from '../../daemon/mood/mood.ts';
import type { TokenView } from '../api/client.ts';

/** Why a room has no mood to show, or that it has one. */
export type RoomStatus = 'sensing_off' | 'room_off' | 'no_sources' | 'sources_off' | 'failing' | 'waiting' | 'empty' | 'read';

/** The order in which a device's attributes are shown. */
export const ATTRIBUTES = [
  'on',
  'brightness',
  'colorTemperature',
  'color',
  'effect',
  'volume',
  'mute',
  'transport',
  'favorite',
  'shuffle',
  'group',
  'setpoint',
] as const satisfies readonly AttributeName[];

/** What a person does not want sensed has no mood, whatever was read before; a recorded one ends with its recording. */
export function roomStatus(house: HouseView, room: RoomView): RoomStatus {
  if (room.mode === 'off') return 'room_off';
  if (!house.sensing) return 'sensing_off';
  if (room.mood && (!room.mood.demo || house.demo)) return isNobodys(room.mood) ? 'empty' : 'read';
  if (room.told) return 'waiting';
  const sources = room.sources.filter(({ kind }) => kind !== 'demo' || house.demo);
  if (sources.length === 0) return 'no_sources';
  const enabled = sources.filter((source) => source.enabled);
  if (enabled.length === 0) return 'sources_off';
  return enabled.every(({ state, problem }) => state === 'waiting' || problem !== null) ? 'failing' : 'waiting';
}

/** Of an empty room the hub says the neutral mood that it fell back to. */
const isNobodys = ({ occupancy, contributions }: Mood): boolean => occupancy === false && contributions.length === 0;

export function roomById(house: HouseView, id: string): RoomView | undefined {
  return house.rooms.find((room) => room.id === id);
}

/** In the order of the configuration. */
export function devicesOf(house: HouseView, room: RoomView): DeviceView[] {
  return room.devices.flatMap((id) => house.devices.find((device) => device.id === id) ?? []);
}

/** The recording that stands in for sources, in a house that has none. */
export function demoSource(house: HouseView): SourceView | undefined {
  return house.rooms.flatMap((room) => room.sources).find(({ kind }) => kind === 'demo');
}

/** A phone source of the room that nobody sends to and no device has a token for. */
export function freePhone({ sources }: RoomView, tokens: readonly TokenView[]): string | undefined {
  const isPromised = (id: string): boolean => tokens.some(({ source }) => source === id);
  return sources.find(({ id, kind, publisher }) => kind === 'phone' && !publisher && !isPromised(id))?.id;
}

export function isRunning(source: SourceView): boolean {
  return source.state === 'starting' || source.state === 'live' || source.state === 'waiting';
}

/** Sources that capture, or try to: cameras and microphones whose process may still be there. */
export function runningSources(house: HouseView): SourceView[] {
  return house.rooms.flatMap((room) => room.sources).filter((source) => source.kind !== 'demo' && isRunning(source));
}

/** Players that play together with this one, itself included, the one that leads first. */
export function companyOf(house: HouseView, device: DeviceView): DeviceView[] {
  const { group } = device.values;
  if (group === undefined) return [device];
  const members = house.devices.filter(({ values }) => values.group === group);
  return members.sort((a, b) => Number(b.id === group) - Number(a.id === group) || a.name.localeCompare(b.name));
}

/** Players of the house by who plays with whom: groups that play first, then by the name of the one that leads. */
export function companies(house: HouseView): DeviceView[][] {
  const players = house.devices.filter(({ capabilities }) => capabilities.transport);
  const all = new Map(players.map((device) => [device.values.group ?? device.id, companyOf(house, device)]));
  const plays = ([leader]: DeviceView[]): boolean => leader?.values.transport === 'playing';
  return [...all.values()].sort((a, b) => Number(plays(b)) - Number(plays(a)) || (a[0]?.name ?? '').localeCompare(b[0]?.name ?? ''));
}

/** Whether a person's wish is in force on the device: by a hand, a slider or a scene. */
export function isHeld(device: DeviceView): boolean {
  return (
    Object.keys(device.holds).length > 0 ||
    Object.values(device.why).some((chain) => chain.some((entry) => entry.wins && entry.rung === 'person'))
  );
}

/** Attributes that a hand or pin holds, grouped by when they are given back: the soonest first, those without a time last. */
export function holdsOf(device: DeviceView, now: number): { until: HoldEnd; attributes: AttributeName[] }[] {
  const groups = new Map<HoldEnd, AttributeName[]>();
  for (const attribute of ATTRIBUTES) {
    const until = device.holds[attribute];
    if (until === undefined || (typeof until === 'number' && until <= now)) continue;
    groups.set(until, [...(groups.get(until) ?? []), attribute]);
  }
  const time = (until: HoldEnd): number => (typeof until === 'number' ? until : Number.MAX_VALUE);
  return [...groups].map(([until, attributes]) => ({ until, attributes })).sort((a, b) => time(a.until) - time(b.until));
}

/** Problems that the banner of safe mode shows: those of the configuration. */
export function bannerProblems(house: HouseView): Problem[] {
  return house.config.state === 'safe' ? house.problems.filter(({ code }) => code.startsWith('config.')) : [];
}

/** All problems that no banner shows. */
export function listedProblems(house: HouseView): Problem[] {
  const shown = new Set(bannerProblems(house));
  return house.problems.filter((problem) => !shown.has(problem));
}
