import { join } from 'node:path';
import type { AmbienceConfig } from '../ambience/configuration.ts';
import { type Scene, toScenes } from '../ambience/scene.ts';
import type { HouseView } from '../api/views.ts';
import type { AdapterScene } from '../devices/adapter.ts';
import type { DeviceId } from '../devices/device.ts';
import { allScenes, type HouseConfig } from './configuration.ts';
import type { MoodRoom } from './moods.ts';
import type { HouseFacts } from './queries.ts';
import type { SensingPlan } from './sensing.ts';

/** What the configuration means to each part. Pure translation, one function for each. */

/** @param made scenes that somebody made elsewhere, as they are now */
export function ambiencePlan(config: HouseConfig, made: readonly AdapterScene[] = []): AmbienceConfig {
  const drawn = (scene: Scene): Scene => {
    const from = made.find(({ id }) => id === scene.from);
    return from ? { ...scene, devices: from.devices } : scene;
  };
  const scenes = allScenes(config.scenes).map(drawn);
  const rooms = Object.entries(config.rooms).map(([id, { name, devices, scenes: own, policies, schedules, limits, ambience }]) => ({
    id,
    name,
    devices,
    scenes: toScenes(own).map(drawn),
    policies,
    schedules,
    limits,
    ...ambience,
    /** Real lamps wait for a person's yes. */
    defaultMode: devices.every((device) => device.startsWith('virtual:')) ? ('auto' as const) : ('suggest' as const),
  }));
  const { policies, schedules, limits, ambience, hub } = config;
  const { hold, merge: merges } = ambience;
  const { timezone, location } = hub;
  return { rooms, scenes, policies, schedules, limits, hold, merges, timezone, location };
}

export function moodRooms(config: HouseConfig): MoodRoom[] {
  return Object.entries(config.rooms).map(([id, { mood }]) => ({ id, ...mood }));
}

export interface SensingInput {
  config: HouseConfig;
  modelDirs: string[];
  /** What a person chose, and what lies in the user's models folder. */
  chosen: Pick<SensingPlan['models'], 'prefer' | 'edition'>;
  /** What was measured on this machine. */
  tuning: SensingPlan['tuning'];
  /** Of the configuration file; null where it cannot be used */
  hash: string | null;
  /** Rooms in mode `off` */
  off: (room: string) => boolean;
}

export function sensingPlan({ config, modelDirs, chosen, tuning, hash, off }: SensingInput): SensingPlan {
  const rooms = Object.entries(config.rooms).map(([id, { sources }]) => ({
    id,
    sources: sources.map((source) => (source.kind === 'phone' ? { ...source, room: id, ...config.webrtc } : { ...source, room: id })),
    off: off(id),
  }));
  const { threads, provider } = config.models;
  return { rooms, models: { dirs: modelDirs, threads, provider, ...chosen }, tuning, hash };
}

/** Where models are looked for: the user's folder, what comes with the program, and a `shared` folder beside the checkout. */
export function modelDirs(options: { configured: string | undefined; dataDir: string; programDir: string }): string[] {
  const { configured, dataDir, programDir } = options;
  return [configured ?? join(dataDir, 'models'), join(programDir, 'models'), join(programDir, '../shared/models')];
}

export function unknownDevices(config: HouseConfig, known: (device: DeviceId) => boolean): { room: string; device: DeviceId }[] {
  return Object.entries(config.rooms).flatMap(([room, { devices }]) =>
    devices.filter((device) => !known(device)).map((device) => ({ room, device })),
  );
}

export function unknownScenes(config: HouseConfig, made: readonly AdapterScene[]): { scene: string; from: string }[] {
  const known = new Set(made.map(({ id }) => id));
  const all = [config.scenes, ...Object.values(config.rooms).map(({ scenes }) => scenes)].flatMap((scenes) => Object.entries(scenes));
  return all.flatMap(([scene, { from }]) => (from === undefined || known.has(from) ? [] : [{ scene, from }]));
}

export const roomsOf = (config: HouseConfig, device: DeviceId): string[] =>
  Object.entries(config.rooms).flatMap(([room, { devices }]) => (devices.includes(device) ? [room] : []));

/** Devices that stand in a room together, room by room. */
export const deviceSets = (config: HouseConfig): DeviceId[][] => Object.values(config.rooms).map(({ devices }) => [...devices]);

export interface FactsInput {
  config: HouseConfig;
  hub: Pick<HouseView['hub'], 'id' | 'version' | 'startedAt'>;
  file: HouseView['config'];
  https: HouseView['https'];
  mqtt: HouseView['mqtt'];
}

export function houseFacts({ config, hub, file, https, mqtt }: FactsInput): HouseFacts {
  const { name, timezone, language } = config.hub;
  return {
    hub: { ...hub, name, timezone, language },
    config: file,
    https,
    mqtt,
    rooms: Object.entries(config.rooms).map(([id, room]) => ({ id, name: room.name, devices: room.devices })),
    scenes: allScenes(config.scenes).map((scene) => ({ id: scene.id, name: scene.name })),
  };
}
