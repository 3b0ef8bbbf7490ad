import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FaceObservation, Observation, VoiceObservation } from '../../../daemon/mood/observation.ts';
import { loadManifest } from '../../../daemon/senses/perception/models.ts';
import { shared } from '../../../test/helpers/needs.ts';
import type { Options } from '../evaluation.ts';
import { readFaceSamples } from './face-samples.ts';
import type { Feeling } from './feelings.ts';
import { readTextSamples } from './text-samples.ts';
import { readVoiceSamples } from './voice-samples.ts';

/** What a reading says, whoever it is of and whenever. */
type Said<O extends Observation> = Omit<O, 'v' | 'id' | 'room' | 'source' | 'at'>;

export type FaceSample = Omit<Said<FaceObservation>, 'track' | 'people' | 'primary' | 'box'>;
export type TextSample = Said<Extract<Observation, { modality: 'text' }>>;
/** One clip: its length, ms, and what is read where an utterance in it ends. */
export interface VoiceSample {
  length: number;
  utterances: { after: number; said: Said<VoiceObservation> }[];
}

/** Outputs of the models, by what is really felt. Numbers alone. */
export interface Samples {
  face: Record<Feeling, FaceSample[]>;
  voice: Record<Feeling, VoiceSample[]>;
  text: Record<Feeling, TextSample[]>;
}

/** What each part is made of. */
const PARTS = {
  face: { roles: ['face-emotion'], data: ['datasets/ferplus/valid.npz'], read: readFaceSamples },
  text: { roles: ['text-emotion'], data: ['datasets/goemotions/ekman/valid.tsv'], read: readTextSamples },
  voice: {
    roles: ['voice-activity', 'voice-arousal', 'voice-emotion'],
    data: ['datasets/emodb', 'datasets/ravdess'],
    read: readVoiceSamples,
  },
} as const;
/** To be raised when the way in which samples are read changes. */
const FORMAT = 1;

export type SampleFiles = Record<keyof Samples, string>;

/**
 * Every sample, passed once through the models that ship. The numbers are kept in the temporary folder for the next time,
 * under names that change with models and data.
 */
export async function sampleFiles({ progress }: Pick<Options, 'progress'>): Promise<SampleFiles> {
  return { face: await keep('face', progress), text: await keep('text', progress), voice: await keep('voice', progress) };
}

async function keep(part: keyof Samples, progress: Options['progress']): Promise<string> {
  const { roles, data, read } = PARTS[part];
  const { models } = await loadManifest();
  const used = models.filter(({ role }) => (roles as readonly string[]).includes(role)).map(({ sha256 }) => sha256);
  const key = [FORMAT, ...used, ...data.map((path) => statSync(shared(path)).size)];
  const folder = join(tmpdir(), 'roomtone-eval');
  const file = join(folder, `${part}-${createHash('sha256').update(key.join()).digest('hex').slice(0, 16)}.json`);
  if (existsSync(file)) return file;
  const samples = await read(progress);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(samples));
  renameSync(`${file}.${process.pid}`, file);
  return file;
}

export const loadSamples = (files: SampleFiles): Samples => ({
  face: JSON.parse(readFileSync(files.face, 'utf8')),
  voice: JSON.parse(readFileSync(files.voice, 'utf8')),
  text: JSON.parse(readFileSync(files.text, 'utf8')),
});
