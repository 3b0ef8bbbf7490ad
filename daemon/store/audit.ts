import type { Clock } from '../api/clock.ts';
import type { MessageParams } from '../api/errors.ts';
import type { AuditPort } from '../api/ports.ts';
import type { AuditEntry } from '../api/views.ts';
import { type Db, guarded } from './database.ts';

type Row = Omit<AuditEntry, 'params'> & { params: string };

export function auditStore(db: Db, clock: Clock): AuditPort {
  const insert = db.prepare('INSERT INTO audit (at, actor, action, subject, params) VALUES (?, ?, ?, ?, ?)');
  const select = db.prepare<[number], Row>('SELECT at, actor, action, subject, params FROM audit ORDER BY id DESC LIMIT ?');
  return {
    record({ actor, action, subject, params }) {
      guarded(db, () => insert.run(Math.round(clock.wall()), actor, action, subject, JSON.stringify(params)));
    },
    latest(limit) {
      return guarded(db, () => select.all(limit)).map((row) => ({ ...row, params: JSON.parse(row.params) as MessageParams }));
    },
  };
}
