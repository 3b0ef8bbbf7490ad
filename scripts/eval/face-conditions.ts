import { OWN_CONTRACT } from '../../daemon/senses/perception/face/contract.ts';
import { FaceCropper } from '../../daemon/senses/perception/face/crop.ts';
import { FaceDetector } from '../../daemon/senses/perception/face/detector.ts';
import { EmotionNet } from '../../daemon/senses/perception/face/emotion-net.ts';
import type { Frame } from '../../daemon/senses/perception/frame.ts';
import { shared } from '../../test/helpers/needs.ts';
import { argmax } from './classes.ts';
import type { Evaluation, Options } from './evaluation.ts';
import { CLASSES, FACE, type Faces, frameOf, PIXELS, readFaces, SIDE } from './fer.ts';
import { openModel } from './models.ts';
import { share, table } from './tables.ts';

/** Every so many pictures, one is looked at. */
const STEP = 6;
/** The camera's frame that a picture is shown in, and how much larger it is there. */
const SCREEN = { width: 640, height: 360, zoom: 4 };

/** How well faces are read that are turned, far away or in the dark: what alignment and the terms of quality rest on. */
export const conditions: Evaluation = {
  async run(options) {
    const faces = readFaces(options.data ?? shared('datasets/ferplus/valid.npz'));
    const emotion = await openModel('face-emotion', options.model);
    const contract = emotion.entry.face ?? OWN_CONTRACT;
    const net = (alignment: 'none' | 'upright') => new EmotionNet(emotion.session, { ...emotion.entry, face: { ...contract, alignment } });
    const name = (classes: readonly number[]) => CLASSES.indexOf(emotion.entry.labels[argmax(classes)] ?? '');
    const reader = { faces, name, options };
    console.log(`\n${emotion.entry.id}, share of ${Math.ceil(faces.truth.length / STEP)} faces read right\n`);
    console.log(`${await turned(reader, [net('none'), net('upright')])}\n`);
    console.log(`${await small(reader, net('none'))}\n`);
    console.log(await dim(reader, net('none')));
    await emotion.session.release();
    return [];
  },
};

interface Reader {
  faces: Faces;
  /** Index in CLASSES of what the network names. */
  name: (classes: readonly number[]) => number;
  options: Options;
}

type Put = (net: EmotionNet) => void;

/** The share of the sampled faces that each network reads right; `show` tells how one is put into a network, or that it cannot be seen. */
async function rightShares(
  { faces, name }: Reader,
  nets: readonly EmotionNet[],
  show: (index: number) => Put | null | Promise<Put | null>,
) {
  const right = nets.map(() => 0);
  let seen = 0;
  for (let index = 0; index < faces.truth.length; index += STEP) {
    const put = await show(index);
    if (!put) continue;
    seen++;
    for (const [i, net] of nets.entries()) {
      put(net);
      const [classes = []] = await net.classes(1);
      if (name(classes) === faces.truth[index]) right[i] = (right[i] ?? 0) + 1;
    }
  }
  return { seen, shares: right.map((count) => share(count / seen)) };
}

/** Heads turned in the plane, found by the detector. */
async function turned(reader: Reader, nets: readonly EmotionNet[]): Promise<string> {
  const { session } = await openModel('face-detection');
  const detector = new FaceDetector(session);
  const rows: string[][] = [['turned by', 'found', 'as it stands', 'turned upright']];
  for (const degrees of [0, 10, 20, 30]) {
    reader.options.progress(`turned by ${degrees} degrees`);
    const { seen, shares } = await rightShares(reader, nets, async (index) => {
      const side = index % (2 * STEP) === 0 ? 1 : -1;
      const frame = onScreen(frameOf(reader.faces, index), (side * degrees * Math.PI) / 180);
      const [face] = await detector.detect(frame);
      return face ? (net) => net.put(0, frame, face) : null;
    });
    rows.push([`${degrees}°`, String(seen), ...shares]);
  }
  await session.release();
  return table(rows);
}

/** Faces of fewer pixels. */
async function small(reader: Reader, net: EmotionNet): Promise<string> {
  const rows: string[][] = [['side of the face, px', 'read right']];
  for (const side of [12, 16, 20, 24, 32, 40, SIDE]) {
    reader.options.progress(`${side} px`);
    const scale = side / SIDE;
    const box = { left: FACE.left * scale, top: FACE.top * scale, width: FACE.width * scale, height: FACE.height * scale };
    const { shares } = await rightShares(reader, [net], (index) => {
      const frame = shrunk(frameOf(reader.faces, index), side);
      return (each) => each.put(0, frame, { box });
    });
    rows.push([String(Math.round(box.width)), ...shares]);
  }
  return table(rows);
}

/** Less light, with and without the noise of a camera, which does not get less: a standard deviation of 3 of 255. */
async function dim(reader: Reader, net: EmotionNet): Promise<string> {
  const rows: string[][] = [['light', 'without noise', 'with noise']];
  for (const gain of [1, 0.7, 0.5, 0.35, 0.25, 0.18, 0.12, 0.08]) {
    reader.options.progress(`light ${gain}`);
    const lit = async (noise: number) => {
      const random = gaussian();
      const { shares } = await rightShares(reader, [net], (index) => {
        const frame = changed(frameOf(reader.faces, index), (grey) => gain * grey + noise * random());
        return (each) => each.put(0, frame, { box: FACE });
      });
      return shares;
    };
    rows.push([String(gain), ...(await lit(0)), ...(await lit(3))]);
  }
  return table(rows);
}

/** A grey frame of these values. */
function greyFrame(grey: ArrayLike<number>, size: { width: number; height: number }): Frame {
  const plane = Uint8ClampedArray.from(grey);
  const data = new Uint8Array(3 * plane.length);
  for (let i = 0; i < 3; i++) data.set(plane, i * plane.length);
  return { data, ...size, at: 0 };
}

const changed = ({ data }: Frame, change: (grey: number) => number): Frame =>
  greyFrame(Float32Array.from(data.subarray(0, PIXELS), change), { width: SIDE, height: SIDE });

function shrunk(picture: Frame, side: number): Frame {
  const grey = new Float32Array(side * side);
  new FaceCropper({ ...OWN_CONTRACT, side }).crop(picture, { a: SIDE / side, b: 0, x: 0, y: 0 }, grey);
  return greyFrame(grey, { width: side, height: side });
}

/** The picture enlarged and turned in the middle of a larger grey frame. */
function onScreen(picture: Frame, angle: number): Frame {
  const { width, height, zoom } = SCREEN;
  const [a, b] = [Math.cos(-angle) / zoom, Math.sin(-angle) / zoom];
  const [middle, center] = [width / 2, SIDE / 2 + 1];
  const place = { a, b, x: center - a * middle + b * middle, y: center - b * middle - a * middle };
  const square = new Float32Array(width * width);
  new FaceCropper({ ...OWN_CONTRACT, side: width }).crop(bordered(picture), place, square);
  const above = (width - height) / 2;
  return greyFrame(square.subarray(above * width, (above + height) * width), { width, height });
}

/** With one grey pixel around, which is repeated without end where the picture is cut out larger than it is. */
function bordered({ data }: Frame): Frame {
  const side = SIDE + 2;
  const grey = new Uint8Array(side * side).fill(128);
  for (let row = 0; row < SIDE; row++) grey.set(data.subarray(row * SIDE, (row + 1) * SIDE), (row + 1) * side + 1);
  return greyFrame(grey, { width: side, height: side });
}

/** Standard normal numbers, the same on every run: Box and Muller (1958) over a multiplicative generator. */
function gaussian(): () => number {
  let seed = 7;
  const uniform = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
