import type { Document } from 'yaml';

/** Brings a file of one version to the next, in place, keeping comments and places. */
export type Migration = (document: Document) => void;

/** The first brings version 1 to 2, and so on: the newest version is one more than there are migrations. */
export const MIGRATIONS: readonly Migration[] = [];

/** Applies what `found` still lacks and writes the new version into the document. */
export function migrate(document: Document, found: number, migrations: readonly Migration[]): void {
  for (const migration of migrations.slice(found - 1)) migration(document);
  const newest = migrations.length + 1;
  if (found < newest) document.set('version', newest);
}
