import type { Observation } from '../../mood/observation.ts';
import { Capture, type CaptureOptions, type Surroundings } from './capture.ts';

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
    this.#capture = new Capture({ ...options, onData: (chunk, fresh) => this.#take(chunk, fresh), dropped: () => feed.dropped });
  }

  start(): void {
    this.#capture.start();
  }

  /** Resolves when the program is gone, the device free, the last reading over and the reader closed. */
  stop(): Promise<void> {
    this.#stopping ??= Promise.all([this.#capture.stop(), this.#reading]).then(() => this.#options.feed.close());
    return this.#stopping;
  }

  #take(chunk: Buffer, fresh: boolean): void {
    const { feed, clock } = this.#options;
    if (fresh) feed.restart();
    if (!feed.take(chunk, clock.mono())) return;
    this.#capture.arrived();
    this.#reading ??= this.#readAll();
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
