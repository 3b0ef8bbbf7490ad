import { toRoomtoneError } from '../api/errors.ts';
import { render } from '../api/render.ts';
import { type KeyPath, Reference, showPath } from './document.ts';
import type { Finding } from './issues.ts';

/** Where `!secret` and `!env` are looked up. Undefined: there is none of that name. */
export interface ReferenceSources {
  secrets: (name: string) => string | undefined;
  env: (name: string) => string | undefined;
}

export interface Resolved {
  tree: unknown;
  findings: Finding[];
  /** Paths (as shown) that hold what a reference stood for. */
  references: Set<string>;
}

const FORBIDDEN_KEY = '__proto__';

/** Copies the tree with references replaced by what they stand for. */
export function resolveReferences(tree: unknown, sources: ReferenceSources): Resolved {
  const findings: Finding[] = [];
  const references = new Set<string>();
  const visit = (value: unknown, path: KeyPath): unknown => {
    if (value instanceof Reference) {
      const found = lookUp(value, sources);
      if (typeof found !== 'string') findings.push({ path, at: 'value', message: found.problem });
      references.add(showPath(path));
      return typeof found === 'string' ? found : undefined;
    }
    if (Array.isArray(value)) return value.map((each, index) => visit(each, [...path, index]));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).flatMap(([key, each]): [string, unknown][] => {
      if (key !== FORBIDDEN_KEY) return [[key, visit(each, [...path, key])]];
      findings.push({ path: [...path, key], at: 'key', message: 'this name cannot be used' });
      return [];
    });
    return Object.fromEntries(entries);
  };
  return { tree: visit(tree, []), findings, references };
}

function lookUp({ kind, name }: Reference, sources: ReferenceSources): string | { problem: string } {
  if (kind === 'env') return sources.env(name) ?? { problem: `the environment variable ${name} is not set` };
  try {
    return sources.secrets(name) ?? { problem: `there is no secret "${name}" in the vault` };
  } catch (error) {
    const { code, params } = toRoomtoneError(error);
    return { problem: `the secret "${name}" cannot be read: ${render(code, params)}` };
  }
}

/** The text of a reference as the number or switch that its place expects; the text itself where it is none. */
export function asExpected(text: string, expected: string): unknown {
  if (expected === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  const isNumber = text.trim() !== '' && Number.isFinite(Number(text));
  return (expected === 'number' || expected === 'int') && isNumber ? Number(text) : text;
}
