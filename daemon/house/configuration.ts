import { readFileSync } from 'node:fs';
import { parse, parseDocument } from 'yaml';
import { adapterModules } from '../../adapters/index.ts';
import type { Policy } from '../ambience/policy.ts';
import { policySchema } from '../ambience/policy.ts';
import { type Scene, type SceneSpec, sceneSchema, scenesSchema, toScenes } from '../ambience/scene.ts';
import { RoomtoneError } from '../api/errors.ts';
import { changeConfig } from '../config/change.ts';
import type { Change } from '../config/edit.ts';
import { configError, type LoadedConfig, type LoadResult, loadConfig } from '../config/load.ts';
import { type Config, type ConfigParts, configSchema } from '../config/schema.ts';
import { duration } from '../config/values.ts';
import type { DeviceId } from '../devices/device.ts';

export type HouseConfig = Config<SceneSpec, Policy>;
export type LoadedHouse = LoadedConfig<SceneSpec, Policy>;
export type HouseLoadResult = LoadResult<SceneSpec, Policy>;
export type HouseConfigParts = ConfigParts<SceneSpec, Policy>;

/** Gathers what other parts say about their sections of the file. */
export async function configParts(): Promise<HouseConfigParts> {
  const loaded = await Promise.all(Object.entries(adapterModules).map(async ([id, load]) => [id, (await load()).options] as const));
  return {
    adapterOptions: Object.fromEntries(loaded),
    sceneSchema,
    policySchema: policySchema(duration),
    defaultScenes: Object.keys(SHIPPED_SCENES),
  };
}

export interface ReadOptions {
  file: string;
  parts: HouseConfigParts;
  secrets: (name: string) => string | undefined;
  env: NodeJS.ProcessEnv;
}

export function readConfiguration({ file, parts, secrets, env }: ReadOptions): HouseLoadResult {
  return loadConfig({ ...parts, file, secrets, env });
}

/**
 * Writes into the file that an adapter speaks to a host, unless it says so already.
 * @returns what the file says now; null where nothing had to be written
 * @throws RoomtoneError `config.changed_on_disk`, `config.read_only`
 */
export async function addHost(options: ReadOptions & { loaded: LoadedHouse; adapter: string; host: string }): Promise<LoadedHouse | null> {
  const { loaded, adapter, host, ...reading } = options;
  const module = await adapterModules[adapter]?.();
  if (!module?.withHost) return null;
  const section = loaded.config.adapters[adapter] ?? module.options.parse({});
  const value = module.withHost(section, host);
  if (value === section) return null;
  return changed({ ...reading, loaded, changes: [{ path: ['adapters', adapter], value }] });
}

/** Takes a host out of an adapter's section, where it stands there. @throws RoomtoneError `config.changed_on_disk`, `config.read_only` */
export async function removeHost(
  options: ReadOptions & { loaded: LoadedHouse; adapter: string; host: string },
): Promise<LoadedHouse | null> {
  const { loaded, adapter, host, ...reading } = options;
  const module = await adapterModules[adapter]?.();
  const section = loaded.config.adapters[adapter];
  if (!module?.withoutHost || section === undefined) return null;
  const value = module.withoutHost(section, host);
  return value === section ? null : changed({ ...reading, loaded, changes: [{ path: ['adapters', adapter], value }] });
}

/**
 * Writes a device into these rooms of the file, and takes it out of all others.
 * @throws RoomtoneError `api.unknown_room`, `config.changed_on_disk`, `config.read_only`
 */
export function placeDevice(options: ReadOptions & { loaded: LoadedHouse; device: DeviceId; rooms: readonly string[] }): LoadedHouse {
  const { loaded, device, rooms, ...reading } = options;
  const unknown = rooms.find((room) => !Object.hasOwn(loaded.config.rooms, room));
  if (unknown !== undefined) throw new RoomtoneError('api.unknown_room', { params: { room: unknown } });
  const changes = Object.entries(loaded.config.rooms).flatMap(([room, { devices }]): Change[] => {
    const path = ['rooms', room, 'devices'];
    const index = devices.indexOf(device);
    if (rooms.includes(room) === index >= 0) return [];
    if (index >= 0) return [{ path: [...path, index], value: undefined }];
    return [devices.length === 0 ? { path, value: [device] } : { path: [...path, devices.length], value: device }];
  });
  return changes.length === 0 ? loaded : changed({ ...reading, loaded, changes });
}

