// biome-ignore-all lint/suspicious/noThenProperty: the word of the configuration; nobody awaits a schedule

import { z } from 'zod';
import type { Calendar } from './calendar.ts';
import { DAYS, type Day, type DayMoment, daysSchema, momentSchema } from './daytime.ts';
import { type Then, thenSchema } from './then.ts';

/** A scene that comes by the clock or the sun, whatever the mood. */
export interface Schedule {
  at: DayMoment;
  /** Undefined, with no `for` either: until the next schedule of the list begins. */
  until?: DayMoment | undefined;
  /** ms */
  for?: number | undefined;
  days: Day[];
  then: Then;
}

/** Schema of one schedule; how durations are written is the configuration's affair. */
export function scheduleSchema(duration: z.ZodType<number, string>) {
  return z
    .strictObject({
      at: momentSchema.meta({ description: 'When it begins: a time such as `22:30`, or `sunset`, `sunrise-30m`, ...' }),
      until: momentSchema
        .optional()
        .meta({ description: 'When it ends. Without it and `for`: when the next schedule of the list begins.' }),
      for: duration.optional().meta({ description: 'How long it lasts, in place of `until`.' }),
      days: daysSchema.prefault([...DAYS]).meta({ description: 'Days on which it begins.', defaultText: 'every day' }),
      then: thenSchema,
    })
    .refine((read) => read.until === undefined || read.for === undefined, { error: 'give either until or for, not both', path: ['for'] });
}

/** The schedule in force, and since when (epoch ms): of those that are, the one that began last, or stands last. */
export function inForce(schedules: readonly Schedule[], calendar: Calendar): { schedule: Schedule; since: number } | null {
  if (!calendar.isSet || schedules.length === 0) return null;
  const { almanac, wall } = calendar;
  const begun = schedules.toReversed().flatMap((schedule) => {
    const since = almanac.lastOf(schedule.at, wall, schedule.days);
    return since === undefined ? [] : [{ schedule, since }];
  });
  begun.sort((a, b) => b.since - a.since);
  return begun.find((each, place) => !isOver(each, { calendar, isLatest: place === 0 })) ?? null;
}

function isOver(
  { schedule, since }: { schedule: Schedule; since: number },
  { calendar, isLatest }: { calendar: Calendar; isLatest: boolean },
): boolean {
  const { almanac, wall } = calendar;
  if (schedule.for !== undefined) return wall >= since + schedule.for;
  if (schedule.until !== undefined) return wall >= almanac.nextOf(schedule.until, since);
  return !isLatest;
}
