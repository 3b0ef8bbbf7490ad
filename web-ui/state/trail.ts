import type { Affect } from '../../daemon/mood/emotion.ts';
import type { Mood } from '../../daemon/mood/mood.ts';
import type { LiveEvent } from './reduce.ts';

export interface TrailPoint extends Affect {
  /** Epoch ms */
  at: number;
}

/** Where a room's affect was in the last minutes, oldest first. */
export type Trail = readonly TrailPoint[];

/** Milliseconds. `spacing` bounds how many points are kept. */
export const TRAIL = { length: 5 * 60_000, spacing: 4000 } as const;

/** Adds a mood: a new point when the last is old enough. Points older than the trail's length go. */
export function extendTrail(trail: Trail, { at, valence, arousal }: Mood): Trail {
  const last = trail.at(-1);
  if (last && at < last.at + TRAIL.spacing) return trail;
  return [...trail.filter((point) => at - point.at <= TRAIL.length), { at, valence, arousal }];
}

/** Trails of all rooms, after an event of the live stream. Rooms that are gone lose theirs. */
export function reduceTrails(trails: ReadonlyMap<string, Trail>, event: LiveEvent): ReadonlyMap<string, Trail> {
  const moods = moodsOf(event);
  if (moods.length === 0 && event.type !== 'house') return trails;
  const next = new Map(event.type === 'house' ? [...trails].filter(([room]) => event.data.rooms.some(({ id }) => id === room)) : trails);
  for (const mood of moods) next.set(mood.room, extendTrail(next.get(mood.room) ?? [], mood));
  return next;
}

function moodsOf(event: LiveEvent): Mood[] {
  switch (event.type) {
    case 'mood':
      return [event.data];
    case 'room':
      return event.data.mood ? [event.data.mood] : [];
    case 'house':
      return event.data.rooms.flatMap(({ mood }) => (mood ? [mood] : []));
    case 'device':
    case 'mesh':
      return [];
  }
}
