import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import type { Command, QueuePhase, Report } from '../devices/command.ts';
import type { AttributeName, Attributes } from '../devices/device.ts';
import { type Finding, Hands, type Verdict } from './hands.ts';

const device = 'virtual:lamp' as const;
let hands: Hands;
let now: number;
let serial = 0;

beforeEach(() => {
  hands = new Hands();
  now = 1_000_000;
});

function reportOf(attributes: Attributes): Report {
  const [[attribute, value] = []] = Object.entries(attributes);
  const common = { device, at: now, origin: 'unknown', transitional: false, kind: 'event' } as const;
  return { ...common, attribute: attribute as AttributeName, value: value as Report['value'] };
}

function report(attributes: Attributes, over: Partial<Report> = {}): { verdict: Verdict; held: Attributes } {
  return hands.take({ ...reportOf(attributes), ...over });
}

/** Where the lamp stands, before the story begins. */
function standing(attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) report({ [name]: value }, { kind: 'resync' });
}

function command(attributes: Attributes, transition = 0): Command {
  return { id: `c${serial++}`, device, attributes, transition, cause: ['claim'] };
}

const queue = (phase: QueuePhase, subject: Command): boolean => hands.onQueueEvent({ phase, command: subject, at: now });

function sent(attributes: Attributes, transition = 0): Command {
  const subject = command(attributes, transition);
  queue('queued', subject);
  queue('sent', subject);
  return subject;
}

function done(attributes: Attributes, transition = 0): Command {
  const subject = sent(attributes, transition);
  queue('acked', subject);
  return subject;
}

describe('our own commands', () => {
  test('are echoed, with the rounding of the device', () => {
    standing({ on: true, brightness: 20 });
    done({ brightness: 80 });
    now += 2000;
    assert.equal(report({ brightness: 79.5 }).verdict, 'echo');
    assert.deepEqual(hands.expected(device, 'brightness'), { brightness: 80 });
  });

  test('are echoed again by a device that repeats itself', () => {
    standing({ brightness: 20 });
    done({ brightness: 80 });
    assert.deepEqual([report({ brightness: 80 }).verdict, report({ brightness: 80 }).verdict], ['echo', 'echo']);
    now += 60_000;
    assert.equal(report({ brightness: 80 }, { kind: 'poll' }).verdict, 'unchanged');
  });

  test('explain what a transition passes through', () => {
    standing({ brightness: 20, colorTemperature: 5000 });
    done({ brightness: 80, colorTemperature: 2200 }, 4);
    now += 2000;
    assert.equal(report({ brightness: 50 }).verdict, 'transitional');
    assert.equal(report({ colorTemperature: 3600 }).verdict, 'transitional');
    now += 60_000;
    assert.equal(report({ brightness: 50 }).verdict, 'hand');
  });

  test('explain the old value that comes once more', () => {
    standing({ brightness: 20 });
    sent({ brightness: 80 });
    assert.notEqual(report({ brightness: 20 }).verdict, 'hand');
  });

  test('that were overtaken by a newer one explain their late echo', () => {
    standing({ brightness: 20 });
    done({ brightness: 80 });
    done({ brightness: 40 });
    assert.equal(report({ brightness: 40 }).verdict, 'echo');
    assert.equal(report({ brightness: 80 }).verdict, 'stale');
    assert.deepEqual(hands.expected(device, 'brightness'), { brightness: 40 });
  });

  test('explain the dimming of a lamp that they switch off', () => {
    standing({ on: true, brightness: 80 });
    done({ on: false }, 2);
    assert.equal(report({ brightness: 30 }).verdict, 'transitional');
    assert.equal(report({ on: false }).verdict, 'echo');
    now += 60_000;
    assert.equal(report({ brightness: 1 }).verdict, 'adopted');
  });

  test('explain a white that the device reports as a color', () => {
    standing({ color: { x: 0.3, y: 0.3 } });
    done({ colorTemperature: 2700 });
    assert.equal(report({ color: { x: 0.4578, y: 0.41 } }).verdict, 'echo');
  });

  test('are echoed by whatever value the device itself puts down to them', () => {
    standing({ color: { x: 0.3, y: 0.3 } });
    const { id } = sent({ color: { x: 0.7, y: 0.29 } });
    assert.equal(report({ color: { x: 0.5, y: 0.4 } }, { origin: 'command', commandId: id }).verdict, 'echo');
    assert.deepEqual(hands.expected(device, 'chroma'), { color: { x: 0.7, y: 0.29 } });
  });

  test('that failed leave things as they were, and are given up for a while', () => {
    standing({ brightness: 20 });
    const failing = sent({ brightness: 80 });
    queue('failed', failing);
    assert.deepEqual(hands.expected(device, 'brightness'), { brightness: 20 });
    const wish = { slot: 'brightness', value: { brightness: 80 } } as const;
    assert.equal(hands.gaveUp(device, { ...wish, now }), true);
    assert.equal(hands.gaveUp(device, { ...wish, now: now + 60_000 }), false);
    hands.onAvailability(device, { available: true, at: now });
    assert.equal(hands.gaveUp(device, { ...wish, now }), false);
  });

  test('that were merged away in the queue are not waited for', () => {
    standing({ on: true, brightness: 20 });
    const dimming = command({ brightness: 80 });
    queue('queued', dimming);
    hands.onQueueEvent({ phase: 'dropped', command: dimming, at: now, reason: 'superseded' });
    done({ on: false });
    assert.deepEqual(hands.expected(device, 'brightness'), { brightness: 20 });
  });
});

