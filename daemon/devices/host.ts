import { EventEmitter } from 'node:events';
import type { Timer } from '../api/clock.ts';
import { type ErrorCode, type MessageParams, RoomtoneError, toRoomtoneError } from '../api/errors.ts';
import type { Adapter, AdapterContext, AdapterEvents, AdapterModule } from './adapter.ts';
import type { DeviceId } from './device.ts';
import { backoff } from './pace.ts';
import { within } from './within.ts';

/** ms that an adapter may take to start. */
const START_WITHIN = 30_000;
const RETRY = { first: 1000, longest: 60_000 };

export interface AdapterHostOptions {
  id: string;
  load: () => Promise<AdapterModule>;
  context: AdapterContext;
}

export interface AdapterHostEvents extends Omit<AdapterEvents, 'problem'> {
  /** Scope `adapter:<id>`, of the adapter as a whole, or `adapter:<id>:<scope of its own>`. */
  problem: [{ scope: string; problem: { code: ErrorCode; params: MessageParams } | null }];
}

interface Running {
  adapter: Adapter;
  /** Its section, as text. */
  section: string;
  available: Set<DeviceId>;
  /** Scopes that have a problem now. */
  troubled: Set<string>;
  detach(): void;
}

/**
 * Keeps one adapter at work with the section it is given. A new section gets a new instance; one that does not start
 * leaves the old one in charge, is shown as a problem and tried again, later each time, unless a person must mend it.
 */
export class AdapterHost {
  readonly events = new EventEmitter<AdapterHostEvents>();
  readonly #options: AdapterHostOptions;
  readonly #closing = new AbortController();
  #running: Running | undefined;
  #wanted = '';
  /** Something other than the section changed: credentials. */
  #stale = false;
  #failures = 0;
  #troubled = false;
  #isExclusive = false;
  #retry: Timer | undefined;
  /** One change after the other. */
  #turns: Promise<void> = Promise.resolve();

  constructor(options: AdapterHostOptions) {
    this.#options = options;
  }

  /** The one in charge; undefined while none could be started. */
  get adapter(): Adapter | undefined {
    return this.#running?.adapter;
  }

  available(device: DeviceId): boolean {
    return this.#running?.available.has(device) ?? false;
  }

