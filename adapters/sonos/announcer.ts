import type { Logger } from 'pino';
import { z } from 'zod';
import type { Clock } from '../../daemon/api/clock.ts';
import { RoomtoneError, toRoomtoneError } from '../../daemon/api/errors.ts';
import type { StatePort } from '../../daemon/api/ports.ts';
import type { Control, Media } from './control.ts';
import { restoreMusic, restoreVolume, type Snapshot, snapshotOf, snapshotSchema } from './snapshot.ts';
import { secondsOf } from './time.ts';

export interface AnnouncerOptions {
  log: Logger;
  clock: Clock;
  state: StatePort;
  /** ms between two looks at what plays, and two attempts at what a player cannot do at this moment. */
  listen: number;
  /** Aborts when the adapter is to be closed. */
  closing: AbortSignal;
  /** @throws RoomtoneError while it is away */
  control(id: string): Control;
  isLive(id: string): boolean;
  leaderOf(id: string): string;
  followersOf(leader: string): string[];
  /** Asks a player who plays with whom, now. */
  lookAround(id: string, signal: AbortSignal): Promise<void>;
  /** Fades end, and nothing is told of these players until what is returned is called: then, how they stand. */
  takeOver(ids: readonly string[]): Promise<() => Promise<void>>;
}

export interface Announcement {
  media: Media;
  /** 0..100; undefined: as loud as the music. */
  volume?: number | undefined;
}

const KEY = 'adapters.sonos.announcement';
const keptSchema = z.object({ media: z.object({ uri: z.string(), metadata: z.string() }), snapshots: z.array(snapshotSchema) });

/** Looks at a player that is still silent before it counts as over: something very short, or nothing that can be played. */
const PATIENT_LOOKS = 5;
/** Looks in which word of what was may still come. */
const LATE_LOOKS = 3;
/** ms that one may take to begin; how long one of unknown length, or any, may last. */
const BEGINS_WITHIN = 8000;
const UNKNOWN_LENGTH = 60_000;
const LONGEST = 300_000;
/** Attempts at what a player cannot do at this moment. */
const ATTEMPTS = 6;
/** ms that giving back may take when the program ends. */
const CLOSING_WITHIN = 4000;

/**
 * Plays something over the music that plays, and gives back what was: volumes, music, groups. Of a group that others belong to a
 * member leaves for the time; one that leads it stays, since its place and the queue of its successor would be lost, and the others are
 * muted. What is to be given back is on disk until it is.
 */
export class Announcer {
  readonly #the: AnnouncerOptions;
  #turn: Promise<void> = Promise.resolve();
  readonly #busy = new Set<string>();

  constructor(options: AnnouncerOptions) {
    this.#the = options;
  }

  /** Whether a player is in use for an announcement. */
  isBusy(id: string): boolean {
    return this.#busy.has(id);
  }

  /** One after the other. @returns once all is as it was @throws RoomtoneError where nothing could be announced */
  announce(ids: readonly string[], announcement: Announcement, signal: AbortSignal): Promise<void> {
    const done = this.#turn.then(() => this.#announce(ids, announcement, signal));
    this.#turn = done.catch(() => {});
    return done;
  }

  /** What an announcement left undone when the program ended, or the player was away, is made good. */
  async onLive(id: string): Promise<void> {
    const kept = this.#the.state.get(KEY, keptSchema);
    const mine = kept?.snapshots.filter((snapshot) => snapshot.id === id) ?? [];
    if (!kept || mine.length === 0 || this.isBusy(id)) return;
    await this.#giveBack(mine, kept.media);
  }

  /** Once what is under way has given back what was. */
  async close(): Promise<void> {
    await this.#turn;
  }

