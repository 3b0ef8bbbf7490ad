import type { MessageParams } from './errors.ts';

/** Why a device is as it is. Rendered, like errors, by one catalogue per language. */
export type ReasonCode =
  | 'reason.scene'
  | 'reason.slider'
  | 'reason.hand'
  | 'reason.mood'
  | 'reason.idle'
  | 'reason.safety'
  | 'reason.off'
  | 'reason.unclaimed';

export interface Reason {
  code: ReasonCode;
  params: MessageParams;
}
