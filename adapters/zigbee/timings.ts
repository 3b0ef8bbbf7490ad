import type { HouseholdTimings } from './household.ts';
import type { LampTimings } from './lamps.ts';
import type { MeshTimings } from './mesh.ts';
import type { PresenceTimings } from './presence.ts';
import type { SessionTimings } from './session.ts';

export interface ZigbeeTimings extends SessionTimings, PresenceTimings, LampTimings, HouseholdTimings, MeshTimings {
  /** ms between two chores, so that they are spaced */
  betweenChores: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const ZIGBEE_TIMINGS: ZigbeeTimings = {
  heartbeat: 10 * SECOND,
  heartbeatWithin: 8 * SECOND,
  firstRetry: 500,
  longestRetry: 3 * SECOND,
  askAfter: 10 * MINUTE,
  askAgain: 5 * SECOND,
  batterySilence: 25 * HOUR,
  answerWithin: 4 * SECOND,
  readAfter: 2 * SECOND,
  setUpAgain: MINUTE,
  pingWithin: 4 * SECOND,
  betweenChores: 20,
  backUpAfter: 10 * SECOND,
  backUpEvery: 24 * HOUR,
  saveEvery: HOUR,
};
