import { EventEmitter } from 'node:events';
import { pino } from 'pino';
import { Director } from '../../daemon/ambience/director.ts';
import { VirtualClock } from '../../daemon/api/clock.virtual.ts';
import { MemoryState } from '../../daemon/api/state.memory.ts';
import type { Command } from '../../daemon/devices/command.ts';
import type { AttributeName, Capabilities, Device, DeviceId } from '../../daemon/devices/device.ts';
import { CommandQueue, type CommandRoutes } from '../../daemon/devices/queue.ts';
import { allScenes } from '../../daemon/house/configuration.ts';
import { RoomMoods } from '../../daemon/house/moods.ts';
import { fromWeights } from '../../daemon/mood/affect.ts';
import { EMOTIONS, type Emotion } from '../../daemon/mood/emotion.ts';
import type { Observation } from '../../daemon/mood/observation.ts';
import { MOOD_DEFAULTS } from '../../daemon/mood/room-mood.ts';
import { type Benchmark, overRepeats } from './report.ts';

const ROOMS = 1000;
const LAMPS = 2;
/** Observations of a room in a second: four of faces, one of a voice, a body, or presence. */
const RATE = 5;
/** How long somebody feels the same, s. */
const EPISODE = 120;
/** Not measured, s: what is compiled, and every room's first scene. */
const WARM_UP = 30;

/** The part of a core that moods, policies, claims, arbiter and queue take for a thousand rooms, on a clock that runs as fast as they do. */
export const brain: Benchmark = {
  async run({ progress, quick }) {
    const seconds = quick ? 20 : 120;
    const repeats = quick ? 1 : 3;
    const shares: number[] = [];
    let commands = 0;
    for (let repeat = 0; repeat < repeats; repeat++) {
      const house = new House();
      await house.live(WARM_UP, (second) => progress(`run ${repeat + 1} of ${repeats}: warming up, ${second} of ${WARM_UP} s`));
      house.commands = 0;
      const before = process.cpuUsage();
      await house.live(seconds, (second) => progress(`run ${repeat + 1} of ${repeats}: ${second} of ${seconds} s`));
      const { user, system } = process.cpuUsage(before);
      shares.push((user + system) / 1e6 / seconds);
      commands = house.commands;
      await house.close();
    }
    return [
      {
        name: 'brain.core_share_1000_rooms',
        ...overRepeats(shares),
        unit: 'cores',
        target: 0.15,
        better: 'lower',
        n: repeats,
        definition: `CPU time of the process over ${seconds} s of the life of ${ROOMS} rooms with ${LAMPS} lamps each, by the seconds lived: ${RATE} observations a second and room (four faces, and a voice, body or presence), each taken to a published mood, with policy, arbiter, command queue and reports (${commands} commands in the last run); observations made beforehand; no store, no network`,
      },
    ];
  },
};

const CAPABILITIES: Capabilities = { on: true, brightness: { min: 1 }, colorTemperature: { min: 2200, max: 6500 }, color: {} };

/** As hub.ts wires it, on a virtual clock, with lamps that obey. */
class House implements CommandRoutes {
  readonly events = new EventEmitter<{ availability: [{ device: DeviceId; available: boolean }] }>();
  commands = 0;
  readonly #clock = new VirtualClock({ mono: 1_000_000, wall: Date.UTC(2026, 10, 1, 12) });
  readonly #moods = new RoomMoods({ clock: this.#clock, recall: () => undefined });
  readonly #director: Director;
  readonly #queue: CommandQueue;
  readonly #pool = makeObservations();
  #second = 0;

