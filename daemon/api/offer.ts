import type { ModelView } from './views.ts';

const isThere = ({ state }: Pick<ModelView, 'state'>): boolean => state === 'in-use' || state === 'present';

/**
 * What the recommended set still lacks: for each role that it covers, the models to try, the best first. A role of which
 * one recommended model is there lacks nothing.
 */
export function lacking<Model extends Pick<ModelView, 'role' | 'state' | 'recommended'>>(models: readonly Model[]): Model[][] {
  const byRole = Map.groupBy(
    models.filter(({ recommended }) => recommended),
    ({ role }) => role,
  );
  return [...byRole.values()].filter((ofRole) => !ofRole.some(isThere));
}
