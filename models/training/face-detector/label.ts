/**
 * scripts/node models/training/face-detector/label.ts FRAMES WIDTH HEIGHT LABELS [--model ID] [--least SCORE]
 *
 * What a face detector of models/manifest.json, YuNet unless told otherwise, finds in raw frames [n, 3, height, width] uint8, planes
 * G, B, R. LABELS gets float32 rows of 16: number of the frame, score, left, top, width, height, then x and y of the right eye,
 * left eye, nose, right and left corner of the mouth, in px.
 */
import { open, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { FaceDetector } from '../../../daemon/senses/perception/face/detector.ts';
import { openModel } from '../../../scripts/eval/models.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { model: { type: 'string', default: 'yunet-dynamic' }, least: { type: 'string', default: '0.3' } },
});
const [frames = '', width = '', height = '', labels = ''] = positionals;
const size = { width: Number(width), height: Number(height) };
const detector = new FaceDetector((await openModel('face-detection', values.model)).session, { minScore: Number(values.least) });
const rows: number[] = [];
const data = new Uint8Array(3 * size.width * size.height);
await using file = await open(frames);
for (let number = 0; (await file.read(data)).bytesRead === data.length; number++) {
  for (const { box, score, landmarks } of await detector.detect({ data, ...size, at: 0 })) {
    if (!landmarks) throw new TypeError(`${values.model} gives no landmarks`);
    const { rightEye, leftEye, nose, rightMouth, leftMouth } = landmarks;
    const points = [rightEye, leftEye, nose, rightMouth, leftMouth].flatMap(({ x, y }) => [x, y]);
    rows.push(number, score, box.left, box.top, box.width, box.height, ...points);
  }
}
await writeFile(labels, new Uint8Array(Float32Array.from(rows).buffer));
