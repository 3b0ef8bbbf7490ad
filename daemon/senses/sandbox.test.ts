import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { needs } from '../../test/helpers/needs.ts';
import { RoomtoneError } from '../api/errors.ts';
import { sandboxed } from './sandbox.ts';

const probe = fileURLToPath(new URL('../../test/senses/probe.ts', import.meta.url));

describe('sandbox', needs('setpriv', 'prlimit'), () => {
  it('lets nothing be written: not by our code, not by a child, not by native code', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'roomtone-sandbox-'));
    const { command, args, env } = sandboxed(probe, { ...process.env, LANG: 'C', ROOMTONE_VAULT_KEY: 'secret' });
    const child = spawn(command, args, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child.send({ dir });
    const [found] = await once(child, 'message');
    child.kill();
    await once(child, 'exit');
    const { environment, ...attempts } = found;
    assert.deepEqual(attempts, {
      webrtc: 'function',
      own: 'ERR_ACCESS_DENIED',
      child: 'SIGXFSZ',
      native: 'SQLITE_IOERR_WRITE',
      core: '0',
      privileges: 'NoNewPrivs:\t1',
    });
    assert.ok(environment.includes('PATH') && !environment.includes('ROOMTONE_VAULT_KEY'));
    const bytes = readdirSync(dir).map((name) => statSync(join(dir, name)).size);
    assert.deepEqual(
      bytes.filter((size) => size > 0),
      [],
    );
    rmSync(dir, { recursive: true });
  });

  it('is not entered without its programs', () => {
    assert.throws(
      () => sandboxed(probe, { PATH: '/nonexistent' }),
      (error: unknown) => error instanceof RoomtoneError && error.code === 'senses.no_sandbox' && error.params.program === 'setpriv',
    );
  });
});
