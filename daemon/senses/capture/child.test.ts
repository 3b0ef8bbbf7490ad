import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { FakeClock } from '../../api/clock.fake.ts';
import { describeExit, endChild, exitOf, FFMPEG_LADDER } from './child.ts';

/** A program that says `up`, then does what the script says. */
async function start(script: string) {
  const child = spawn(process.execPath, ['-e', `${script}; console.log('up')`], { stdio: 'pipe' });
  const exited = exitOf(child);
  await once(child.stdout, 'data');
  return { child, exited };
}

const DEAF = "process.on('SIGTERM', () => console.log('term')); setInterval(() => {}, 1e6)";

describe('endChild', () => {
  it('stops at the first step that works', async () => {
    const clock = new FakeClock();
    const { child, exited } = await start("process.stdin.once('data', () => process.exit())");
    await endChild(child, { exited, ladder: FFMPEG_LADDER, clock });
    assert.equal((await exited).signal, null);
    assert.equal(clock.pending, 0);
  });

  it('goes on to SIGTERM after 2 s and to SIGKILL after 2 more', async () => {
    const clock = new FakeClock();
    const { child, exited } = await start(DEAF);
    const ended = endChild(child, { exited, ladder: FFMPEG_LADDER, clock });
    const terminated = once(child.stdout, 'data');
    await clock.advanceAsync(1999);
    assert.equal(child.killed, false);
    await clock.advanceAsync(1);
    assert.equal(String(await terminated), 'term\n');
    await clock.advanceAsync(2000);
    await ended;
    assert.equal((await exited).signal, 'SIGKILL');
    assert.equal(clock.pending, 0);
  });

  it('returns where the child is gone already', async () => {
    const { child, exited } = await start('');
    child.stdin.on('error', () => {});
    await exited;
    await endChild(child, { exited, ladder: FFMPEG_LADDER, clock: new FakeClock() });
  });
});

describe('exitOf', () => {
  it('tells a program that could not be started', async () => {
    const exit = await exitOf(spawn('/nonexistent/program'));
    assert.match(describeExit(exit, ''), /ENOENT/);
  });

  it('tells code and signal', async () => {
    assert.equal(describeExit(await exitOf(spawn('sh', ['-c', 'exit 3'])), ''), 'exit code 3');
    assert.equal(describeExit(await exitOf(spawn('sh', ['-c', 'kill -9 $$'])), ''), 'ended by SIGKILL');
  });
});
