import { EventEmitter } from 'node:events';
import { pino } from 'pino';
import { FakeClock } from '../api/clock.fake.ts';
import { RoomtoneError } from '../api/errors.ts';
import type { Mode } from '../api/mode.ts';
import { FakeState } from '../api/state.fake.ts';
import type { AuditEntry } from '../api/views.ts';
import type { LaneLimits } from '../devices/adapter.ts';
import type { Command, Report } from '../devices/command.ts';
import type { AttributeName, Attributes, Capabilities, Device, DeviceId } from '../devices/device.ts';
import type { Permissions } from '../devices/permissions.ts';
import { CommandQueue, type CommandRoutes } from '../devices/queue.ts';
import { fromWeights } from '../mood/affect.ts';
import type { Mood, MoodLabel } from '../mood/mood.ts';
import type { AmbienceConfig } from './configuration.ts';
import { Director, type DirectorOptions } from './director.ts';
import type { LimitsSpec } from './limits.ts';
import { type Scene, scenesSchema, toScenes } from './scene.ts';

const FULL: Capabilities = { on: true, brightness: { min: 1 }, colorTemperature: { min: 2200, max: 6500 }, color: {} };

export const SCENES: Scene[] = toScenes(
  scenesSchema.parse({
    soothe: { lights: { on: true, brightness: 30, colorTemperature: 2200 }, transition: 2 },
    energise: { lights: { on: true, brightness: 90, colorTemperature: 4500 }, transition: 2 },
    cheer: { lights: { on: true, brightness: 75, colorTemperature: 3000 } },
    calm: { lights: { on: true, brightness: 45, colorTemperature: 2700 } },
    neutral: { lights: { on: true, brightness: 60, colorTemperature: 3500 } },
    movie: { lights: { brightness: 10, colorTemperature: 2300 } },
    sleep: { lights: { on: false } },
  }),
);

/** How a simulated lamp behaves on its network, ms. */
export interface Manners {
  /** From a command to its effect. */
  latency: number;
  /** From an effect to its report. */
  reporting: number;
  /** Every report comes twice. */
  repeats: boolean;
}

/** Lamps on a simulated network, behind the real queue and the real director, on a clock that the test moves. */
export class SimulatedHouse implements CommandRoutes {
  readonly clock = new FakeClock();
  readonly state = new FakeState();
  readonly events = new EventEmitter<{ availability: [{ device: DeviceId; available: boolean }] }>();
  readonly commands: Command[] = [];
  readonly audit: Omit<AuditEntry, 'at'>[] = [];
  readonly lamps = new Map<DeviceId, Attributes>();
  readonly away = new Set<DeviceId>();
  readonly manners: Manners;
  refuses = false;
  /** Answered, and never carried out. */
  loses: (command: Command) => boolean = () => false;
  director: Director;
  #queue: CommandQueue;
  readonly #capabilities: Capabilities;
  readonly #options: Partial<DirectorOptions>;
  readonly #limits: LimitsSpec;

