import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toRoomtoneError } from '../../api/errors.ts';
import { type ModelEntry, type ModelProblem, modelEntrySchema } from './models.ts';

/** Larger than any description; what is larger is no description. */
const LIMIT = 64 * 1024;

/**
 * The models a user described: every `*.json` in the user's models folder is one entry, of the same form as those of the
 * manifest. One that cannot be used is told with its file and field, and the others count.
 * @param dir the user's models folder; one that is not there has no entries
 */
export function readUserModels(
  dir: string | undefined,
  manifest: readonly ModelEntry[],
): { entries: ModelEntry[]; problems: ModelProblem[] } {
  const entries: ModelEntry[] = [];
  const problems: ModelProblem[] = [];
  const taken = new Set(manifest.map(({ id }) => id));
  for (const file of descriptions(dir)) {
    const read = readDescription(file, taken);
    if ('problem' in read) problems.push(read.problem);
    else {
      taken.add(read.entry.id);
      entries.push(read.entry);
    }
  }
  return { entries, problems };
}

function descriptions(dir: string | undefined): string[] {
  if (dir === undefined) return [];
  try {
    const names = readdirSync(dir).filter((name) => name.endsWith('.json') && name !== 'manifest.json');
    return names.sort().map((name) => join(dir, name));
  } catch {
    return [];
  }
}

function readDescription(file: string, taken: ReadonlySet<string>): { entry: ModelEntry } | { problem: ModelProblem } {
  const refuse = (field: string, what: string) => ({ problem: { code: 'model.bad_description', params: { file, field, what } } as const });
  let raw: unknown;
  try {
    const text = readFileSync(file, 'utf8');
    if (text.length > LIMIT) return refuse('file', `longer than ${LIMIT} characters`);
    raw = JSON.parse(text);
  } catch (thrown) {
    const { params } = toRoomtoneError(thrown);
    return refuse('file', String(params.what));
  }
  const parsed = modelEntrySchema.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refuse(issue?.path.join('.') || 'file', issue?.message ?? 'not a description');
  }
  if (taken.has(parsed.data.id)) return refuse('id', `"${parsed.data.id}" is the id of another model`);
  return { entry: parsed.data };
}
