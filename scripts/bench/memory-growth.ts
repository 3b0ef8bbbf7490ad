import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import { systemClock } from '../../daemon/api/clock.ts';
import { Senses } from '../../daemon/senses/supervisor.ts';
import { film } from '../../test/helpers/media.ts';
import { shared } from '../../test/helpers/needs.ts';
import type { Benchmark } from './report.ts';

const CAMERAS = ['north', 'east', 'south', 'west'];
const FPS = 30;
/** Frames between two looks at the memory, and between two captures that are killed. */
const LOOK_EVERY = 25;
const KILL_EVERY = 500;

/** Whether the senses keep anything of what they read. */
export const memoryGrowth: Benchmark = {
  async run({ progress, quick }) {
    const scale = quick ? 0.1 : 1;
    const video = film({ seconds: 20, fps: FPS });
    const samples: { frame: number; bytes: number }[] = [];
    const senses = new Senses({ log: pino({ level: 'silent' }), clock: systemClock });
    let frame = 0;
    let kills = 0;
    const done = new Promise<void>((resolve) => {
      senses.events.on('observation', ({ modality }) => {
        if (modality !== 'face') return;
        frame++;
        const { pid, sources } = senses.status();
        if (frame % LOOK_EVERY === 0 && pid !== null) samples.push({ frame, bytes: pssOf(pid) });
        if (frame % Math.round(KILL_EVERY * scale) === 0) kill(sources[kills++ % sources.length]?.pid ?? null);
        if (frame % 100 === 0) progress(`${frame} of ${10_000 * scale} frames`);
        if (frame >= 10_000 * scale) resolve();
      });
    });
    const common = { kind: 'camera', room: 'bench', url: `file:${video}`, fps: FPS, width: 640, height: 640, masks: [] } as const;
    senses.apply({
      sources: CAMERAS.map((id) => ({ ...common, id, masks: [] })),
      models: { dirs: [join(import.meta.dirname, '../../models'), shared('models')], threads: 1 },
    });
    await done;
    await senses.close();
    rmSync(dirname(video), { recursive: true });
    const lowest = (from: number, to: number): number =>
      Math.min(...samples.filter((each) => each.frame > from * scale && each.frame <= to * scale).map(({ bytes }) => bytes));
    const [early, late] = [lowest(1000, 2000), lowest(9000, 10_000)];
    return [
      {
        name: 'memory.growth_percent',
        value: (late / early - 1) * 100,
        unit: '%',
        target: 2,
        better: 'lower',
        n: frame,
        definition: `lowest proportional set size of the senses process in frames ${9000 * scale} to ${10_000 * scale} (${megabytes(late)} MB) over that in frames ${1000 * scale} to ${2000 * scale} (${megabytes(early)} MB); ${CAMERAS.length} cameras, a face read in every frame, one capture killed every ${Math.round(KILL_EVERY * scale)} frames`,
      },
    ];
  },
};

function kill(pid: number | null): void {
  if (pid !== null) process.kill(pid, 'SIGKILL');
}

const pssOf = (pid: number): number => Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) * 1024;
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
