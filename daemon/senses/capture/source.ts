import type { Observation } from '../../mood/observation.ts';
import { Capture, type CaptureOptions, type Patience, type Successor, type Surroundings } from './capture.ts';

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

/** A capture program and the reader of what it brings. One reading at a time, while the pipe goes on being emptied. */
export class Source {
  readonly #options: SourceOptions;
  readonly #capture: Capture;
  #reading: Promise<void> | null = null;
  #stopping: Promise<void> | null = null;
  #failures = 0;

  constructor(options: SourceOptions) {
    const { feed } = options;
    this.#options = options;
    this.#capture = new Capture({ ...options, open: () => this.#open(), dropped: () => feed.dropped });
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
    this.#stopping ??= Promise.all([this.#capture.stop(), this.#reading]).then(() => this.#options.feed.close());
    return this.#stopping;
  }

  #open(): (chunk: Buffer) => boolean {
    const { feed, clock } = this.#options;
    const take = feed.open();
    return (chunk) => {
      if (!take(chunk, clock.mono())) return false;
      this.#reading ??= this.#readAll();
      return true;
    };
  }

  async #readAll(): Promise<void> {
    for (let reading = this.#next(); reading; reading = this.#next()) {
      await this.#finish(reading);
      // Inference holds the event loop: let the pipe be emptied, so that the next frame is the newest.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#reading = null;
  }

  #next(): Promise<Observation[]> | null {
    return this.#stopping ? null : this.#options.feed.readNext();
  }

  async #finish(reading: Promise<Observation[]>): Promise<void> {
    try {
      const observations = await reading;
      this.#capture.wasRead();
      if (!this.#stopping) this.#options.onObservations(observations);
    } catch (error) {
      this.#countFailure(error);
    }
  }

  /** Where one frame cannot be read, the next often cannot either: the first failure is logged, then every thousandth. */
  #countFailure(err: unknown): void {
    const { log, source } = this.#options;
    if (this.#failures++ % 1000 === 0) log.error({ err, source, times: this.#failures, event: 'source.read_failed' }, 'a reading failed');
  }
}
