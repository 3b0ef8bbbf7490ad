import { SonosAdapter } from '../../adapters/sonos/adapter.ts';
import { sonosOptions } from '../../adapters/sonos/options.ts';
import { systemClock } from '../../daemon/api/clock.ts';
import { FakeState } from '../../daemon/api/state.fake.ts';
import { fakeContext } from '../../daemon/devices/adapter.fake.ts';
import type { DeviceId } from '../../daemon/devices/device.ts';
import { seededRandom } from '../simulators/hue/random.ts';
import { SonosSimulator } from '../simulators/sonos/simulator.ts';
import { differences, type RoomState } from '../simulators/sonos/state.ts';

const CHIME = { uri: 'http://hub.lan/chime.mp3', title: 'Chime', artist: '', album: '', seconds: 0.08 };
const ROOMS = ['Kitchen', 'Office', 'Living Room', 'Bedroom', 'Hall', 'Bath'];
const TIMINGS = { answerWithin: 2000, heartbeat: 300, poll: 300, firstRetry: 10, longestRetry: 50, listen: 10 };

/** What may come between; the last two are a person's. */
const INTERRUPTIONS = [
  ...[
    'none',
    'refused',
    'answer lost',
    'slow room',
    'events lost',
    'events twice',
    'events reordered',
    'subscriptions forgotten',
    'hub restarted',
  ],
  ...['volume', 'music'],
] as const;
type Interruption = (typeof INTERRUPTIONS)[number];

const ACTIONS = [
  'SetAVTransportURI',
  'Play',
  'Stop',
  'Seek',
  'SetVolume',
  'GetMediaInfo',
  'GetPositionInfo',
  'BecomeCoordinatorOfStandaloneGroup',
];

export interface RestoreOutcome {
  /** A line for every difference from what was, but for what a person did meanwhile. */
  mismatches: string[];
  /** Announcements that were played somewhere. */
  played: number;
  /** How often what came between. */
  interruptions: Record<string, number>;
}

/** Announcements over random music in random groups, with something random coming between: what is other than before? */
export async function restoreRuns({
  cases,
  seed,
  progress = () => {},
}: {
  cases: number;
  seed: number;
  progress?: (text: string) => void;
}): Promise<RestoreOutcome> {
  const home = new Home(seed);
  const outcome: RestoreOutcome = { mismatches: [], played: 0, interruptions: {} };
  try {
    await home.open();
    for (let count = 0; count < cases; count += 1) {
      if (count % 20 === 0) progress(`${count} of ${cases}`);
      const { interruption, mismatches, played } = await home.run();
      outcome.interruptions[interruption] = (outcome.interruptions[interruption] ?? 0) + 1;
      outcome.mismatches.push(...mismatches.map((line) => `case ${count} (${interruption}): ${line}`));
      if (played) outcome.played += 1;
    }
    return outcome;
  } finally {
    await home.close();
  }
}

