import type { ButtonEvent } from '../../daemon/devices/adapter.ts';
import type { ButtonAction } from '../../daemon/devices/device.ts';
import type { DeviceMessage } from './payloads.ts';

/** What a person did with a button or dial, on a device of several. */
export type Touch = Pick<ButtonEvent, 'button' | 'action' | 'degrees'>;

/** The buttons of a remote, by the words of its `action`. */
export interface Buttons {
  count: number;
  actions: readonly ButtonAction[];
  /** Undefined for a word that says nothing of its own, such as the beginning of a press that may become a hold. */
  touch(action: string, message: DeviceMessage): Touch | undefined;
}

/** A word taken apart: which button, and what was done with it. */
interface Reading {
  key: string;
  action: ButtonAction;
  /** Of a dial: +1 clockwise. */
  direction?: 1 | -1;
}

/** Of dials that tell the direction alone: degrees that one word stands for. */
const DEGREES_A_WORD = 15;

const GESTURES: readonly (readonly [string, ButtonAction])[] = [
  ['press_release', 'press'],
  ['short_release', 'press'],
  ['single', 'press'],
  ['click', 'press'],
  ['press', 'press'],
  ['double_press', 'double'],
  ['double_click', 'double'],
  ['double', 'double'],
  ['hold_release', 'release'],
  ['long_release', 'release'],
  ['release', 'release'],
  ['long_press', 'hold'],
  ['hold', 'hold'],
  ['long', 'hold'],
];
/** Longest first, so that a release after a hold is not taken for one after a press. */
const BY_LENGTH = GESTURES.toSorted(([one], [other]) => other.length - one.length);

/** Nothing that a button can do here. */
const PASSED_OVER = /(^|_)(initial_press|triple|quadruple|quintuple|many|start_rotating|stop_rotating|rotate_stop)(_|$)/;
const TURN = /(^|_)(rotate|rotation)(_(left|right))?(_|$)/;
const DIMMING = /^brightness_(move|step)_(up|down)$/;
/** What remotes with a dial send beside its turns. */
const BESIDE_A_DIAL = /^(brightness|color_temperature|hue|saturation)_/;

const DIAL = 'dial';

/**
 * Reads the words of a remote's `action`. There is no rule for them: most are `<button>_<gesture>` or `<gesture>_<button>`,
 * some name what a remote asks of a lamp (https://www.zigbee2mqtt.io/guide/usage/exposes.html#enum, and the definitions of
 * zigbee-herdsman-converters). Any other word is a button of its own.
 * @returns undefined where there are none
 */
export function buttonsOf(words: readonly string[]): Buttons | undefined {
  const known = new Set(words);
  const hasDial = words.some((word) => TURN.test(word));
  const readings = new Map(words.map((word) => [word, readingOf(word, { known, hasDial })]));
  const found = [...readings.values()].filter((each) => each !== undefined);
  if (found.length === 0) return undefined;
  const numbers = numbered(found.map(({ key }) => key));
  return {
    count: Math.max(...numbers.values()),
    actions: [...new Set(found.map(({ action }) => action))],
    touch: (word, message) => {
      const reading = readings.get(word);
      const button = reading && numbers.get(reading.key);
      if (!reading || button === undefined) return undefined;
      return { button, action: reading.action, ...(reading.direction && { degrees: degreesOf(reading.direction, message) }) };
    },
  };
}

function readingOf(word: string, { known, hasDial }: { known: ReadonlySet<string>; hasDial: boolean }): Reading | undefined {
  if (PASSED_OVER.test(word) || word === '') return undefined;
  const turn = TURN.exec(word);
  if (turn) return { key: DIAL, action: 'turn', direction: turn[4] === 'left' ? -1 : 1 };
  if (hasDial && BESIDE_A_DIAL.test(word)) return undefined;
  const dimming = DIMMING.exec(word);
  if (dimming) return { key: dimmingKey(dimming[2] === 'up', known), action: dimming[1] === 'move' ? 'hold' : 'press' };
  if (word === 'brightness_stop') return { key: dimmingKey(true, known), action: 'release' };
  for (const [gesture, action] of BY_LENGTH) {
    const key = keyBeside(gesture, word);
    if (key === undefined) continue;
    return gesture === 'press' && tellsItsEnd(word, known) ? undefined : { key, action };
  }
  return { key: word, action: 'press' };
}

/** Where a press is told at its beginning and at its end, the end counts: a hold begins in the same way. */
const tellsItsEnd = (word: string, known: ReadonlySet<string>): boolean => known.has(`${word}_release`);

/** Remotes of two buttons dim by holding those that switch on and off. */
function dimmingKey(up: boolean, known: ReadonlySet<string>): string {
  if (known.has('on') && known.has('off')) return up ? 'on' : 'off';
  return up ? 'up' : 'down';
}

function keyBeside(gesture: string, word: string): string | undefined {
  if (word === gesture) return '';
  if (word.endsWith(`_${gesture}`)) return word.slice(0, -gesture.length - 1);
  return word.startsWith(`${gesture}_`) ? word.slice(gesture.length + 1) : undefined;
}

/** By the number in their names if all have one, else in the order in which they are named; a dial comes last. */
function numbered(keys: readonly string[]): Map<string, number> {
  const distinct = [...new Set(keys)].filter((key) => key !== DIAL);
  const own = distinct.map((key) => Number(/(\d+)$/.exec(key)?.[1] ?? Number.NaN));
  const areNumbered = own.every((number) => number >= 1) && new Set(own).size === own.length;
  const numbers = new Map(distinct.map((key, index) => [key, areNumbered ? (own[index] ?? 0) : index + 1]));
  if (keys.includes(DIAL)) numbers.set(DIAL, Math.max(0, ...numbers.values()) + 1);
  return numbers;
}

function degreesOf(direction: 1 | -1, { action_rotation_angle: angle }: DeviceMessage): number {
  return typeof angle === 'number' ? angle : direction * DEGREES_A_WORD;
}
