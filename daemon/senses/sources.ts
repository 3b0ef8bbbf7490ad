import { isDeepStrictEqual } from 'node:util';
import { RoomtoneError } from '../api/errors.ts';
import type { Observation } from '../mood/observation.ts';
import { camera } from './capture/camera.ts';
import type { Surroundings } from './capture/capture.ts';
import { microphone } from './capture/microphone.ts';
import { Phone } from './capture/phone/phone.ts';
import { loadWrtc } from './capture/phone/wrtc.ts';
import type { RunningSource } from './capture/source.ts';
import type { Perception } from './perception/perception.ts';
import type { ProblemReport, Signal, SourceSpec } from './protocol.ts';

export interface SourcesOptions extends Surroundings {
  perception: Pick<Perception, 'camera' | 'microphone'>;
  onObservations: (source: string, observations: Observation[]) => void;
  /** A device that sent to a phone source was cut off. */
  onEnded: (source: string, session: string, problem: ProblemReport) => void;
}

interface Running {
  spec: SourceSpec;
  source: RunningSource;
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

  /**
   * Hands what a device says to its source.
   * @returns what is to be answered
   * @throws RoomtoneError `phone.*`, and `api.unknown_source` where no such phone runs
   */
  async signal({ source: id, session, words }: Pick<Signal, 'source' | 'session' | 'words'>): Promise<string | null> {
    const phone = this.#running.get(id)?.source;
    if (!(phone instanceof Phone)) throw new RoomtoneError('api.unknown_source', { params: { source: id } });
    if (words.kind === 'offer') return await phone.offer(session, words.sdp);
    if (words.kind === 'patch') return await phone.patch(session, words.fragment);
    phone.end(session);
    return null;
  }

  #start(spec: SourceSpec): void {
    const source = this.#create(spec);
    this.#running.set(spec.id, { spec, source });
    source.start();
  }

  #create(spec: SourceSpec): RunningSource {
    const { id, room } = spec;
    const { perception, onObservations, onEnded, ...surroundings } = this.#options;
    const options = { ...surroundings, onObservations: (observations: Observation[]) => onObservations(id, observations) };
    if (spec.kind === 'camera') return camera({ ...options, spec, reader: perception.camera({ id, room }) });
    if (spec.kind === 'microphone') return microphone({ ...options, spec, reader: perception.microphone({ id, room }) });
    return new Phone({
      ...{ ...options, spec, loadWrtc, faces: perception.camera({ id, room }), voices: perception.microphone({ id, room }) },
      onEnded: (session, problem) => onEnded(id, session, problem),
    });
  }
}
