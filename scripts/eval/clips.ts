import { readdirSync } from 'node:fs';
import { join, parse } from 'node:path';
import { decodeSound } from '../../test/helpers/decode.ts';
import { shared } from '../../test/helpers/needs.ts';
import type { Options } from './evaluation.ts';

export interface Clip {
  /** Of the file, without its extension */
  name: string;
  /** 16 kHz mono, -1..1 */
  samples: Float32Array;
}

/** The wanted clips of a corpus of the shared folder, by name. */
export async function readClips(corpus: string, wanted: (name: string) => boolean, { progress }: Options): Promise<Clip[]> {
  const folder = shared(`datasets/${corpus}`);
  const clips: Clip[] = [];
  for (const file of readdirSync(folder).sort()) {
    const { name, ext } = parse(file);
    if (!['.flac', '.wav'].includes(ext) || !wanted(name)) continue;
    progress(`reading ${corpus}, ${name}`);
    clips.push({ name, samples: Float32Array.from(await decodeSound(join(folder, file)), (sample) => sample / 32_768) });
  }
  return clips;
}
