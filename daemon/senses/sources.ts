import { isDeepStrictEqual } from 'node:util';
import type { Observation } from '../mood/observation.ts';
import { camera } from './capture/camera.ts';
import type { Surroundings } from './capture/capture.ts';
import { microphone } from './capture/microphone.ts';
import type { Source } from './capture/source.ts';
import type { Perception } from './perception/perception.ts';
import type { SourceSpec } from './protocol.ts';

export interface SourcesOptions extends Surroundings {
  perception: Pick<Perception, 'camera' | 'microphone'>;
  onObservations: (source: string, observations: Observation[]) => void;
}

interface Running {
  spec: SourceSpec;
  source: Source;
}

/** The captures that run, brought in line with those that are wanted. */
export class Sources {
  readonly #options: SourcesOptions;
  readonly #running = new Map<string, Running>();

  constructor(options: SourcesOptions) {
    this.#options = options;
  }

  /**
   * Stops what is not wanted or wanted otherwise, then starts what is missing; what stays the same is not touched. Resolves
   * when all that had to stop is gone. One call at a time.
   */
  async apply(specs: readonly SourceSpec[]): Promise<void> {
    const wanted = new Map(specs.map((spec) => [spec.id, spec]));
    const ending = [...this.#running.values()].filter(({ spec }) => !isDeepStrictEqual(spec, wanted.get(spec.id)));
    // A device can be opened once: all that holds one lets go before anything new asks for it.
    await Promise.all(ending.map(({ spec, source }) => source.stop().then(() => this.#running.delete(spec.id))));
    for (const spec of wanted.values()) {
      if (!this.#running.has(spec.id)) this.#start(spec);
    }
  }

  #start(spec: SourceSpec): void {
    const source = this.#create(spec);
    this.#running.set(spec.id, { spec, source });
    source.start();
  }

  #create(spec: SourceSpec): Source {
    const { id, room } = spec;
    const { perception, onObservations, ...surroundings } = this.#options;
    const options = { ...surroundings, onObservations: (observations: Observation[]) => onObservations(id, observations) };
    return spec.kind === 'camera'
      ? camera({ ...options, spec, reader: perception.camera({ id, room }) })
      : microphone({ ...options, spec, reader: perception.microphone({ id, room }) });
  }
}
