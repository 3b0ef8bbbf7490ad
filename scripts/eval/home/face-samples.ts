import type { FaceDetector } from '../../../daemon/senses/perception/face/detector.ts';
import { EmotionNet } from '../../../daemon/senses/perception/face/emotion-net.ts';
import { FaceReader } from '../../../daemon/senses/perception/face/reader.ts';
import { shared } from '../../../test/helpers/needs.ts';
import { CLASSES, FACE, frameOf, readFaces } from '../fer.ts';
import { openModel } from '../models.ts';
import { FEELINGS, type Feeling, isFeeling } from './feelings.ts';
import type { FaceSample, Samples } from './samples.ts';

/** FER+ pictures are faces already cut out: the place is known, and that it is one. */
const CUT_OUT: Pick<FaceDetector, 'detect' | 'scale'> = { detect: async () => [{ box: FACE, score: 0.9 }], scale: () => null };

/** FER+ validation by majority vote, as a camera's reader sees it. Contempt is none of the seven feelings. */
export async function readFaceSamples(progress: (text: string) => void): Promise<Samples['face']> {
  const faces = readFaces(shared('datasets/ferplus/valid.npz'));
  const { entry, session } = await openModel('face-emotion');
  const emotions = new EmotionNet(session, entry);
  const samples = Object.fromEntries(FEELINGS.map((feeling) => [feeling, [] as FaceSample[]])) as Record<Feeling, FaceSample[]>;
  for (const [i, truth] of faces.truth.entries()) {
    if (i % 100 === 0) progress(`${entry.id}, ${i} of ${faces.truth.length} faces`);
    const feeling = CLASSES[truth] as string;
    if (!isFeeling(feeling)) continue;
    const reader = new FaceReader({ id: 'camera', room: 'room', detector: CUT_OUT, emotions });
    const [read] = await reader.read(frameOf(faces, i));
    if (read?.modality !== 'face') continue;
    const { modality, confidence, quality, probabilities, affect } = read;
    samples[feeling].push({ modality, confidence, quality, probabilities, affect });
  }
  await session.release();
  return samples;
}
