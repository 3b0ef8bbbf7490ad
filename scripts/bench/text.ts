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

/** What reading a message costs on the whole way from the hub to the senses and back. */
export const textMessage: Benchmark = {
  async run({ progress, quick }) {
    const messages = readMessages(quick);
    const medians: number[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      progress(`repeat ${repeat + 1} of ${REPEATS}, ${messages.length} messages`);
      medians.push(median(await throughSenses(messages)));
    }
    const way = 'from the message in the hub, through the senses process, to its observation parsed in the hub';
    return [figure({ name: 'text.message_ms', values: medians, target: 2, messages, definition: `median ${way}` })];
  },
};

/** What the reader takes by itself. */
export const textStage: Benchmark = {
  async run({ progress, quick }) {
    const messages = readMessages(quick);
    const medians: number[] = [];
    const slow: number[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      progress(`repeat ${repeat + 1} of ${REPEATS}, ${messages.length} messages`);
      const times = await readerAlone(messages);
      medians.push(median(times));
      slow.push(quantile(times, 0.95));
    }
    const reader = 'of the reader alone: words, letters, network and cues';
    return [
      figure({ name: 'stage.text_ms', values: medians, target: 2, messages, definition: `median ${reader}` }),
      figure({ name: 'stage.text_p95_ms', values: slow, target: 4, messages, definition: `95th percentile ${reader}` }),
    ];
  },
};

interface Measured {
  name: string;
  /** One for each repeat, ms. */
  values: number[];
  target: number;
  messages: readonly string[];
  definition: string;
}

function figure({ name, values, target, messages, definition }: Measured): Figure {
  const each = messages.length - WARM_UP;
  const runs = `GoEmotions dev, ${each} messages one after the other in each of ${REPEATS} runs, one thread`;
  return { name, ...overRepeats(values), unit: 'ms', target, better: 'lower', n: REPEATS * each, definition: `${definition}; ${runs}` };
}

function readMessages(quick: boolean): string[] {
  const count = WARM_UP + (quick ? 100 : 500);
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
