import { RoomtoneError } from '../../api/errors.ts';
import { findProgram } from '../programs.ts';

/** Debian package of each program that captures. */
const PACKAGES = { ffmpeg: 'ffmpeg', arecord: 'alsa-utils', setpriv: 'util-linux', bash: 'bash' } as const;

/**
 * Closes all that was inherited but the standard streams, then becomes the program. libwebrtc does not mark its sockets close-on-exec:
 * a program would keep the UDP port of every phone that sends while it starts. sh cannot name a descriptor above 9. bash takes a
 * socket on standard input for a login from afar and runs ~/.bashrc, hence `--norc`.
 */
const UNBURDENED = `for fd in /proc/self/fd/*; do fd=\${fd##*/}; ((fd > 2)) && eval "exec $fd>&-"; done; exec "$@"`;

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
  for (const each of ['setpriv', 'bash', program] as const) {
    if (!findProgram(each, env.PATH)) {
      throw new RoomtoneError('source.no_program', { params: { source, program: each, package: PACKAGES[each] } });
    }
  }
  return ['setpriv', ['--pdeathsig', 'KILL', 'bash', '--norc', '-c', UNBURDENED, 'bash', program, ...args]];
}
