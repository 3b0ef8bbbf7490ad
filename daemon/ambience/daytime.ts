import { z } from 'zod';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

export const SUN_EVENTS = ['dawn', 'sunrise', 'noon', 'sunset', 'dusk'] as const;
export type SunEvent = (typeof SUN_EVENTS)[number];

/** A moment that comes once a day: a time of the wall clock, or an event of the sun and how long after it. */
export type DayMoment =
  /** Minutes since midnight */
  | { minutes: number }
  /** `offset`: minutes, negative before the event */
  | { sun: SunEvent; offset: number };

/** From one moment to the next time the other comes, across midnight too. */
export interface DayWindow {
  from: DayMoment;
  to: DayMoment;
}

const CLOCK = /^([01]\d|2[0-3]):([0-5]\d)$/;
const SUN = new RegExp(`^(${SUN_EVENTS.join('|')})(?:([+-])(\\d{1,3})(m|h))?$`);
const MOMENT_HELP = `must be a time such as 22:30, or ${SUN_EVENTS.join(', ')}, as in sunset or sunrise-30m`;

export function parseMoment(text: string): DayMoment | undefined {
  const [, hours, minutes] = CLOCK.exec(text) ?? [];
  if (hours !== undefined) return { minutes: Number(hours) * 60 + Number(minutes) };
  const [, event, sign, amount, unit] = SUN.exec(text) ?? [];
  const sun = SUN_EVENTS.find((each) => each === event);
  if (!sun) return undefined;
  const size = Number(amount ?? 0) * (unit === 'h' ? 60 : 1);
  return { sun, offset: sign === '-' ? -size : size };
}

/** Whether it is the sun that tells the moment: then somebody must have said where on Earth the house is. */
export const isOfSun = (text: unknown): boolean => typeof text === 'string' && SUN.test(text);

export const momentSchema = z
  .string({ error: MOMENT_HELP })
  .transform((text, context) => {
    const moment = parseMoment(text);
    if (moment) return moment;
    context.addIssue({ code: 'custom', message: MOMENT_HELP });
    return z.NEVER;
  })
  .meta({ valueText: 'time of day' });

export const windowSchema = z.strictObject({
  from: momentSchema.meta({ description: 'When it begins: a time such as `22:30`, or `sunset`, `sunrise-30m`, ...' }),
  to: momentSchema.meta({ description: 'When it ends. Earlier than `from` means the next day.' }),
});

const GROUPS: Readonly<Record<string, readonly Day[]>> = { weekdays: DAYS.slice(0, 5), weekend: DAYS.slice(5) };

const dayName = z.enum([...DAYS, 'weekdays', 'weekend']);

export const daysSchema = z
  .union([dayName.transform((one) => [one]), z.array(dayName).min(1)])
  .transform((names): Day[] => DAYS.filter((day) => names.some((name) => name === day || GROUPS[name]?.includes(day))))
  .meta({ valueText: 'list of mon, tue, wed, thu, fri, sat, sun, weekdays, weekend' });
