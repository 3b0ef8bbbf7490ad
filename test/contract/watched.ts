import assert from 'node:assert/strict';
import { systemClock } from '../../daemon/api/clock.ts';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import type { Adapter } from '../../daemon/devices/adapter.ts';
import type { Command, Report } from '../../daemon/devices/command.ts';
import type { AttributeName, Attributes, DeviceId } from '../../daemon/devices/device.ts';

/** An adapter under test: collects what it says, and waits for what it will say. */
export class Watched {
  readonly adapter: Adapter;
  readonly lamp: DeviceId;
  readonly reports: Report[] = [];
  /** Every word on the lamp's availability. */
  readonly availability: boolean[] = [];
  /** Codes in the order they came; null: passed. */
  readonly problems: (string | null)[] = [];
  /** Everything it said, of any kind. */
  words = 0;
  #ids = 0;
  #waiting: (() => void)[] = [];

  constructor(adapter: Adapter, lamp: DeviceId) {
    this.adapter = adapter;
    this.lamp = lamp;
    adapter.events.on('report', (report) => this.#note(() => report.device === lamp && this.reports.push(report)));
    adapter.events.on('availability', ({ device, available }) => this.#note(() => device === lamp && this.availability.push(available)));
    adapter.events.on('problem', ({ problem }) => this.#note(() => this.problems.push(problem?.code ?? null)));
    adapter.events.on('devices', () => this.#note(() => {}));
  }

  /** Until the lamp is there. */
  async start(): Promise<void> {
    await this.adapter.start(new AbortController().signal);
    await this.available(true);
  }

  command(attributes: Attributes, transition = 0): Command {
    this.#ids += 1;
    return { id: `command-${this.#ids}`, device: this.lamp, attributes, transition, cause: ['test'] };
  }

  apply(attributes: Attributes, signal: AbortSignal = new AbortController().signal, transition = 0): Promise<void> {
    return this.adapter.apply(this.command(attributes, transition), signal);
  }

  /** The first report, past or to come, of this attribute with a value that fits. */
  async report(attribute: AttributeName, fits: (value: unknown) => boolean, from = 0): Promise<Report> {
    const find = (): Report | undefined => this.reports.slice(from).find((each) => each.attribute === attribute && fits(each.value));
    await this.until(() => find() !== undefined);
    return find() as Report;
  }

  /** Until the latest word on the lamp is this. */
  available(available: boolean): Promise<void> {
    return this.until(() => this.availability.at(-1) === available);
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #note(take: () => unknown): void {
    this.words += 1;
    take();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** Devices round to their own steps. */
export const near =
  (wanted: number) =>
  (value: unknown): boolean =>
    typeof value === 'number' && Math.abs(value - wanted) < 0.5;

/** Lets everything that is ready to run do so, a few times over. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** ms. Connections that nobody uses would run out by themselves later (undici: 4 s). */
const SOON = 3500;

/** Before what was left behind would go by itself. */
export async function soon(done: Promise<void>, what: string): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = systemClock.after(SOON, () => late.reject(new Error(what)));
  try {
    await Promise.race([done, late.promise]);
  } finally {
    timer.cancel();
  }
}

/** What keeps the process alive: sockets, servers, timers, children. */
export const openResources = (): string[] => process.getActiveResourcesInfo().sort();

/** Until nothing keeps the process alive but what did before: a socket that was closed takes a moment. */
export async function goneBut(before: readonly string[]): Promise<void> {
  const rest = (): string[] =>
    before.reduce((left, each) => (left.includes(each) ? left.toSpliced(left.indexOf(each), 1) : left), openResources());
  const late = systemClock.mono() + SOON;
  while (rest().length > 0 && systemClock.mono() < late) await turns();
  assert.deepEqual(rest(), [], 'left behind');
}

/** Whether an error allows another attempt. */
export const isRetryable = (error: unknown): boolean => error instanceof RoomtoneError && error.retryable;
