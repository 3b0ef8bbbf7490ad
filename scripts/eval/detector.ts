import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { overlap } from '../../daemon/senses/perception/face/box.ts';
import { FaceDetector } from '../../daemon/senses/perception/face/detector.ts';
import { EmotionNet } from '../../daemon/senses/perception/face/emotion-net.ts';
import type { Frame } from '../../daemon/senses/perception/frame.ts';
import { decodePicture } from '../../test/helpers/decode.ts';
import { shared } from '../../test/helpers/needs.ts';
import { type Figure, median } from '../bench/report.ts';
import { argmax, mean } from './classes.ts';
import type { Evaluation, Options } from './evaluation.ts';
import { isModelOf, openModel } from './models.ts';
import { share, table } from './tables.ts';

const OWN = 'own-face';
const TEACHER = 'yunet-dynamic';
/** A camera's frame, px, unless it is told otherwise. */
const FRAME = { width: 640, height: 360 };
/** Heights of the faces that are to be found, px, and the teacher's score from which they count as faces. */
const HEIGHT = { least: 24, most: 160 };
const SURE = 0.8;
/** Intersection over union from which a face is found. */
const HIT = 0.5;
const TIMED = { runs: 300, warmUp: 50 };
/** SHA-256 of the photographs that were never trained on, one a line. */
const MEASURED = join(import.meta.dirname, '../../models/training/face-detector/measured.txt');

/** Our own face detector beside YuNet: what it finds of YuNet's faces, what it takes for faces, how long it takes, and what emotions are read through it. */
export const detector: Evaluation = {
  async run(options) {
    const id = options.model ?? OWN;
    if (!(await isModelOf('face-detection', id))) return [];
    const [own, teacher] = [await openModel('face-detection', id), await openModel('face-detection', TEACHER)];
    const detectors: Detectors = { id, own: new FaceDetector(own.session), teacher: new FaceDetector(teacher.session) };
    const pictures = await photographs(options);
    const figures = [
      ...(await found(pictures, detectors)),
      await falseAlarms(detectors, options),
      await duration(pictures, detectors),
      await endToEnd(pictures, detectors),
    ];
    await Promise.all([own.session.release(), teacher.session.release()]);
    return figures;
  },
};

interface Detectors {
  /** Of the one that is judged. */
  id: string;
  own: FaceDetector;
  teacher: FaceDetector;
}

/** The photographs of the list as frames, the rest of each black. */
async function photographs({ progress }: Options): Promise<Frame[]> {
  const listed = new Set(readFileSync(MEASURED, 'utf8').trim().split('\n'));
  const files = filesIn('datasets/photos').filter((file) => listed.has(createHash('sha256').update(readFileSync(file)).digest('hex')));
  if (files.length !== listed.size) throw new Error(`${listed.size - files.length} photographs of ${MEASURED} are not in datasets/photos`);
  return decodeAll(files, progress);
}

const filesIn = (folder: string): string[] =>
  readdirSync(shared(folder))
    .filter((name) => name.endsWith('.jpg'))
    .sort()
    .map((name) => join(shared(folder), name));

async function decodeAll(files: readonly string[], progress: Options['progress']): Promise<Frame[]> {
  const frames: Frame[] = [];
  for (const [index, file] of files.entries()) {
    progress(`picture ${index + 1} of ${files.length}`);
    frames.push(await decodePicture(file, FRAME));
  }
  progress('');
  return frames;
}

/** Faces of a frame that the teacher is sure of. */
const wantedOf = async (frame: Frame, { teacher }: Detectors) =>
  (await teacher.detect(frame)).filter(({ score, box }) => score >= SURE && box.height >= HEIGHT.least && box.height <= HEIGHT.most);

