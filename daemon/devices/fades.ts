import type { AttributeName, Attributes, Xy } from './device.ts';

type Value = NonNullable<Attributes[AttributeName]>;

/** A transition under way. */
export interface Running {
  target: Value;
  /** ms that it still takes */
  left: number;
}

interface Fade {
  target: Value;
  from: number[];
  to: number[];
  startedAt: number;
  /** ms */
  duration: number;
}

/** Lamps report within 2 points of the linear ramp (measured by github.com/cyclux/huepy on a bridge BSB002). */
const OFF_RAMP = 0.05;

/**
 * Transitions that our own commands set off. In a long one a lamp now and then reports where it is; such a report must be
 * told from a hand, by whether it lies where the ramp was a moment ago.
 */
export class Fades {
  readonly #running = new Map<string, Fade>();
  /** ms by which reports may come late. */
  readonly #late: number;

  constructor(late: number) {
    this.#late = late;
  }

  /** Notes what a command that was taken changes, from the values before it. */
  begin(light: string, { before, target, duration, now }: { before: Attributes; target: Attributes; duration: number; now: number }): void {
    for (const [name, value] of Object.entries(target) as [AttributeName, Value][]) {
      const from = coordinates(before[name]);
      const to = coordinates(value);
      if (from && to && duration > 0) this.#running.set(`${light} ${name}`, { target: value, from, to, startedAt: now, duration });
      else this.#running.delete(`${light} ${name}`);
    }
    if (target.on === false) this.end(light);
  }

  /** A lamp that was switched off, or is gone, is on its way to nowhere. */
  end(light: string): void {
    for (const key of this.#running.keys()) if (key.startsWith(`${light} `)) this.#running.delete(key);
  }

  /** The transition of an attribute, if it is not at its end yet. */
  running(light: string, name: AttributeName, now: number): Running | undefined {
    const fade = this.#running.get(`${light} ${name}`);
    const left = fade ? fade.startedAt + fade.duration - now : 0;
    return fade && left > 0 ? { target: fade.target, left } : undefined;
  }

  /** Whether this value is a point on the way. */
  onTheWay(light: string, name: AttributeName, { value, now }: { value: Value; now: number }): boolean {
    const key = `${light} ${name}`;
    const fade = this.#running.get(key);
    if (!fade) return false;
    if (now > fade.startedAt + fade.duration + this.#late) {
      this.#running.delete(key);
      return false;
    }
    const { share, aside } = along(fade, coordinates(value) ?? []);
    const earliest = (now - this.#late - fade.startedAt) / fade.duration;
    const latest = (now - fade.startedAt) / fade.duration;
    return aside < OFF_RAMP && share > earliest - OFF_RAMP && share < Math.min(latest + OFF_RAMP, 1 - OFF_RAMP);
  }
}

function coordinates(value: Value | undefined): number[] | undefined {
  if (typeof value === 'number') return [value];
  if (typeof value === 'object') return [(value as Xy).x, (value as Xy).y];
  return undefined;
}

/** How far a value is on the way from start to target, and how far beside it, both as shares of the way. */
function along({ from, to }: Fade, value: number[]): { share: number; aside: number } {
  const way = to.map((each, index) => each - (from[index] ?? 0));
  const gone = value.map((each, index) => each - (from[index] ?? 0));
  const square = way.reduce((sum, each) => sum + each * each, 0);
  if (square === 0) return { share: 1, aside: 0 };
  const share = way.reduce((sum, each, index) => sum + each * (gone[index] ?? 0), 0) / square;
  const aside = Math.sqrt(gone.reduce((sum, each, index) => sum + (each - share * (way[index] ?? 0)) ** 2, 0) / square);
  return { share, aside };
}
