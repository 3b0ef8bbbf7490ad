import { FaceDetector } from '../../daemon/senses/perception/face/detector.ts';
import { EmotionNet } from '../../daemon/senses/perception/face/emotion-net.ts';
import { MotionGate } from '../../daemon/senses/perception/face/motion.ts';
import { faceQuality } from '../../daemon/senses/perception/face/quality.ts';
import type { Frame } from '../../daemon/senses/perception/frame.ts';
import { decodeFrames } from '../../test/helpers/decode.ts';
import { film } from '../../test/helpers/media.ts';
import { openModel } from '../eval/models.ts';
import { type Benchmark, type Figure, median, overRepeats, quantile } from './report.ts';

const FPS = 30;
const REPEATS = 5;
const WARM_UP = 20;

/** What each stage does, and the ms that it may take. */
const STAGES = {
  motion: { what: 'the motion gate', target: 0.5 },
  detect: { what: 'the detector: filling its input, the network, decoding', target: 10 },
  emotion: { what: 'one face: cutting it out, its quality, the network, folding its classes', target: 2 },
} as const;

type Stage = keyof typeof STAGES;
type Times = Record<Stage, number[]>;

/** What each stage of the face path takes by itself, in one process and on one thread. */
export const faceStages: Benchmark = {
  async run({ progress, quick }) {
    const frames = await decodeFrames(film({ seconds: quick ? 2 : 8, fps: FPS }), { width: 640, height: 360, fps: FPS });
    const detection = await openModel('face-detection');
    const emotion = await openModel('face-emotion');
    const repeats: Times[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      progress(`repeat ${repeat + 1} of ${REPEATS}, ${frames.length} frames`);
      const parts = {
        gate: new MotionGate(),
        detector: new FaceDetector(detection.session),
        net: new EmotionNet(emotion.session, emotion.entry),
      };
      repeats.push(await timesOf(frames, parts));
    }
    await Promise.all([detection.session.release(), emotion.session.release()]);
    const models = `${detection.entry.id} and ${emotion.entry.id}`;
    return (Object.keys(STAGES) as Stage[]).flatMap((stage) => figuresOf(stage, { repeats: repeats.map((times) => times[stage]), models }));
  },
};

async function timesOf(frames: readonly Frame[], parts: { gate: MotionGate; detector: FaceDetector; net: EmotionNet }): Promise<Times> {
  const { gate, detector, net } = parts;
  const times: Times = { motion: [], detect: [], emotion: [] };
  const timed = async <T>(stage: Stage, work: () => T | Promise<T>): Promise<T> => {
    const began = performance.now();
    const result = await work();
    times[stage].push(performance.now() - began);
    return result;
  };
  for (const frame of frames) {
    await timed('motion', () => gate.moved(frame));
    const [face] = await timed('detect', () => detector.detect(frame));
    if (!face) throw new Error('a frame of the film shows no face');
    await timed('emotion', () => {
      faceQuality(face, net.put(0, frame, face));
      return net.classify(1);
    });
  }
  return { motion: times.motion.slice(WARM_UP), detect: times.detect.slice(WARM_UP), emotion: times.emotion.slice(WARM_UP) };
}

function figuresOf(stage: Stage, { repeats, models }: { repeats: number[][]; models: string }): Figure[] {
  const { what, target } = STAGES[stage];
  const frames = repeats[0]?.length ?? 0;
  const where = `${what}; 640x360 frames with one face each, ${models}, one thread; ${frames} frames in each of ${REPEATS} runs`;
  const common = { unit: 'ms', better: 'lower', n: REPEATS * frames } as const;
  return [
    { name: `stage.${stage}_ms`, ...overRepeats(repeats.map(median)), target, ...common, definition: `median of ${where}` },
    {
      name: `stage.${stage}_p95_ms`,
      ...overRepeats(repeats.map((times) => quantile(times, 0.95))),
      target: 2 * target,
      ...common,
      definition: `95th percentile of ${where}`,
    },
  ];
}
