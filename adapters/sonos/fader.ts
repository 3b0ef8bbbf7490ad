import type { Clock, Timer } from '../../daemon/api/clock.ts';

/** ms between two steps of a fade: fine enough to be heard as one, and a fifth of what players bear. */
const STEP_MS = 200;
/** Seconds below which a fade is a jump. */
const SHORTEST = 0.5;
/** ms after the end of a fade in which word of its last steps may still come. */
const LATE_MS = 3000;
/** Percent by which what a player tells may differ from what it was set to, for its steps. */
const ROUNDING = 1;

export interface FaderOptions {
  clock: Clock;
  /** @throws RoomtoneError */
  set(volume: number, signal?: AbortSignal): Promise<void>;
}

export interface FadeOptions {
  /** 0..100 */
  from: number;
  to: number;
  seconds: number;
  isInterim?: boolean;
  /** Calls the first step off. */
  signal?: AbortSignal;
}

interface Fade {
  from: number;
  to: number;
  startedAt: number;
  /** ms */
  duration: number;
  /** What the player told last of what it was set to. */
  heard: number;
  sent: number;
  /** Where it leads is not where the volume is to stay: music is changed there. */
  isInterim: boolean;
  /** ms of CLOCK_MONOTONIC: it has come to its end, and may still be told of. */
  doneAt?: number;
  /** Resolves with whether it came to its end, rather than being called off or overtaken by a person. */
  ended: PromiseWithResolvers<boolean>;
  timer?: Timer;
}

/**
 * Fades the volume of one player, which knows no transitions of its own: Sonos's `RampToVolume` has fixed speeds. A person who sets the
 * volume meanwhile ends the fade.
 */
export class Fader {
  readonly #options: FaderOptions;
  #fade: Fade | undefined;

  constructor(options: FaderOptions) {
    this.#options = options;
  }

  /** Where it leads; undefined while there is no fade. */
  get target(): number | undefined {
    return this.#fade && !this.#fade.isInterim && this.#fade.doneAt === undefined ? this.#fade.to : undefined;
  }

  /**
   * Goes from one volume to another. @returns once the player has taken the first step; `ended` resolves with whether nobody came between
   * @throws RoomtoneError where it does not take it
   */
  async go({ from, to, seconds, isInterim = false, signal }: FadeOptions): Promise<{ ended: Promise<boolean> }> {
    const isBack = this.#fade?.isInterim === true;
    this.stop();
    const { clock } = this.#options;
    const ended = Promise.withResolvers<boolean>();
    const isJump = seconds < SHORTEST || from === to;
    if (isJump && !isInterim) {
      const now = clock.mono();
      // Word of where it was in between may still come, and is nobody's hand.
      if (isBack) this.#fade = { from, to, startedAt: now, duration: 0, heard: from, sent: to, isInterim, doneAt: now, ended };
      await this.#options.set(to, signal);
      return { ended: Promise.resolve(true) };
    }
    const duration = isJump ? 0 : seconds * 1000;
    const fade: Fade = { from, to, startedAt: clock.mono(), duration, heard: from, sent: from, isInterim, ended };
    this.#fade = fade;
    try {
      await this.#step(fade, signal);
    } catch (error) {
      if (this.#fade === fade) this.stop();
      throw error;
    }
    return { ended: ended.promise };
  }

  /**
   * What a player tells of its volume: on the way of a fade, or somebody else's. Players tell of the steps in order, so what lies
   * behind the last one told is none of ours; `isAnswer`: we asked, which says nothing of the order.
   */
  hear(volume: number, isAnswer: boolean): 'fading' | 'overtaken' | 'apart' {
    const fade = this.#fade;
    const now = this.#options.clock.mono();
    if (!fade || (!fade.isInterim && now > (fade.doneAt ?? now) + LATE_MS)) return 'apart';
    if (fade.doneAt !== undefined && !fade.isInterim && Math.abs(volume - fade.to) <= ROUNDING) return 'apart';
    const behind = isAnswer ? fade.from : fade.heard;
    const [low, high] = [Math.min(behind, fade.sent) - ROUNDING, Math.max(behind, fade.sent) + ROUNDING];
    if (volume < low || volume > high) {
      this.stop();
      return 'overtaken';
    }
    if (!isAnswer) fade.heard = volume;
    return 'fading';
  }

  /** Leaves the volume where it is. */
  stop(): void {
    const fade = this.#fade;
    this.#fade = undefined;
    fade?.timer?.cancel();
    fade?.ended.resolve(false);
  }

  /** Goes to the end at once; @param resting where it goes if the end was none to stay at. */
  async finish(resting: number | undefined): Promise<void> {
    const to = this.target ?? (this.#fade?.isInterim ? resting : undefined);
    this.stop();
    if (to !== undefined) await this.#options.set(to);
  }

  async #step(fade: Fade, signal?: AbortSignal): Promise<void> {
    const { clock, set } = this.#options;
    const share = fade.duration === 0 ? 1 : Math.min(1, (clock.mono() - fade.startedAt + STEP_MS) / fade.duration);
    const next = Math.round(fade.from + (fade.to - fade.from) * share);
    if (next !== fade.sent || share === 1) {
      fade.sent = next;
      await set(next, signal);
    }
    if (this.#fade !== fade) return;
    if (share < 1) {
      fade.timer = clock.after(STEP_MS, () => void this.#step(fade).catch(() => this.#skip(fade)));
      return;
    }
    fade.doneAt = clock.mono();
    fade.ended.resolve(true);
  }

  /** A step that was lost is made good by the next. */
  #skip(fade: Fade): void {
    if (this.#fade !== fade) return;
    if (this.#options.clock.mono() - fade.startedAt > 2 * fade.duration + 5000) this.stop();
    else fade.timer = this.#options.clock.after(STEP_MS, () => void this.#step(fade).catch(() => this.#skip(fade)));
  }
}
