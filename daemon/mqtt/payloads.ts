import { render } from '../api/render.ts';
import { NO_SCENE, type Topics } from '../api/topics.ts';
import { countsAs, type DeviceView, type HouseView, type Problem, type RoomView, type SourceView } from '../api/views.ts';
import type { Mood } from '../mood/mood.ts';

export const onOff = (on: boolean): string => (on ? 'ON' : 'OFF');

export const iso = (epoch: number): string => new Date(epoch).toISOString();

/** What tells moods apart for subscribers; which single observation brought it about is of no use to them. */
export function moodPayload({ trigger, ...mood }: Mood): string {
  return JSON.stringify({ ...mood, at: iso(mood.at) });
}

/** Everything retained but moods and `bridge/state`: payload by topic. */
export function retainedStates(house: HouseView, topics: Topics): Map<string, string> {
  const states = new Map<string, string>();
  states.set(topics.bridge('info'), infoPayload(house));
  states.set(topics.bridge('health'), JSON.stringify({ v: 1, config: house.config.state, problems: house.problems.map(problemPayload) }));
  states.set(topics.sensing('state'), onOff(house.sensing));
  for (const room of house.rooms) addRoom(states, room, topics);
  for (const device of house.devices) addDevice(states, device, topics);
  return states;
}

/** Sources that watch or listen to the room itself: recorded demo observations are no business of the network. */
export const realSources = (room: RoomView): SourceView[] => room.sources.filter(({ kind }) => kind !== 'demo');

/** On when every source of that kind is; null where the room has none. */
export function allEnabled(room: RoomView, kind: 'camera' | 'microphone'): boolean | null {
  const sources = room.sources.filter((source) => countsAs(source, kind));
  return sources.length === 0 ? null : sources.every(({ enabled }) => enabled);
}

function addRoom(states: Map<string, string>, room: RoomView, topics: Topics): void {
  const sources = realSources(room);
  const senses = room.told || sources.some(({ state }) => state === 'live');
  states.set(topics.room(room.id, 'availability'), senses ? 'online' : 'offline');
  states.set(topics.control(room.id, 'mode', 'state'), room.mode);
  states.set(topics.control(room.id, 'scene', 'state'), room.scene ?? NO_SCENE);
  states.set(topics.control(room.id, 'ambience', 'state'), onOff(room.ambience));
  states.set(topics.control(room.id, 'intensity', 'state'), String(room.intensity));
  states.set(topics.control(room.id, 'suggestion', 'state'), room.suggestion?.scene ?? NO_SCENE);
  for (const kind of ['camera', 'microphone'] as const) {
    const enabled = allEnabled(room, kind);
    if (enabled !== null) states.set(topics.control(room.id, kind, 'state'), onOff(enabled));
  }
  for (const source of sources) states.set(topics.source(source.id, 'state'), onOff(source.enabled));
}

function addDevice(states: Map<string, string>, device: DeviceView, topics: Topics): void {
  states.set(topics.device(device.id, 'state'), JSON.stringify({ v: 1, ...device.values, ...device.readings }));
  states.set(topics.device(device.id, 'availability'), device.available ? 'online' : 'offline');
  states.set(topics.device(device.id, 'holds'), JSON.stringify({ v: 1, ...holdsPayload(device) }));
}

/** By attribute: when it is given back, a time or `empty`, `sleep`, `resume`. */
const holdsPayload = ({ holds }: DeviceView) =>
  Object.fromEntries(Object.entries(holds).map(([name, until]) => [name, typeof until === 'number' ? iso(until) : until]));

function infoPayload({ hub, rooms }: HouseView): string {
  const { id, name, version, startedAt, timezone } = hub;
  const list = rooms.map((room) => ({ id: room.id, name: room.name }));
  return JSON.stringify({ v: 1, id, name, version, startedAt: iso(startedAt), timezone, rooms: list });
}

const problemPayload = ({ code, params, scope, since }: Problem) => ({ code, message: render(code, params), scope, since: iso(since) });
