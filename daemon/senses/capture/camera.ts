import { spawn } from 'node:child_process';
import type { Observation } from '../../mood/observation.ts';
import type { FaceReader } from '../perception/perception.ts';
import type { CameraSpec } from '../protocol.ts';
import { FFMPEG_LADDER } from './child.ts';
import { videoArguments } from './ffmpeg.ts';
import { FrameSlot } from './frames.ts';
import { type Feed, Source, type SourceOptions } from './source.ts';
import { tied } from './tied.ts';

export interface CameraOptions extends Pick<SourceOptions, 'log' | 'clock' | 'random' | 'env' | 'onReport' | 'onObservations'> {
  spec: CameraSpec;
  reader: Pick<FaceReader, 'read' | 'close'>;
}

/** A stream, a device or a video file through an ffmpeg child: always the newest frame is read. */
export function camera({ spec, reader, ...surroundings }: CameraOptions): Source {
  const { env } = surroundings;
  return new Source({
    ...surroundings,
    source: spec.id,
    address: spec.url,
    patience: { first: 20_000, next: Math.max(5000, 5000 / spec.fps) },
    ladder: FFMPEG_LADDER,
    launch: () => spawn(...tied('ffmpeg', videoArguments(spec), { source: spec.id, env }), { env, stdio: 'pipe' }),
    feed: new Frames(spec, reader),
  });
}

class Frames implements Feed {
  readonly #size: { width: number; height: number };
  readonly #reader: CameraOptions['reader'];
  readonly #slot: FrameSlot;

  constructor({ width, height }: CameraSpec, reader: CameraOptions['reader']) {
    this.#size = { width, height };
    this.#reader = reader;
    this.#slot = new FrameSlot(width * height * 3);
  }

  get dropped(): number {
    return this.#slot.dropped;
  }

  restart(): void {
    this.#slot.restart();
  }

  take(chunk: Buffer, at: number): boolean {
    return this.#slot.push(chunk, at) > 0;
  }

  readNext(): Promise<Observation[]> | null {
    const frame = this.#slot.take();
    return frame && this.#reader.read({ ...frame, ...this.#size }).finally(() => this.#slot.giveBack(frame.data));
  }

  close(): Promise<void> {
    return this.#reader.close();
  }
}
