import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FlashWatch } from './flash-watch.ts';
import { Handbook } from './handbook.ts';
import { SceneWatch, TARGETS } from './scene-watch.ts';
import type { Dial } from './unruly-lamps.ts';

const LAMP = 'sim:1';
const BRIGHTNESS = { device: LAMP, dial: 'brightness' } as const;

function bookOfHand(value: number, at: number): Handbook {
  const book = new Handbook(300_000);
  const command = { id: 'c', device: LAMP, attributes: { brightness: 60 }, transition: 2, cause: ['x'] } as const;
  book.onCommand(command, { at: 0, value: () => 30 });
  book.onChange({ ...BRIGHTNESS, value, at, by: 'hand' });
  book.onReport({ device: LAMP, attribute: 'brightness', value, at: at + 500 });
  return book;
}

describe('the handbook', () => {
  test('a hand that was told and not found is missed', () => {
    const { hands, excluded, missed } = bookOfHand(95, 1000).tally();
    assert.deepEqual({ hands, excluded, missed }, { hands: 1, excluded: 0, missed: 1 });
  });

  test('a hand on the way of a command does not count, and one after it does', () => {
    assert.equal(bookOfHand(45, 1000).tally().excluded, 1);
    assert.equal(bookOfHand(45, 8000).tally().excluded, 0);
  });

  test('what was found and nobody did is mistaken', () => {
    const book = bookOfHand(95, 1000);
    book.onHand(LAMP, { brightness: 95 }, 2000);
    assert.equal(book.tally().missed, 0);
    assert.equal(book.tally().mistaken, 0);
    book.onHand(LAMP, { brightness: 20 }, 3000);
    assert.equal(book.tally().mistaken, 1);
  });

  test('a command that moves what is held breaks the hold; one that restores it, or comes later, does not', () => {
    const book = bookOfHand(95, 1000);
    book.onHand(LAMP, { brightness: 95 }, 2000);
    const send = (brightness: number, at: number): void =>
      book.onCommand({ id: 'd', device: LAMP, attributes: { brightness }, transition: 2, cause: ['x'] }, { at, value: () => 95 });
    send(95, 3000);
    send(30, 303_000);
    assert.equal(book.tally().broken, 0);
    send(30, 4000);
    assert.equal(book.tally().broken, 1);
  });
});

describe('time outside the scene', () => {
  const look = (watch: SceneWatch, brightness: number, isHeld = (_: Dial): boolean => false): void =>
    watch.look(LAMP, 'tense', { value: (dial) => (dial === 'brightness' ? brightness : (TARGETS.tense?.[dial] ?? 0)), isHeld });

  test('counts from its beginning, once it lasts', () => {
    const watch = new SceneWatch();
    for (let i = 0; i < 30; i++) look(watch, 90);
    assert.equal(watch.wrong, 0);
    look(watch, 90);
    assert.equal(watch.wrong, 31);
    look(watch, 31);
    look(watch, 90);
    assert.deepEqual({ wrong: watch.wrong, seconds: watch.seconds }, { wrong: 31, seconds: 33 });
  });

  test('does not count what is held', () => {
    const watch = new SceneWatch();
    for (let i = 0; i < 60; i++) look(watch, 90, (dial) => dial === 'brightness');
    assert.equal(watch.wrong, 0);
  });
});

describe('flashes', () => {
  const play = (lights: number[], every: number): number => {
    const watch = new FlashWatch();
    for (const [i, light] of lights.entries()) watch.take(LAMP, light, i * every);
    return watch.breaches;
  };

  test('three within a second are let pass, the fourth begins a breach', () => {
    assert.equal(play([0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 0.9], 100), 0);
    assert.equal(play([0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 0.9, 0.1], 100), 1);
    assert.equal(play([0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 0.9, 0.1], 200), 0);
  });

  test('small changes, and those of a bright lamp, are none', () => {
    assert.equal(play([0.5, 0.45, 0.5, 0.45, 0.5, 0.45, 0.5, 0.45, 0.5], 50), 0);
    assert.equal(play([1, 0.85, 1, 0.85, 1, 0.85, 1, 0.85, 1], 50), 0);
  });
});
