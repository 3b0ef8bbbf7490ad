export const MODES = ['auto', 'suggest', 'paused', 'away', 'off'] as const;

/** How far the hub goes in a room: it acts, asks, only senses, treats the room as empty, or neither senses nor acts. */
export type Mode = (typeof MODES)[number];

/** The ladder of claims, highest first. Within `person` the latest human act wins, whatever its means. */
export const RUNGS = ['safety', 'person', 'schedule', 'mood', 'idle'] as const;

export type Rung = (typeof RUNGS)[number];