  constructor(
    options: {
      lamps?: Attributes[];
      manners?: Partial<Manners>;
      capabilities?: Capabilities;
      director?: Partial<DirectorOptions>;
      limits?: LimitsSpec;
    } = {},
  ) {
    this.manners = { latency: 50, reporting: 50, repeats: false, ...options.manners };
    this.#capabilities = options.capabilities ?? FULL;
    this.#options = { ...options.director };
    this.#limits = { minBetween: 0, changesPerHour: 3600, ramp: 0, ...options.limits };
    const lamps = options.lamps ?? [{ on: true, brightness: 60, colorTemperature: 3500 }];
    for (const [i, values] of lamps.entries()) this.lamps.set(`sim:${i + 1}`, { ...values });
    [this.director, this.#queue] = this.#boot();
  }

  get devices(): Device[] {
    return [...this.lamps.keys()].map((id) => ({ id, adapter: 'sim', name: id, capabilities: this.#capabilities }));
  }

  /** The program ends without a word and is started again; lamps and disk stay. */
  async restart(): Promise<void> {
    await this.#queue.close();
    this.director.events.removeAllListeners();
    this.commands.length = 0;
    [this.director, this.#queue] = this.#boot();
  }

  configure(scenes: readonly Scene[] = SCENES, defaultMode: Mode = 'auto'): void {
    this.arrange({ scenes, rooms: [{ id: 'den', name: 'Den', devices: [...this.lamps.keys()], policies: [], defaultMode }] });
  }

  /** As `configure`, for houses of another kind; what is left out is as usual. */
  arrange(config: Partial<AmbienceConfig>): void {
    this.director.configure({ rooms: [], scenes: SCENES, policies: [], limits: this.#limits, ...config });
  }

  feel(label: MoodLabel, over: Partial<Mood> = {}): void {
    this.director.onMood({
      v: 1,
      room: 'den',
      at: this.clock.wall(),
      label,
      emotion: 'neutral',
      probabilities: fromWeights(() => 1),
      valence: 0,
      arousal: 0,
      stress: 0,
      hiddenStress: false,
      confidence: 0.8,
      occupancy: true,
      people: 1,
      contributions: [],
      ...over,
    });
  }

  /** A person changes a lamp at the lamp itself, or by another app. */
  hand(values: Attributes, device: DeviceId = 'sim:1'): void {
    this.#set(device, values);
  }

  /** Says what every lamp may be asked by. */
  permit(permissions: Permissions): void {
    this.director.setDevices(this.devices.map((device) => ({ device, state: { available: true, values: {} }, permissions })));
  }

  /** Cuts the power and gives it back: the lamp comes up with its factory default. */
  powerCycle(device: DeviceId = 'sim:1'): void {
    this.director.onAvailability({ device, available: false });
    this.clock.advance(60_000);
    this.lamps.set(device, { on: true, brightness: 100, colorTemperature: 2700 });
    this.director.onAvailability({ device, available: true });
    for (const [name, value] of Object.entries(this.lamps.get(device) ?? {})) this.#report(device, { name, value, kind: 'resync' });
  }

  /** Lets seconds pass, with a tick of the director in each. */
  async pass(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      await this.clock.advanceAsync(1000);
      this.director.tick();
    }
    await this.clock.advanceAsync(0);
  }

  route(): { key: string; limits: LaneLimits } {
    return { key: 'sim', limits: { rate: 1000, burst: 1000, inFlight: 100 } };
  }

  available(device: DeviceId): boolean {
    return !this.away.has(device);
  }

  async apply(command: Command): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.clock.after(this.manners.latency, resolve);
    await promise;
    if (this.refuses) throw new RoomtoneError('device.refused', { params: { device: command.device, what: 'no' } });
    if (!this.loses(command)) this.#set(command.device, command.attributes);
  }

  /** Asks every lamp where it stands. */
  poll(): void {
    for (const [device, values] of this.lamps) {
      for (const [name, value] of Object.entries(values)) this.#report(device, { name, value, kind: 'poll' });
    }
  }

  #boot(): [Director, CommandQueue] {
    const log = pino({ level: 'silent' });
    const audit = { record: (entry: Omit<AuditEntry, 'at'>) => void this.audit.push(entry), latest: () => [] };
    const director = new Director({ log, clock: this.clock, state: this.state, audit, options: this.#options });
    const queue = new CommandQueue({ log, clock: this.clock, random: () => 0.5, routes: this });
    director.events.on('command', (command) => {
      this.commands.push(command);
      queue.submit(command);
    });
    director.events.on('cancel', ({ device, attributes }) => queue.cancel(device, attributes));
    queue.events.on('event', (event) => director.onQueueEvent(event));
    this.director = director;
    this.configure();
    director.setDevices(this.devices.map((device) => ({ device, state: { available: true, values: { ...this.lamps.get(device.id) } } })));
    return [director, queue];
  }

  #set(device: DeviceId, values: Attributes): void {
    const lamp: Attributes = { ...this.lamps.get(device), ...values };
    if (values.color) delete lamp.colorTemperature;
    if (values.colorTemperature) delete lamp.color;
    this.lamps.set(device, lamp);
    for (const [name, value] of Object.entries(values)) {
      const rounded = name === 'brightness' ? Math.round(((value as number) * 254) / 100) / 2.54 : value;
      for (let i = this.manners.repeats ? 0 : 1; i < 2; i++) {
        this.clock.after(this.manners.reporting, () => this.#report(device, { name, value: rounded, kind: 'event' }));
      }
    }
  }

  #report(device: DeviceId, { name, value, kind }: { name: string; value: Report['value']; kind: Report['kind'] }): void {
    const attribute = name as AttributeName;
    this.director.onReport({ device, attribute, value, at: this.clock.mono(), origin: 'unknown', transitional: false, kind });
  }
}