  async #announce(ids: readonly string[], { media, volume }: Announcement, caller: AbortSignal): Promise<void> {
    const { closing, takeOver } = this.#the;
    const signal = AbortSignal.any([caller, closing]);
    signal.throwIfAborted();
    const parts = this.#parts(ids.filter((id) => this.#the.isLive(id)));
    if (![...parts.values()].some((part) => part !== 'hushed'))
      throw new RoomtoneError('device.unreachable', { params: { device: ids.join(', ') } });
    const giveUp = await takeOver([...parts.keys()]);
    for (const id of parts.keys()) this.#busy.add(id);
    try {
      const snapshots = await Promise.all([...parts].map(([id, part]) => this.#snapshot(id, { part, volume, signal })));
      this.#the.state.set(KEY, { media, snapshots });
      try {
        await this.#play(snapshots, media, signal);
      } finally {
        await this.#giveBack(snapshots, media);
      }
    } finally {
      await this.#pause(LATE_LOOKS * this.#the.listen, closing).catch(() => {});
      await giveUp();
      for (const id of parts.keys()) this.#busy.delete(id);
    }
  }

  #parts(ids: readonly string[]): Map<string, Snapshot['part']> {
    const parts = new Map<string, Snapshot['part']>();
    for (const id of ids) {
      const leader = this.#the.leaderOf(id);
      parts.set(id, leader === id ? 'leads' : ids.includes(leader) ? 'follows' : 'left');
    }
    const others = ids.flatMap((id) => (parts.get(id) === 'leads' ? this.#the.followersOf(id) : []));
    for (const id of others) if (!parts.has(id) && this.#the.isLive(id)) parts.set(id, 'hushed');
    return parts;
  }

  #snapshot(
    id: string,
    { part, volume, signal }: Pick<Snapshot, 'part'> & { volume: number | undefined; signal: AbortSignal },
  ): Promise<Snapshot> {
    const leader = this.#the.leaderOf(id);
    const take = async (): Promise<Snapshot> => ({
      ...(await snapshotOf(this.#the.control(id), { id, leader, part, leads: leader === id, signal })),
      ...(volume !== undefined && part !== 'hushed' && { announcedAt: volume }),
    });
    return this.#insist(take, signal);
  }

  async #play(snapshots: readonly Snapshot[], media: Media, signal: AbortSignal): Promise<void> {
    const of = (...parts: Snapshot['part'][]): Snapshot[] => snapshots.filter(({ part }) => parts.includes(part));
    const insist = (work: (control: Control) => Promise<void>, { id }: Snapshot): Promise<void> =>
      this.#insist(() => work(this.#the.control(id)), signal);
    await Promise.all(of('left').map((each) => insist((control) => control.leave(signal), each)));
    await Promise.all(of('hushed').map((each) => insist((control) => control.setMute(true, signal), each)));
    const speaking = of('leads', 'left');
    const begin = async (each: Snapshot): Promise<void> => {
      await insist((control) => control.load(media, signal), each);
      await Promise.all(
        snapshots.filter(({ id, leader }) => id === each.id || leader === each.id).map((member) => this.#raise(member, signal)),
      );
      await insist((control) => control.play(signal), each);
    };
    const begun = await Promise.allSettled(speaking.map(begin));
    const failed = begun.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    signal.throwIfAborted();
    if (failed.length === speaking.length) throw failed[0];
    await Promise.all(speaking.map((each, i) => (begun[i]?.status === 'fulfilled' ? this.#untilOver(each.id, media, signal) : undefined)));
  }

  /** Line-outs of fixed volume refuse. */
  async #raise({ id, announcedAt }: Snapshot, signal: AbortSignal): Promise<void> {
    if (announcedAt === undefined) return;
    await this.#insist(() => this.#the.control(id).setVolume(announcedAt, signal), signal).catch((error: unknown) => {
      if (toRoomtoneError(error).code !== 'device.refused') throw error;
    });
  }

  /** Or until somebody chose something else. */
  async #untilOver(id: string, { uri }: Media, signal: AbortSignal): Promise<void> {
    const { clock } = this.#the;
    let until = clock.mono() + BEGINS_WITHIN;
    let isHeard = false;
    for (let looks = 1; clock.mono() < until; looks += 1) {
      await this.#pause(this.#the.listen, signal);
      try {
        const control = this.#the.control(id);
        const [transport, media] = await Promise.all([control.transport(signal), control.media(signal)]);
        if (media.uri !== uri) return;
        if (transport === 'playing' && !isHeard) {
          isHeard = true;
          const length = secondsOf((await control.position(signal)).duration);
          until = clock.mono() + Math.min(LONGEST, length ? length * 1000 + BEGINS_WITHIN : UNKNOWN_LENGTH);
        }
        if (transport !== undefined && transport !== 'playing' && (isHeard || looks >= PATIENT_LOOKS)) return;
      } catch (error) {
        signal.throwIfAborted();
        if (!toRoomtoneError(error).retryable) throw error;
      }
    }
  }

  /** In an order in which nothing is inherited: silence, groups, members, and last those who lead. */
  async #giveBack(snapshots: readonly Snapshot[], announcement: Media): Promise<void> {
    const { clock, log } = this.#the;
    const late = new AbortController();
    const timer = this.#the.closing.aborted ? clock.after(CLOSING_WITHIN, () => late.abort(new RoomtoneError('api.closed'))) : undefined;
    const { signal } = late;
    const undone = new Set<string>();
    const insist = <T>(step: () => Promise<T>): Promise<T> => this.#insist(step, signal);
    const each = async (some: readonly Snapshot[], work: (snapshot: Snapshot, control: Control) => Promise<void>): Promise<void> => {
      const attempt = async (snapshot: Snapshot): Promise<void> => {
        try {
          await work(snapshot, this.#the.control(snapshot.id));
        } catch (error) {
          undone.add(snapshot.id);
          log.info({ event: 'announcement_not_undone', player: snapshot.id, code: toRoomtoneError(error).code }, 'not all is as before');
        }
      };
      await Promise.all(some.map(attempt));
    };
    try {
      const led = snapshots.filter(({ music }) => music !== undefined);
      const left = snapshots.filter(({ part }) => part === 'left');
      await each([...led, ...left], (_, control) => insist(() => this.#silence(control, announcement, signal)));
      await each(left, (snapshot, control) => insist(() => this.#rejoin(snapshot, { control, announcement, signal })));
      await each(snapshots, (snapshot, control) => insist(() => restoreVolume(snapshot, control, signal)));
      await each(led, (snapshot, control) => restoreMusic(snapshot, { control, announcement, insist, signal }));
    } finally {
      timer?.cancel();
    }
    this.#forget(snapshots.filter(({ id }) => !undone.has(id)));
  }

  async #silence(control: Control, announcement: Media, signal: AbortSignal): Promise<void> {
    if ((await control.transport(signal)) !== 'playing' || (await control.media(signal)).uri !== announcement.uri) return;
    await control.stop(signal);
  }

  /** Unless somebody took the player elsewhere, or chose other music for it. */
  async #rejoin(
    { id, leader }: Snapshot,
    { control, announcement, signal }: { control: Control; announcement: Media; signal: AbortSignal },
  ): Promise<void> {
    await this.#the.lookAround(id, signal);
    const isAlone = this.#the.leaderOf(id) === id && this.#the.followersOf(id).length === 1;
    if (!isAlone || (await control.media(signal)).uri !== announcement.uri) return;
    await control.join(this.#the.leaderOf(leader), signal);
    await this.#the.lookAround(id, signal);
  }

  #forget(snapshots: readonly Snapshot[]): void {
    const { state } = this.#the;
    const kept = state.get(KEY, keptSchema);
    const left = kept?.snapshots.filter(({ id }) => !snapshots.some((each) => each.id === id)) ?? [];
    if (kept && left.length > 0) state.set(KEY, { ...kept, snapshots: left });
    else state.delete(KEY);
  }

  /** Tries again what a player cannot do at this moment. */
  async #insist<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        signal.throwIfAborted();
        if (attempt >= ATTEMPTS || !toRoomtoneError(error).retryable) throw error;
        await this.#pause(this.#the.listen, signal);
      }
    }
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = this.#the.clock.after(ms, resolve);
    const callOff = (): void => reject(signal.reason);
    signal.addEventListener('abort', callOff, { once: true });
    if (signal.aborted) callOff();
    await promise.finally(() => {
      timer.cancel();
      signal.removeEventListener('abort', callOff);
    });
  }
}
