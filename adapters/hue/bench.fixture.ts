import { EventEmitter, once } from 'node:events';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import type { Clock } from '../../daemon/api/clock.ts';
import { FakeState } from '../../daemon/api/state.fake.ts';
import { FakeDiscovery, FakeVault, fakeContext } from '../../daemon/devices/adapter.fake.ts';
import type { ButtonEvent, Reading } from '../../daemon/devices/adapter.ts';
import type { Command, Report } from '../../daemon/devices/command.ts';
import type { Attributes, DeviceId } from '../../daemon/devices/device.ts';
import { CountingClock } from '../../test/helpers/counting-clock.ts';
import { PatientClock } from '../../test/helpers/patient-clock.ts';
import { Wire } from '../../test/helpers/wire.ts';
import { type HueBridgeOptions, HueBridgeSimulator } from '../../test/simulators/hue/simulator.ts';
import { HueAdapter } from './adapter.ts';
import { HueCredentials } from './credentials.ts';
import { deviceId } from './house.ts';
import { HUE_TIMINGS, type HueTimings } from './session.ts';

/** Short where faults are to show soon; no test measures them. */
const TIMINGS: HueTimings = { answerWithin: 5000, silence: 30_000, firstRetry: 10, longestRetry: 40, blockedRetry: 40 };

interface LogLine {
  level: number;
  event?: string;
}

/** A clock that knows how many timers are set. */
type CountedClock = Clock & { readonly pending: number };

/** A simulated bridge, paired with an adapter, and everything the adapter says. */
export class HueBench {
  readonly bridge: HueBridgeSimulator;
  readonly vault = new FakeVault();
  readonly state = new FakeState();
  readonly discovery = new FakeDiscovery();
  readonly clock: CountedClock;
  readonly readings: Reading[] = [];
  readonly touches: ButtonEvent[] = [];
  readonly reports: Report[] = [];
  readonly availability = new Map<DeviceId, boolean>();
  /** Codes of problems in the order they were raised; null when one passed. */
  readonly problems: (string | null)[] = [];
  readonly logged: LogLine[] = [];
  readonly log = pino({ level: 'info' }, { write: (line: string) => void this.logged.push(JSON.parse(line)) });
  readonly #said = new EventEmitter<{ something: [] }>();
  #adapter: HueAdapter | undefined;
  #ids = 0;

  private constructor(options: HueBridgeOptions, clock: CountedClock) {
    this.clock = clock;
    this.bridge = new HueBridgeSimulator({ answerDelay: [0, 0], echoDelay: [0, 0], eventInterval: 5, ...options });
    this.#said.setMaxListeners(0);
  }

  /** @param clock the adapter's; real time where it is missing */
  static async open(options: HueBridgeOptions = {}, clock: CountedClock = new CountingClock()): Promise<HueBench> {
    const bench = new HueBench(options, clock);
    await bench.bridge.start();
    return bench;
  }

  /** With an adapter that lives on virtual time beside the real wire. */
  static async patient(t: TestContext): Promise<{ bench: HueBench; clock: PatientClock; wire: Wire }> {
    const wire = new Wire();
    const clock = new PatientClock({ answerWithin: HUE_TIMINGS.answerWithin, wire });
    const bench = await HueBench.open({ clock }, clock);
    wire.watch(bench.bridge);
    t.after(async () => {
      await bench.close();
      wire.close();
    });
    return { bench, clock, wire };
  }

  get adapter(): HueAdapter {
    if (!this.#adapter) throw new Error('no adapter yet');
    return this.#adapter;
  }

  get bridgeId(): string {
    return this.bridge.bridgeId.toLowerCase();
  }

  get context() {
    const { log, clock, vault, state, discovery } = this;
    return fakeContext({ log, clock, vault, state, discovery });
  }

  get credentials(): HueCredentials {
    return new HueCredentials(this.context);
  }

  /** As pairing leaves it. Returns the key. */
  pair(host = this.bridge.address): string {
    const key = this.bridge.authorize();
    this.credentials.set(this.bridgeId, { key, certificate: this.bridge.certificate.fingerprint256 });
    this.credentials.remember(this.bridgeId, { name: this.bridge.name, host, address: host });
    return key;
  }

  /** @param host where the adapter looks for the bridge, if not at its own address */
  build(timings: Partial<HueTimings> = {}, host = this.bridge.address): HueAdapter {
    const adapter = new HueAdapter({ bridges: [{ host }] }, this.context, { timings: { ...TIMINGS, ...timings } });
    this.#adapter = adapter;
    adapter.events.on('report', (report) => this.#note(() => this.reports.push(report)));
    adapter.events.on('availability', ({ device, available }) => this.#note(() => this.availability.set(device, available)));
    adapter.events.on('problem', ({ problem }) => this.#note(() => this.problems.push(problem?.code ?? null)));
    adapter.events.on('reading', (reading) => this.#note(() => this.readings.push(reading)));
    adapter.events.on('button', (event) => this.#note(() => this.touches.push(event)));
    adapter.events.on('devices', () => this.#note(() => {}));
    return adapter;
  }

  /** Paired, started, and every lamp there. */
  async live(timings: Partial<HueTimings> = {}): Promise<void> {
    this.pair();
    await this.build(timings).start();
    await this.until(() => this.available('color'));
  }

  async close(): Promise<void> {
    await this.#adapter?.close();
    await this.bridge.close();
  }

  device(lamp: string): DeviceId {
    return deviceId(this.bridgeId, this.bridge.light(lamp).id);
  }

  available(lamp: string): boolean {
    return this.availability.get(this.device(lamp)) ?? false;
  }

  command(lamp: string, attributes: Attributes, transition = 0): Command {
    this.#ids += 1;
    return { id: `c${this.#ids}`, device: this.device(lamp), attributes, transition, cause: ['test'] };
  }

  apply(lamp: string, attributes: Attributes, transition = 0): Promise<void> {
    return this.adapter.apply(this.command(lamp, attributes, transition), new AbortController().signal);
  }

  /** Reports of a lamp, each as `[attribute, value]`. */
  said(lamp: string, kind?: Report['kind']): [string, unknown][] {
    const device = this.device(lamp);
    return this.reports
      .filter((each) => each.device === device && (kind === undefined || each.kind === kind))
      .map(({ attribute, value }) => [attribute, value]);
  }

  /** Waits until the adapter has said what makes it so. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await once(this.#said, 'something');
  }

  #note(take: () => void): void {
    take();
    this.#said.emit('something');
  }
}
