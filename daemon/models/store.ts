import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import { type ErrorCode, type MessageParams, toRoomtoneError } from '../api/errors.ts';
import type { StatePort } from '../api/ports.ts';
import type { ModelView } from '../api/views.ts';
import type { Manifest, ModelEntry, ModelProblem } from '../senses/perception/models.ts';
import { readUserModels } from '../senses/perception/user-models.ts';
import { Digests } from './digest.ts';
import { fetchModel } from './fetch.ts';
import { findModel, lacking, prefer, preference, type Stocked, takeStock } from './inventory.ts';

type Report = { code: ErrorCode; params: MessageParams };

interface Attempt {
  received: number | null;
  problem: Report | null;
  done: Promise<boolean>;
}

export interface ModelStoreOptions {
  log: Logger;
  fetch: typeof globalThis.fetch;
  state: StatePort;
  /** Where models are looked for; the first is the user's and takes what is fetched. */
  dirs: () => readonly string[];
  manifest: Manifest;
  /** A folder or address that is fetched from, in place of the models' own addresses. */
  from?: string | undefined;
  /** ms before each further attempt of a fetch. */
  delays?: readonly number[];
}

/** The models of a running hub: what is there, what is being fetched, and what a person chose. */
export class ModelStore {
  readonly events = new EventEmitter<{
    /** A file or a choice is new: the senses are to load their models again. */
    changed: [];
    problem: [{ scope: string; problem: Report | null }];
  }>();
  readonly #options: ModelStoreOptions;
  readonly #digests = new Digests();
  readonly #attempts = new Map<string, Attempt>();
  readonly #closing = new AbortController();
  #background: Promise<void> = Promise.resolve();

  constructor(options: ModelStoreOptions) {
    this.#options = options;
  }

  async list(): Promise<ModelView[]> {
    const chosen = preference(this.#options.state);
    return (await this.#stock()).map((stocked) => this.#view(stocked, chosen[stocked.entry.role] === stocked.entry.id));
  }

  /** What is wrong with the descriptions in the user's folder. */
  descriptionProblems(): ModelProblem[] {
    return this.#described().problems;
  }

  /**
   * Begins to fetch a model; one that is being fetched goes on.
   * @throws RoomtoneError `model.unknown`
   */
  begin(id: string): void {
    void this.#begin(findModel(this.#entries(), id));
  }

  /** Fetches what the recommended set lacks; of each role, the first that can be had. */
  fetchRecommended(): Promise<void> {
    this.#background = this.#fetchRecommended().catch((error: unknown) =>
      this.#options.log.error({ event: 'models_failed', err: error }, 'recommended models not fetched'),
    );
    return this.#background;
  }

  /** @throws RoomtoneError `model.unknown` where the role has no such model */
  use(role: string, id: string): void {
    prefer(this.#options.state, findModel(this.#entries(), id, role));
    this.events.emit('changed');
  }

  /** Ends what is being fetched; what came of it is kept for the next time. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#background;
    await Promise.all([...this.#attempts.values()].map(({ done }) => done));
  }

  async #fetchRecommended(): Promise<void> {
    for (const candidates of lacking(await this.#stock())) {
      for (const entry of candidates) if (this.#closing.signal.aborted || (await this.#begin(entry))) break;
    }
  }

  /** @returns whether the model is there now */
  #begin(entry: ModelEntry): Promise<boolean> {
    const under = this.#attempts.get(entry.id);
    if (under && under.received !== null) return under.done;
    const attempt: Attempt = { received: 0, problem: null, done: Promise.resolve(false) };
    this.#attempts.set(entry.id, attempt);
    this.events.emit('problem', { scope: `model-fetch:${entry.id}`, problem: null });
    attempt.done = this.#fetch(entry, attempt);
    return attempt.done;
  }

  async #fetch(entry: ModelEntry, attempt: Attempt): Promise<boolean> {
    const { log, fetch, dirs, from, delays } = this.#options;
    const { signal } = this.#closing;
    const onProgress = (received: number): void => {
      attempt.received = received;
    };
    try {
      await fetchModel({ log, entry, dir: dirs()[0] ?? 'models', from, fetch, signal, onProgress, ...(delays && { delays }) });
      this.#attempts.delete(entry.id);
      if (!signal.aborted) this.events.emit('changed');
      return true;
    } catch (error) {
      attempt.received = null;
      if (signal.aborted) return false;
      const { code, params } = toRoomtoneError(error);
      attempt.problem = { code, params };
      this.events.emit('problem', { scope: `model-fetch:${entry.id}`, problem: attempt.problem });
      return false;
    }
  }

  #stock(): Promise<Stocked[]> {
    const { dirs, state } = this.#options;
    return takeStock({ entries: this.#entries(), dirs: dirs(), prefer: preference(state), digests: this.#digests });
  }

  #entries(): ModelEntry[] {
    return [...this.#options.manifest.models, ...this.#described().entries];
  }

  #described(): ReturnType<typeof readUserModels> {
    return readUserModels(this.#options.dirs()[0], this.#options.manifest.models);
  }

  #view({ entry, state }: Stocked, chosen: boolean): ModelView {
    const { id, role, version, bytes: size, licence, trainedOn, source, accuracy, cost, recommended = false, url } = entry;
    const { received = null, problem = null } = this.#attempts.get(id) ?? {};
    const told = { version, licence, trainedOn, source, accuracy, cost };
    return { id, role, state, chosen, recommended, fetchable: url !== undefined, size, ...told, received, problem };
  }
}
