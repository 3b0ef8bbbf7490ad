import { spawn } from 'node:child_process';
import type { Observation } from '../../mood/observation.ts';
import type { FaceReader } from '../perception/perception.ts';
import type { CameraSpec } from '../protocol.ts';
import { Capture, type Surroundings } from './capture.ts';
import { FFMPEG_LADDER } from './child.ts';
import { videoArguments } from './ffmpeg.ts';
import { FrameSlot } from './frames.ts';
import { ReadFailures } from './read-failures.ts';
import { tied } from './tied.ts';

export interface CameraOptions extends Surroundings {
  spec: CameraSpec;
  reader: Pick<FaceReader, 'read' | 'close'>;
  onObservations: (observations: Observation[]) => void;
}

/** A camera, device or video file through an ffmpeg child: one frame is read at a time, always the newest. */
export class Camera {
  readonly #options: CameraOptions;
  readonly #slot: FrameSlot;
  readonly #capture: Capture;
  readonly #failures: ReadFailures;
  #reading: Promise<void> | null = null;
  #stopped = false;

  constructor(options: CameraOptions) {
    const { spec, env } = options;
    this.#options = options;
    this.#slot = new FrameSlot(spec.width * spec.height * 3);
    this.#failures = new ReadFailures(options.log, spec.id);
    this.#capture = new Capture({
      ...options,
      source: spec.id,
      address: spec.url,
      patience: { first: 20_000, next: Math.max(5000, 5000 / spec.fps) },
      ladder: FFMPEG_LADDER,
      launch: () => spawn(...tied('ffmpeg', videoArguments(spec), { source: spec.id, env }), { env, stdio: 'pipe' }),
      onData: (chunk, fresh) => this.#take(chunk, fresh),
      dropped: () => this.#slot.dropped,
    });
  }

  start(): void {
    this.#capture.start();
  }

  /** Resolves when ffmpeg is gone, the last reading is over and the reader closed. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    await Promise.all([this.#capture.stop(), this.#reading]);
    await this.#options.reader.close();
  }

  #take(chunk: Buffer, fresh: boolean): void {
    if (fresh) this.#slot.restart();
    if (this.#slot.push(chunk, this.#options.clock.mono()) === 0) return;
    this.#capture.arrived();
    if (!this.#stopped) this.#reading ??= this.#readAll();
  }

  async #readAll(): Promise<void> {
    for (let frame = this.#slot.take(); frame && !this.#stopped; frame = this.#slot.take()) {
      await this.#read(frame);
      this.#slot.giveBack(frame.data);
      // Inference holds the event loop: let the pipe be read, so that the next frame is the newest.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#reading = null;
  }

  async #read(frame: { data: Uint8Array; at: number }): Promise<void> {
    const { reader, spec, onObservations } = this.#options;
    try {
      const observations = await reader.read({ ...frame, width: spec.width, height: spec.height });
      this.#capture.wasRead();
      if (!this.#stopped) onObservations(observations);
    } catch (error) {
      this.#failures.count(error);
    }
  }
}
