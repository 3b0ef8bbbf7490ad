import type { Observation } from '../../mood/observation.ts';
import { Capture, type CaptureOptions, type Patience, type Successor, type Surroundings } from './capture.ts';
import { Readings } from './readings.ts';

/** Makes something whole (a frame, a block of sound) out of the bytes of a program, and has it read. */
export interface Feed {
  /** Thrown away unread, so far. */
  readonly dropped: number;
  /** For a program that was started: the next byte of what is returned is a first one. */
  open(): Intake;
  /** Reads what is next in line; null where nothing is. Called again only when that is done. */
  readNext(): Promise<Observation[]> | null;
  close(): Promise<void>;
}

/** Takes in what one program writes. @param at mono ms @returns whether the chunk completed something */
export type Intake = (chunk: Buffer, at: number) => boolean;

/** A silence is told within 10 s; a camera may take longer than that to begin. */
export const PATIENCE: Patience = { first: 20_000, tell: 8000, next: 5000 };

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
    this.#capture = new Capture({ ...options, open: () => this.#open(), dropped: () => feed.dropped });
    this.#readings = new Readings({ ...options, next: () => feed.readNext(), onRead: () => this.#capture.wasRead() });
  }

  start(): void {
    this.#capture.start();
  }

  /** See `Capture.handOver`. */
  handOver(successor: Successor): void {
    this.#capture.handOver(successor);
  }

  /** Resolves when the program is gone, the device free, the last reading over and the reader closed. */
  stop(): Promise<void> {
    this.#stopping ??= Promise.all([this.#capture.stop(), this.#readings.stop()]).then(() => this.#options.feed.close());
    return this.#stopping;
  }

  #open(): (chunk: Buffer) => boolean {
    const { feed, clock } = this.#options;
    const take = feed.open();
    return (chunk) => {
      if (!take(chunk, clock.mono())) return false;
      this.#readings.arrived();
      return true;
    };
  }
}
