import { type SimulatorClock, Timers } from '../../hue/clock.ts';
import { type Random, type Span, within } from '../../hue/random.ts';
import { UpnpFault } from '../wire/soap.ts';
import { type Catalog, kindOf, type MediaKind, type Track } from './media.ts';
import { type PlayMode, PlayOrder } from './play-modes.ts';
import type { Queue } from './queue.ts';

export type TransportState = 'STOPPED' | 'PLAYING' | 'PAUSED_PLAYBACK' | 'TRANSITIONING';

/** What a transport was set to. */
export interface Content {
  uri: string;
  /** DIDL-Lite, or empty. */
  metadata: string;
}

/** Everything that goes along when the music of a group moves to another coordinator. */
export interface TransportMemory {
  content: Content;
  state: TransportState;
  playMode: PlayMode;
  crossfade: boolean;
  /** From 0. */
  index: number;
  /** Into the track, ms. */
  position: number;
}

interface TransportOptions {
  clock: SimulatorClock;
  random: Random;
  catalog: Catalog;
  queue: Queue;
  /** How long TRANSITIONING lasts, ms. */
  transition: () => Span;
  /** Gets a file before it plays; false where it cannot be played. Absent: every file is there. */
  fetch?: (uri: string) => Promise<boolean>;
  /** After what the clock did by itself. */
  onChange: () => void;
}

const nothing: Content = { uri: '', metadata: '' };

