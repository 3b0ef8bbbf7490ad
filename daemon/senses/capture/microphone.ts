import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import recorder from 'node-record-lpcm16';
import type { Observation } from '../../mood/observation.ts';
import type { VoiceReader } from '../perception/perception.ts';
import type { MicrophoneSpec } from '../protocol.ts';
import { FFMPEG_LADDER, SIGNAL_LADDER } from './child.ts';
import { audioArguments, SAMPLE_RATE } from './ffmpeg.ts';
import { SampleCutter } from './samples.ts';
import { type Feed, type Intake, PATIENCE, Source, type SourceOptions } from './source.ts';
import { tied } from './tied.ts';

export interface MicrophoneOptions extends Pick<SourceOptions, 'log' | 'clock' | 'random' | 'env' | 'onReport' | 'onObservations'> {
  spec: MicrophoneSpec;
  reader: Pick<VoiceReader, 'push' | 'close'>;
}

/** An ALSA device through arecord, or the sound of a stream or file through ffmpeg; read in the order it came. */
export function microphone({ spec, reader, ...surroundings }: MicrophoneOptions): Source {
  return new Source({
    ...surroundings,
    source: spec.id,
    address: spec.url ?? '',
    patience: PATIENCE,
    ladder: spec.url === undefined ? SIGNAL_LADDER : FFMPEG_LADDER,
    launch: () => launch(spec, surroundings.env),
    feed: new Sound(reader),
  });
}

function launch(spec: MicrophoneSpec, env: NodeJS.ProcessEnv): ChildProcess {
  const source = spec.id;
  if (spec.url !== undefined) {
    return spawn(...tied('ffmpeg', audioArguments({ id: source, url: spec.url }), { source, env }), { env, stdio: 'pipe' });
  }
  const format = ['-t', 'raw', '-f', 'S16_LE', '-r', String(SAMPLE_RATE), '-c', '1'];
  const command = tied('arecord', ['-q', '-D', spec.device ?? 'default', ...format], { source, env });
  return recorder.record({ recorder: fileURLToPath(new URL('./argv-recorder.cjs', import.meta.url)), command, env }).process;
}

/** Sound that may wait to be read, in samples: older sound than 2 s is dropped. */
const BACKLOG = 2 * SAMPLE_RATE;
/** And sound that is read at once, in samples: half a second. */
const AT_ONCE = SAMPLE_RATE / 2;

interface Block {
  samples: Int16Array;
  /** When the last of them was heard, mono ms. */
  at: number;
}

/** Sound that waits to be read. It is overwritten as soon as it was, and what nobody read as soon as it is dropped. */
export class Sound implements Feed {
  readonly #reader: MicrophoneOptions['reader'];
  readonly #blocks: Block[] = [];
  #waiting = 0;
  #dropped = 0;

  constructor(reader: MicrophoneOptions['reader']) {
    this.#reader = reader;
  }

  /** Blocks, of whatever length the pipe gave them. */
  get dropped(): number {
    return this.#dropped;
  }

  open(): Intake {
    const cutter = new SampleCutter();
    return (chunk, at) => {
      const samples = cutter.cut(chunk);
      chunk.fill(0);
      return this.take(samples, at);
    };
  }

  /** Keeps the samples, and overwrites them. @param at mono ms @returns whether there was anything */
  take(samples: Int16Array, at: number): boolean {
    if (samples.length === 0) return false;
    this.#blocks.push({ samples, at });
    this.#waiting += samples.length;
    while (this.#waiting > BACKLOG) {
      this.#shift()?.samples.fill(0);
      this.#dropped++;
    }
    return true;
  }

  readNext(): Promise<Observation[]> | null {
    const block = this.#shiftAll();
    return block ? this.#read(block) : null;
  }

  close(): Promise<void> {
    for (const { samples } of this.#blocks.splice(0)) samples.fill(0);
    this.#waiting = 0;
    return this.#reader.close();
  }

  async #read({ samples, at }: Block): Promise<Observation[]> {
    try {
      return await this.#reader.push(samples, at);
    } finally {
      samples.fill(0);
    }
  }

  /** What waits, as one block: where each reading awaits its turn with a picture's, ten ms at a time would fall behind for ever. */
  #shiftAll(): Block | undefined {
    const blocks: Block[] = [];
    let length = 0;
    for (let next = this.#blocks[0]; next && (length === 0 || length + next.samples.length <= AT_ONCE); next = this.#blocks[0]) {
      this.#shift();
      blocks.push(next);
      length += next.samples.length;
    }
    const last = blocks.at(-1);
    if (!last || blocks.length === 1) return last;
    const samples = new Int16Array(length);
    let filled = 0;
    for (const block of blocks) {
      samples.set(block.samples, filled);
      filled += block.samples.length;
      block.samples.fill(0);
    }
    return { samples, at: last.at };
  }

  #shift(): Block | undefined {
    const block = this.#blocks.shift();
    this.#waiting -= block?.samples.length ?? 0;
    return block;
  }
}
