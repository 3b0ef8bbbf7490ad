import type { Logger } from 'pino';
import type { Clock } from '../../daemon/api/clock.ts';
import { toRoomtoneError } from '../../daemon/api/errors.ts';
import type { Transport } from '../../daemon/devices/device.ts';
import type { Control } from './control.ts';
import type { Fader } from './fader.ts';
import type { Source } from './library.ts';
import { isUpnpError } from './upnp.ts';

/** What is to be heard. */
export interface Performance {
  transport?: Transport;
  /** Undefined: what is loaded. */
  source?: Source;
  /** The source is what plays, or waits to. */
  isLoaded?: boolean;
  shuffle?: boolean;
  /** 0..100; undefined: as loud as it was. */
  volume?: number;
  /** Seconds of fading in or out; what plays already is faded out for half of it. */
  fade: number;
}

/** A player whose volume is faded. */
export interface Voice {
  fader: Fader;
  /** As last told, 0..100. */
  readonly volume: number;
}

export interface StageOptions {
  log: Logger;
  clock: Clock;
  /** Native id of the player */
  id: string;
  isSonos: boolean;
  /** @throws RoomtoneError while it is away */
  control(): Control;
  /** What it does, as last told. */
  transport(): Transport | undefined;
  mode(): string | undefined;
  signal: AbortSignal;
}

/** Of UPnP errors (https://sonos.svrooij.io/services/av-transport#removealltracksfromqueue). */
const [NO_TRANSITION, QUEUE_IS_EMPTY] = [701, 804];

type Silence = Exclude<Transport, 'playing'>;

/** Volume at which music is begun and ended with a fade: some players mute themselves at 0. */
const FAINT = 1;
/** ms that a player may take from being asked to play until it does: slow ones buffer. */
const SETTLE_MS = 5000;
/** Seconds below which nothing is faded. */
const SHORTEST_FADE = 0.5;

/** What a player, as the leader of its group, plays: begun, changed and ended with fades. */
export class Stage {
  readonly #options: StageOptions;
  /** What goes on in the background; another performance calls it off. */
  #serial = 0;
  /** What is being loaded, or was last: members of a group are asked for the same one after the other. */
  #source: Source | undefined;
  #changing = false;
  /** What plays is being replaced at this moment: what is told meanwhile is on the way. */
  #loading = false;
  /** How loud voices that were faded out were before. */
  readonly #resting = new Map<Voice, number>();
  /** Until when a player may tell of what lies between, ms of CLOCK_MONOTONIC. */
  #settlesBy = Number.NEGATIVE_INFINITY;

  constructor(options: StageOptions) {
    this.#options = options;
  }