/** The part of a player that plays: of a group, only that of its coordinator is at work. */
export class Transport {
  crossfade = false;
  /** `OK`, or why the last attempt to play came to nothing. */
  status: 'OK' | 'ERROR_NO_CONTENT' = 'OK';
  readonly #options: TransportOptions;
  readonly #timers: Timers;
  readonly #order: PlayOrder;
  #content = nothing;
  #state: TransportState = 'STOPPED';
  #index = 0;
  /** Position at `#since`, or now where nothing plays, ms. */
  #position = 0;
  #since = 0;
  /** Counts attempts to play and what ended them, so that a late file starts nothing. */
  #attempt = 0;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#timers = new Timers(options.clock);
    this.#order = new PlayOrder(options.random);
  }

  get content(): Content {
    return this.#content;
  }

  get kind(): MediaKind | undefined {
    return kindOf(this.#content.uri);
  }

  /** Whether it plays what only this player can play. */
  get isTied(): boolean {
    return this.kind === 'tv' || this.kind === 'line-in';
  }

  get state(): TransportState {
    return this.#state;
  }

  get playMode(): PlayMode {
    return this.#order.mode;
  }

  /** From 0; of a queue. */
  get index(): number {
    return this.#index;
  }

  /** As the wire counts: 1 for anything that is no queue, 0 for nothing. */
  get trackNumber(): number {
    if (this.kind === 'queue') return this.#options.queue.length === 0 ? 0 : this.#index + 1;
    return this.kind === undefined ? 0 : 1;
  }

  get trackCount(): number {
    return this.kind === 'queue' ? this.#options.queue.length : this.trackNumber;
  }

  /** The current track; undefined for streams and for nothing. */
  get track(): Track | undefined {
    if (this.kind === 'queue') return this.#options.queue.tracks[this.#index];
    return this.kind === 'track' ? this.#options.catalog.track(this.#content.uri) : undefined;
  }

  /** The track after the current one. */
  get nextTrack(): Track | undefined {
    const next = this.kind === 'queue' ? this.#order.skip(this.#index, 1) : undefined;
    return next === undefined ? undefined : this.#options.queue.tracks[next];
  }

  /** Into the track or stream, ms. */
  get position(): number {
    return this.#state === 'PLAYING' ? this.#position + this.#options.clock.mono() - this.#since : this.#position;
  }

  /** What can be done now, in the words of `GetCurrentTransportActions`. */
  get actions(): readonly string[] {
    const file = ['Set', 'Stop', 'Pause', 'Play', 'X_DLNA_SeekTime'];
    if (this.kind === 'queue') return [...file, 'Next', 'Previous', 'X_DLNA_SeekTrackNr'];
    if (this.kind === 'track') return file;
    if (this.kind === undefined || this.kind === 'tv') return ['Set'];
    return ['Set', 'Stop', 'Play'];
  }

  set(content: Content): void {
    this.#rest('STOPPED', 0);
    this.#content = content;
    this.#index = 0;
    this.status = 'OK';
    this.#order.arrange(this.playMode, { length: this.#options.queue.length, current: 0 });
  }

  clear(): void {
    this.set(nothing);
  }

  play(): void {
    if (this.#state === 'PLAYING' || this.#state === 'TRANSITIONING') return;
    if (this.kind === undefined) throw new UpnpFault(701, 'there is nothing to play');
    if (this.kind === 'queue' && !this.track) throw new UpnpFault(701, 'the queue is empty');
    this.#state = 'TRANSITIONING';
    void this.#prepare();
  }

  /** What has no pause is stopped, though nothing says that it can be paused. */
  pause(): void {
    if (this.#state !== 'PLAYING' || this.kind === 'tv')
      throw new UpnpFault(701, `no pause of ${this.kind ?? 'nothing'} while ${this.#state}`);
    if (this.actions.includes('Pause')) this.#rest('PAUSED_PLAYBACK', this.position);
    else this.stop();
  }

  stop(): void {
    if (this.kind === 'tv') throw new UpnpFault(701, 'a TV is not stopped');
    this.#rest('STOPPED', 0);
  }

  /** The power is gone. */
  cut(): void {
    this.#rest('STOPPED', 0);
  }

  skip(by: 1 | -1): void {
    if (this.kind !== 'queue') throw new UpnpFault(711, `no other track in ${this.kind ?? 'nothing'}`);
    const next = this.#order.skip(this.#index, by);
    if (next === undefined) throw new UpnpFault(711, 'no track there');
    this.#goTo(next);
  }

  /** `number` from 1. */
  seekTrack(number: number): void {
    if (this.kind !== 'queue') throw new UpnpFault(701, `no tracks in ${this.kind ?? 'nothing'}`);
    if (number < 1 || number > this.#options.queue.length) throw new UpnpFault(711, `no track ${number} of ${this.#options.queue.length}`);
    this.#goTo(number - 1);
    this.#order.arrange(this.playMode, { length: this.#options.queue.length, current: this.#index });
  }

  seekTime(seconds: number): void {
    const { track } = this;
    if (!track || this.#state === 'TRANSITIONING') throw new UpnpFault(701, `no seeking in ${this.kind ?? 'nothing'} while ${this.#state}`);
    if (seconds < 0 || seconds > track.seconds) throw new UpnpFault(711, `${seconds} s of ${track.seconds} s`);
    this.#moveTo(seconds * 1000);
  }

  setPlayMode(mode: PlayMode): void {
    if (this.kind !== 'queue') throw new UpnpFault(712, 'only a queue has play modes');
    this.#order.arrange(mode, { length: this.#options.queue.length, current: this.#index });
  }

  /** To be called when the queue has changed; `index` is where the current track is now, -1 where it is gone. */
  queueChanged(index: number): void {
    if (this.kind !== 'queue') return;
    const { length } = this.#options.queue;
    if (index < 0) {
      this.#rest('STOPPED', 0);
      this.#index = Math.min(this.#index, Math.max(0, length - 1));
    } else {
      this.#index = index;
    }
    this.#order.arrange(this.playMode, { length, current: this.#index });
  }

  get memory(): TransportMemory {
    const { content, state, playMode, crossfade, index, position } = this;
    return { content, state, playMode, crossfade, index, position };
  }

  /** Goes on where another transport was, without a gap. */
  takeOver({ content, state, playMode, crossfade, index, position }: TransportMemory): void {
    this.set(content);
    this.#index = index;
    this.crossfade = crossfade;
    this.#order.arrange(playMode, { length: this.#options.queue.length, current: index });
    this.#position = position;
    this.#state = state;
    if (state === 'PLAYING') this.#moveTo(position);
    if (state === 'TRANSITIONING') void this.#prepare();
  }

  close(): void {
    this.#attempt += 1;
    this.#timers.cancelAll();
  }

  /** From TRANSITIONING to PLAYING, or to STOPPED where the file is not to be had. */
  async #prepare(): Promise<void> {
    const { fetch, transition, random, onChange } = this.#options;
    const { track } = this;
    this.#attempt += 1;
    const begin = (): void => void this.#timers.after(within(transition(), random), () => this.#begin());
    if (!fetch || !track?.uri.startsWith('http:')) return begin();
    const attempt = this.#attempt;
    const isThere = await fetch(track.uri);
    if (attempt !== this.#attempt) return;
    if (isThere) begin();
    else {
      this.#rest('STOPPED', 0);
      this.status = 'ERROR_NO_CONTENT';
    }
    onChange();
  }

  #begin(): void {
    this.#state = 'PLAYING';
    this.#moveTo(this.#position);
    this.#options.onChange();
  }

  #rest(state: 'STOPPED' | 'PAUSED_PLAYBACK', position: number): void {
    this.#timers.cancelAll();
    this.#attempt += 1;
    this.#state = state;
    this.#position = position;
  }

  #goTo(index: number): void {
    this.#index = index;
    this.#moveTo(0);
  }

  #moveTo(position: number): void {
    this.#position = position;
    if (this.#state !== 'PLAYING') return;
    this.#timers.cancelAll();
    this.#since = this.#options.clock.mono();
    const { track } = this;
    if (track && track.seconds > 0) this.#timers.after(Math.max(1, track.seconds * 1000 - position), () => this.#trackEnded());
  }

  #trackEnded(): void {
    const next = this.kind === 'queue' ? this.#order.following(this.#index) : undefined;
    if (next === undefined) {
      this.#rest('STOPPED', 0);
      this.#index = 0;
    } else {
      this.#goTo(next);
    }
    this.#options.onChange();
  }
}
