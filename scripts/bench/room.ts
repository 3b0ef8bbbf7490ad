import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemClock } from '../../daemon/api/clock.ts';
import { Daemon, eventually, processTree } from '../../test/helpers/daemon.ts';
import { emptyRoom } from '../../test/helpers/media.ts';
import { startRtspCamera } from '../../test/helpers/rtsp-camera.ts';
import type { Benchmark } from './report.ts';

/** Length of the piece of film that is shown again and again until the person comes in, s. */
const PIECE = 20;
/** How long after the camera was connected, and how long a person then stays, s. */
const EMPTY = 5 * PIECE;
const STAYS = 15;
/** The person comes in half way between two key frames, s after one. */
const AFTER_KEY = 0.5;
/** Until the room counts as idle and the stream is decoded accordingly, s. */
const SETTLING = 90;
/** proc(5): times in /proc/PID/stat are in hundredths of a second on every Linux of today. */
const TICK = 10;

/** What a camera in an empty room costs, and how soon somebody who comes in is seen. */
export const room: Benchmark = {
  async run({ progress, quick }) {
    const measured = quick ? 10 : 60;
    progress('making the film');
    const film = filmOfEntry();
    const camera = await startRtspCamera({ file: film, times: 1, mark: EMPTY + AFTER_KEY });
    const daemon = await Daemon.start({
      config: `version: 1
http: { port: 0 }
mqtt: { listen: { port: 0 } }
mood: { smoothing: 0s, dwell: 0s }
adapters: { virtual: {} }
rooms:
  den:
    sources: [{ id: cam, kind: camera, url: "${camera.url}" }]
    devices: [virtual:lamp]
`,
    });
    try {
      await daemon.login();
      progress('until the room counts as idle');
      await eventually(() => isIdle(daemon), SETTLING * 1000, 'one program that decodes key frames alone');
      progress(`an empty room for ${measured} s`);
      const before = cpuTimes(daemon.pid);
      const began = systemClock.mono();
      await new Promise((resume) => setTimeout(resume, measured * 1000));
      const share = shareOfCore(before, { after: cpuTimes(daemon.pid), elapsed: systemClock.mono() - began });
      progress('until a person comes in');
      const noticed = daemon.mood('den', ({ people }) => (people ?? 0) > 0).then(() => systemClock.mono());
      const entered = await camera.marked.next();
      const wake = ((await noticed) - entered) / 1000;
      return figures({ measured, share, wake });
    } finally {
      await daemon.close();
      await camera.close();
      rmSync(dirname(film), { recursive: true });
    }
  },
};

function figures({ measured, share, wake }: { measured: number; share: { ours: number; all: number }; wake: number }) {
  const how = `share of one core over ${measured} s of an empty room: a home interior with the noise of a sensor, 1280x720 at 15 fps, H.264 at 2 Mbit/s with a key frame a second, over RTSP from another process; defaults as shipped`;
  return [
    {
      name: 'room.empty_cpu_percent',
      value: share.ours,
      unit: '%',
      target: 2,
      better: 'lower',
      n: 1,
      definition: `hub and senses without ffmpeg: ${how}`,
    },
    {
      name: 'room.empty_cpu_with_ffmpeg_percent',
      value: share.all,
      unit: '%',
      target: 10,
      better: 'lower',
      n: 1,
      definition: `with ffmpeg: ${how}`,
    },
    {
      ...({ name: 'room.wake_s', value: wake, unit: 's', target: 1.5, better: 'lower', n: 1 } as const),
      definition:
        'in the same run: the RTSP server hands the first frame with a person in it to its client, to the first mood with people on the live stream of the API',
    },
  ] satisfies Awaited<ReturnType<Benchmark['run']>>;
}

/** An empty room, then one with a person in it. */
function filmOfEntry(): string {
  const pieces = [emptyRoom({ seconds: PIECE }), emptyRoom({ seconds: STAYS, entryAt: AFTER_KEY })] as const;
  const dir = dirname(pieces[0]);
  const list = join(dir, 'list.txt');
  const film = join(dir, 'entry.mp4');
  writeFileSync(list, [...Array<string>(EMPTY / PIECE).fill(pieces[0]), pieces[1]].map((piece) => `file '${piece}'\n`).join(''));
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'concat', '-safe', '0', '-i', list, '-c', 'copy', film]);
  rmSync(dirname(pieces[1]), { recursive: true });
  return film;
}

function isIdle({ captures }: Daemon): boolean {
  return captures.length === 1 && captures.every(({ command }) => command.includes('nokey'));
}

/** CPU time so far of each process at or below `pid`, ms. */
function cpuTimes(pid: number): Map<number, { ms: number; ffmpeg: boolean }> {
  return new Map(
    processTree(pid).map(({ pid: each, command }) => {
      const stat = readFileSync(`/proc/${each}/stat`, 'utf8');
      const [user = 0, system = 0] = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .slice(11, 13)
        .map(Number);
      return [each, { ms: (user + system) * TICK, ffmpeg: /^(\S*\/)?ffmpeg\b/.test(command) }];
    }),
  );
}

type Times = ReturnType<typeof cpuTimes>;

/** Percent of one core. */
function shareOfCore(before: Times, { after, elapsed }: { after: Times; elapsed: number }): { ours: number; all: number } {
  const spent = [...after].map(([pid, { ms, ffmpeg }]) => ({ ms: ms - (before.get(pid)?.ms ?? 0), ffmpeg }));
  const percent = (each: typeof spent): number => (100 * each.reduce((sum, { ms }) => sum + ms, 0)) / elapsed;
  return { ours: percent(spent.filter(({ ffmpeg }) => !ffmpeg)), all: percent(spent) };
}
