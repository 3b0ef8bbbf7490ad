import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { systemClock } from '../../daemon/api/clock.ts';
import { Perception } from '../../daemon/senses/perception/perception.ts';
import { Senses } from '../../daemon/senses/supervisor.ts';
import { shared } from '../../test/helpers/needs.ts';
import { type Benchmark, type Figure, median, overRepeats, quantile } from './report.ts';

const models = { dirs: [fileURLToPath(new URL('../../models', import.meta.url))], threads: 1 };
const log = pino({ level: 'silent' });
const REPEATS = 5;
/** The first messages load the model and warm it up. */
const WARM_UP = 50;

/** What reading a message costs: on the whole way from the hub to the senses and back, and in the reader alone. */
export const text: Benchmark = {
  async run({ progress, quick }) {
    const messages = readMessages(WARM_UP + (quick ? 100 : 500));
    const ways: number[] = [];
    const medians: number[] = [];
    const slow: number[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      progress(`repeat ${repeat + 1} of ${REPEATS}, ${messages.length} messages`);
      ways.push(median(await throughSenses(messages)));
      const reader = await readerAlone(messages);
      medians.push(median(reader));
      slow.push(quantile(reader, 0.95));
    }
    const n = REPEATS * (messages.length - WARM_UP);
    const runs = `GoEmotions dev, ${n / REPEATS} messages one after the other in each of ${REPEATS} runs, one thread`;
    const figure = (name: string, values: number[], definition: string): Figure => ({
      ...{ name, ...overRepeats(values), unit: 'ms', target: 2, better: 'lower', n, definition: `${definition}; ${runs}` },
    });
    return [
      figure(
        'text.message_ms',
        ways,
        'median from the message in the hub, through the senses process, to its observation parsed in the hub',
      ),
      figure('stage.text_ms', medians, 'median of the reader alone in one process: words, letters, network and cues'),
      figure('stage.text_p95_ms', slow, '95th percentile of the reader alone in one process: words, letters, network and cues'),
    ];
  },
};

function readMessages(count: number): string[] {
  const rows = readFileSync(shared('datasets/goemotions/ekman/valid.tsv'), 'utf8').split('\n');
  return rows.slice(1, 1 + count).map((row) => row.split('\t')[0] ?? '');
}

/** Ms for each message but those of the warm-up. */
async function throughSenses(messages: readonly string[]): Promise<number[]> {
  const senses = new Senses({ log, clock: systemClock });
  senses.apply({ sources: [], text: true, models });
  const times: number[] = [];
  for (const message of messages) {
    const read = new Promise<void>((resolve) => senses.events.once('observation', () => resolve()));
    const began = performance.now();
    senses.read({ room: 'bench', text: message, at: systemClock.mono() });
    await read;
    times.push(performance.now() - began);
  }
  await senses.close();
  return times.slice(WARM_UP);
}

async function readerAlone(messages: readonly string[]): Promise<number[]> {
  const perception = new Perception({ log, ...models, onModel: () => {} });
  const times: number[] = [];
  for (const message of messages) {
    const began = performance.now();
    await perception.read(message);
    times.push(performance.now() - began);
  }
  await perception.close();
  return times.slice(WARM_UP);
}