describe('a command that was answered and never carried out', () => {
  const poll = (attributes: Attributes): Finding => {
    now += 30_000;
    return hands.take({ ...reportOf(attributes), kind: 'poll' });
  };

  test('shows where the device stands when it is asked: it is lost, and asked for again at once', () => {
    standing({ brightness: 20 });
    done({ brightness: 80 });
    assert.deepEqual(poll({ brightness: 20.4 }), { verdict: 'lost', held: {}, lost: { asked: { brightness: 80 }, againAt: now } });
    assert.deepEqual(hands.expected(device, 'brightness'), { brightness: 20.4 });
  });

  test('is tried a third time after a pause, and then given up until a person wants it', () => {
    standing({ brightness: 20 });
    const wish = { slot: 'brightness', value: { brightness: 80 } } as const;
    const tries = [0, 1, 2].map(() => {
      done({ brightness: 80 });
      return (poll({ brightness: 20 }).lost?.againAt ?? 0) - now;
    });
    assert.deepEqual(tries, [0, 60_000, Number.POSITIVE_INFINITY]);
    assert.equal(hands.gaveUp(device, { ...wish, now: now + 1e9 }), true);
    hands.tryAgain(device);
    assert.equal(hands.gaveUp(device, { ...wish, now }), false);
  });

  test('is not one that the device has shown: what comes after is a hand', () => {
    standing({ brightness: 20 });
    done({ brightness: 80 });
    report({ brightness: 80 });
    assert.equal(poll({ brightness: 20 }).verdict, 'hand');
  });

  test('is not one after which the device tells of the former value by itself: it changed twice', () => {
    standing({ brightness: 20 });
    done({ brightness: 80 });
    now += 30_000;
    assert.equal(report({ brightness: 20 }).verdict, 'hand');
  });

  test('does not excuse a value that is neither the former nor the wanted one', () => {
    standing({ brightness: 20 });
    done({ brightness: 80 });
    assert.equal(poll({ brightness: 50 }).verdict, 'hand');
  });

  test('may be one of several in a row', () => {
    standing({ brightness: 20 });
    done({ brightness: 80 });
    now += 20_000;
    done({ brightness: 50 });
    assert.deepEqual(poll({ brightness: 20 }).lost?.asked, { brightness: 50 });
  });

  test('may be one that switches', () => {
    standing({ on: false });
    const switching = sent({ on: true });
    assert.equal(hands.take({ ...reportOf({ on: false }), kind: 'poll' }).verdict, 'transitional');
    queue('acked', switching);
    assert.equal(hands.take({ ...reportOf({ on: false }), kind: 'poll' }).verdict, 'transitional');
    assert.equal(poll({ on: false }).verdict, 'lost');
    done({ on: true });
    assert.equal(report({ on: false }).verdict, 'hand');
  });
});

