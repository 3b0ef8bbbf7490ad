import type { Arguments } from './arguments.ts';
import { readSecret } from './prompt.ts';
import { withStore } from './store.ts';

/** `roomtone secret NAME`: puts into the vault what `!secret NAME` in the configuration stands for. */
export async function secret({ operands: [name = ''], data }: Arguments): Promise<void> {
  const value = await readSecret(`Secret "${name}": `, { input: process.stdin, output: process.stderr });
  await withStore(data, async (store) => store.vault.secrets.set(name, value));
  process.stderr.write(`Kept in the vault. In the configuration it is !secret ${name}\n`);
}
