import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeClock } from '../../api/clock.fake.ts';
import type { Decoding } from './ffmpeg.ts';
import { IDLE_AFTER, Pace } from './pace.ts';

/** A camera that gives a frame every `spacing` ms; what another program would decode is asked for after each that is read. */
function setUp({ fps = 5, changeable = true } = {}) {
  const clock = new FakeClock();
  const pace = new Pace({ fps, changeable });
  const changes: Decoding[] = [];
  pace.started(clock.mono());
  const pass = (ms: number, spacing = 200): number[] => {
    const read: number[] = [];
    for (const began = clock.mono(); clock.mono() - began < ms; ) {
      clock.advance(spacing);
      pace.came(clock.mono());
      if (!pace.wants(clock.mono())) continue;
      read.push(clock.mono() - began);
      const change = pace.change(clock.mono());
      if (change) changes.push(change);
    }
    return read;
  };
  const settle = (decoding: Decoding, done = true) => pace.changed(decoding, { at: clock.mono(), done });
  const move = () => pace.seen({ moved: true, faces: 0 }, clock.mono());
  const idleOnKeys = () => {
    pass(IDLE_AFTER + 1000);
    settle('keys');
  };
  return { clock, pace, changes, pass, settle, move, idleOnKeys };
}

describe('Pace', () => {
  it('reads every frame while something moves, and one a second half a minute after', () => {
    const { pass, move } = setUp({ changeable: false });
    assert.equal(pass(10_000).length, 50);
    move();
    assert.equal(pass(IDLE_AFTER - 200).length, 149);
    assert.deepEqual(pass(5000), [1000, 2000, 3000, 4000, 5000]);
    move();
    assert.equal(pass(1000).length, 5);
  });

  it('keeps to fewer frames than one a second, where that is configured', () => {
    const { pass, clock } = setUp({ fps: 0.25, changeable: false });
    assert.deepEqual(pass(12_000, 1000), [1000, 5000, 9000]);
    clock.advance(IDLE_AFTER);
    assert.deepEqual(pass(8000, 1000), [1000, 5000]);
  });

  it('asks for key frames when idle, once, and for all frames with the first motion', () => {
    const { pass, changes, move, settle } = setUp();
    pass(IDLE_AFTER + 10_000);
    assert.deepEqual(changes, ['keys']);
    settle('keys');
    pass(10_000, 1000);
    assert.deepEqual(changes, ['keys']);
    move();
    pass(3000, 1000);
    assert.deepEqual(changes, ['keys', 'all']);
    settle('all');
    assert.equal(pass(1000).length, 5);
  });

  it('never asks where a source cannot be read twice', () => {
    const { pass, changes } = setUp({ changeable: false });
    pass(2 * IDLE_AFTER);
    assert.deepEqual(changes, []);
  });

  it('reads about one key frame a second, however often they come', () => {
    for (const [spacing, most, least] of [
      [250, 1000, 750],
      [500, 1000, 1000],
      [800, 800, 800],
      [1000, 1000, 1000],
    ] as const) {
      const { pass, idleOnKeys } = setUp();
      idleOnKeys();
      const read = pass(20_000, spacing);
      const gaps = read.slice(1).map((at, index) => at - (read[index] as number));
      assert.ok(Math.max(...gaps) <= most && Math.min(...gaps) >= least, `${spacing}: ${gaps}`);
    }
  });

  it('goes back to all frames when key frames become rare, and tries them again after ten minutes', () => {
    const { pass, changes, settle, idleOnKeys } = setUp();
    idleOnKeys();
    pass(4000, 2000);
    assert.deepEqual(changes, ['keys', 'all']);
    settle('all');
    pass(580_000, 500);
    assert.deepEqual(changes, ['keys', 'all']);
    pass(30_000, 500);
    assert.deepEqual(changes, ['keys', 'all', 'keys']);
  });

  it('waits ten seconds after a change to all frames that failed', () => {
    const { pass, changes, settle, move, idleOnKeys } = setUp();
    idleOnKeys();
    move();
    pass(1000, 1000);
    settle('all', false);
    pass(9000, 1000);
    assert.deepEqual(changes, ['keys', 'all']);
    pass(1000, 1000);
    assert.deepEqual(changes, ['keys', 'all', 'all']);
  });

  it('begins with all frames after the source was lost', () => {
    const { pace, pass, clock, idleOnKeys, changes } = setUp();
    idleOnKeys();
    pace.started(clock.mono());
    assert.equal(pass(2000).length, 10);
    assert.deepEqual(changes, ['keys']);
  });

  it('takes key frames that come at least about once a second, and only while idle', () => {
    const { pace, clock, pass, move } = setUp();
    pass(IDLE_AFTER);
    const judge = (gaps: number[]) => {
      const trial = pace.keyFrameTrial();
      return gaps.map((gap) => {
        clock.advance(gap);
        return trial(clock.mono());
      });
    };
    assert.deepEqual(judge([5000, 1000, 1200]), ['open', 'open', 'proven']);
    assert.deepEqual(judge([0, 1000, 2000]), ['open', 'open', 'refuted']);
    move();
    assert.deepEqual(judge([0]), ['refuted']);
  });
});
