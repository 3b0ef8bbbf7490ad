import type { z } from 'zod';
import type { StatePort } from '../api/ports.ts';
import { type Db, guarded } from './database.ts';

export function stateStore(db: Db): StatePort {
  const select = db.prepare<[string], { value: string }>('SELECT value FROM state WHERE key = ?');
  // An unchanged value is not written again: it would wear out the card for nothing.
  const upsert = db.prepare(
    'INSERT INTO state VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value WHERE value <> excluded.value',
  );
  const remove = db.prepare('DELETE FROM state WHERE key = ?');
  const list = db.prepare<[string, string], { key: string }>('SELECT key FROM state WHERE substr(key, 1, length(?)) = ? ORDER BY key');
  return {
    get<T>(key: string, schema: z.ZodType<T>): T | undefined {
      const row = guarded(db, () => select.get(key));
      return row && schema.safeParse(JSON.parse(row.value)).data;
    },
    set(key, value) {
      guarded(db, () => upsert.run(key, JSON.stringify(value)));
    },
    delete(key) {
      guarded(db, () => remove.run(key));
    },
    keys(prefix) {
      return guarded(db, () => list.all(prefix, prefix)).map(({ key }) => key);
    },
  };
}
