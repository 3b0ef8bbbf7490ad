import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const program = `
  import { resolveModels } from './models.ts';
  import { openSession } from './session.ts';
  const { 'face-emotion': model } = await resolveModels(['../../../models']);
  const session = await openSession(model, 1);
  await session.release();
`;

test('ONNX Runtime keeps no number of this machine and no list of what it would report', () => {
  const home = mkdtempSync(join(tmpdir(), 'roomtone-home-'));
  // It keeps quiet by itself where CI is set: that would prove nothing.
  const { CI: _, XDG_CACHE_HOME: __, ORT_DISABLE_TELEMETRY: ___, ...env } = process.env;
  execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: import.meta.dirname, env: { ...env, HOME: home } });
  assert.deepEqual(readdirSync(home), []);
  rmSync(home, { recursive: true });
});