  /** Never rejects. */
  configure(section: unknown): Promise<void> {
    return this.#inTurn(() => {
      this.#wanted = JSON.stringify(section ?? {});
      this.#failures = 0;
      return this.#ensure();
    });
  }

  /** With the same section and what the vault has now. Never rejects. */
  restart(): Promise<void> {
    return this.#inTurn(() => {
      this.#stale = true;
      this.#failures = 0;
      return this.#ensure();
    });
  }

  async close(): Promise<void> {
    this.#closing.abort(new RoomtoneError('api.closed'));
    this.#retry?.cancel();
    await this.#inTurn(async () => {
      const running = this.#running;
      this.#running = undefined;
      await this.#retire(running);
      this.#tell(null);
    });
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    this.#turns = this.#turns.then(change);
    return this.#turns;
  }

  async #ensure(): Promise<void> {
    this.#retry?.cancel();
    if (this.#closing.signal.aborted) return;
    const section = this.#wanted;
    if (this.#running?.section !== section || this.#stale) {
      try {
        await this.#replace(section);
      } catch (thrown) {
        this.#failed(thrown);
        return;
      }
    }
    this.#stale = false;
    this.#failures = 0;
    this.#tell(null);
  }

  async #replace(section: string): Promise<void> {
    const module = await this.#options.load();
    this.#isExclusive = module.exclusive === true;
    const options = this.#parse(module, section);
    const before = this.#running;
    if (!module.exclusive || !before) {
      await this.#takeOver(await this.#launch(module, { options, section }), before);
      return;
    }
    this.#running = undefined;
    await this.#retire(before);
    try {
      await this.#takeOver(await this.#launch(module, { options, section }));
    } catch (error) {
      const old = { options: this.#parse(module, before.section), section: before.section };
      await this.#takeOver(await this.#launch(module, old));
      throw error;
    }
  }

  #failed(thrown: unknown): void {
    if (this.#closing.signal.aborted) return;
    const { id, context } = this.#options;
    const error =
      thrown instanceof RoomtoneError
        ? thrown
        : new RoomtoneError('adapter.failed', { params: { adapter: id, what: toRoomtoneError(thrown).message }, cause: thrown });
    this.#failures += 1;
    if (this.#failures === 1) context.log.error({ event: 'adapter_failed', code: error.code, err: error }, 'adapter could not be started');
    this.#tell(error);
    // Nothing changes for what only a person can mend; and what runs with the old section must not be closed for every attempt.
    if (error.fault === 'user' || (this.#running && this.#isExclusive)) return;
    const delay = backoff(RETRY, this.#failures, context.random);
    this.#retry = context.clock.after(delay, () => void this.#inTurn(() => this.#ensure()));
  }

  #parse(module: AdapterModule, section: string): unknown {
    const parsed = module.options.safeParse(JSON.parse(section));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const what = issue ? [issue.path.join('.'), issue.message].filter(Boolean).join(': ') : 'unknown';
    throw new RoomtoneError('adapter.invalid_options', { params: { adapter: this.#options.id, what } });
  }

  async #launch(module: AdapterModule, { options, section }: { options: unknown; section: string }): Promise<Running> {
    const { id, context } = this.#options;
    const adapter = module.create(options, context);
    const running = this.#attach(adapter, section);
    const slow = new RoomtoneError('adapter.slow_start', { params: { adapter: id, seconds: START_WITHIN / 1000 } });
    const limit = { clock: context.clock, ms: START_WITHIN, error: slow, signal: this.#closing.signal };
    try {
      await within(limit, (signal) => adapter.start(signal));
      return running;
    } catch (error) {
      running.detach();
      await adapter.close();
      throw error;
    }
  }

  async #takeOver(next: Running, before?: Running): Promise<void> {
    this.#running = next;
    await this.#retire(before, next);
    this.events.emit('devices');
    this.events.emit('mesh');
  }

  /** Closes an instance that is no longer in charge and makes good what differs under its successor. */
  async #retire(running: Running | undefined, next?: Running): Promise<void> {
    running?.detach();
    await running?.adapter.close();
    for (const scope of running?.troubled ?? []) if (!next?.troubled.has(scope)) this.events.emit('problem', { scope, problem: null });
    const was = running?.available ?? new Set<DeviceId>();
    const is = next?.available ?? new Set<DeviceId>();
    for (const device of minus(was, is)) this.events.emit('availability', { device, available: false });
    for (const device of minus(is, was)) this.events.emit('availability', { device, available: true });
  }

  #attach(adapter: Adapter, section: string): Running {
    const running: Running = { adapter, section, available: new Set(), troubled: new Set(), detach: () => {} };
    const prefix = `adapter:${adapter.id}:`;
    const listeners: { [Event in keyof AdapterEvents]: (...args: AdapterEvents[Event]) => void } = {
      report: (report) => this.events.emit('report', report),
      reading: (reading) => this.events.emit('reading', reading),
      button: (event) => this.events.emit('button', event),
      availability: ({ device, available }) => this.#onAvailability(running, { device, available }),
      devices: () => void (this.#running === running && this.events.emit('devices')),
      mesh: () => void (this.#running === running && this.events.emit('mesh')),
      problem: ({ scope, problem }) => this.#onProblem(running, { scope: prefix + scope, problem }),
    };
    const { events } = adapter;
    events.on('report', listeners.report).on('reading', listeners.reading).on('button', listeners.button);
    events.on('availability', listeners.availability).on('devices', listeners.devices).on('problem', listeners.problem);
    events.on('mesh', listeners.mesh);
    running.detach = () => {
      events.off('report', listeners.report).off('reading', listeners.reading).off('button', listeners.button);
      events.off('availability', listeners.availability).off('devices', listeners.devices).off('problem', listeners.problem);
      events.off('mesh', listeners.mesh);
    };
    return running;
  }

  #onAvailability(running: Running, { device, available }: { device: DeviceId; available: boolean }): void {
    if (running.available.has(device) === available) return;
    if (available) running.available.add(device);
    else running.available.delete(device);
    if (this.#running === running) this.events.emit('availability', { device, available });
  }

  #onProblem(running: Running, report: AdapterHostEvents['problem'][0]): void {
    if (report.problem) running.troubled.add(report.scope);
    else running.troubled.delete(report.scope);
    this.events.emit('problem', report);
  }

  /** How the adapter as a whole stands. */
  #tell(problem: RoomtoneError | null): void {
    if (!problem && !this.#troubled) return;
    this.#troubled = problem !== null;
    const scope = `adapter:${this.#options.id}`;
    this.events.emit('problem', { scope, problem: problem && { code: problem.code, params: problem.params } });
  }
}

const minus = (set: ReadonlySet<DeviceId>, other: ReadonlySet<DeviceId>): DeviceId[] => [...set].filter((each) => !other.has(each));
