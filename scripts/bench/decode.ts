import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { videoArguments } from '../../daemon/senses/capture/ffmpeg.ts';
import { FrameCutter, FrameSlot } from '../../daemon/senses/capture/frames.ts';
import type { CameraSpec } from '../../daemon/senses/protocol.ts';
import { film } from '../../test/helpers/media.ts';
import { type Benchmark, median, overRepeats, quantile } from './report.ts';

const FPS = 30;
const WARM_UP = 20;

/** What a frame takes from the film to our memory, when nothing else holds it up. */
export const decode: Benchmark = {
  async run({ progress, quick }) {
    const repeats = 5;
    const video = film({ seconds: quick ? 4 : 20, fps: FPS, width: 1280, height: 720 });
    const times: number[][] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      progress(`repeat ${repeat + 1} of ${repeats}`);
      times.push((await timesOf(video)).slice(WARM_UP));
    }
    rmSync(dirname(video), { recursive: true });
    const n = times.flat().length;
    const how = `1280x720 H.264 to a 640x360 frame in our memory: decoded, masked, scaled by ffmpeg on one thread, through the pipe; time from one frame to the next while the film is read as fast as it goes; ${repeats} runs`;
    return [
      {
        name: 'stage.decode_ms',
        ...overRepeats(times.map(median)),
        unit: 'ms',
        target: 10,
        better: 'lower',
        n,
        definition: `median of ${how}`,
      },
      {
        name: 'stage.decode_p95_ms',
        ...overRepeats(times.map((each) => quantile(each, 0.95))),
        ...({ unit: 'ms', target: 20, better: 'lower', n } as const),
        definition: `95th percentile of ${how}`,
      },
    ];
  },
};

/** ms between frames. */
async function timesOf(video: string): Promise<number[]> {
  const mask: [number, number][] = [
    [0, 0.8],
    [0.2, 0.8],
    [0.2, 1],
    [0, 1],
  ];
  const spec: CameraSpec = {
    kind: 'camera',
    id: 'cam',
    room: 'bench',
    url: `file:${video}`,
    fps: FPS,
    width: 640,
    height: 640,
    masks: [mask],
  };
  const ffmpeg = spawn('ffmpeg', hurried(videoArguments(spec)), { stdio: ['ignore', 'pipe', 'inherit'] });
  const slot = new FrameSlot(spec);
  const cutter = new FrameCutter({ slot, wanted: () => true });
  const times: number[] = [];
  let before = performance.now();
  ffmpeg.stdout.on('data', (chunk: Buffer) => {
    if (cutter.push(chunk, 0) === 0) return;
    const now = performance.now();
    times.push(now - before);
    before = now;
  });
  await once(ffmpeg, 'close');
  return times;
}

/** Not in real time, not again from the beginning, and no frame is dropped. */
function hurried(args: readonly string[]): string[] {
  const changed: Record<string, string> = { '-stream_loop': '0', '-drop_pkts_on_overflow': '0' };
  return args.filter((each) => each !== '-re').map((each, index, all) => changed[all[index - 1] ?? ''] ?? each);
}
