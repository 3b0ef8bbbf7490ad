import type { MessageParams } from '../../daemon/api/errors.ts';
import { backoff } from '../state/backoff.ts';

/** Why it is not on air: a code of the hub, or one of the panel's own (`panel.*`). */
export interface Hindrance {
  code: string;
  params: MessageParams;
}

/** How a try was begun, and the how-manieth since the last success it is, from 0. */
interface Try {
  attempt: number;
  /** Cut off whoever sends. */
  takeOver: boolean;
  /** Nothing was on air yet since a person, or a page load, began it. */
  first: boolean;
}

/**
 * Whether this device sends its camera and microphone. Capture is open in `joining`, `live` and `waiting` alone; in `asking` the
 * browser may be asking its person.
 */
export type OnAir =
  | { phase: 'idle' }
  | ({ phase: 'asking' } & Try)
  | ({ phase: 'joining' } & Try)
  | { phase: 'live' }
  /** Tries again after `wait` ms. */
  | ({ phase: 'waiting'; wait: number; why: Hindrance } & Try)
  /** Another device sends to the source. */
  | { phase: 'busy'; why: Hindrance }
  /** Nothing may be sensed here. */
  | { phase: 'off' }
  /** A person must do something first. */
  | { phase: 'refused'; why: Hindrance };

export type OnAirEvent =
  | { type: 'start'; takeOver?: boolean }
  | { type: 'opened' }
  | { type: 'connected' }
  /** A try came to nothing, or the connection broke. `random`: 0..1 */
  | { type: 'failed'; why: Hindrance; random: number }
  | { type: 'retry' }
  | { type: 'refused'; why: Hindrance }
  /** What the hub says of the source: whether it takes anything, and whether somebody sends. */
  | { type: 'source'; on: boolean; taken: boolean }
  | { type: 'stop' };

/** Codes after which another try alone would change nothing. */
const FINAL = new Set([
  'panel.denied',
  'panel.no_capture',
  'auth.required',
  'auth.other_source',
  'api.unknown_source',
  'phone.bad_offer',
  'phone.unusable_offer',
  'phone.unsupported',
]);

/**
 * What follows. An event that means nothing in a state leaves it as it is.
 * @param options.persistent whether it comes back by itself once the source is on and free again, as a sensor does
 */
export function next(state: OnAir, event: OnAirEvent, { persistent }: { persistent: boolean }): OnAir {
  switch (event.type) {
    case 'start':
      return begin({ takeOver: event.takeOver ?? false, first: true });
    case 'opened':
      return state.phase === 'asking' ? { ...state, phase: 'joining' } : state;
    case 'connected':
      return state.phase === 'joining' ? { phase: 'live' } : state;
    case 'failed':
      return isTrying(state) || state.phase === 'live' ? afterFailure(state, event) : state;
    case 'retry':
      return state.phase === 'waiting' ? { phase: 'asking', attempt: state.attempt, takeOver: state.takeOver, first: state.first } : state;
    case 'source':
      return afterNews(state, event, persistent);
    case 'refused':
      return { phase: 'refused', why: event.why };
    case 'stop':
      return state.phase === 'idle' ? state : { phase: 'idle' };
  }
}

/** Whether the device's camera or microphone may be open. */
export const isCapturing = ({ phase }: OnAir): boolean =>
  phase === 'asking' || phase === 'joining' || phase === 'live' || phase === 'waiting';

const isTrying = (state: OnAir): state is Extract<OnAir, Try> => isCapturing(state) && state.phase !== 'live';

const begin = (how: { takeOver: boolean; first: boolean }): OnAir => ({ phase: 'asking', attempt: 0, ...how });

function afterFailure(state: Extract<OnAir, Try> | { phase: 'live' }, { why, random }: { why: Hindrance; random: number }): OnAir {
  const { attempt, takeOver, first } = state.phase === 'live' ? { attempt: 0, takeOver: false, first: false } : state;
  if (why.code === 'phone.off') return { phase: 'off' };
  if (why.code === 'phone.busy') {
    // After a reload the hub still holds what this very device sent before.
    return first && !takeOver && why.params.own === true ? begin({ takeOver: true, first: false }) : { phase: 'busy', why };
  }
  if (FINAL.has(why.code)) return { phase: 'refused', why };
  return { phase: 'waiting', attempt: attempt + 1, takeOver, first, why, wait: backoff(attempt, random) };
}

function afterNews(state: OnAir, { on, taken }: { on: boolean; taken: boolean }, persistent: boolean): OnAir {
  const { phase } = state;
  if (!on) {
    // A try that is under way hears it from the hub itself; what is told here may be older than the switch that began it.
    const isTold = phase === 'live' || phase === 'waiting' || phase === 'busy' || (persistent && phase === 'idle');
    return isTold ? { phase: 'off' } : state;
  }
  const mayBegin = phase === 'idle' || phase === 'off' || (phase === 'busy' && !taken);
  return persistent && mayBegin ? begin({ takeOver: false, first: phase === 'idle' }) : state;
}
