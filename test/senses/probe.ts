import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * Tries to write a file in every way we know, where the senses would run: with our own code, by a child, by native code. A
 * folder comes down as a message; up goes how each attempt ended.
 */
process.on('message', ({ dir }: { dir: string }) => {
  process.send?.({
    // First: what it opens of the sandbox, the attempts after it would find.
    webrtc: attempt(() => typeof createRequire(import.meta.url)('@roamhq/wrtc').RTCPeerConnection),
    own: attempt(() => writeFileSync(join(dir, 'own'), 'pixels')),
    child: spawnSync('sh', ['-c', `echo pixels > ${join(dir, 'child')}`]).signal,
    native: attempt(() => {
      const Database = createRequire(import.meta.url)('better-sqlite3') as typeof import('better-sqlite3');
      new Database(join(dir, 'native')).exec('create table pixels (value); insert into pixels values (1)');
    }),
    core: spawnSync('sh', ['-c', 'ulimit -c']).stdout.toString().trim(),
    privileges: spawnSync('sh', ['-c', 'grep NoNewPrivs /proc/self/status']).stdout.toString().trim(),
    environment: Object.keys(process.env).sort(),
  });
});

/** What an attempt returned, or the code of its error. */
function attempt(act: () => unknown): unknown {
  try {
    return act() ?? 'done';
  } catch (error) {
    return (error as { code?: string }).code;
  }
}
