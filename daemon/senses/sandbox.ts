import { fileURLToPath } from 'node:url';
import { RoomtoneError } from '../api/errors.ts';
import { findProgram } from './programs.ts';

/** What the senses may know of the hub's environment. Everything else, secrets above all, stays behind. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'TZ', 'ALSA_CONFIG_PATH', 'PULSE_SERVER', 'XDG_RUNTIME_DIR'] as const;

/** Keeps sound servers from sharing memory, which they would do through a file. */
const PULSE_CLIENTCONFIG = fileURLToPath(new URL('./pulse-client.conf', import.meta.url));

/**
 * MiB. What comes out of pipes lies outside of V8's heap and is freed when its nursery is swept: a small one is swept often, and a process
 * that reads pictures for weeks stays at the size it had in its first minutes.
 */
const SMALL_NURSERY = '--max-semi-space-size=2';

export interface Sandbox {
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
}

/**
 * The command that runs a module of ours so that neither it nor any child of it can write a byte to a file:
 * - `setpriv --pdeathsig`: the kernel kills it when the hub is gone; `--no-new-privs`: no setuid program gets it more rights;
 * - `prlimit --fsize=0 --core=0`: a write to a file is SIGXFSZ, for native code and children too; a crash leaves no image;
 * - node `--permission`: its own code may read, run programs and load native modules, not write. It warns
 *   that these rights weaken the model; what they open is closed by the limits above.
 * @throws RoomtoneError `senses.no_sandbox` where one of the programs is missing
 */
export function sandboxed(module: string, hub: NodeJS.ProcessEnv): Sandbox {
  const [setpriv, prlimit] = ['setpriv', 'prlimit'].map((program) => {
    const path = findProgram(program, hub.PATH);
    if (!path) throw new RoomtoneError('senses.no_sandbox', { params: { program } });
    return path;
  }) as [string, string];
  const passedOn = PASSED_ON.flatMap((name) => (hub[name] === undefined ? [] : [[name, hub[name]]]));
  const rights = ['--permission', '--allow-fs-read=*', '--allow-addons', '--allow-child-process', '--disable-warning=SecurityWarning'];
  return {
    command: setpriv,
    args: [
      ...['--no-new-privs', '--pdeathsig', 'KILL'],
      ...[prlimit, '--fsize=0', '--core=0'],
      ...[process.execPath, ...rights, SMALL_NURSERY, module],
    ],
    env: { ...Object.fromEntries(passedOn), PULSE_CLIENTCONFIG },
  };
}
