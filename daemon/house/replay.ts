import { pino } from 'pino';
import type { AmbienceConfig } from '../ambience/configuration.ts';
import { Director } from '../ambience/director.ts';
import type { Asked } from '../ambience/room.ts';
import { VirtualClock } from '../api/clock.virtual.ts';
import { MemoryState } from '../api/state.memory.ts';
import type { Command } from '../devices/command.ts';
import type { DeviceId } from '../devices/device.ts';
import { type LogEntry, timeOf } from '../mood/log.ts';
import type { Mood } from '../mood/mood.ts';
import { MOOD_DEFAULTS, type MoodOptions } from '../mood/room-mood.ts';
import { allScenes } from './configuration.ts';
import { type MoodRoom, RoomMoods } from './moods.ts';
import { ObedientLamps } from './obedient-lamps.ts';

/** The house that a log is replayed in. */
export interface ReplayHouse {
  moods: readonly MoodRoom[];
  ambience: AmbienceConfig;
}

export interface ReplayOptions {
  /** Epoch ms at which `at` was 0. Without it the time of day is unknown, as on a hub whose clock is not set. */
  zero?: number | undefined;
  /** Absent: every room that the log names, with the defaults and a lamp of its own. */
  house?: ReplayHouse | undefined;
  mood?: Partial<MoodOptions>;
  /** Told when what mood or clock ask for may have changed; `at` in ms of the log's clock. */
  onAsked?: (change: { at: number; room: string; asked: Asked | null }) => void;
}

/** What came of the log, in order; `at` in ms of the log's clock. */
export type ReplayEvent = { at: number; mood: Mood } | { at: number; command: Command };

const TICK = 1000;

/** Long before this program was made. */
const UNKNOWN_TIME = Date.UTC(2000, 0, 1);

/**
 * The whole brain on a virtual clock: observations and hands in, moods and commands out, no I/O. The same entries give the
 * same events, to the byte. Entries are taken in the order in which they stand: one that is older than the one before it
 * arrives late, as it did when it was recorded. Devices are obedient ones.
 *
 * Of the moods of a room, one that says something else (label, emotion, occupancy, hidden stress) comes at once, of the
 * others the newest of each second. What was really the case (`truth`) is passed over: it is no business of the brain.
 */
export class Replay {
  readonly #options: ReplayOptions;
  readonly #house: ReplayHouse;
  readonly #events: ReplayEvent[] = [];
  readonly #told = new Map<string, Mood>();
  readonly #held = new Map<string, Mood>();
  #brain: Brain | undefined;

  constructor(options: ReplayOptions = {}) {
    this.#options = options;
    this.#house = options.house ?? { moods: [], ambience: { rooms: [], scenes: allScenes({}), policies: [] } };
  }

  /** Lets time pass to this entry and takes it in. @returns what came of it, and of the time before */
  take(entry: LogEntry): ReplayEvent[] {
    const brain = this.#passTo(timeOf(entry));
    if ('observation' in entry) {
      if (!this.#options.house) brain.furnish(entry.observation.room);
      brain.moods.observe(entry.observation);
    } else if ('hand' in entry) brain.lamps.hand(entry.hand as Parameters<ObedientLamps['hand']>[0]);
    return this.#events.splice(0);
  }

  /** Lets time pass. @param at ms of the log's clock */
  passTo(at: number): ReplayEvent[] {
    this.#passTo(at);
    return this.#events.splice(0);
  }

  /** The log is over. @returns what was held back for its second */
  end(): ReplayEvent[] {
    this.#flush();
    this.#brain?.close();
    return this.#events.splice(0);
  }

  /** The first entry says when the clock begins. */
  #passTo(at: number): Brain {
    this.#brain ??= this.#start(at);
    this.#brain.clock.advanceTo(at);
    return this.#brain;
  }

  #start(at: number): Brain {
    const wall = (this.#options.zero ?? UNKNOWN_TIME) + at;
    const clock = new VirtualClock({ mono: at, wall });
    const brain = new Brain({ clock, house: this.#house, mood: this.#options.mood ?? {} });
    // What a command came of is told before it.
    brain.moods.events.prependListener('mood', (mood) => this.#onMood(mood));
    brain.director.events.on('command', (command) => this.#events.push({ at: clock.mono(), command }));
    brain.director.events.on('room', ({ room }) => {
      this.#options.onAsked?.({ at: clock.mono(), room, asked: brain.director.asked(room) });
    });
    clock.every(TICK, () => this.#flush());
    return brain;
  }

  #onMood(mood: Mood): void {
    if (isNews(this.#told.get(mood.room), mood)) this.#tell(mood);
    else this.#held.set(mood.room, mood);
  }

  #tell(mood: Mood): void {
    this.#held.delete(mood.room);
    this.#told.set(mood.room, mood);
    this.#events.push({ at: this.#brain?.clock.mono() ?? 0, mood });
  }

  #flush(): void {
    for (const mood of [...this.#held.values()]) this.#tell(mood);
  }
}

function isNews(before: Mood | undefined, mood: Mood): boolean {
  return (['label', 'emotion', 'occupancy', 'hiddenStress'] as const).some((key) => before?.[key] !== mood[key]);
}

/** What the hub wires between the senses and the adapters. */
class Brain {
  readonly clock: VirtualClock;
  readonly moods: RoomMoods;
  readonly director: Director;
  readonly lamps: ObedientLamps;
  readonly #log = pino({ level: 'silent' });
  #house: ReplayHouse;

  constructor({ clock, house, mood }: { clock: VirtualClock; house: ReplayHouse; mood: Partial<MoodOptions> }) {
    this.clock = clock;
    this.moods = new RoomMoods({ clock, recall: () => undefined, mood });
    this.director = new Director({ log: this.#log, clock, state: new MemoryState() });
    this.lamps = new ObedientLamps({ clock, director: () => this.director });
    this.moods.events.on('mood', (each) => this.director.onMood(each));
    this.director.events.on('command', (command) => this.lamps.apply(command));
    this.#house = house;
    this.#configure();
    this.moods.start();
    clock.every(TICK, () => this.director.tick());
  }

  /** Adds a room with the defaults and one lamp, unless it is there. */
  furnish(room: string): void {
    if (this.#house.moods.some(({ id }) => id === room)) return;
    const { smoothing, dwell } = MOOD_DEFAULTS;
    const { rooms } = this.#house.ambience;
    const furnished = { id: room, name: room, devices: [`virtual:${room}`] as DeviceId[], policies: [], defaultMode: 'auto' as const };
    this.#house = {
      moods: [...this.#house.moods, { id: room, smoothing, dwell }],
      ambience: { ...this.#house.ambience, rooms: [...rooms, furnished] },
    };
    this.#configure();
  }

  close(): void {
    this.moods.close();
  }

  #configure(): void {
    const { ambience, moods } = this.#house;
    for (const { devices } of ambience.rooms) for (const device of devices) this.lamps.add(device);
    this.director.configure(ambience);
    this.director.setDevices(this.lamps.list);
    this.moods.configure(moods);
  }
}