describe('a hand', () => {
  test('is what nothing explains', () => {
    standing({ on: true, brightness: 20 });
    assert.deepEqual(report({ brightness: 60 }), { verdict: 'hand', held: { brightness: 60 } });
    assert.deepEqual(report({ on: false }), { verdict: 'hand', held: { on: false } });
  });

  test('is seen while a command is in flight', () => {
    standing({ brightness: 20 });
    sent({ brightness: 40 }, 2);
    assert.equal(report({ brightness: 90 }).verdict, 'hand');
    assert.deepEqual(hands.expected(device, 'brightness'), { brightness: 90 });
  });

  test('is seen in small steps that each would pass for rounding', () => {
    standing({ brightness: 40 });
    const verdicts = [44, 48, 52].map((brightness) => report({ brightness }).verdict);
    assert.deepEqual(verdicts, ['unchanged', 'unchanged', 'hand']);
  });

  test('that goes back to where we once were is one again', () => {
    standing({ brightness: 20 });
    done({ brightness: 80 });
    now += 60_000;
    assert.equal(report({ brightness: 30 }).verdict, 'hand');
    assert.equal(report({ brightness: 80 }).verdict, 'hand');
  });

  test('is found by polling, too, and where a transition was stopped halfway', () => {
    standing({ brightness: 20 });
    done({ brightness: 80 }, 2);
    assert.equal(report({ brightness: 50 }).verdict, 'transitional');
    now += 10_000;
    assert.equal(report({ brightness: 50 }, { kind: 'poll' }).verdict, 'hand');
  });

  test('that switches a lamp on holds what was set along with it', () => {
    standing({ on: false, brightness: 40 });
    assert.equal(report({ brightness: 90 }).verdict, 'adopted');
    now += 200;
    assert.deepEqual(report({ on: true }).held, { on: true, brightness: 90 });
    assert.equal(report({ brightness: 10 }).verdict, 'hand');
  });

  test('that switches a lamp on leaves alone what was set long before', () => {
    standing({ on: false, brightness: 40 });
    report({ brightness: 90 });
    now += 60_000;
    assert.deepEqual(report({ on: true }).held, { on: true });
  });

  test('a command that overran and was told of is over: who sets its value later is a person', () => {
    standing({ on: true, brightness: 20 });
    done({ brightness: 80 });
    now += 1000;
    assert.equal(report({ brightness: 95 }).verdict, 'hand');
    now += 1000;
    assert.equal(report({ brightness: 80 }).verdict, 'overrun');
    done({ brightness: 95 });
    now += 1000;
    assert.equal(report({ brightness: 95 }).verdict, 'echo');
    now += 20_000;
    assert.deepEqual(report({ brightness: 80 }), { verdict: 'hand', held: { brightness: 80 } });
  });

  test('that an older command overran is told once, so that it can be restored', () => {
    standing({ brightness: 50 });
    const late = sent({ brightness: 80 });
    assert.equal(report({ brightness: 20 }).verdict, 'hand');
    queue('acked', late);
    assert.deepEqual(hands.expected(device, 'brightness'), { brightness: 20 });
    assert.equal(report({ brightness: 80 }).verdict, 'overrun');
    assert.deepEqual(hands.expected(device, 'brightness'), { brightness: 80 });
    done({ brightness: 20 });
    assert.equal(report({ brightness: 80 }).verdict, 'stale');
  });

  test('is none while the lamp itself says that it is still on its way, or fades to nothing', () => {
    standing({ brightness: 20 });
    assert.equal(report({ brightness: 60 }, { transitional: true }).verdict, 'transitional');
    assert.equal(report({ brightness: 0 }).verdict, 'transitional');
  });
});

describe('after a gap', () => {
  test('the first picture of a lamp we never set is nobody’s act', () => {
    assert.equal(report({ brightness: 70 }).verdict, 'adopted');
    assert.equal(report({ brightness: 20 }, { kind: 'resync' }).verdict, 'adopted');
  });

  test('a difference from what we last set is a hand', () => {
    standing({ brightness: 20 });
    done({ brightness: 80 });
    now += 60_000;
    assert.equal(report({ brightness: 30 }, { kind: 'resync' }).verdict, 'hand');
  });

  test('of the program itself, what was kept tells; the last but one target may still be in force', () => {
    standing({ on: true, brightness: 20 });
    done({ brightness: 80 });
    done({ brightness: 50 });
    const kept = JSON.parse(JSON.stringify(hands.targets(device)));
    const judge = (brightness: number): Verdict => {
      hands = new Hands();
      hands.restore(device, kept);
      return report({ brightness }, { kind: 'resync' }).verdict;
    };
    assert.deepEqual([judge(50), judge(80), judge(20)], ['adopted', 'adopted', 'hand']);
  });

  test('power-on defaults are no hand, but switching on at the wall is one against our off', () => {
    standing({ on: true, brightness: 20 });
    done({ brightness: 30 });
    done({ on: false });
    now += 60_000;
    hands.onAvailability(device, { available: false, at: now });
    hands.onAvailability(device, { available: true, at: now });
    assert.deepEqual(report({ on: true }, { kind: 'resync' }), { verdict: 'hand', held: { on: true } });
    assert.equal(report({ brightness: 100 }, { kind: 'resync' }).verdict, 'adopted');
    now += 60_000;
    assert.equal(report({ brightness: 40 }).verdict, 'hand');
  });
});

test('a person who plays with a slider is followed in time that grows with what they do, not without bounds', () => {
  standing({ brightness: 20 });
  for (let i = 0; i < 200; i++) {
    now += 50;
    done({ brightness: i % 2 === 0 ? 20 : 80 });
  }
  assert.equal(report({ brightness: 80 }).verdict, 'echo');
});
