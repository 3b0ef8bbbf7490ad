import { resolveModels } from '../senses/perception/models.ts';
import { findProgram } from '../senses/programs.ts';
import type { ProblemReport } from './problems.ts';

/** What a bare machine lacks, each with the Debian package that brings it and what goes without it. */
const PROGRAMS = [
  { program: 'ffmpeg', package: 'ffmpeg', use: 'cameras, video files and the sound of streams' },
  { program: 'arecord', package: 'alsa-utils', use: 'microphones' },
  { program: 'setpriv', package: 'util-linux', use: 'cameras and microphones' },
  { program: 'prlimit', package: 'util-linux', use: 'cameras and microphones' },
] as const;

/** What is not there that some job needs: programs and models. It looks at files and starts nothing. */
export async function findMissing(options: { modelDirs: readonly string[]; path: string | undefined }): Promise<ProblemReport[]> {
  const programs = PROGRAMS.filter(({ program }) => findProgram(program, options.path) === null);
  const models = await resolveModels(options.modelDirs);
  return [
    ...programs.map((params) => ({ code: 'program.missing' as const, params })),
    ...Object.values(models).flatMap((found) => ('problem' in found ? found.problem : (found.refused ?? []))),
  ];
}