  /** @returns once it is taken; fades go on. @throws RoomtoneError */
  async perform(performance: Performance, voices: readonly Voice[], signal: AbortSignal): Promise<void> {
    const { transport, source, shuffle } = performance;
    const isPlaying = this.#changing || this.#options.transport() === 'playing';
    const isOther = source !== undefined && !performance.isLoaded && source.uri !== this.#source?.uri;
    if (transport === 'paused' || transport === 'stopped') return this.#silence({ ...performance, transport }, voices, signal);
    if (isPlaying && !isOther) {
      if (shuffle !== undefined && !source?.isList) await this.#shuffle(shuffle, signal);
      return this.#turn(performance, voices, signal);
    }
    if (transport !== 'playing' && !isPlaying) {
      await this.#prepare(performance, signal);
      return this.#turn(performance, voices, signal);
    }
    await (isPlaying && performance.fade >= SHORTEST_FADE
      ? this.#crossfade(performance, voices, signal)
      : this.#begin(performance, voices, { signal, fade: performance.fade }));
  }

  /** Whether what the player tells of may be on the way to what it was asked for. */
  get isChanging(): boolean {
    return this.#loading || this.#options.clock.mono() < this.#settlesBy;
  }

  /** A player tells what it does, and what is loaded. */
  heard({ transport, uri }: { transport: Transport | undefined; uri: string | undefined }): void {
    if (transport === 'playing') this.#settlesBy = Number.NEGATIVE_INFINITY;
    if (!this.#changing && uri !== this.#source?.uri && !this.isChanging) this.#source = undefined;
  }

  /** How loud a voice was before it was faded out. */
  restingOf(voice: Voice): number | undefined {
    return this.#resting.get(voice);
  }

  /** Nothing goes on in the background any more. */
  callOff(): void {
    this.#serial += 1;
    // What was to play next was not loaded yet.
    if (this.#changing) this.#source = undefined;
    this.#changing = false;
    this.#loading = false;
  }

  async #begin(performance: Performance, voices: readonly Voice[], { signal, fade }: { signal: AbortSignal; fade: number }): Promise<void> {
    const serial = this.#next();
    const isFaded = fade >= SHORTEST_FADE;
    this.#changing = true;
    this.#loading = true;
    try {
      const loud = voices.map((voice) => this.#loudness(voice, performance));
      for (const [i, voice] of voices.entries()) if (isFaded) this.#resting.set(voice, loud[i] ?? FAINT);
      if (isFaded)
        await Promise.all(voices.map((voice) => voice.fader.go({ from: voice.volume, to: FAINT, seconds: 0, isInterim: true, signal })));
      await this.#prepare(performance, signal);
      if (serial !== this.#serial) return;
      this.#settlesBy = this.#options.clock.mono() + SETTLE_MS;
      await this.#options.control().play(signal);
      await Promise.all(
        voices.map((voice, i) =>
          isFaded || performance.volume !== undefined
            ? voice.fader.go({ from: isFaded ? FAINT : voice.volume, to: loud[i] ?? FAINT, seconds: fade, signal })
            : undefined,
        ),
      );
      this.#settleAt(voices);
    } catch (error) {
      // Nothing plays that could be faded in: nobody should find the player faint.
      if (isFaded && serial === this.#serial) await this.#raise(voices).catch(() => {});
      throw error;
    } finally {
      if (serial === this.#serial) {
        this.#changing = false;
        this.#loading = false;
      }
    }
  }

  /** What plays is faded out first; if a person comes between, it is left to them. */
  async #crossfade(performance: Performance, voices: readonly Voice[], signal: AbortSignal): Promise<void> {
    const { log, id } = this.#options;
    const half = performance.fade / 2;
    const serial = this.#next();
    this.#changing = true;
    this.#source = performance.source;
    const { ended } = await this.#fadeOut(voices, half, signal);
    const goOn = async (): Promise<void> => {
      const isOurs = await ended;
      if (serial !== this.#serial) return;
      if (!isOurs) this.#settleAt(voices);
      if (!isOurs || this.#options.transport() !== 'playing') return this.callOff();
      this.#source = undefined;
      await this.#begin(performance, voices, { signal: this.#options.signal, fade: half });
    };
    goOn().catch((error: unknown) => {
      this.#changing = false;
      log.info({ event: 'crossfade_failed', player: id, code: toRoomtoneError(error).code }, 'what was to play next could not be played');
    });
  }

  async #silence(performance: Performance & { transport: Silence }, voices: readonly Voice[], signal: AbortSignal): Promise<void> {
    const { transport, fade } = performance;
    const isPlaying = this.isChanging || this.#options.transport() === 'playing';
    const serial = this.#next();
    if (!isPlaying || fade < SHORTEST_FADE) {
      if (isPlaying || transport === 'stopped') await this.#halt(transport, signal);
      await this.#prepare(performance, signal);
      return this.#turn({ ...performance, fade: 0 }, voices, signal);
    }
    const loud = voices.map((voice) => this.#loudness(voice, performance));
    const { ended } = await this.#fadeOut(voices, fade, signal);
    const goOn = async (): Promise<void> => {
      const isOurs = await ended;
      if (serial !== this.#serial) return;
      if (!isOurs) return this.#settleAt(voices);
      await this.#halt(transport, this.#options.signal);
      await this.#prepare(performance, this.#options.signal);
      for (const [i, voice] of voices.entries()) this.#resting.set(voice, loud[i] ?? FAINT);
      await this.#raise(voices);
    };
    const { log, id } = this.#options;
    goOn().catch((error: unknown) =>
      log.info({ event: 'fade_out_failed', player: id, code: toRoomtoneError(error).code }, 'it could not be paused'),
    );
  }

  /** What is to play when somebody lets it. */
  async #prepare({ source, isLoaded, shuffle }: Performance, signal: AbortSignal): Promise<void> {
    if (source && !isLoaded) await this.#load(source, shuffle, signal);
    else if (shuffle !== undefined) await this.#shuffle(shuffle, signal);
  }

  /** The volume alone. */
  async #turn({ volume, fade }: Performance, voices: readonly Voice[], signal: AbortSignal): Promise<void> {
    if (volume === undefined) return;
    this.#settleAt(voices);
    await Promise.all(voices.map((voice) => voice.fader.go({ from: voice.volume, to: volume, seconds: fade, signal })));
  }

  /** As loud as they were before they were faded out. */
  async #raise(voices: readonly Voice[]): Promise<void> {
    await Promise.all(voices.map((voice) => voice.fader.go({ from: FAINT, to: this.#resting.get(voice) ?? voice.volume, seconds: 0 })));
    this.#settleAt(voices);
  }

  /** They stay as loud as they are: it is what a person set, or where a fade was to lead. */
  #settleAt(voices: readonly Voice[]): void {
    for (const voice of voices) this.#resting.delete(voice);
  }

  /** @returns once all have begun; `ended`: whether all came to their end */
  async #fadeOut(voices: readonly Voice[], seconds: number, signal: AbortSignal): Promise<{ ended: Promise<boolean> }> {
    for (const voice of voices) if (!this.#resting.has(voice)) this.#resting.set(voice, voice.fader.target ?? voice.volume);
    const fades = await Promise.all(
      voices.map((voice) => voice.fader.go({ from: voice.volume, to: FAINT, seconds, isInterim: true, signal })),
    );
    return { ended: Promise.all(fades.map(({ ended }) => ended)).then((ends) => ends.every(Boolean)) };
  }

  #loudness(voice: Voice, { volume }: Performance): number {
    return volume ?? this.#resting.get(voice) ?? voice.fader.target ?? voice.volume;
  }

  /** A list takes the place of the queue, and is played around and around. */
  async #load(source: Source, shuffle: boolean | undefined, signal: AbortSignal): Promise<void> {
    const { id, isSonos } = this.#options;
    const control = this.#options.control();
    this.#source = undefined;
    if (source.isList && isSonos) {
      await control.clearQueue(signal).catch((error: unknown) => {
        if (!isUpnpError(error, QUEUE_IS_EMPTY)) throw error;
      });
      await control.enqueue(source, signal);
      await control.load({ uri: `x-rincon-queue:${id}#0`, metadata: '' }, signal);
      await control.setPlayMode(shuffle ? 'SHUFFLE' : 'REPEAT_ALL', signal);
    } else await control.load(source, signal);
    this.#source = source;
  }

  async #shuffle(shuffle: boolean, signal: AbortSignal): Promise<void> {
    const mode = this.#options.mode() ?? 'NORMAL';
    const repeats = mode === 'REPEAT_ALL' || mode === 'SHUFFLE';
    const next = shuffle ? (repeats ? 'SHUFFLE' : 'SHUFFLE_NOREPEAT') : repeats ? 'REPEAT_ALL' : 'NORMAL';
    if (next !== mode) await this.#options.control().setPlayMode(next, signal);
  }

  /** A stream that cannot be paused is stopped; what does not play any more needs neither. */
  async #halt(transport: Silence, signal: AbortSignal): Promise<void> {
    const control = this.#options.control();
    if (transport === 'stopped') return control.stop(signal);
    try {
      await control.pause(signal);
    } catch (error) {
      if (!isUpnpError(error, NO_TRANSITION)) throw error;
      if ((await control.transport(signal)) === 'playing') await control.stop(signal);
    }
  }

  /** Whatever goes on in the background is over. */
  #next(): number {
    this.callOff();
    return this.#serial;
  }
}
