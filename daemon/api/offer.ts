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

/** The models in use that a recommended one, which is not there, would step in front of: `better` is the first of its role to fetch. */
export function standIns<Model extends Pick<ModelView, 'role' | 'state' | 'recommended'>>(
  models: readonly Model[],
): { model: Model; better: Model }[] {
  return lacking(models).flatMap(([better]) => {
    const model = models.find(({ role, state }) => role === better?.role && state === 'in-use');
    return better && model ? [{ model, better }] : [];
  });
}
