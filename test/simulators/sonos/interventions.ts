import type { RecordedAction } from './log.ts';

/** Which actions are meant; what is absent matches any. */
export interface ActionMatch {
  action?: string;
  room?: string;
}

/** Something that happens around the actions that come next. */
export interface Intervention extends ActionMatch {
  /** Happens when the action has arrived, before anything is done. */
  before?: () => void;
  /** Happens when it is done, before it is answered. */
  after?: () => void;
  /** UPnP error code to refuse it with. */
  refuse?: number;
  /** The action is done, but its connection breaks instead of an answer. */
  loseAnswer?: boolean;
  /** The action is done, but its answer ends in the middle. */
  cutAnswer?: boolean;
  /** For how many actions; default 1. */
  times?: number;
}

/** What a test has in mind for actions to come, each used up by the first that fits. */
export class Interventions {
  #pending: Intervention[] = [];

  add(intervention: Intervention): void {
    this.#pending.push(intervention);
  }

  /** Those for this action, which now have one time less. */
  take({ action, room }: RecordedAction): Intervention[] {
    const fits = (one: Intervention): boolean => (one.action ?? action) === action && (one.room ?? room) === room;
    const taken = this.#pending.filter(fits);
    const left = (one: Intervention): Intervention[] => ((one.times ?? 1) > 1 ? [{ ...one, times: (one.times ?? 1) - 1 }] : []);
    this.#pending = this.#pending.flatMap((one) => (taken.includes(one) ? left(one) : [one]));
    return taken;
  }

  clear(): void {
    this.#pending = [];
  }
}