async function found(pictures: readonly Frame[], detectors: Detectors): Promise<Figure[]> {
  const faces: { height: number; overlap: number }[] = [];
  for (const frame of pictures) {
    const seen = await detectors.own.detect(frame);
    for (const { box } of await wantedOf(frame, detectors)) {
      faces.push({ height: box.height, overlap: Math.max(0, ...seen.map((each) => overlap(each.box, box))) });
    }
  }
  const recall = (some: typeof faces): number => some.filter((face) => face.overlap >= HIT).length / some.length;
  const rows = [24, 36, 54, 80, 120].map((least, index, edges) => {
    const some = faces.filter(({ height }) => height >= least && height < (edges[index + 1] ?? HEIGHT.most + 1));
    return [`${least} to ${edges[index + 1] ?? HEIGHT.most}`, String(some.length), some.length > 0 ? share(recall(some)) : ''];
  });
  const hits = faces.filter((face) => face.overlap >= HIT);
  console.log(`\n${table([['height, px', 'faces', 'found'], ...rows])}\n`);
  console.log(`mean overlap of those found ${share(mean(hits.map((face) => face.overlap)))}`);
  const where = `${HEIGHT.least} to ${HEIGHT.most} px high that ${TEACHER} finds with a score of ${SURE} or more`;
  return [
    {
      name: 'detector.recall',
      value: recall(faces),
      unit: '',
      target: 0.9,
      better: 'higher',
      n: faces.length,
      definition: `share of the faces ${where}, which ${detectors.id} finds too with an overlap of ${HIT} or more; ${pictures.length} photographs never trained on, in frames of 640x360`,
    },
  ];
}

async function falseAlarms({ id, own }: Detectors, { progress }: Options): Promise<Figure> {
  const frames = await decodeAll(filesIn('datasets/photos-facefree'), progress);
  let alarms = 0;
  for (const frame of frames) alarms += (await own.detect(frame)).length;
  return {
    name: 'detector.false_per_100_frames',
    value: (100 * alarms) / frames.length,
    unit: '',
    target: 1,
    better: 'lower',
    n: frames.length,
    definition: `faces that ${id} sees in 100 photographs of rooms without anybody, in frames of 640x360, at the threshold of detector.recall`,
  };
}

/** Both detectors in turn on the same frames, so that a busy moment hits both. */
async function duration(pictures: readonly Frame[], { id, own, teacher }: Detectors): Promise<Figure> {
  const times = { own: [] as number[], teacher: [] as number[] };
  for (let run = 0; run < TIMED.runs; run++) {
    const frame = pictures[run % pictures.length] as Frame;
    times.own.push(await timed(() => own.detect(frame)));
    times.teacher.push(await timed(() => teacher.detect(frame)));
  }
  const [ours, theirs] = [median(times.own.slice(TIMED.warmUp)), median(times.teacher.slice(TIMED.warmUp))];
  console.log(`${id} ${ours.toFixed(2)} ms, ${TEACHER} ${theirs.toFixed(2)} ms a frame`);
  return {
    name: 'detector.ms',
    value: ours,
    unit: 'ms',
    target: Math.round(1.5 * theirs * 100) / 100,
    better: 'lower',
    n: TIMED.runs - TIMED.warmUp,
    definition: `median of one frame of 640x360 through ${id}, one thread; the target is 1.5 times ${TEACHER}'s in the same run`,
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** The emotion of each face, through both detectors' boxes and landmarks. */
async function endToEnd(pictures: readonly Frame[], detectors: Detectors): Promise<Figure> {
  const { entry, session } = await openModel('face-emotion', 'own-fer-int8');
  const net = new EmotionNet(session, entry);
  const read = async (frame: Frame, face: Parameters<EmotionNet['put']>[2]): Promise<number> => {
    net.put(0, frame, face);
    return argmax((await net.classes(1))[0] ?? []);
  };
  let [agreed, both, wanted] = [0, 0, 0];
  for (const frame of pictures) {
    const seen = await detectors.own.detect(frame);
    for (const face of await wantedOf(frame, detectors)) {
      wanted++;
      const same = seen.find(({ box }) => overlap(box, face.box) >= HIT);
      if (!same) continue;
      both++;
      if ((await read(frame, same)) === (await read(frame, face))) agreed++;
    }
  }
  await session.release();
  console.log(`same emotion for ${agreed} of ${both} faces that both find, of ${wanted} that ${TEACHER} finds`);
  return {
    name: 'face.accuracy_end_to_end',
    value: agreed / both,
    unit: '',
    target: 0.9,
    better: 'higher',
    n: both,
    definition: `share of the faces of detector.recall found by both detectors that ${entry.id} reads the same of eight emotions through ${detectors.id} as through ${TEACHER}`,
  };
}
