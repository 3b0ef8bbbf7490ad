import type { Clock, Timer } from '../../daemon/api/clock.ts';

export interface PresenceTimings {
  /** ms of silence after which a node on the mains is asked whether it is there; each a little later, by up to a fifth */
  askAfter: number;
  /** ms before a node that did not answer is asked again, by which it counts as away; doubles up to `askAfter` from there */
  askAgain: number;
  /** ms of silence after which a node that lives on a battery counts as away: they speak once an hour or two, some once a day */
  batterySilence: number;
}

export interface PresenceOptions {
  clock: Clock;
  random: () => number;
  timings: PresenceTimings;
  /** Asks a node when there is time for it. @param thoroughly also along other routes, which takes a while. @throws when it does not answer */
  ask(node: string, thoroughly: boolean): Promise<void>;
  onChange(node: string, available: boolean): void;
}

interface Watched {
  isOnMains: boolean;
  /** ms of CLOCK_MONOTONIC */
  heardAt: number;
  /** Times in a row that it did not answer. */
  misses: number;
  /** Undefined: not known yet. */
  available: boolean | undefined;
  /** When that last changed, ms of CLOCK_MONOTONIC. */
  since: number;
  timer?: Timer;
}

/** Times that a node must not answer to count as away: the first may have been lost on its way. */
const MISSES = 2;

/** The miss after which it is looked for along other routes, which takes long; and every so many misses from there. */
const LOOK_AFTER = 2;
const LOOK_EVERY = 8;

/** ms in which a node that announces itself is one that was found to be back a moment ago. */
const JUST = 5000;

/**
 * Who is there. Whatever is heard of a node says that it is; nodes on the mains are asked when nothing is heard for a while,
 * and nodes on a battery, which cannot be asked, count as away after a long silence.
 */
export class Presence {
  readonly #options: PresenceOptions;
  readonly #nodes = new Map<string, Watched>();

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  isAvailable(node: string): boolean {
    return this.#nodes.get(node)?.available ?? false;
  }

  /** Asks it at once, or believes what was heard of it before. @param age ms since it was heard last */
  watch(node: string, { isOnMains, age }: { isOnMains: boolean; age: number }): void {
    this.forget(node);
    const { clock, timings } = this.#options;
    const now = clock.mono();
    const watched: Watched = { isOnMains, heardAt: now - age, misses: 0, available: undefined, since: now };
    this.#nodes.set(node, watched);
    if (isOnMains) void this.#ask(node, watched);
    else if (age < timings.batterySilence) this.#tell(node, watched, true);
    else this.#tell(node, watched, false);
    if (!isOnMains) this.#wait(node, watched);
  }

  heard(node: string): void {
    const watched = this.#nodes.get(node);
    if (!watched) return;
    watched.heardAt = this.#options.clock.mono();
    watched.misses = 0;
    this.#tell(node, watched, true);
    if (!watched.timer) this.#wait(node, watched);
  }

  /** It did not take a command: it is asked soon. */
  doubt(node: string): void {
    const watched = this.#nodes.get(node);
    if (!watched?.isOnMains || watched.misses > 0 || !watched.available) return;
    watched.misses = 1;
    void this.#ask(node, watched);
  }

  /** It had no power and has it again: it was away, however short, unless that is what has just been told. */
  returned(node: string): void {
    const watched = this.#nodes.get(node);
    if (watched && this.#options.clock.mono() - watched.since > JUST) this.#tell(node, watched, false);
    this.heard(node);
  }

  forget(node: string): void {
    this.#nodes.get(node)?.timer?.cancel();
    this.#nodes.delete(node);
  }

  /** The coordinator is away, and so is everybody. */
  clear(): void {
    for (const [node, watched] of this.#nodes) {
      this.#tell(node, watched, false);
      this.forget(node);
    }
  }

  #tell(node: string, watched: Watched, available: boolean): void {
    if (watched.available === available) return;
    watched.available = available;
    watched.since = this.#options.clock.mono();
    this.#options.onChange(node, available);
  }

  async #ask(node: string, watched: Watched): Promise<void> {
    watched.timer?.cancel();
    delete watched.timer;
    try {
      await this.#options.ask(node, watched.misses % LOOK_EVERY === LOOK_AFTER);
      this.heard(node);
    } catch {
      if (this.#nodes.get(node) !== watched) return;
      watched.misses += 1;
      if (watched.misses >= MISSES || watched.available === undefined) this.#tell(node, watched, false);
      if (!watched.timer) this.#wait(node, watched);
    }
  }

  /** One timer for each: heard meanwhile, it only waits on. */
  #wait(node: string, watched: Watched): void {
    const { clock, timings, random } = this.#options;
    const patience = watched.isOnMains ? timings.askAfter : timings.batterySilence;
    const silent = clock.mono() - watched.heardAt;
    const again = Math.min(timings.askAfter, timings.askAgain * 2 ** Math.max(0, watched.misses - 1));
    const delay = watched.misses > 0 ? again : Math.max(0, patience - silent);
    watched.timer?.cancel();
    watched.timer = clock.after(delay * (1 + random() / 5), () => this.#due(node, watched));
  }

  #due(node: string, watched: Watched): void {
    delete watched.timer;
    const { clock, timings } = this.#options;
    const silent = clock.mono() - watched.heardAt;
    const isQuiet = silent >= (watched.isOnMains ? timings.askAfter : timings.batterySilence);
    if (watched.isOnMains && (isQuiet || watched.misses > 0)) void this.#ask(node, watched);
    else if (!watched.isOnMains && isQuiet) this.#tell(node, watched, false);
    else this.#wait(node, watched);
  }
}
