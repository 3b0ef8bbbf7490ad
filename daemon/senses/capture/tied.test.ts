import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { needs } from '../../../test/helpers/needs.ts';
import { tied } from './tied.ts';

test(
  'a program that captures inherits the standard streams and nothing else, and no start-up file of a shell is run',
  needs('setpriv', 'bash', 'readlink'),
  async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'roomtone-tied-'));
    t.after(() => rmSync(dir, { recursive: true }));
    symlinkSync('/usr/bin/readlink', join(dir, 'ffmpeg'));
    writeFileSync(join(dir, '.bashrc'), 'echo of the user\n');
    const env = { PATH: `${dir}:${process.env.PATH}`, HOME: dir };
    const descriptors = [0, 1, 2, 5, 12];
    const [command, args] = tied(
      'ffmpeg',
      descriptors.map((fd) => `/proc/self/fd/${fd}`),
      { source: 'cam', env },
    );
    const stdio = Array.from({ length: 13 }, (_, fd) => (descriptors.includes(fd) ? ('pipe' as const) : ('ignore' as const)));
    const child = spawn(command, args, { env, stdio });
    const found = await text(child.stdout as NodeJS.ReadableStream);
    assert.equal(found.trim().split('\n').length, 3, found);
  },
);
