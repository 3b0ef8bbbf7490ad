import { resolve } from 'node:path';
import { type Arguments, usage } from './arguments.ts';
import { withStore } from './store.ts';

/** `roomtone vault rotate [OLD_KEY_FILE NEW_KEY_FILE]`, beside a hub that may be running. */
export async function vault({ operands: [name, from, to, ...rest], data }: Arguments): Promise<void> {
  if (name !== 'rotate' || rest.length > 0 || (from === undefined) !== (to === undefined)) {
    throw usage('"vault" knows rotate, alone or with OLD_KEY_FILE NEW_KEY_FILE');
  }
  const files = from !== undefined && to !== undefined ? { from: resolve(from), to: resolve(to) } : undefined;
  const count = await withStore(data, async (store) => store.vault.rotate(files));
  process.stderr.write(`Sealed ${count} ${count === 1 ? 'secret' : 'secrets'} with the new key.\n`);
}
