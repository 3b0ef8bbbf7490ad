import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FakeClock } from '../../daemon/api/clock.fake.ts';
import { Fader } from './fader.ts';

function open(fails: () => boolean = () => false) {
  const clock = new FakeClock();
  const sent: number[] = [];
  const set = async (volume: number): Promise<void> => {
    if (fails()) throw new Error('lost');
    sent.push(volume);
  };
  return { clock, sent, fader: new Fader({ clock, set }) };
}

describe('a fade', () => {
  it('goes in steps that never turn back, to its very end, and leaves no timer', async () => {
    const volume = fc.integer({ min: 0, max: 100 });
    await fc.assert(
      fc.asyncProperty(volume, volume, fc.integer({ min: 0, max: 20 }), async (from, to, seconds) => {
        const { clock, sent, fader } = open();
        const { ended } = await fader.go({ from, to, seconds });
        await clock.advanceAsync(seconds * 1000);
        assert.equal(await ended, true);
        assert.equal(sent.at(-1), to);
        const way = [from, ...sent].map((each) => each * Math.sign(to - from));
        assert.deepEqual(
          way,
          way.toSorted((a, b) => a - b),
        );
        assert.ok(sent.length <= Math.max(1, 5 * seconds));
        assert.equal(clock.pending, 0);
      }),
    );
  });

  it('that is taken back at once goes on explaining how faint it was in between', async () => {
    const { clock, fader } = open();
    await fader.go({ from: 30, to: 1, seconds: 0, isInterim: true });
    await fader.go({ from: 1, to: 30, seconds: 0 });
    assert.equal(fader.hear(1, false), 'fading');
    assert.equal(fader.hear(45, false), 'overtaken');
    await fader.go({ from: 45, to: 30, seconds: 0 });
    assert.equal(fader.hear(1, false), 'apart', 'a jump by itself explains nothing');
    assert.equal(clock.pending, 0);
  });

  it('ends where a person sets another volume, also one that it has passed', async () => {
    for (const [heard, by] of [
      [80, 'beyond'],
      [12, 'behind'],
    ] as const) {
      const { clock, sent, fader } = open();
      const { ended } = await fader.go({ from: 10, to: 60, seconds: 5 });
      await clock.advanceAsync(2500);
      assert.equal(fader.hear(sent.at(-2) ?? 0, false), 'fading');
      assert.equal(fader.hear(heard, false), 'overtaken', by);
      const before = sent.length;
      await clock.advanceAsync(5000);
      assert.deepEqual([await ended, sent.length], [false, before]);
    }
  });

  it('knows the late word of its last steps, and then no more', async () => {
    const { clock, fader } = open();
    await fader.go({ from: 10, to: 60, seconds: 2 });
    await clock.advanceAsync(2000);
    assert.deepEqual([fader.hear(50, false), fader.hear(60, false)], ['fading', 'apart']);
    await clock.advanceAsync(5000);
    assert.equal(fader.hear(55, false), 'apart');
  });

  it('makes a lost step good by the next', async () => {
    let lost = 3;
    const { clock, sent, fader } = open(() => sent.length > 1 && lost-- > 0);
    const { ended } = await fader.go({ from: 0, to: 50, seconds: 3 });
    await clock.advanceAsync(10_000);
    assert.deepEqual([await ended, sent.at(-1)], [true, 50]);
  });

  it('that cannot begin says so', async () => {
    const { clock, fader } = open(() => true);
    await assert.rejects(fader.go({ from: 0, to: 50, seconds: 3 }));
    assert.equal(clock.pending, 0);
  });
});
