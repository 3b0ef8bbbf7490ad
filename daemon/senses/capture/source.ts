import type { Observation } from '../../mood/observation.ts';
import { Capture, type CaptureOptions, type Surroundings } from './capture.ts';
import { Readings } from './readings.ts';

/** Makes something whole (a frame, a block of sound) out of the bytes of a program, and has it read. */
export interface Feed {
  /** Thrown away unread, so far. */
  readonly dropped: number;
  /** The program was started anew: the next byte is a first one. */
  restart(): void;
  /** @param at mono ms @returns whether the chunk completed something */
  take(chunk: Buffer, at: number): boolean;
  /** Reads what is next in line; null where nothing is. Called again only when that is done. */
  readNext(): Promise<Observation[]> | null;
  close(): Promise<void>;
}

export interface SourceOptions extends Surroundings, Pick<CaptureOptions, 'source' | 'address' | 'patience' | 'ladder' | 'launch'> {
  feed: Feed;
  onObservations: (observations: Observation[]) => void;
}

/** What is read: a program of ours that captures, or a device that sends by itself. */
export interface RunningSource {
  start(): void;
  /** Resolves when nothing is captured any more, the last reading is over and the readers are closed. */
  stop(): Promise<void>;
}

/** A capture program and the reader of what it brings. One reading at a time, while the pipe goes on being emptied. */
export class Source implements RunningSource {
  readonly #options: SourceOptions;
  readonly #capture: Capture;
  readonly #readings: Readings;
  #stopping: Promise<void> | null = null;

  constructor(options: SourceOptions) {
    const { feed } = options;
    this.#options = options;
    this.#capture = new Capture({ ...options, onData: (chunk, fresh) => this.#take(chunk, fresh), dropped: () => feed.dropped });
    this.#readings = new Readings({ ...options, next: () => feed.readNext(), onRead: () => this.#capture.wasRead() });
  }

  start(): void {
    this.#capture.start();
  }

  /** Resolves when the program is gone, the device free, the last reading over and the reader closed. */
  stop(): Promise<void> {
    this.#stopping ??= Promise.all([this.#capture.stop(), this.#readings.stop()]).then(() => this.#options.feed.close());
    return this.#stopping;
  }

  #take(chunk: Buffer, fresh: boolean): void {
    const { feed, clock } = this.#options;
    if (fresh) feed.restart();
    if (!feed.take(chunk, clock.mono())) return;
    this.#capture.arrived();
    this.#readings.arrived();
  }
}
