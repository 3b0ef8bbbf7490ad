import Database, { type Database as Db } from 'better-sqlite3';

/** What a person did, and would have to do again. Moods come back by themselves. */
const PRECIOUS = ['state', 'password', 'tokens', 'vault', 'audit'];

/** Copies what can still be read of a damaged database, row by row. Returns the tables of which anything was kept. */
export function salvage({ from, into }: { from: string; into: Db }): string[] {
  let damaged: Db;
  try {
    damaged = new Database(from, { readonly: true });
  } catch {
    return [];
  }
  try {
    return PRECIOUS.filter((table) => copyTable(table, { damaged, into }) > 0);
  } finally {
    damaged.close();
  }
}

function copyTable(table: string, { damaged, into }: { damaged: Db; into: Db }): number {
  let kept = 0;
  into.exec('BEGIN');
  try {
    for (const row of damaged.prepare<[], Record<string, unknown>>(`SELECT * FROM ${table}`).iterate()) {
      const columns = Object.keys(row);
      const insert = into.prepare(`INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`);
      kept += insert.run(Object.values(row)).changes;
    }
  } catch (error) {
    // The damage begins here; what was read before it counts.
    if (!(error instanceof Database.SqliteError)) throw error;
  } finally {
    into.exec('COMMIT');
  }
  return kept;
}
