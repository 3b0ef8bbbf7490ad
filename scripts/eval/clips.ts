import { readdirSync } from 'node:fs';
import { join, parse } from 'node:path';
import { decodeSounds } from '../../test/helpers/decode.ts';
import { shared } from '../../test/helpers/needs.ts';
import type { Options } from './evaluation.ts';

export interface Clip {
  /** Of the file, without its extension */
  name: string;
  /** 16 kHz mono, -1..1 */
  samples: Float32Array;
}

/** Clips that one decoder is given at a time. */
const AT_ONCE = 32;

/** The wanted clips of a corpus of the shared folder, by name. */
export async function readClips(corpus: string, wanted: (name: string) => boolean, { progress }: Options): Promise<Clip[]> {
  const folder = shared(`datasets/${corpus}`);
  const files = readdirSync(folder)
    .sort()
    .map((file) => ({ path: join(folder, file), ...parse(file) }))
    .filter(({ name, ext }) => ['.flac', '.wav'].includes(ext) && wanted(name));
  const clips: Clip[] = [];
  for (let first = 0; first < files.length; first += AT_ONCE) {
    progress(`reading ${corpus}, ${first} of ${files.length} clips`);
    const batch = files.slice(first, first + AT_ONCE);
    const sounds = await decodeSounds(batch.map(({ path }) => path));
    for (const [i, { name }] of batch.entries()) {
      clips.push({ name, samples: Float32Array.from(sounds[i] as Int16Array, (sample) => sample / 32_768) });
    }
  }
  return clips;
}