  constructor() {
    const log = pino({ level: 'silent' });
    this.#director = new Director({ log, clock: this.#clock, state: new MemoryState() });
    this.#queue = new CommandQueue({ log, clock: this.#clock, random: () => 0.5, routes: this });
    this.#moods.events.on('mood', (mood) => this.#director.onMood(mood));
    this.#director.events.on('command', (command) => this.#queue.submit(command));
    this.#queue.events.on('event', (event) => this.#director.onQueueEvent(event));
    const rooms = Array.from({ length: ROOMS }, (_, i) => `room-${i}`);
    const { smoothing, dwell } = MOOD_DEFAULTS;
    this.#moods.configure(rooms.map((id) => ({ id, smoothing, dwell })));
    this.#director.configure({
      rooms: rooms.map((id) => ({ id, name: id, devices: lampsOf(id), policies: [], defaultMode: 'auto' })),
      scenes: allScenes({}),
      policies: [],
    });
    const devices: Device[] = rooms.flatMap(lampsOf).map((id) => ({ id, adapter: 'bench', name: id, capabilities: CAPABILITIES }));
    const values = { on: true, brightness: 60, colorTemperature: 3500 };
    this.#director.setDevices(devices.map((device) => ({ device, state: { available: true, values } })));
    this.#moods.start();
    this.#clock.every(1000, () => this.#director.tick());
  }

  async live(seconds: number, progress: (second: number) => void): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      if (i % 10 === 0) progress(i);
      for (let part = 0; part < RATE; part++) {
        for (let room = 0; room < ROOMS; room++) this.#moods.observe(this.#observation(room, part));
        this.#clock.advance(1000 / RATE);
        // Lets answers of lamps settle, which are promises.
        await undefined;
      }
      this.#second++;
    }
  }

  async close(): Promise<void> {
    this.#moods.close();
    await this.#queue.close();
  }

  route() {
    return { key: 'bench', limits: { rate: 100_000, burst: 100_000, inFlight: 100_000 } };
  }

  available(): boolean {
    return true;
  }

  async apply(command: Command): Promise<void> {
    this.commands++;
    const { device } = command;
    for (const [attribute, value] of Object.entries(command.attributes)) {
      const report = { device, attribute: attribute as AttributeName, value, at: this.#clock.mono(), transitional: false } as const;
      this.#clock.after(100, () => this.#director.onReport({ ...report, origin: 'unknown', kind: 'event' }));
    }
  }

  /** Rooms change their feeling at different times. */
  #observation(room: number, part: number): Observation {
    const emotion = EMOTIONS[Math.floor((this.#second + room * 7) / EPISODE + room) % EMOTIONS.length] as Emotion;
    const made = this.#pool.get(emotion) as Observation[];
    const which = part < RATE - 1 ? (this.#second + part) % FACES : FACES + (this.#second % OTHERS);
    return { ...(made[which] as Observation), room: `room-${room}`, at: this.#clock.mono() };
  }
}

const lampsOf = (room: string): DeviceId[] => Array.from({ length: LAMPS }, (_, i) => `bench:${room}-${i}` as const);

const FACES = 10;
const OTHERS = 3;

/** What is said of each emotion: faces first, none like the other, then a voice, a body and presence. */
function makeObservations(): Map<Emotion, Observation[]> {
  const common = { v: 1, id: 'o', room: 'room', at: 0, confidence: 0.8, quality: 0.9 } as const;
  return new Map(
    EMOTIONS.map((emotion) => {
      const faces = Array.from({ length: FACES }, (_, i): Observation => {
        const probabilities = fromWeights((each) => (each === emotion ? 20 + i : 1 + ((i * EMOTIONS.indexOf(each)) % 4)));
        return {
          ...common,
          source: 'cam',
          modality: 'face',
          track: 1,
          people: 1,
          probabilities,
          affect: { valence: 0.1 * i - 0.5, arousal: 0.2 },
        };
      });
      const voice: Observation = { ...common, source: 'mic', modality: 'voice', speech: true, affect: { arousal: 0.3 }, vocalStress: 0.4 };
      const body: Observation = { ...common, source: 'watch', modality: 'body', arousal: 0.2, stress: 0.3, flags: [] };
      const presence: Observation = { ...common, source: 'pir', modality: 'presence', occupied: true, people: 1 };
      return [emotion, [...faces, voice, body, presence]];
    }),
  );
}
