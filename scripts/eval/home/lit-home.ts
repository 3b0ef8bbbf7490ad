import { pino } from 'pino';
import { Director } from '../../../daemon/ambience/director.ts';
import { VirtualClock } from '../../../daemon/api/clock.virtual.ts';
import { MemoryState } from '../../../daemon/api/state.memory.ts';
import { bareSchema } from '../../../daemon/config/schema.ts';
import type { DeviceId } from '../../../daemon/devices/device.ts';
import { CommandQueue } from '../../../daemon/devices/queue.ts';
import { allScenes } from '../../../daemon/house/configuration.ts';
import { RoomMoods } from '../../../daemon/house/moods.ts';
import type { Observation } from '../../../daemon/mood/observation.ts';
import { ROOM } from './day.ts';
import type { Random } from './random.ts';
import { UnrulyLamps } from './unruly-lamps.ts';

const EVENING = Date.UTC(2026, 9, 1, 16);
const TICK = 1000;

/** One room as the hub wires it, from observations to lamps, on a virtual clock; settings, scenes and policies are those of the program. */
export class LitHome {
  readonly clock = new VirtualClock({ mono: 0, wall: EVENING });
  readonly moods = new RoomMoods({ clock: this.clock, recall: () => undefined });
  readonly director: Director;
  readonly lamps: UnrulyLamps;
  readonly #queue: CommandQueue;

  /** @param hold ms that the program leaves alone what a person did */
  constructor({ random, ids, hold }: { random: Random; ids: readonly DeviceId[]; hold: number }) {
    const log = pino({ level: 'silent' });
    const { clock } = this;
    this.lamps = new UnrulyLamps({ clock, random, ids });
    this.director = new Director({ log, clock, state: new MemoryState() });
    this.#queue = new CommandQueue({ log, clock, random: () => random.unit(), routes: this.lamps });
    this.director.events.on('command', (command) => this.#queue.submit(command));
    this.director.events.on('cancel', ({ device, attributes }) => this.#queue.cancel(device, attributes));
    this.#queue.events.on('event', (event) => this.director.onQueueEvent(event));
    this.lamps.told.on('report', (report) => this.director.onReport(report));
    this.moods.events.on('mood', (mood) => this.director.onMood(mood));
    const { rooms, limits } = bareSchema.parse({ rooms: { [ROOM]: {} } });
    const { mood } = rooms[ROOM] as (typeof rooms)[string];
    this.moods.configure([{ id: ROOM, ...mood }]);
    const room = { id: ROOM, name: 'Home', devices: [...ids], policies: [], defaultMode: 'auto' as const };
    this.director.configure({ rooms: [room], scenes: allScenes({}), policies: [], limits, hold });
    this.director.setDevices(
      this.lamps.devices.map((device) => {
        const values = {
          on: true,
          brightness: this.lamps.valueOf(device.id, 'brightness'),
          colorTemperature: this.lamps.valueOf(device.id, 'colorTemperature'),
        };
        return { device, state: { available: true, values } };
      }),
    );
    this.moods.start();
    clock.every(TICK, () => this.director.tick());
  }

  /** Lets time pass. Answers of lamps are promises, which settle between two timers. */
  async passTo(at: number): Promise<void> {
    while (this.clock.fireNext(at)) if (this.lamps.pending > 0) await settled();
    this.clock.advanceTo(at);
  }

  async observe(observation: Observation): Promise<void> {
    await this.passTo(observation.at);
    this.moods.observe(observation);
    if (this.lamps.pending > 0) await settled();
  }

  async close(): Promise<void> {
    this.moods.close();
    await this.#queue.close();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
