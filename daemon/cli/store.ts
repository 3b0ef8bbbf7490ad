import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { systemClock } from '../api/clock.ts';
import { Authenticator } from '../auth/authenticator.ts';
import { openStore, type Store } from '../store/store.ts';

/** Opens the data folder beside a hub that may be running on it, for the length of one piece of work. */
export async function withStore<T>(dataDir: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = openStore({
    dir: dataDir,
    clock: systemClock,
    log: pino({ level: 'silent' }),
    credentialsDir: process.env.CREDENTIALS_DIRECTORY,
    exclusive: false,
  });
  try {
    return await work(store);
  } finally {
    store.close();
  }
}

export const authenticatorOf = ({ credentials }: Store): Authenticator =>
  new Authenticator({ clock: systemClock, random: randomBytes, credentials });
