import { RoomtoneError } from '../../api/errors.ts';
import { findProgram } from '../programs.ts';

/** Debian package of each program that captures. */
const PACKAGES = { ffmpeg: 'ffmpeg', arecord: 'alsa-utils', setpriv: 'util-linux' } as const;

/**
 * The command that runs `program` as a child which dies with this process: the kernel kills it when its parent is gone, kill
 * -9 included (prctl(2), PR_SET_PDEATHSIG).
 * @throws RoomtoneError `source.no_program` where it is not on the PATH of `env`
 */
export function tied(
  program: 'ffmpeg' | 'arecord',
  args: readonly string[],
  { source, env }: { source: string; env: NodeJS.ProcessEnv },
): [command: string, args: string[]] {
  for (const each of ['setpriv', program] as const) {
    if (!findProgram(each, env.PATH)) {
      throw new RoomtoneError('source.no_program', { params: { source, program: each, package: PACKAGES[each] } });
    }
  }
  return ['setpriv', ['--pdeathsig', 'KILL', program, ...args]];
}
