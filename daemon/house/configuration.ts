import { readFileSync } from 'node:fs';
import { parse, parseDocument } from 'yaml';
import { adapterModules } from '../../adapters/index.ts';
import type { Policy } from '../ambience/policy.ts';
import { policySchema } from '../ambience/policy.ts';
import { type Scene, type SceneSpec, sceneSchema, scenesSchema, toScenes } from '../ambience/scene.ts';
import { changeConfig } from '../config/change.ts';
import { configError, type LoadedConfig, type LoadResult, loadConfig } from '../config/load.ts';
import { type Config, type ConfigParts, configSchema } from '../config/schema.ts';
import { duration } from '../config/values.ts';

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
  const { loaded, adapter, host, parts, ...reading } = options;
  const module = await adapterModules[adapter]?.();
  if (!module?.withHost) return null;
  const section = loaded.config.adapters[adapter] ?? module.options.parse({});
  const value = module.withHost(section, host);
  if (value === section) return null;
  const changed = changeConfig({ ...parts, ...reading, hash: loaded.hash, changes: [{ path: ['adapters', adapter], value }] });
  if (!changed.ok) throw configError(changed);
  return changed;
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
