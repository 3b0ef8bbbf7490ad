import type { Observation } from '../../../daemon/mood/observation.ts';
import { FEELINGS, type Feeling, SHARES } from './feelings.ts';
import { Random } from './random.ts';
import type { Samples } from './samples.ts';

/** Fixed by what the figures are defined by. All in ms. */
const FACE_SHARE = 0.5;
const VOICE_SHARE = 0.15;
const BURST = [5_000, 120_000] as const;
const BETWEEN_TEXTS = 20 * 60_000;
const WRONG = 0.1;
const EPISODE = 6 * 60_000;
const TWO_PEOPLE = 0.5;

/** Assumed, before anything was measured; docs/accuracy.md says why. */
const OCCUPIED = 5 * 3_600_000;
const STAY = { median: 50 * 60_000, spread: 0.6 };
const ABSENCE = { median: 10 * 60_000, spread: 0.6 };
const EPISODE_SPREAD = 0.7;
const FRAME = 500;
const LOOK = [1000, 5000] as const;
const BOTH_IN_VIEW = 0.5;
const PAUSE = [300, 2000] as const;
const SILENCE_AFTER = 2000;
const PRESENCE_EVERY = 60_000;

export type Sense = 'face' | 'voice' | 'text';
export const SENSES: readonly Sense[] = ['face', 'voice', 'text'];

export interface Span {
  from: number;
  to: number;
}

/** A time in which one thing is felt in the room. */
export interface Episode extends Span {
  feeling: Feeling;
  /** Whether it is the first of a stay: nobody was there before. */
  first: boolean;
}

/** Readings of one modality that belong together. */
export interface Burst extends Span {
  sense: Sense;
  /** What is shown all the while in place of what is felt. */
  wrong: Feeling | null;
}

/** A day of one room: what is so, and what is read of it. */
export interface Day {
  episodes: Episode[];
  bursts: Burst[];
  /** In the order of their times. */
  observations: Observation[];
}

export const ROOM = 'home';

export function makeDay(seed: number, samples: Samples): Day {
  return new DayMaker(new Random(seed), samples).make();
}

class DayMaker {
  readonly #random: Random;
  readonly #samples: Samples;
  readonly #day: Day = { episodes: [], bursts: [], observations: [] };
  #count = 0;
  #tracks = 0;

  constructor(random: Random, samples: Samples) {
    this.#random = random;
    this.#samples = samples;
  }

