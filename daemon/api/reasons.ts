import type { MessageParams } from './errors.ts';

/** Why a device is as it is. Rendered, like errors, by one catalogue per language. */
export type ReasonCode =
  | 'reason.scene'
  | 'reason.slider'
  | 'reason.hand'
  | 'reason.hand_empty'
  | 'reason.hand_sleep'
  | 'reason.pin'
  | 'reason.schedule'
  | 'reason.mood'
  | 'reason.before'
  | 'reason.idle'
  | 'reason.safety'
  | 'reason.off'
  | 'reason.silent'
  | 'reason.company'
  | 'reason.unclaimed'
  | 'limit.cap'
  | 'limit.quiet_hours';

export interface Reason {
  code: ReasonCode;
  params: MessageParams;
}
