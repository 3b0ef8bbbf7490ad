import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type ScalarTag } from 'yaml';

/** Stands in the file for a value that is kept elsewhere: `!secret NAME` in the vault, `!env NAME` in the environment. */
export class Reference {
  readonly kind: 'secret' | 'env';
  readonly name: string;

  constructor(kind: 'secret' | 'env', name: string) {
    this.kind = kind;
    this.name = name;
  }
}

const referenceTag = (kind: Reference['kind']): ScalarTag => ({
  tag: `!${kind}`,
  identify: (value) => value instanceof Reference && value.kind === kind,
  resolve: (name, onError) => {
    if (!/^[A-Za-z0-9_.-]{1,100}$/.test(name)) onError(`!${kind} needs a name of letters, digits, _, . and -`);
    return new Reference(kind, name);
  },
  stringify: ({ value }) => (value as Reference).name,
});

/** Where a problem lies. Lines and columns count from 1. */
export interface Position {
  line: number;
  column: number;
}

export interface YamlFile {
  document: Document.Parsed;
  lines: LineCounter;
}

/** A step is a key of a map or an index of a list. */
export type KeyPath = readonly (string | number)[];

/** As people write it: `rooms.living-room.sources[0].url`. */
export function showPath(path: KeyPath): string {
  return path.reduce<string>((shown, step) => (typeof step === 'number' ? `${shown}[${step}]` : shown ? `${shown}.${step}` : step), '');
}

export function parseYaml(text: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    customTags: [referenceTag('secret'), referenceTag('env')],
  });
  return { document, lines };
}

export function positionOf(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** Where `path` stands in the file: its value, or with `at: 'key'` its key; where it is missing, the nearest key above it. */
export function locate({ document, lines }: YamlFile, path: KeyPath, at: 'key' | 'value' = 'value'): Position {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, step] of path.entries()) {
    const found = childOf(resolveAlias(document, node), step);
    if (!found) break;
    node = found.value;
    const wantsKey = at === 'key' && index === path.length - 1;
    const isLast = index === path.length - 1;
    offset = (isLast && !wantsKey ? startOf(node) : undefined) ?? found.offset ?? offset;
  }
  return positionOf(lines, offset);
}

export function resolveAlias(document: Document, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function childOf(node: unknown, step: string | number): { value: unknown; offset: number | undefined } | undefined {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && key.value === String(step));
    return pair && { value: pair.value, offset: startOf(pair.key) };
  }
  if (!isSeq(node) || typeof step !== 'number' || step >= node.items.length) return undefined;
  const item = node.items[step];
  return { value: item, offset: startOf(item) };
}

function startOf(node: unknown): number | undefined {
  const range = (node as Node | null | undefined)?.range;
  if (!range) return undefined;
  const isEmptyValue = isScalar(node) && node.value === null && range[0] === range[1];
  return isEmptyValue ? undefined : range[0];
}
