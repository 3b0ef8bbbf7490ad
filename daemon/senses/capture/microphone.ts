import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import recorder from 'node-record-lpcm16';
import type { Observation } from '../../mood/observation.ts';
import type { VoiceReader } from '../perception/perception.ts';
import type { MicrophoneSpec } from '../protocol.ts';
import { Capture, type Surroundings } from './capture.ts';
import { FFMPEG_LADDER, SIGNAL_LADDER } from './child.ts';
import { audioArguments, SAMPLE_RATE } from './ffmpeg.ts';
import { ReadFailures } from './read-failures.ts';
import { SampleCutter } from './samples.ts';
import { tied } from './tied.ts';

export interface MicrophoneOptions extends Surroundings {
  spec: MicrophoneSpec;
  reader: Pick<VoiceReader, 'push' | 'close'>;
  onObservations: (observations: Observation[]) => void;
}

/** Sound that may wait to be read, in samples: older sound than 2 s is dropped. */
const BACKLOG = 2 * SAMPLE_RATE;

interface Block {
  samples: Int16Array;
  at: number;
}

/** An ALSA device through arecord, or the sound of a stream or file through ffmpeg; read in the order it came. */
export class Microphone {
  readonly #options: MicrophoneOptions;
  readonly #cutter = new SampleCutter();
  readonly #capture: Capture;
  readonly #failures: ReadFailures;
  #waiting: Block[] = [];
  #dropped = 0;
  #reading: Promise<void> | null = null;
  #stopped = false;

  constructor(options: MicrophoneOptions) {
    const { spec, env } = options;
    this.#options = options;
    this.#failures = new ReadFailures(options.log, spec.id);
    this.#capture = new Capture({
      ...options,
      source: spec.id,
      address: spec.url ?? '',
      patience: { first: 20_000, next: 5000 },
      ladder: spec.url === undefined ? SIGNAL_LADDER : FFMPEG_LADDER,
      launch: () => launch(spec, env),
      onData: (chunk, fresh) => this.#take(chunk, fresh),
      dropped: () => this.#dropped,
    });
  }

  start(): void {
    this.#capture.start();
  }

  /** Resolves when the device is free, the last reading is over and the reader closed. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    await Promise.all([this.#capture.stop(), this.#reading]);
    await this.#options.reader.close();
  }

  #take(chunk: Buffer, fresh: boolean): void {
    if (fresh) this.#cutter.restart();
    const samples = this.#cutter.cut(chunk);
    if (samples.length === 0) return;
    this.#waiting.push({ samples, at: this.#options.clock.mono() });
    this.#dropOld();
    this.#capture.arrived();
    if (!this.#stopped) this.#reading ??= this.#readAll();
  }

  #dropOld(): void {
    let held = this.#waiting.reduce((sum, { samples }) => sum + samples.length, 0);
    while (held > BACKLOG) {
      held -= this.#waiting.shift()?.samples.length ?? held;
      this.#dropped++;
    }
  }

  async #readAll(): Promise<void> {
    for (let block = this.#waiting.shift(); block && !this.#stopped; block = this.#waiting.shift()) await this.#read(block);
    this.#reading = null;
  }

  async #read({ samples, at }: Block): Promise<void> {
    try {
      const observations = await this.#options.reader.push(samples, at);
      this.#capture.wasRead();
      if (!this.#stopped) this.#options.onObservations(observations);
    } catch (error) {
      this.#failures.count(error);
    }
  }
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
