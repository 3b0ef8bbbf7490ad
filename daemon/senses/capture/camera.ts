import { type ChildProcess, spawn } from 'node:child_process';
import type { Observation } from '../../mood/observation.ts';
import type { FaceReader } from '../perception/perception.ts';
import type { CameraSpec } from '../protocol.ts';
import { FFMPEG_LADDER } from './child.ts';
import { type Decoding, isStream, videoArguments } from './ffmpeg.ts';
import { FrameCutter, FrameSlot } from './frames.ts';
import { Pace } from './pace.ts';
import { type Feed, type Intake, PATIENCE, Source, type SourceOptions } from './source.ts';
import { tied } from './tied.ts';

export interface CameraOptions extends Pick<SourceOptions, 'log' | 'clock' | 'random' | 'env' | 'onReport' | 'onObservations'> {
  spec: CameraSpec;
  reader: Pick<FaceReader, 'read' | 'close' | 'activity'>;
}

/** A stream, a device or a video file through an ffmpeg child: always the newest frame is read, as often as `Pace` says. */
export function camera({ spec, reader, ...surroundings }: CameraOptions): Source {
  const { env, clock } = surroundings;
  const pace = new Pace({ fps: spec.fps, changeable: isStream(spec.url) });
  const launch = (decoding: Decoding): ChildProcess =>
    spawn(...tied('ffmpeg', videoArguments(spec, decoding), { source: spec.id, env }), { env, stdio: 'pipe' });

  const source = new Source({
    ...surroundings,
    source: spec.id,
    address: spec.url,
    patience: PATIENCE,
    ladder: FFMPEG_LADDER,
    launch: () => {
      pace.started(clock.mono());
      return launch('all');
    },
    feed: new Frames({ spec, reader, pace, onRead: () => changePace() }),
  });

  function changePace(): void {
    const decoding = pace.change(clock.mono());
    if (!decoding) return;
    source.handOver({
      launch: () => launch(decoding),
      judge: decoding === 'keys' ? pace.keyFrameTrial() : () => 'proven',
      onSettled: (done) => pace.changed(decoding, { at: clock.mono(), done }),
    });
  }
  return source;
}

interface FramesOptions {
  spec: CameraSpec;
  reader: CameraOptions['reader'];
  pace: Pace;
  /** Called after every reading. */
  onRead(): void;
}

class Frames implements Feed {
  readonly #options: FramesOptions;
  readonly #slot: FrameSlot;

  constructor(options: FramesOptions) {
    this.#options = options;
    this.#slot = new FrameSlot(options.spec);
  }

  get dropped(): number {
    return this.#slot.dropped;
  }

  open(): Intake {
    const { pace } = this.#options;
    const cutter = new FrameCutter({ slot: this.#slot, wanted: (at) => pace.wants(at) });
    return (chunk, at) => {
      const completed = cutter.push(chunk, at);
      if (completed > 0) pace.came(at);
      return completed > 0;
    };
  }

  readNext(): Promise<Observation[]> | null {
    const frame = this.#slot.take();
    if (!frame) return null;
    const { pace, reader, onRead } = this.#options;
    return reader.read(frame).finally(() => {
      this.#slot.giveBack(frame);
      pace.seen(reader.activity, frame.at);
      onRead();
    });
  }

  close(): Promise<void> {
    return this.#options.reader.close();
  }
}
