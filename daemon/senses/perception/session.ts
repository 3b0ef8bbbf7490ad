import { InferenceSession } from 'onnxruntime-node';
import { RoomtoneError } from '../../api/errors.ts';
import type { FoundModel } from './models.ts';

/** An execution provider of ONNX Runtime, by its name there. */
export type Provider = 'cpu' | (string & {});

type Loadable = Pick<FoundModel, 'bytes'> & { entry: Pick<FoundModel['entry'], 'id'> };

/**
 * Makes a session from the bytes that were hashed. Intra-op threads sleep between runs instead of spinning: a hub has
 * other things to do with its cores.
 * @throws RoomtoneError `model.invalid`
 */
export async function openSession(model: Loadable, threads: number, provider: Provider = 'cpu'): Promise<InferenceSession> {
  // ONNX Runtime for Linux reports its use to Microsoft from 1.29 on, unless this is set before the first session
  // (https://github.com/microsoft/onnxruntime/pull/27379). Nothing leaves the house.
  process.env.ORT_DISABLE_TELEMETRY = '1';
  try {
    return await InferenceSession.create(model.bytes, {
      executionProviders: [provider],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new RoomtoneError('model.invalid', { params: { model: model.entry.id, what }, cause });
  }
}
