import type { Household } from './household/household.ts';
import type { Player } from './household/player.ts';
import type { ServiceName } from './services/descriptions.ts';

/** Who made something happen: a client on the wire, a person at the Sonos app or at a player, a fault that a test put in, or time. */
export type Cause = 'command' | 'person' | 'fault' | 'clock';

/** An action that a client asked for. */
export interface RecordedAction {
  /** ms of the simulator's clock. */
  at: number;
  /** Name of the room. */
  room: string;
  /** RINCON id of the player that was asked. */
  player: string;
  service: ServiceName;
  action: string;
  arguments: Readonly<Record<string, string>>;
  /** UPnP error code; undefined where it was done. */
  fault?: number;
}

/** Music that someone heard and then no longer did. Tracks of one queue that follow each other by themselves are one music. */
export interface Interruption {
  at: number;
  room: string;
  /** URI of the track or stream that was heard. */
  was: string;
  /** What is heard in its place; empty for silence. */
  now: string;
  cause: Exclude<Cause, 'clock'>;
  /** Who had begun what was heard. */
  begunBy: Cause;
}

interface Heard {
  uri: string;
  begunBy: Cause;
}

/** What is heard in each room, and who interrupted it. */
export class Listener {
  readonly interruptions: Interruption[] = [];
  readonly #household: Household;
  readonly #heard = new Map<Player, Heard>();

  constructor(household: Household) {
    this.#household = household;
  }

  /** To be called after anything happened. */
  listen(cause: Cause, at: number): void {
    for (const player of this.#household.players.filter(({ isVisible }) => isVisible)) {
      const before = this.#heard.get(player);
      const now = heardIn(player, this.#household);
      if (now === (before?.uri ?? '')) continue;
      if (now === '') this.#heard.delete(player);
      else this.#heard.set(player, { uri: now, begunBy: cause === 'clock' ? (before?.begunBy ?? cause) : cause });
      if (before && cause !== 'clock') {
        this.interruptions.push({ at, room: player.name, was: before.uri, now, cause, begunBy: before.begunBy });
      }
    }
  }
}

/** The URI of what comes out of a player; empty for silence. Loudness is no matter here. */
export function heardIn(player: Player, household: Household): string {
  const coordinator = household.groupOf(player)?.coordinator;
  if (!player.place || !coordinator?.place) return '';
  const { transport } = coordinator;
  const isOn = transport.state === 'PLAYING' || transport.state === 'TRANSITIONING';
  return isOn ? (transport.track?.uri ?? transport.content.uri) : '';
}
