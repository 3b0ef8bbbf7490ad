import type { ModelView } from '../../daemon/api/views.ts';

/** Models of each role, in the order in which they come. */
export function byRole(models: readonly ModelView[]): Map<string, ModelView[]> {
  return Map.groupBy(models, ({ role }) => role);
}

export const isFetching = (models: readonly ModelView[]): boolean => models.some(({ received }) => received !== null);

/** Of the model that is being fetched, 0..1. */
export const share = ({ received, size }: ModelView): number => Math.min(1, (received ?? 0) / size);

/** What a person can do about a model now. */
export function offers({ state, fetchable, received }: ModelView): { fetch: boolean; use: boolean } {
  const absent = state === 'missing' || state === 'wrong';
  return { fetch: absent && fetchable && received === null, use: state === 'present' };
}
