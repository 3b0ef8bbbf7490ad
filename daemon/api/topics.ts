import type { DeviceId } from '../devices/device.ts';

/** Controls of a room that have a `set` and a `state` topic. */
export const ROOM_CONTROLS = ['mode', 'scene', 'ambience', 'intensity', 'suggestion', 'camera', 'microphone'] as const;

export type RoomControl = (typeof ROOM_CONTROLS)[number];

/** What stands for "no scene" where a topic can't be null. No scene may have this id. */
export const NO_SCENE = 'none';

/**
 * A device id as one level of a topic: as in URLs, but the colon stays. `zigbee:0x00158d/1` is `zigbee:0x00158d%2F1`;
 * `decodeURIComponent` reads it back.
 */
export const deviceLevel = (device: DeviceId): string => encodeURIComponent(device).replaceAll('%3A', ':');

/** Every topic of docs/mqtt.md, below a base that the configuration chooses. */
export class Topics {
  readonly base: string;

  constructor(base: string) {
    this.base = base;
  }

  bridge(what: 'state' | 'info' | 'health' | 'event'): string {
    return `${this.base}/bridge/${what}`;
  }

  request(call: string): string {
    return `${this.base}/bridge/request/${call}`;
  }

  response(call: string): string {
    return `${this.base}/bridge/response/${call}`;
  }

  sensing(direction: 'set' | 'state'): string {
    return `${this.base}/sensing/${direction}`;
  }

  room(room: string, what: 'mood' | 'availability' | 'event' | 'resume/set' | 'text/set' | 'body/set' | 'feedback/set'): string {
    return `${this.base}/rooms/${room}/${what}`;
  }

  control(room: string, control: RoomControl, direction: 'set' | 'state'): string {
    return `${this.base}/rooms/${room}/${control}/${direction}`;
  }

  source(source: string, direction: 'set' | 'state'): string {
    return `${this.base}/sources/${source}/${direction}`;
  }

  device(device: DeviceId, what: 'state' | 'availability' | 'holds' | 'event' | 'resume/set'): string {
    return `${this.base}/devices/${deviceLevel(device)}/${what}`;
  }
}
