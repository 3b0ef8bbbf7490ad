import type { ButtonEvent } from '../../daemon/devices/adapter.ts';
import type { ButtonAction, Capabilities } from '../../daemon/devices/device.ts';

/** What a person did with a button or dial, on a device of several. */
export type Touch = Pick<ButtonEvent, 'button' | 'action' | 'degrees'>;

/** A name of zigbee-herdsman-converters for an act, taken apart. */
interface Act {
  /** As the maker calls the button; empty where there is one alone. */
  button: string;
  action: ButtonAction;
}

/** Words in names of acts, and what they mean; where several are in a name the first of these counts. */
const VERBS: readonly (readonly [ButtonAction, ReadonlySet<string>])[] = [
  ['turn', new Set(['rotate', 'rotation'])],
  ['release', new Set(['release', 'stop'])],
  ['double', new Set(['double'])],
  ['hold', new Set(['hold', 'long', 'move'])],
  ['press', new Set(['single', 'press', 'pressed', 'click', 'short', 'tap'])],
];
const ALL_VERBS: ReadonlySet<string> = new Set(VERBS.flatMap(([, words]) => [...words]));

/** Acts that no word of ours fits, or that say again what another says. */
const PASSED_OVER =
  /triple|quadruple|quintuple|many|press_release|brightness_step|move_to|^(recall|color|hue|enhanced|saturation|vibration|tilt|drop|shake|slide|flip|throw|wakeup|fall)/;

/** A remote for lamps dims with the button held down that switches them on, or off. */
const DIMMING: Readonly<Record<string, Act>> = {
  brightness_move_up: { button: 'on', action: 'hold' },
  brightness_move_down: { button: 'off', action: 'hold' },
  brightness_stop: { button: '', action: 'release' },
};

/** Degrees of a step, where a dial tells steps alone: 24 make a turn. */
const STEP_DEGREES = 15;

/**
 * What the names of a remote's acts mean, by the conventions of zigbee-herdsman-converters: `on`, `off`, `toggle`, `1_single`,
 * `single_left`, `up_hold_release`, `dial_rotate_left_slow`, `brightness_move_up`.
 */
export class Buttons {
  readonly #acts = new Map<string, Act>();
  readonly #numbers = new Map<string, number>();
  /** The button that was held last: some do not say which one was let go. */
  #held = 1;

  constructor(names: readonly string[]) {
    for (const name of names) {
      const act = actOf(name);
      if (act) this.#acts.set(name, act);
    }
    for (const { button, action } of this.#acts.values()) if (button !== '' || action !== 'release') this.#number(button);
  }

  get capability(): NonNullable<Capabilities['button']> | undefined {
    if (this.#numbers.size === 0) return undefined;
    return { count: Math.max(...this.#numbers.values()), actions: [...new Set([...this.#acts.values()].map(({ action }) => action))] };
  }

  /** @param step how far a dial was turned, in its own steps, where it says so */
  touch(name: string, step = 1): Touch | undefined {
    const act = this.#acts.get(name);
    if (!act) return undefined;
    const { action } = act;
    const button = act.button === '' && action === 'release' ? this.#held : this.#number(act.button);
    if (action === 'hold') this.#held = button;
    if (action !== 'turn') return { button, action };
    const degrees = step * STEP_DEGREES;
    return { button, action, degrees: /left|counter/.test(name) ? -degrees : degrees };
  }

  /** Buttons with a number keep it; the others are counted as they are named. */
  #number(button: string): number {
    const known = this.#numbers.get(button);
    if (known !== undefined) return known;
    const own = /\d+$/.exec(button)?.[0];
    const number = own === undefined ? Math.max(0, ...this.#numbers.values()) + 1 : Math.max(1, Number(own));
    this.#numbers.set(button, number);
    return number;
  }
}

function actOf(name: string): Act | undefined {
  const dimming = DIMMING[name];
  if (dimming || PASSED_OVER.test(name)) return dimming;
  const words = name.split('_');
  const action = VERBS.find(([, verbs]) => words.some((word) => verbs.has(word)))?.[0] ?? 'press';
  // A dial is one thing, however it is turned.
  const rest =
    action === 'turn'
      ? words.slice(
          0,
          words.findIndex((word) => ALL_VERBS.has(word)),
        )
      : words;
  return { button: rest.filter((word) => !ALL_VERBS.has(word)).join('_') || (action === 'turn' ? 'dial' : ''), action };
}
