import { parentPort, workerData } from 'node:worker_threads';
import { makeDay } from './day.ts';
import { loadSamples } from './samples.ts';
import { only, storyOfMean, storyOfProgram } from './stories.ts';
import { type Tally, tallyDay } from './tally.ts';
import type { Done, Work } from './workers.ts';

const { files, seeds } = workerData as Work;
const samples = loadSamples(files);
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
  parentPort?.postMessage({ seed, tally } satisfies Done<Tally>);
}
