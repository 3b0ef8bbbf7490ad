import type { Director } from '../ambience/director.ts';
import { type MessageParams, RoomtoneError } from '../api/errors.ts';
import type { HubQueries } from '../api/hub.ts';
import type { AuditPort } from '../api/ports.ts';
import type { AuditEntry, DeviceView, HouseView, InferenceView, ModelView, RoomView, SceneView, SourceView } from '../api/views.ts';
import type { Device, DeviceId } from '../devices/device.ts';
import type { DeviceRegistry } from '../devices/registry.ts';
import type { ModelStore } from '../models/store.ts';
import type { RoomMoods } from './moods.ts';
import type { ProblemBoard } from './problems.ts';
import type { Publishing } from './publishing.ts';
import type { Sensing } from './sensing.ts';

/** What of the configuration shows. */
export interface HouseFacts {
  hub: HouseView['hub'];
  config: HouseView['config'];
  https: HouseView['https'];
  mqtt: HouseView['mqtt'];
  rooms: readonly { id: string; name: string; devices: readonly DeviceId[] }[];
  scenes: readonly SceneView[];
}

export interface QueriesOptions {
  /** As it is now: asked at every call. */
  facts: () => HouseFacts;
  ready: () => boolean;
  /** Whole seconds since the start */
  uptime: () => number;
  audit: AuditPort;
  moods: RoomMoods;
  sensing: Sensing;
  publishing: Pick<Publishing, 'holder'>;
  director: Director;
  registry: DeviceRegistry;
  problems: ProblemBoard;
  models: Pick<ModelStore, 'list'>;
  inference: () => InferenceView;
}

/** Answers what the house is like now, from the parts that know. Keeps nothing itself. */
export class Queries implements HubQueries {
  readonly #the: QueriesOptions;

  constructor(options: QueriesOptions) {
    this.#the = options;
  }

  house(): HouseView {
    const { hub, config, https, mqtt, scenes, rooms } = this.#the.facts();
    return {
      hub,
      config,
      https,
      mqtt,
      sensing: this.#the.sensing.on,
      demo: this.#the.sensing.demo,
      scenes: [...scenes],
      problems: this.#the.problems.list(),
      rooms: rooms.map(({ id }) => this.room(id)),
      devices: this.#the.registry.devices().map((device) => this.#view(device)),
    };
  }

  room(room: string): RoomView {
    const found = this.#the.facts().rooms.find(({ id }) => id === room);
    if (!found) throw unknown('api.unknown_room', { room });
    const { director, moods, sensing } = this.#the;
    return {
      id: room,
      name: found.name,
      mode: director.mode(room),
      mood: moods.mood(room),
      scene: director.scene(room),
      moodScene: director.moodScene(room),
      suggestion: director.suggestion(room),
      ambience: director.ambience(room),
      intensity: director.intensity(room),
      scenes: director.scenes(room),
      told: sensing.isTold(room),
      sources: sensing.sources(room).map((source) => this.#withPublisher(source)),
      devices: found.devices.filter((device) => this.#the.registry.device(device)),
      illuminance: this.#illuminance(found.devices),
    };
  }

  source(source: string): SourceView {
    this.#the.sensing.assertConfigured();
    const room = this.#the.sensing.roomOf(source);
    const found = room === undefined ? undefined : this.room(room).sources.find(({ id }) => id === source);
    if (!found) throw unknown('api.unknown_source', { source });
    return found;
  }

  device(device: DeviceId): DeviceView {
    const found = this.#the.registry.device(device);
    if (!found) throw unknown('api.unknown_device', { device });
    return this.#view(found);
  }

  audit(limit: number): AuditEntry[] {
    return this.#the.audit.latest(limit);
  }

  models(): Promise<ModelView[]> {
    return this.#the.models.list();
  }

  inference(): InferenceView {
    return this.#the.inference();
  }

  health(): ReturnType<HubQueries['health']> {
    const { version } = this.#the.facts().hub;
    return { ready: this.#the.ready(), version, uptime: this.#the.uptime(), problems: this.#the.problems.list().length };
  }

  #withPublisher(source: SourceView): SourceView {
    const publisher = this.#the.publishing.holder(source.id);
    return publisher ? { ...source, publisher } : source;
  }

  #illuminance(devices: readonly DeviceId[]): number | null {
    const lux = devices.flatMap((device) => this.#the.registry.state(device)?.readings.illuminance ?? []);
    return lux.length === 0 ? null : lux.reduce((sum, each) => sum + each, 0) / lux.length;
  }

  #view(device: Device): DeviceView {
    const { director, registry } = this.#the;
    const { id, name, adapter, model, capabilities } = device;
    const rooms = this.#the.facts().rooms.filter((room) => room.devices.includes(id));
    const { available, values, readings } = registry.state(id) ?? { available: false, values: {}, readings: {} };
    return {
      id,
      name,
      adapter,
      ...(model === undefined ? {} : { model }),
      rooms: rooms.map((room) => room.id),
      capabilities,
      available,
      values,
      readings,
      permissions: registry.permissions(id),
      why: director.why(id),
      holds: director.holds(id),
    };
  }
}

const unknown = (code: 'api.unknown_room' | 'api.unknown_device' | 'api.unknown_source', params: MessageParams): RoomtoneError =>
  new RoomtoneError(code, { params });
