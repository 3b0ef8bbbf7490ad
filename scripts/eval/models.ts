import { join } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import { render } from '../../daemon/api/render.ts';
import { type FoundModel, loadManifest, type ModelEntry, resolveModels } from '../../daemon/senses/perception/models.ts';
import { openSession } from '../../daemon/senses/perception/session.ts';
import type { Role } from '../../daemon/senses/protocol.ts';
import { shared } from '../../test/helpers/needs.ts';

const DIRS = [join(import.meta.dirname, '../../models'), shared('models')];

/** The model that ships for a role, or the one with this id, verified and opened on one thread. */
export async function openModel(role: Role, id?: string): Promise<{ entry: ModelEntry; session: InferenceSession }> {
  const model = await findModel(role, id);
  return { entry: model.entry, session: await openSession(model, 1) };
}

async function findModel(role: Role, id?: string): Promise<FoundModel> {
  const manifest = await loadManifest();
  const wanted = manifest.models.filter((entry) => entry.role === role && (id === undefined || entry.id === id));
  if (wanted.length === 0) throw new Error(`models/manifest.json has no model "${id}" for ${role}`);
  const others = manifest.models.filter((entry) => entry.role !== role);
  const { [role]: found } = await resolveModels(DIRS, { ...manifest, models: [...wanted, ...others] });
  if ('problem' in found) throw new Error(render(found.problem.code, found.problem.params));
  return found;
}

/** Whether the manifest has this id, and for this role. */
export async function isModelOf(role: Role, id: string): Promise<boolean> {
  return (await loadManifest()).models.some((entry) => entry.role === role && entry.id === id);
}
