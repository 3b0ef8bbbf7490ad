import type { Arguments } from './arguments.ts';
import { readSecret } from './prompt.ts';
import { authenticatorOf, withStore } from './store.ts';

/** `roomtone password`: for whoever sits at the hub itself, who needs no old one. @throws RoomtoneError `auth.weak_password` */
export async function password({ data }: Arguments): Promise<void> {
  const chosen = await readSecret('New admin password: ', { input: process.stdin, output: process.stderr });
  await withStore(data, (store) => authenticatorOf(store).setPassword(chosen));
  process.stderr.write('The password is set. Everybody has to log in again.\n');
}
