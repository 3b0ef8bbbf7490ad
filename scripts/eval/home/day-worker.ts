import { parentPort, workerData } from 'node:worker_threads';
import { makeDay } from './day.ts';
import { loadSamples, type SampleFiles } from './samples.ts';
import { only, storyOfMean, storyOfProgram } from './stories.ts';
import { type Tally, tallyDay } from './tally.ts';

/** What a worker is to do. */
export interface Work {
  sampleFiles: SampleFiles;
  /** One for each day. */
  seeds: number[];
}

/** Told after each day. */
export interface Done {
  seed: number;
  tally: Tally;
}

const { sampleFiles, seeds } = workerData as Work;
const samples = loadSamples(sampleFiles);
for (const seed of seeds) {
  const day = makeDay(seed, samples);
  const { observations } = day;
  const tally = tallyDay(day, {
    fused: storyOfProgram(observations),
    'program.face': storyOfProgram(only('face', observations)),
    'program.voice': storyOfProgram(only('voice', observations)),
    'program.text': storyOfProgram(only('text', observations)),
    'mean.face': storyOfMean('face', observations),
    'mean.voice': storyOfMean('voice', observations),
    'mean.text': storyOfMean('text', observations),
  });
  parentPort?.postMessage({ seed, tally } satisfies Done);
}
