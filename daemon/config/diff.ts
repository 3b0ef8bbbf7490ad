import { isDeepStrictEqual } from 'node:util';
import { pathsWith } from './reflect.ts';
import { bareSchema, type Config, type SourceConfig } from './schema.ts';

/** Ids of what came, went and changed, each list sorted. */
export interface Difference {
  added: string[];
  removed: string[];
  changed: string[];
}

export interface ConfigDiff {
  /** Top-level keys that differ. Empty: the two mean the same. */
  sections: (keyof Config)[];
  adapters: Difference;
  rooms: Difference;
  /** A source that moved to another room has changed. */
  sources: Difference;
  scenes: Difference;
  /** Keys that differ and take effect only after a restart, such as `http.port`. */
  restartRequired: string[];
}

/** What a hot reload has to touch to get from one valid configuration to the next. */
export function diffConfig(before: Config, after: Config): ConfigDiff {
  const sections = (Object.keys(after) as (keyof Config)[]).filter((key) => !isDeepStrictEqual(before[key], after[key]));
  return {
    sections,
    adapters: difference(before.adapters, after.adapters),
    rooms: difference(before.rooms, after.rooms),
    sources: difference(sourcesOf(before), sourcesOf(after)),
    scenes: difference(before.scenes, after.scenes),
    restartRequired: RESTART_PATHS.filter((path) => !isDeepStrictEqual(valueAt(before, path), valueAt(after, path))).map((path) =>
      path.join('.'),
    ),
  };
}

const RESTART_PATHS: readonly string[][] = pathsWith(bareSchema, 'requiresRestart');

function sourcesOf(config: Config): Record<string, SourceConfig & { room: string }> {
  const placed = Object.entries(config.rooms).flatMap(([room, { sources }]) => sources.map((source) => [source.id, { ...source, room }]));
  return Object.fromEntries(placed);
}

function difference(before: Record<string, unknown>, after: Record<string, unknown>): Difference {
  const all = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return {
    added: all.filter((id) => !Object.hasOwn(before, id)),
    removed: all.filter((id) => !Object.hasOwn(after, id)),
    changed: all.filter((id) => Object.hasOwn(before, id) && Object.hasOwn(after, id) && !isDeepStrictEqual(before[id], after[id])),
  };
}

const valueAt = (config: Config, path: readonly string[]): unknown =>
  path.reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], config);
