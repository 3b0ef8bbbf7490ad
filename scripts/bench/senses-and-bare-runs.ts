/**
 * The senses process as it ships, which after every frame with a face also runs the two networks alone: the same sessions on
 * tensors of the same shapes, in the same process, in turn with the real work. What that took goes to the log.
 */
import { writeSync } from 'node:fs';
import { Tensor } from 'onnxruntime-node';
import { type FaceReader, type Frame, Perception } from '../../daemon/senses/perception/perception.ts';
import { runSenses } from '../../daemon/senses/run.ts';

/** YuNet takes whole multiples of 32 px. */
const padded = (side: number): number => Math.ceil(side / 32) * 32;

class MeasuredPerception extends Perception {
  override camera(spec: { id: string; room: string }): FaceReader {
    const reader = super.camera(spec);
    const read = reader.read.bind(reader);
    reader.read = async (frame) => {
      const observations = await read(frame);
      const faces = observations.filter(({ modality }) => modality === 'face').length;
      // After the observations have left: the camera hands them on before it looks at the next frame.
      if (faces > 0) setImmediate(() => this.#runAlone(frame, faces));
      return observations;
    };
    return reader;
  }

  async #runAlone(frame: Frame, faces: number): Promise<void> {
    const [width, height] = [padded(frame.width), padded(frame.height)];
    const picture = new Tensor('float32', new Float32Array(3 * width * height), [1, 3, height, width]);
    const crops = new Tensor('float32', new Float32Array(faces * 48 * 48), [faces, 1, 48, 48]);
    const began = performance.now();
    await this.session('face-detection')?.run({ input: picture });
    await this.session('face-emotion')?.run({ input: crops });
    writeSync(1, `${JSON.stringify({ level: 30, msg: 'bare', bare: performance.now() - began })}\n`);
  }
}

runSenses((options) => new MeasuredPerception(options));
