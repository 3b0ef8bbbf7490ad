import type { InferenceSession } from 'onnxruntime-node';
import { toRoomtoneError } from '../../api/errors.ts';
import type { FoundModel, ModelProblem } from './models.ts';
import { openSession, type Provider } from './session.ts';
import { type Tensors, tryModel } from './trial.ts';

/**
 * What `models.provider: auto` tries before the CPU, the best first. A provider comes in here once Roomtone was run on it;
 * so far none was.
 */
const ACCELERATORS: readonly Provider[] = [];

export interface OpenedModel {
  session: InferenceSession;
  provider: Provider;
  /** Why a provider that was tried is not the one. */
  problem: ModelProblem | null;
}

/**
 * Opens a model and tries whether it fits its role. An accelerator is taken only where it gives what the CPU gives.
 * @throws RoomtoneError `model.invalid`, `model.unfit`
 */
export async function openModel(
  model: FoundModel,
  { threads, accelerators = ACCELERATORS }: { threads: number; accelerators?: readonly Provider[] },
): Promise<OpenedModel> {
  const session = await openSession(model, threads);
  const expected = await tryModel(model.entry, session).catch(async (error: unknown) => {
    await session.release();
    throw error;
  });
  let problem: ModelProblem | null = null;
  for (const provider of accelerators) {
    const other = await openAgreeing(model, { threads, provider, expected });
    if ('session' in other) {
      await session.release();
      return { session: other.session, provider, problem: null };
    }
    problem ??= { code: 'model.provider', params: { model: model.entry.id, provider, what: other.what } };
  }
  return { session, provider: 'cpu', problem };
}

async function openAgreeing(
  model: FoundModel,
  { threads, provider, expected }: { threads: number; provider: Provider; expected: Tensors },
): Promise<{ session: InferenceSession } | { what: string }> {
  let session: InferenceSession | undefined;
  try {
    session = await openSession(model, threads, provider);
    const what = disagreement(expected, await tryModel(model.entry, session));
    if (what === null) return { session };
    await session.release();
    return { what };
  } catch (error) {
    await session?.release();
    return { what: String(toRoomtoneError(error).params.what) };
  }
}

/** Largest difference of a value that still counts as the same, absolute and as a share of it: what half precision costs. */
const TOLERANCE = { absolute: 0.01, relative: 0.01 };

/** In which output, and by how much, two runs of a network on the same input differ; null where they agree. */
export function disagreement(expected: Tensors, actual: Tensors): string | null {
  for (const [name, { data }] of Object.entries(expected)) {
    const others = actual[name]?.data as ArrayLike<number> | undefined;
    for (const [index, value] of Array.from(data as ArrayLike<number>, Number).entries()) {
      const difference = Math.abs(value - Number(others?.[index]));
      if (difference <= TOLERANCE.absolute + TOLERANCE.relative * Math.abs(value)) continue;
      return `differs from the CPU in "${name}", ${value.toPrecision(3)} and ${Number(others?.[index]).toPrecision(3)}`;
    }
  }
  return null;
}
