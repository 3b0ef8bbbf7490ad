/**
 * npm run kernels: compiles kernels.assembly.ts to kernels.wasm, which is part of the repository, so that nobody needs the compiler
 * who does not change it. What it was made of stands in it: a test asks whether both belong together.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (name: string): string => fileURLToPath(new URL(`../daemon/senses/perception/pixels/${name}`, import.meta.url));
const [source, target] = [at('kernels.assembly.ts'), at('kernels.wasm')];

const options = ['-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd', '--initialMemory', '1', '--outFile', target];
execFileSync('npx', ['--yes', '--package', 'assemblyscript@0.28.20', 'asc', source, ...options], { stdio: 'inherit' });
const made = createHash('sha256').update(readFileSync(source)).digest();
writeFileSync(target, Buffer.concat([readFileSync(target), customSection('source-sha256', made)]));

/** As the WebAssembly specification 2.0, 5.5.3, has it; both lengths fit into one byte. */
function customSection(name: string, payload: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from([name.length]), Buffer.from(name), payload]);
  return Buffer.concat([Buffer.from([0, content.length]), content]);
}
