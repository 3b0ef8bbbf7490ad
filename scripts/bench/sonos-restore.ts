import { restoreRuns } from '../../test/helpers/sonos-restore.ts';
import type { Benchmark } from './report.ts';

/** Announcements over random music in random groups, with faults and people coming between: what is other than before? */
export const sonosRestore: Benchmark = {
  async run({ progress, quick }) {
    const cases = quick ? 40 : 1000;
    const { mismatches, played, interruptions } = await restoreRuns({ cases, seed: 21, progress });
    for (const line of mismatches) process.stderr.write(`\n${line}`);
    const between = Object.entries(interruptions).map(([what, count]) => `${what} ${count}`);
    return [
      {
        ...{ name: 'sonos.restore_mismatches', value: mismatches.length, unit: '', target: 0, better: 'lower', n: cases },
        definition: `differences of the household before and after an announcement (groups and who leads them, volumes, mute, tone, queues, what is loaded, track, position within 2 s and the time that passed, play mode, whether it plays: paused and stopped count as the same), but for what a person did meanwhile, which must have stayed; ${cases} random groupings of six simulated rooms with random music, announced in some of them, ${played} played; between came: ${between.join(', ')}`,
      },
    ];
  },
};
