import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type ErrorCode, type MessageParams, RoomtoneError } from '../../api/errors.ts';
import { ROLES, type Role } from '../protocol.ts';
import { faceContractSchema } from './face/contract.ts';
import { readUserModels } from './user-models.ts';

const unsaid = z.string().default('not said');

/**
 * What a model is: an entry of models/manifest.json, or a JSON file beside a user's own model. Of the latter only what
 * makes it work is asked for.
 */
export const modelEntrySchema = z.object({
  id: z.string().min(1).max(100),
  role: z.enum(ROLES),
  version: unsaid,
  /** Name within a model directory. */
  file: z.string().regex(/^[\w-][\w.-]*$/, 'the name of a file in the same folder'),
  bytes: z.number().int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits, small letters'),
  licence: unsaid,
  /** Training data, and the terms it came under. */
  trainedOn: unsaid,
  /** Where it comes from, in words. */
  source: unsaid,
  /** Where anybody can download these very bytes; absent where nobody publishes them. */
  url: z.url({ protocol: /^https?$/ }).optional(),
  input: unsaid,
  output: unsaid,
  /** Classes in the order of the output, where it has classes. */
  labels: z.array(z.string()).default([]),
  /** Of a facial-emotion model: what it reads and gives, where that is not as with our own. */
  face: faceContractSchema.optional(),
  accuracy: z.string().default('not measured'),
  cost: z.string().default('not measured'),
  /** Of the set that `models fetch --recommended` brings: for each role, the first such entry that can be had. */
  recommended: z.boolean().optional(),
});

const manifestSchema = z.object({ v: z.literal(1), models: z.array(modelEntrySchema) });

export type ModelEntry = z.output<typeof modelEntrySchema>;

/** Model ids by role: looked for before every other of the role. */
export type Preference = Readonly<Record<string, string>>;
export type Manifest = z.output<typeof manifestSchema>;

/** A model file that is what its description says it is. A session is made from `bytes`, the very bytes that were hashed. */
export interface FoundModel {
  entry: ModelEntry;
  path: string;
  bytes: Uint8Array<ArrayBuffer>;
}

export interface ModelProblem {
  code: Extract<ErrorCode, `model.${string}`>;
  params: MessageParams;
}

/** Why there is no model, or which file was refused before this one was found. */
export type Resolution = (FoundModel & { refused?: ModelProblem }) | { problem: ModelProblem };

const MANIFEST_FILE = fileURLToPath(new URL('../../../models/manifest.json', import.meta.url));

/** Reads models/manifest.json, which comes with the program. */
export async function loadManifest(file: string = MANIFEST_FILE): Promise<Manifest> {
  return manifestSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}

/** The manifest's entries, then what the user described in the first of `dirs`. */
export async function knownModels(dirs: readonly string[]): Promise<ModelEntry[]> {
  const { models } = await loadManifest();
  return [...models, ...readUserModels(dirs[0], models).entries];
}

/** In the order in which they are tried: what a person prefers for its role first, otherwise as they stand. */
export const inOrder = (entries: readonly ModelEntry[], prefer: Preference = {}): ModelEntry[] => {
  const preferred = (entry: ModelEntry): boolean => prefer[entry.role] === entry.id;
  return [...entries.filter(preferred), ...entries.filter((entry) => !preferred(entry))];
};

/**
 * Finds a model for every role. The entries of a role stand in order of preference; each is looked for in `dirs`, in
 * order, and the first file with the right digest is taken. Reads files and nothing else.
 */
export async function resolveModels(dirs: readonly string[], manifest?: Manifest, prefer?: Preference): Promise<Record<Role, Resolution>> {
  const models = inOrder(manifest ? manifest.models : await knownModels(dirs), prefer);
  const resolved = await Promise.all(ROLES.map(async (role) => [role, await resolveRole(role, models, dirs)] as const));
  return Object.fromEntries(resolved) as Record<Role, Resolution>;
}

async function resolveRole(role: Role, entries: readonly ModelEntry[], dirs: readonly string[]): Promise<Resolution> {
  let refused: ModelProblem | undefined;
  for await (const candidate of candidates(role, entries, dirs)) {
    if (!('problem' in candidate)) return { ...candidate, ...(refused && { refused }) };
    refused ??= candidate.problem;
  }
  return { problem: refused ?? missing(role, entries, dirs) };
}

/** Every file that could serve a role, in the order of `entries` and `dirs`; among them, as problems, those with another digest. */
export async function* candidates(
  role: Role,
  entries: readonly ModelEntry[],
  dirs: readonly string[],
): AsyncGenerator<FoundModel | { problem: ModelProblem }> {
  for (const entry of entries) {
    if (entry.role !== role) continue;
    for (const dir of dirs) {
      const path = join(dir, entry.file);
      const bytes = await readExactly(path, entry.bytes);
      if (bytes === null) continue;
      if (bytes !== 'other-size' && sha256(bytes) === entry.sha256) yield { entry, path, bytes };
      else yield { problem: { code: 'model.digest_mismatch', params: { role, file: path, url: origin(entry) } } };
    }
  }
}

/** The file's bytes; null where there is no such file; nothing is read of a file whose size already tells that it is another. */
async function readExactly(path: string, size: number): Promise<Uint8Array<ArrayBuffer> | 'other-size' | null> {
  try {
    await using file = await open(path);
    if ((await file.stat()).size !== size) return 'other-size';
    const bytes = new Uint8Array(size);
    let filled = 0;
    while (filled < size) {
      const { bytesRead } = await file.read(bytes, filled);
      if (bytesRead === 0) return 'other-size';
      filled += bytesRead;
    }
    return bytes;
  } catch {
    return null;
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What is said of a role that no file serves. */
export function missing(role: Role, entries: readonly ModelEntry[], dirs: readonly string[]): ModelProblem {
  const ofRole = entries.filter((entry) => entry.role === role);
  const preferred = ofRole.find((entry) => entry.url !== undefined) ?? ofRole[0];
  if (!preferred) throw new RoomtoneError('internal.unexpected', { params: { what: `the manifest has no model for ${role}` } });
  return { code: 'model.missing', params: { role, file: preferred.file, url: origin(preferred), folder: dirs[0] ?? 'models' } };
}

const origin = (entry: ModelEntry): string => entry.url ?? 'the models folder of Roomtone';
