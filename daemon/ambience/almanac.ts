import * as SunCalc from 'suncalc';
import { Temporal } from 'temporal-polyfill';
import { DAYS, type Day, type DayMoment, type DayWindow, type SunEvent } from './daytime.ts';

export interface Place {
  /** Degrees, north positive */
  latitude: number;
  /** Degrees, east positive */
  longitude: number;
}

/**
 * A wall clock before this is not set: a Pi without a battery-backed clock starts in the past until NTP answers. The day this
 * version was made, epoch ms.
 */
export const CLOCK_IS_SET_AFTER = Date.UTC(2026, 10, 1);

/** Days back in which the last occurrence of a moment is looked for: all weekdays, and one for the edge. */
const LOOK_BACK = 8;
const MINUTE = 60_000;

/** Degrees of altitude at which sunrise and sunset are told (refraction and the radius of the sun), and civil twilight. */
const ALTITUDE: Record<Exclude<SunEvent, 'noon'>, number> = { sunrise: -0.833, sunset: -0.833, dawn: -6, dusk: -6 };

/**
 * When moments of the day come, in one IANA zone at one place on Earth. Everything follows from the wall time that is asked
 * about, so a jump of the clock or a restart needs no special care.
 *
 * A time that a change to summer time skips comes as much later as the clock is moved on; one that comes twice counts the first
 * time (RFC 5545, section 3.3.5; `disambiguation: 'compatible'`). Where the sun does not rise or set, the day lasts from midnight
 * to midnight or shrinks to noon.
 */
export class Almanac {
  readonly #timezone: string;
  readonly #place: Place | undefined;
  /** By date and moment: sun times cost some hundred microseconds. */
  readonly #known = new Map<string, number>();

  constructor({ timezone, place }: { timezone: string; place?: Place | undefined }) {
    this.#timezone = timezone;
    this.#place = place;
  }

  isSet(wall: number): boolean {
    return wall >= CLOCK_IS_SET_AFTER;
  }

  day(wall: number): Day {
    return dayOf(this.#date(wall));
  }

  /** Whether `wall` lies in the window. Never where the sun is named and nobody said where the house is. */
  isWithin({ from, to }: DayWindow, wall: number): boolean {
    const began = this.lastOf(from, wall);
    if (began === undefined) return false;
    return this.nextOf(to, began) > wall;
  }

  /** Epoch ms of the latest occurrence up to `wall`, on one of the days. */
  lastOf(moment: DayMoment, wall: number, days: readonly Day[] = DAYS): number | undefined {
    const today = this.#date(wall);
    // A sunset may fall after midnight: the day after is looked at, too.
    for (let back = -1; back <= LOOK_BACK; back++) {
      const date = today.subtract({ days: back });
      const at = days.includes(dayOf(date)) ? this.#on(date, moment) : undefined;
      if (at !== undefined && at <= wall) return at;
    }
    return undefined;
  }

  /** Epoch ms of the first occurrence after `wall`; Infinity where there is none. */
  nextOf(moment: DayMoment, wall: number): number {
    const today = this.#date(wall);
    for (let ahead = -1; ahead <= LOOK_BACK; ahead++) {
      const at = this.#on(today.add({ days: ahead }), moment);
      if (at !== undefined && at > wall) return at;
    }
    return Number.POSITIVE_INFINITY;
  }

  #date(wall: number): Temporal.PlainDate {
    return Temporal.Instant.fromEpochMilliseconds(Math.floor(wall)).toZonedDateTimeISO(this.#timezone).toPlainDate();
  }

  /** Epoch ms, to the minute. */
  #on(date: Temporal.PlainDate, moment: DayMoment): number | undefined {
    const key = `${date.toString()} ${'sun' in moment ? `${moment.sun}${moment.offset}` : moment.minutes}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const at = 'sun' in moment ? this.#sun(date, moment) : this.#atClock(date, moment.minutes);
    if (at === undefined) return undefined;
    if (this.#known.size > 1000) this.#known.clear();
    const whole = Math.round(at / MINUTE) * MINUTE;
    this.#known.set(key, whole);
    return whole;
  }

  #atClock(date: Temporal.PlainDate, minutes: number): number {
    const plainTime = new Temporal.PlainTime(Math.floor(minutes / 60), minutes % 60);
    return date.toZonedDateTime({ timeZone: this.#timezone, plainTime }).epochMilliseconds;
  }

  #sun(date: Temporal.PlainDate, { sun, offset }: { sun: SunEvent; offset: number }): number | undefined {
    if (!this.#place) return undefined;
    const { latitude, longitude } = this.#place;
    const times = SunCalc.getTimes(new Date(this.#atClock(date, 12 * 60)), latitude, longitude);
    const noon = times.solarNoon.getTime();
    return (sun === 'noon' ? noon : (times[sun]?.getTime() ?? withoutEvent(sun, { noon, place: this.#place }))) + offset * MINUTE;
  }
}

/** The sun stays above the altitude all day, or below it. */
function withoutEvent(sun: Exclude<SunEvent, 'noon'>, { noon, place }: { noon: number; place: Place }): number {
  const { altitude } = SunCalc.getPosition(new Date(noon), place.latitude, place.longitude);
  if (altitude <= ALTITUDE[sun]) return noon;
  // Noon shifts by seconds from day to day: two minutes keep the evening before the morning that follows it.
  const half = 12 * 60 * MINUTE;
  return sun === 'sunrise' || sun === 'dawn' ? noon - half : noon + half - 2 * MINUTE;
}

const dayOf = (date: Temporal.PlainDate): Day => DAYS[date.dayOfWeek - 1] ?? 'mon';
