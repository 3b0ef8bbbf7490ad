import { fileURLToPath } from 'node:url';
import { adapterModules } from '../../adapters/index.ts';
import { policySchema } from '../../daemon/ambience/policy.ts';
import { sceneSchema } from '../../daemon/ambience/scene.ts';
import type { ConfigParts } from '../../daemon/config/schema.ts';
import { duration } from '../../daemon/config/values.ts';

export const fromRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The sections of the configuration that other parts define, as the hub puts them together. */
export async function configParts(): Promise<ConfigParts> {
  const loaded = await Promise.all(Object.entries(adapterModules).map(async ([id, load]) => [id, (await load()).options] as const));
  return { adapterOptions: Object.fromEntries(loaded), sceneSchema, policySchema: policySchema(duration) };
}
