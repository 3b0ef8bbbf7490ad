import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { systemClock } from '../../daemon/api/clock.ts';
import { Senses } from '../../daemon/senses/supervisor.ts';
import { film } from '../../test/helpers/media.ts';
import { shared } from '../../test/helpers/needs.ts';
import { type Benchmark, median, overRepeats, quantile } from './report.ts';

const FPS = 30;
const WARM_UP = 50;
const BARE_TOO = fileURLToPath(new URL('./senses-and-bare-runs.ts', import.meta.url));

/** What reading a frame costs beyond the two networks, and in all. */
export const frameOverhead: Benchmark = {
  async run({ progress, quick }) {
    const repeats = 5;
    const frames = quick ? 100 : 500;
    const video = film({ seconds: 30, fps: FPS });
    const ratios: number[] = [];
    const differences: number[] = [];
    const slowest: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      progress(`repeat ${repeat + 1} of ${repeats}, ${frames} frames`);
      const { whole, bare } = await measure(video, { frames, entry: BARE_TOO });
      ratios.push(median(whole) / median(bare));
      differences.push(median(whole) - median(bare));
      slowest.push(quantile((await measure(video, { frames })).whole, 0.95));
    }
    const n = repeats * frames;
    const way = `shipped defaults, 640x360 frames with one large face each at ${FPS} fps; from the last byte of a frame out of ffmpeg's pipe to its observation parsed in the hub`;
    const how = `${way}, against the same sessions on the same tensors in the same process, in turn; medians of ${frames} frames in each of ${repeats} runs`;
    return [
      { name: 'frame.overhead_ratio', ...overRepeats(ratios), unit: '', target: 1.3, better: 'lower', n, definition: `ratio: ${how}` },
      {
        name: 'frame.overhead_ms',
        ...overRepeats(differences),
        unit: 'ms',
        target: 8,
        better: 'lower',
        n,
        definition: `difference: ${how}`,
      },
      {
        name: 'frame.p95_ms',
        ...overRepeats(slowest),
        unit: 'ms',
        target: 15,
        better: 'lower',
        n,
        definition: `95th percentile of the whole way: ${way}; no other work in the process; ${frames} frames in each of ${repeats} runs`,
      },
    ];
  },
};

/** The senses process as it ships unless `entry` is another. Times in ms of every frame: the whole way and, with `BARE_TOO`, the networks alone. */
async function measure(video: string, { frames, entry }: { frames: number; entry?: string }): Promise<{ whole: number[]; bare: number[] }> {
  const whole: number[] = [];
  const bare: number[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => note(line, bare) });
  const senses = new Senses({ log, clock: systemClock, ...(entry && { entry }) });
  const done = new Promise<void>((resolve) => {
    senses.events.on('observation', (observation) => {
      if (observation.modality === 'face') whole.push(systemClock.mono() - observation.at);
      if (whole.length >= frames + WARM_UP) resolve();
    });
  });
  senses.apply({
    sources: [{ kind: 'camera', id: 'cam', room: 'bench', url: `file:${video}`, fps: FPS, width: 640, height: 360, masks: [] }],
    models: { dirs: [fileURLToPath(new URL('../../models', import.meta.url)), shared('models')], threads: 1 },
  });
  await done;
  await senses.close();
  return { whole: whole.slice(WARM_UP), bare: bare.slice(WARM_UP) };
}

function note(line: string, into: number[]): void {
  const { bare } = JSON.parse(line) as { bare?: number };
  if (bare !== undefined) into.push(bare);
}
