import type { Logger } from 'pino';
import type { Clock } from '../api/clock.ts';
import type { HubApi } from '../api/hub.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import type { LiveStreams } from './live.ts';
import type { ObservationStreams } from './observations.ts';

/** What the routes need. */
export interface AppContext {
  log: Logger;
  clock: Clock;
  hub: HubApi;
  auth: Authenticator;
  live: LiveStreams;
  observations: ObservationStreams;
  /** Names this hub answers to, besides localhost and addresses. */
  names: readonly string[];
  /** Whether the hub is stopping: then it can be looked at, and nothing be changed. Absent: it never is. */
  isClosing?: () => boolean;
  /** Whether the port speaks HTTPS too: then plain HTTP is for this machine alone. */
  tls: boolean;
  /** Folder of the built control panel. */
  staticDir: string;
  version: string;
}
