import { readFileSync } from 'node:fs';
import { Daemon, processTree } from '../../test/helpers/daemon.ts';
import { film } from '../../test/helpers/media.ts';
import { type Benchmark, overRepeats } from './report.ts';

/** What the whole of it takes in memory, ffmpeg and all. */
export const memory: Benchmark = {
  async run({ progress, quick }) {
    const settle = quick ? 20 : 180;
    const video = film({ seconds: 30, fps: 15, width: 1280, height: 720, sound: true });
    const daemon = await Daemon.start({
      config: `version: 1
http: { port: 0 }
mqtt: { listen: { port: 0 } }
adapters: { virtual: {} }
rooms:
  study:
    sources:
      - { id: cam, kind: camera, url: "file:${video}" }
      - { id: mic, kind: microphone, url: "file:${video}" }
    devices: [virtual:lamp]
`,
    });
    try {
      await daemon.mood('study', (mood) => mood.contributions.length > 0);
      for (let second = 0; second < settle; second++) {
        progress(`settling, ${settle - second} s left`);
        await pause(1000);
      }
      const samples: number[] = [];
      for (let sample = 0; sample < 5; sample++) {
        samples.push(pss(daemon.process.pid as number));
        await pause(1000);
      }
      return [
        {
          name: 'hub.pss_mb',
          ...overRepeats(samples),
          unit: 'MB',
          target: 400,
          better: 'lower',
          n: samples.length,
          definition: `proportional set size (MB = 10^6 bytes) of the whole process tree, ffmpeg included, one 720p camera (a file in real time) and one microphone (its audio track), after ${settle} s`,
        },
      ];
    } finally {
      await daemon.close();
    }
  },
};

/** Proportional set size of a process and all below it, MB. */
export function pss(pid: number): number {
  return processTree(pid).reduce((sum, { pid: each }) => sum + pssAlone(each), 0);
}

/** Proportional set size of one process, MB; 0 where there is none. */
export function pssAlone(pid: number): number {
  try {
    return (Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024) / 1e6;
  } catch {
    return 0;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resume) => setTimeout(resume, ms));
