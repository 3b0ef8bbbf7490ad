import { isDeepStrictEqual } from 'node:util';
import { type Document, isAlias, isCollection, isMap, isNode, isScalar, type Node, Scalar, type ToStringOptions } from 'yaml';
import { type KeyPath, parseYaml } from './document.ts';
import { type Migration, migrate } from './migrations.ts';

/** One value to set; undefined takes the key (or the list's item) out. */
export interface Change {
  path: KeyPath;
  value: unknown;
}

/** A change that the file has no place for. Becomes a problem of the file. */
export class EditRefused extends Error {
  readonly path: KeyPath;

  constructor(path: KeyPath, message: string) {
    super(message);
    this.path = path;
  }
}

/**
 * The text with the changes made and all comments kept. A single value that replaces another leaves every other byte
 * alone; what adds or takes away keys leaves the other lines alone, unless the library breaks lines differently from the
 * author: then the whole document is written anew, tidied.
 */
export function editYaml(text: string, changes: readonly Change[]): string {
  return changes.reduce((edited, change) => spliceScalar(edited, change) ?? rewrite(edited, change), text);
}

function spliceScalar(text: string, { path, value }: Change): string | undefined {
  if (!isPlainValue(value)) return undefined;
  const { document } = parseYaml(text);
  const node = document.getIn(path, true);
  if (!isScalar(node) || !node.range || node.tag?.startsWith('!') || node.anchor) return undefined;
  const [start, end] = node.range;
  const isBlockText = node.type === Scalar.BLOCK_FOLDED || node.type === Scalar.BLOCK_LITERAL;
  if (isBlockText || start === end) return undefined;
  const written = text.slice(0, start) + scalarText(value, node.type) + text.slice(end);
  return isAsIntended(written, { document, change: { path, value } }) ? written : undefined;
}

function rewrite(text: string, { path, value }: Change): string {
  const options = { lineWidth: 0, flowCollectionPadding: !/[[{]\S/.test(text) };
  const { document } = parseYaml(text);
  const tidied = document.toString(options);
  applyTo(document, { path, value });
  return withOwnLines(text, { tidied, changed: writeOrRefuse(document, { path, options }) });
}

function writeOrRefuse(document: Document, { path, options }: { path: KeyPath; options: ToStringOptions }): string {
  try {
    return document.toString(options);
  } catch {
    throw new EditRefused(path, 'is used elsewhere in the file (&name, *name); change it by hand');
  }
}

/** Takes from `changed` only the lines that the change concerns, where tidying alone leaves the number of lines as it is. */
function withOwnLines(text: string, { tidied, changed }: { tidied: string; changed: string }): string {
  const [own, before, after] = [text, tidied, changed].map((each) => each.split('\n')) as [string[], string[], string[]];
  if (own.length !== before.length) return changed;
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < most - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const merged = [...own.slice(0, head), ...after.slice(head, after.length - tail), ...own.slice(own.length - tail)].join('\n');
  return isSame(merged, changed) ? merged : changed;
}

function isSame(one: string, other: string): boolean {
  const { document } = parseYaml(one);
  return document.errors.length === 0 && isDeepStrictEqual(document.toJS(), parseYaml(other).document.toJS());
}

function applyTo(document: Document, { path, value }: Change): void {
  refuseUnreachable(document, path);
  if (value === undefined) {
    if (document.hasIn(path)) document.deleteIn(path);
    return;
  }
  const parent: unknown = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
  if (isCollection(parent) && parent.items.length === 0) parent.flow = false;
  const node = document.createNode(value);
  keepComments(document.getIn(path, true), node);
  document.setIn(path, node);
}

function keepComments(from: unknown, to: Node): void {
  if (!isNode(from)) return;
  if (from.comment) to.comment = from.comment;
  if (from.commentBefore) to.commentBefore = from.commentBefore;
  if (from.spaceBefore) to.spaceBefore = true;
}

function refuseUnreachable(document: Document, path: KeyPath): void {
  for (let depth = 1; depth < path.length; depth++) {
    const above = path.slice(0, depth);
    const node: unknown = document.getIn(above, true);
    if (isAlias(node)) throw new EditRefused(above, 'is an alias (*name) of another place in the file; change it there, by hand');
    if (isScalar(node) && node.value !== null) throw new EditRefused(above, 'is a single value and has no keys');
    if (isScalar(node)) document.deleteIn(above);
  }
}

/** Reads what was written and compares it with what the same change does to the values alone. */
function isAsIntended(written: string, { document, change }: { document: Document; change: Change }): boolean {
  const reread = parseYaml(written).document;
  if (reread.errors.length > 0) return false;
  const intended = document.clone() as Document;
  intended.setIn(change.path, change.value);
  return isDeepStrictEqual(reread.toJS(), intended.toJS());
}

const isPlainValue = (value: unknown): value is string | number | boolean => ['string', 'number', 'boolean'].includes(typeof value);

/** In the quotes that the old value had. */
function scalarText(value: string | number | boolean, type: Scalar.Type | undefined | null): string {
  const scalar = new Scalar(value);
  if (typeof value === 'string' && type) scalar.type = type as Scalar.Type;
  const { document } = parseYaml('x: 1');
  document.setIn(['x'], scalar);
  return document.toString({ lineWidth: 0 }).slice('x: '.length).trimEnd();
}

/** Brings an older file's text to the newest version, so that changes meet the layout they are meant for. */
export function migrateText(text: string, migrations: readonly Migration[]): string {
  const { document } = parseYaml(text);
  const found = isMap(document.contents) ? Number(document.get('version') ?? 1) : 1;
  if (found > migrations.length) return text;
  migrate(document, found, migrations);
  return document.toString({ lineWidth: 0 });
}
