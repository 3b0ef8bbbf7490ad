import { readFileSync } from 'node:fs';
import { TextReader } from '../../../daemon/senses/perception/text/reader.ts';
import { shared } from '../../../test/helpers/needs.ts';
import { openModel } from '../models.ts';
import { FEELINGS, type Feeling } from './feelings.ts';
import type { Samples, TextSample } from './samples.ts';

/** Numbers of the Ekman grouping of GoEmotions. */
const GROUPS: readonly Feeling[] = ['anger', 'disgust', 'fear', 'happiness', 'neutral', 'sadness', 'surprise'];

/** GoEmotions dev, messages with one label. */
export async function readTextSamples(progress: (text: string) => void): Promise<Samples['text']> {
  const rows = readFileSync(shared('datasets/goemotions/ekman/valid.tsv'), 'utf8').split('\n').slice(1);
  const { entry, session } = await openModel('text-emotion');
  const reader = await TextReader.open(session, entry.labels);
  const samples = Object.fromEntries(FEELINGS.map((feeling) => [feeling, [] as TextSample[]])) as Record<Feeling, TextSample[]>;
  for (const [i, row] of rows.entries()) {
    if (i % 256 === 0) progress(`${entry.id}, ${i} of ${rows.length} messages`);
    const [message, label] = row.split('\t');
    const feeling = /^\d$/.test(label ?? '') ? GROUPS[Number(label)] : undefined;
    if (message === undefined || feeling === undefined) continue;
    samples[feeling].push({ modality: 'text', ...(await reader.read(message)) });
  }
  await session.release();
  return samples;
}