/**
 * Writes a phone source into a room of the file.
 * @throws RoomtoneError `api.unknown_room`, `config.invalid` where the id is taken, `config.changed_on_disk`, `config.read_only`
 */
export function addPhone(options: ReadOptions & { loaded: LoadedHouse; room: string; id: string }): LoadedHouse {
  const { loaded, room, id, ...reading } = options;
  const sources = loaded.config.rooms[room]?.sources;
  if (!sources) throw new RoomtoneError('api.unknown_room', { params: { room } });
  const phone = { id, kind: 'phone' };
  const path = ['rooms', room, 'sources'];
  const change = sources.length === 0 ? { path, value: [phone] } : { path: [...path, sources.length], value: phone };
  return changed({ ...reading, loaded, changes: [change] });
}

/**
 * Takes a source out of the file.
 * @throws RoomtoneError `api.unknown_source`, `config.changed_on_disk`, `config.read_only`
 */
export function removeSource(options: ReadOptions & { loaded: LoadedHouse; source: string }): LoadedHouse {
  const { loaded, source, ...reading } = options;
  for (const [room, { sources }] of Object.entries(loaded.config.rooms)) {
    const index = sources.findIndex(({ id }) => id === source);
    if (index >= 0) return changed({ ...reading, loaded, changes: [{ path: ['rooms', room, 'sources', index], value: undefined }] });
  }
  throw new RoomtoneError('api.unknown_source', { params: { source } });
}

/**
 * Takes a scene of a room's own out of the file: the one of the house holds again.
 * @throws RoomtoneError `api.unknown_room`, `api.unknown_scene` where the room has none of its own, `config.changed_on_disk`, `config.read_only`
 */
export function resetScene(options: ReadOptions & { loaded: LoadedHouse; room: string; scene: string }): LoadedHouse {
  const { loaded, room, scene, ...reading } = options;
  const own = loaded.config.rooms[room]?.scenes;
  if (!own) throw new RoomtoneError('api.unknown_room', { params: { room } });
  if (!Object.hasOwn(own, scene)) throw new RoomtoneError('api.unknown_scene', { params: { scene } });
  return changed({ ...reading, loaded, changes: [{ path: ['rooms', room, 'scenes', scene], value: undefined }] });
}

/** The file with the changes made. @throws RoomtoneError `config.*` */
function changed({ loaded, changes, parts, ...reading }: ReadOptions & { loaded: LoadedHouse; changes: readonly Change[] }): LoadedHouse {
  const result = changeConfig({ ...parts, ...reading, hash: loaded.hash, changes });
  if (!result.ok) throw configError(result);
  return result;
}

/** The scenes that come with the program, and the user's own, which replace those of the same id. */
export const allScenes = (own: Record<string, SceneSpec>): Scene[] => toScenes({ ...SHIPPED_SCENES, ...own });

const SHIPPED_SCENES = scenesSchema.parse(parse(readFileSync(new URL('../../config/scenes.yaml', import.meta.url), 'utf8')));

/**
 * What a hub whose file cannot be used runs on: a panel that shows what is wrong, and nothing else. It stands where the
 * file puts it, as far as that much can be read.
 */
export function safeConfig(parts: HouseConfigParts, file: string): HouseConfig {
  const schema = configSchema(parts);
  const asWritten = schema.safeParse({ http: httpSection(file) });
  return asWritten.success ? asWritten.data : schema.parse({});
}

function httpSection(file: string): unknown {
  try {
    return (parseDocument(readFileSync(file, 'utf8')).toJS() as { http?: unknown }).http;
  } catch {
    return undefined;
  }
}
