import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { definitionOf, type Kind } from '../../test/simulators/zigbee2mqtt/catalog.ts';
import { buttonsOf } from './actions.ts';

const wordsOf = (kind: Kind): string[] => {
  const action = definitionOf(kind).exposes.find(({ name }) => name === 'action');
  return (action?.values ?? []).map(String);
};

/** What each word of a remote means, as `button action`. */
function meanings(kind: Kind): Record<string, string> {
  const words = wordsOf(kind);
  const buttons = buttonsOf(words);
  const told = words.flatMap((word) => {
    const touch = buttons?.touch(word, {});
    return touch ? [[word, `${touch.button} ${touch.action}${touch.degrees === undefined ? '' : ` ${touch.degrees}`}`]] : [];
  });
  return Object.fromEntries(told);
}

describe('the words of a remote', () => {
  it('four buttons that tell a press at its beginning and its end: the end counts', () => {
    const words = meanings('hueDimmer');
    assert.equal(words.on_press, undefined);
    assert.equal(words.on_press_release, '1 press');
    assert.equal(words.up_hold, '2 hold');
    assert.equal(words.down_hold_release, '3 release');
    assert.equal(words.off_press_release, '4 press');
  });

  it('two buttons that dim by being held', () => {
    assert.deepEqual(meanings('ikeaRemote'), {
      on: '1 press',
      off: '2 press',
      brightness_move_up: '1 hold',
      brightness_move_down: '2 hold',
      brightness_stop: '1 release',
    });
  });

  it('buttons that have a number keep it', () => {
    assert.deepEqual(meanings('ikeaShortcut'), {
      '1_long_press': '1 hold',
      '1_short_release': '1 press',
      '1_long_release': '1 release',
      '1_double_press': '1 double',
      '2_long_press': '2 hold',
      '2_short_release': '2 press',
      '2_long_release': '2 release',
      '2_double_press': '2 double',
    });
    assert.equal(meanings('tuyaRemote')['4_double'], '4 double');
  });

  it('one button, with words of its own for each gesture', () => {
    assert.deepEqual(meanings('aqaraButton'), { single: '1 press', double: '1 double', hold: '1 hold', release: '1 release' });
  });

  it('the gesture may stand before the button', () => {
    const words = meanings('aqaraDoubleSwitch');
    assert.deepEqual([words.single_left, words.double_right, words.hold_both], ['1 press', '2 double', '3 hold']);
  });

  it('a dial comes after the buttons, and what it sends beside its turns is passed over', () => {
    const words = meanings('hueDial');
    assert.deepEqual(
      [words.button_4_press_release, words.dial_rotate_left_step, words.dial_rotate_right_fast],
      ['4 press', '5 turn -15', '5 turn 15'],
    );
    assert.equal(words.brightness_step_up, undefined);
    const knob = buttonsOf(['single', 'rotation', 'start_rotating', 'stop_rotating']);
    assert.deepEqual(knob?.touch('rotation', { action_rotation_angle: -72 }), { button: 2, action: 'turn', degrees: -72 });
  });

  it('nothing at all is no remote', () => {
    assert.equal(buttonsOf([]), undefined);
    assert.equal(buttonsOf(['single'])?.touch('unheard_of', {}), undefined);
  });
});
