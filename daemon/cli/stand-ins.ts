import type { ModelEntry } from '../senses/perception/models.ts';

/** Which models are in use only until a better one is fetched; null where none is. */
export function standInsLine(pairs: readonly { model: Pick<ModelEntry, 'id'>; better: Pick<ModelEntry, 'id'> }[]): string | null {
  if (pairs.length === 0) return null;
  const each = pairs.map(({ model, better }) => `${model.id} for ${better.id}`);
  return `Models that stand in until better ones are fetched (scripts/roomtone models fetch --recommended): ${each.join(', ')}`;
}
