/**
 * The senses process as it ships, which after every frame with a face also runs alone what was inferred for it: the same
 * sessions on the same tensors, in the same process, in turn with the real work. What that took goes to the log.
 */
import { writeSync } from 'node:fs';
import type { InferenceSession } from 'onnxruntime-node';
import { type FaceReader, type Frame, Perception } from '../../daemon/senses/perception/perception.ts';
import { runSenses } from '../../daemon/senses/run.ts';

type Inference = () => Promise<unknown>;

/** ms after which the observations of a frame are in the hub, and the next frame is not yet there. */
const ARRIVED = 5;

class MeasuredPerception extends Perception {
  /** Of the frame at hand */
  #inferred: Inference[] = [];
  readonly #watched = new WeakSet<InferenceSession>();

  override camera(spec: { id: string; room: string }): FaceReader {
    const reader = super.camera(spec);
    const read = reader.read.bind(reader);
    reader.read = async (frame: Frame) => {
      this.#watch();
      this.#inferred = [];
      const observations = await read(frame);
      const isRead = observations.some(({ modality }) => modality === 'face');
      // Once the observations have arrived: on their way to the hub nothing is to be in their way that is not there in real life.
      if (isRead) setTimeout(() => this.#runAlone(this.#inferred), ARRIVED);
      return observations;
    };
    return reader;
  }

  #watch(): void {
    for (const session of [this.session('face-detection'), this.session('face-emotion')]) {
      if (!session || this.#watched.has(session)) continue;
      this.#watched.add(session);
      const run = session.run.bind(session) as (...args: unknown[]) => Promise<InferenceSession.OnnxValueMapType>;
      session.run = (...args: unknown[]) => {
        this.#inferred.push(() => run(...args));
        return run(...args);
      };
    }
  }

  async #runAlone(inferred: readonly Inference[]): Promise<void> {
    const began = performance.now();
    for (const infer of inferred) await infer();
    writeSync(1, `${JSON.stringify({ level: 30, msg: 'bare', bare: performance.now() - began })}\n`);
  }
}

runSenses((options) => new MeasuredPerception(options));