class Home {
  readonly simulator: SonosSimulator;
  readonly #random: () => number;
  readonly #state = new FakeState();
  readonly #groups = new Map<DeviceId, unknown>();
  #adapter: SonosAdapter | undefined;
  #waiting: (() => void)[] = [];

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    const rooms = ROOMS.map((name, i) => ({ name, ...(i === 1 && { pair: true }), ...(i === 2 && { theater: { sub: true } }) }));
    this.simulator = new SonosSimulator({
      rooms,
      seed,
      transition: [1, 5],
      answerDelay: [0, 2],
      eventDelay: [0, 3],
      library: { tracks: [CHIME] },
    });
  }

  async open(): Promise<void> {
    await this.simulator.start();
    await this.#start();
  }

  async close(): Promise<void> {
    await this.#adapter?.close();
    await this.simulator.close();
  }

  async run(): Promise<{ interruption: Interruption; mismatches: string[]; played: boolean }> {
    const { simulator } = this;
    await this.#furnish();
    const before = simulator.snapshot();
    const since = systemClock.mono();
    const from = simulator.actions.length;
    const interruption = this.#pick(INTERRUPTIONS);
    const announced = ROOMS.filter(() => this.#random() < 0.4);
    if (announced.length === 0) announced.push(this.#pick(ROOMS));
    const touched = this.#interrupt(interruption, announced);
    const volume = this.#random() < 0.7 ? 40 : undefined;
    const devices = announced.map((room) => this.#device(room));
    const over = this.#adapter?.announce(devices, { url: CHIME.uri, volume }, new AbortController().signal);
    await over?.catch(() => {});
    await touched.done;
    simulator.recover();
    await this.#rest();
    const played = simulator.actions.slice(from).some(({ action }) => action === 'Play');
    // Where nothing was announced music went on meanwhile.
    const tolerance = 2 + (systemClock.mono() - since) / 1000;
    const mismatches = differences(silenceAsOne(before), silenceAsOne(simulator.snapshot()), tolerance).filter(
      (line) => !touched.fits(line),
    );
    return { interruption, mismatches: [...mismatches, ...touched.missed()], played };
  }

  async #start(): Promise<void> {
    const room = this.simulator.room(ROOMS[0] ?? '');
    const options = sonosOptions.parse({ players: [{ host: `${room.host}:${room.port}` }] });
    const adapter = new SonosAdapter(options, fakeContext({ clock: systemClock, state: this.#state }), TIMINGS);
    const there = new Set<DeviceId>();
    adapter.events.on('availability', ({ device, available }) => {
      if (available) there.add(device);
      this.#wake();
    });
    adapter.events.on('report', ({ device, attribute, value }) => {
      if (attribute === 'group') this.#groups.set(device, value);
      this.#wake();
    });
    this.#adapter = adapter;
    await adapter.start();
    await this.#until(() => there.size === ROOMS.length);
  }

  /** Random groups that play something, or not. */
  async #furnish(): Promise<void> {
    const { app } = this.simulator;
    for (const room of ROOMS) app.ungroup(room);
    for (const [i, room] of ROOMS.entries()) {
      app.setVolume(room, Math.floor(this.#random() * 60));
      app.mute(room, this.#random() < 0.15);
      const tracks = Math.floor(this.#random() * 4);
      app.fillQueue(
        room,
        Array.from({ length: tracks }, (_, track) => `x-file-cifs://nas/${i}/${track}.mp3`),
      );
      const other = this.#pick(ROOMS);
      if (other !== room && this.#random() < 0.45 && this.simulator.room(room).group.length === 1) app.group(room, other);
    }
    for (const { name, coordinator } of this.simulator.rooms) if (name === coordinator) await this.#playSomething(name);
    await this.#rest();
    await this.#until(() =>
      ROOMS.every((room) => this.#groups.get(this.#device(room)) === this.#device(this.simulator.room(room).coordinator)),
    );
  }

  async #playSomething(room: string): Promise<void> {
    const { app } = this.simulator;
    const kind = this.#random();
    if (kind < 0.2) return;
    if (kind < 0.45) app.playFavorite(room, 'Jazz <24/7>');
    else app.playPlaylist(room, this.#pick(['Quiet Evening', 'Good Morning']));
    await this.#rest();
    if (kind >= 0.45) {
      app.seekTrack(room, 1 + Math.floor(this.#random() * 3));
      await this.#rest();
      app.seek(room, Math.floor(this.#random() * 100));
      app.setPlayMode(room, this.#pick(['NORMAL', 'REPEAT_ALL', 'SHUFFLE', 'SHUFFLE_NOREPEAT']));
    }
    await this.#rest();
    const then = this.#random();
    if (then < 0.2 && kind >= 0.45) app.pause(room);
    else if (then < 0.3) app.stop(room);
  }

  /** What the person touches may differ; what they did must have stayed. */
  #interrupt(interruption: Interruption, announced: readonly string[]) {
    const { simulator } = this;
    const { app } = simulator;
    const room = this.#pick(ROOMS);
    const among = this.#pick(announced);
    const untouched = { fits: (_line: string) => false, missed: (): string[] => [], done: Promise.resolve() };
    switch (interruption) {
      case 'refused':
        simulator.refuseNext({ action: this.#pick(ACTIONS) }, { code: 701, times: 1 + Math.floor(this.#random() * 3) });
        return untouched;
      case 'answer lost':
        simulator.intervene({ action: this.#pick(ACTIONS), loseAnswer: true });
        return untouched;
      case 'slow room':
        simulator.slowDown(room, [20, 60]);
        return untouched;
      case 'events lost':
        simulator.loseEvents(10);
        return untouched;
      case 'events twice':
        simulator.duplicateEvents();
        return untouched;
      case 'events reordered':
        simulator.reorderEvents();
        return untouched;
      case 'subscriptions forgotten':
        simulator.forgetSubscriptions();
        return untouched;
      case 'hub restarted': {
        const restarted = Promise.withResolvers<void>();
        let isHit = false;
        const restart = async (): Promise<void> => {
          isHit = true;
          await this.#adapter?.close();
          await this.#start();
          restarted.resolve();
        };
        simulator.intervene({ action: this.#pick(['Play', 'SetAVTransportURI', 'SetVolume']), after: () => void restart() });
        return {
          ...untouched,
          get done() {
            return isHit ? restarted.promise : Promise.resolve();
          },
        };
      }
      case 'volume': {
        const volume = 61 + Math.floor(this.#random() * 30);
        let did = false;
        simulator.intervene({
          action: 'Play',
          after: () => {
            did = true;
            app.setVolume(room, volume);
          },
        });
        const missed = () => (did && simulator.room(room).volume !== volume ? [`${room} is not as loud as a person set it`] : []);
        return { ...untouched, fits: (line: string) => line.startsWith(`${room} volume:`), missed };
      }
      case 'music': {
        let group: readonly string[] = [];
        simulator.intervene({
          action: 'Play',
          room: among,
          after: () => {
            group = simulator.room(among).group;
            app.playUri(among, 'x-rincon-mp3radio://radio.example/news.mp3');
          },
        });
        const missed = () =>
          group.length > 0 && !simulator.room(among).heard.includes('news.mp3') ? [`${among} does not play what a person chose`] : [];
        // Who chose music for a player that had left its group for the announcement keeps it there, and the group is without it.
        const isTouched = (line: string): boolean =>
          group.some((each) => line.startsWith(`${each} music`)) || (group.length === 1 && / (coordinator|members):/.test(line));
        return { ...untouched, fits: isTouched, missed };
      }
      default:
        return untouched;
    }
  }

  /** Until no transport is between two states, and all events are out. */
  async #rest(): Promise<void> {
    await this.simulator.until(() => this.simulator.rooms.every(({ state }) => state !== 'TRANSITIONING'));
  }

  #until(holds: () => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (): void => {
      if (holds()) resolve();
      else this.#waiting.push(look);
    };
    look();
    return promise;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const look of waiting) look();
  }

  #device(room: string): DeviceId {
    return `sonos:${this.simulator.room(room).uuid}`;
  }

  #pick<T>(some: readonly T[]): T {
    return some[Math.floor(this.#random() * some.length)] as T;
  }
}

/** Paused and stopped are the same silence, from the same place. */
const silenceAsOne = (rooms: readonly RoomState[]): RoomState[] =>
  rooms.map(({ music, ...room }) => ({
    ...room,
    ...(music && { music: { ...music, state: music.state === 'PLAYING' ? 'PLAYING' : 'silent' } }),
  }));
