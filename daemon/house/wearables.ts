import { type Actor, nameOf } from '../api/actor.ts';
import type { Clock, Timer } from '../api/clock.ts';
import { RoomtoneError } from '../api/errors.ts';
import type { BodyView, HubWearables, WearerView } from '../api/learning.ts';
import type { AuditPort, StatePort } from '../api/ports.ts';
import { type BodyBaseline, type BodySample, bodyBaselineSchema, bodySampleSchema, learn, MEASURES, readBody } from '../mood/body.ts';
import type { Observation } from '../mood/observation.ts';
import type { Sensing } from './sensing.ts';

/** Baselines that are kept. */
const MOST_WEARERS = 32;

/** Longest that what was learned stays in memory alone, ms: a baseline changes every minute, and cards wear out. */
const FLUSH = 600_000;

const PREFIX = 'body.baseline/';

export interface WearablesOptions {
  clock: Clock;
  state: StatePort;
  audit: AuditPort;
  sensing: Pick<Sensing, 'wear'>;
  onObservation: (observation: Observation) => void;
}

/** Reads wearables against what is ordinary for their wearers, and learns that. A sample is forgotten once it was read. */
export class Wearables implements HubWearables {
  readonly #the: WearablesOptions;
  readonly #baselines = new Map<string, BodyBaseline>();
  readonly #unwritten = new Set<string>();
  #flushing: Timer | undefined;

  constructor(options: WearablesOptions) {
    this.#the = options;
    for (const key of options.state.keys(PREFIX)) {
      this.#baselines.set(key.slice(PREFIX.length), options.state.get(key, bodyBaselineSchema) ?? {});
    }
  }

  submit(room: string, sent: unknown): BodyView {
    const sample = parse(sent);
    const { clock, sensing } = this.#the;
    const { wearer } = sample;
    if (!this.#baselines.has(wearer) && this.#baselines.size >= MOST_WEARERS) {
      throw new RoomtoneError('body.too_many', { params: { most: MOST_WEARERS } });
    }
    sensing.wear(room, wearer);
    const baseline = this.#baselines.get(wearer) ?? {};
    const reading = readBody(sample, baseline) ?? null;
    this.#keep(wearer, learn(sample, { baseline, at: Math.round(clock.wall()) }));
    if (reading) {
      const at = clock.mono();
      const id = `${wearer}.${Math.round(at * 1000).toString(36)}.b`;
      this.#the.onObservation({ v: 1, id, room, source: wearer, modality: 'body', at, quality: 1, ...reading });
    }
    return { wearer, reading };
  }

  list(): WearerView[] {
    return [...this.#baselines].map(([wearer, baseline]) => ({
      wearer,
      baseline: MEASURES.flatMap((measure) => {
        const known = baseline[measure];
        return known ? [{ measure, values: known.values.length, newest: known.at }] : [];
      }),
    }));
  }

  forget(actor: Actor, wearer: string): void {
    if (!this.#baselines.delete(wearer)) throw new RoomtoneError('body.unknown_wearer', { params: { wearer } });
    this.#unwritten.delete(wearer);
    this.#the.state.delete(PREFIX + wearer);
    this.#the.audit.record({ actor: nameOf(actor), action: 'wearer.forgotten', subject: wearer, params: {} });
  }

  /** Writes what was learned. */
  close(): void {
    this.#flushing?.cancel();
    this.#flushing = undefined;
    for (const wearer of this.#unwritten) this.#the.state.set(PREFIX + wearer, this.#baselines.get(wearer));
    this.#unwritten.clear();
  }

  #keep(wearer: string, baseline: BodyBaseline): void {
    this.#baselines.set(wearer, baseline);
    this.#unwritten.add(wearer);
    this.#flushing ??= this.#the.clock.after(FLUSH, () => this.close());
  }
}

/** @throws RoomtoneError `body.bad_sample` */
function parse(sent: unknown): BodySample {
  const { success, data, error } = bodySampleSchema.safeParse(sent);
  if (success) return data;
  const what = error.issues.map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message));
  throw new RoomtoneError('body.bad_sample', { params: { what: what.join('; ') } });
}