  make(): Day {
    let now = 0;
    for (let left = OCCUPIED; left > 0; ) {
      const stay = { from: now, to: now + Math.min(left, this.#length(STAY)) };
      this.#stay(stay);
      left -= stay.to - stay.from;
      now = stay.to + this.#length(ABSENCE);
    }
    this.#day.observations.sort((a, b) => a.at - b.at);
    return this.#day;
  }

  /** Whole ms, or what is left of a day would never come to nothing. */
  #length({ median, spread }: { median: number; spread: number }): number {
    return Math.ceil(this.#random.logNormal(median, spread));
  }

  #stay(stay: Span): void {
    const people = this.#random.chance(TWO_PEOPLE) ? 2 : 1;
    this.#feel(stay);
    this.#presence(stay, people);
    for (const burst of this.#bursts('face', stay, FACE_SHARE)) this.#show(burst, people);
    for (const burst of this.#bursts('voice', stay, VOICE_SHARE)) this.#speak(burst);
    for (let at = stay.from; ; ) {
      at += this.#random.exponential(BETWEEN_TEXTS);
      if (at >= stay.to) break;
      this.#write(this.#burst('text', { from: at, to: at }));
    }
  }

  #feel({ from, to }: Span): void {
    let feeling: Feeling | null = null;
    for (let at = from; at < to; ) {
      const first = feeling === null;
      feeling = this.#random.weighted({ ...SHARES, ...(feeling === null ? {} : { [feeling]: 0 }) });
      const end = Math.min(to, at + this.#random.logNormal(EPISODE, EPISODE_SPREAD));
      this.#day.episodes.push({ from: at, to: end, feeling, first });
      at = end;
    }
  }

  /** A sensor of presence says when somebody comes, now and then that they are there, and when they have gone. */
  #presence({ from, to }: Span, people: number): void {
    const said = { modality: 'presence', confidence: 1, quality: 1 } as const;
    for (let at = from; at < to; at += PRESENCE_EVERY) this.#observe('sensor', at, { ...said, occupied: true, people });
    this.#observe('sensor', to, { ...said, occupied: false, people: 0 });
  }

  /** Bursts and the gaps between them: a gap is as long on average as the share asks for, and its length has no memory. */
  #bursts(sense: Sense, stay: Span, share: number): Burst[] {
    const gap = ((BURST[0] + BURST[1]) / 2) * (1 / share - 1);
    const bursts: Burst[] = [];
    let at = stay.from + (this.#random.chance(share) ? 0 : this.#random.exponential(gap));
    while (at < stay.to) {
      const to = Math.min(stay.to, at + this.#random.uniform(BURST));
      bursts.push(this.#burst(sense, { from: at, to }));
      at = to + this.#random.exponential(gap);
    }
    return bursts;
  }

  #burst(sense: Sense, span: Span): Burst {
    const felt = this.#felt(span.from);
    const wrong = this.#random.chance(WRONG) ? this.#random.pick(FEELINGS.filter((each) => each !== felt)) : null;
    const burst = { sense, wrong, ...span };
    this.#day.bursts.push(burst);
    return burst;
  }

  /** Each person in view wears one look for some seconds, then another: frames that follow each other are not independent. */
  #show(burst: Burst, people: number): void {
    const inView = people === 2 && this.#random.chance(BOTH_IN_VIEW) ? 2 : 1;
    for (let person = 0; person < inView; person++) {
      const track = ++this.#tracks;
      let until = burst.from;
      let feeling = this.#shown(burst, burst.from);
      let look = this.#random.pick(this.#samples.face[feeling]);
      for (let at = burst.from; at < burst.to; at += FRAME) {
        const shown = this.#shown(burst, at);
        if (at >= until || shown !== feeling) {
          feeling = shown;
          look = this.#random.pick(this.#samples.face[feeling]);
          until = at + this.#random.uniform(LOOK);
        }
        this.#observe('camera', at, { ...look, track, people: inView, primary: person === 0 });
      }
    }
  }

  #speak(burst: Burst): void {
    let spoke: number | null = null;
    for (let at = burst.from; at < burst.to; ) {
      const { length, utterances } = this.#random.pick(this.#samples.voice[this.#shown(burst, at)]);
      for (const { after, said } of utterances) {
        if (at + after >= burst.to) continue;
        spoke = at + after;
        this.#observe('microphone', spoke, said);
      }
      at += length + this.#random.uniform(PAUSE);
    }
    if (spoke === null) return;
    this.#observe('microphone', spoke + SILENCE_AFTER, { modality: 'voice', speech: false, confidence: 0.9, quality: 1 });
  }

  #write(burst: Burst): void {
    this.#observe('messages', burst.from, this.#random.pick(this.#samples.text[this.#shown(burst, burst.from)]));
  }

  #shown({ wrong }: Burst, at: number): Feeling {
    return wrong ?? this.#felt(at);
  }

  /** Of the stay that is being made. */
  #felt(at: number): Feeling {
    return (this.#day.episodes.findLast(({ from }) => from <= at) as Episode).feeling;
  }

  #observe(source: string, at: number, said: Said): void {
    this.#day.observations.push({ v: 1, id: `${source}.${this.#count++}`, room: ROOM, source, at: Math.round(at), ...said });
  }
}

/** Of each kind of observation what is not common to all. */
type Said = Observation extends infer O ? (O extends Observation ? Omit<O, 'v' | 'id' | 'room' | 'source' | 'at'> : never) : never;
