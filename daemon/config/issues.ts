import type { z } from 'zod';
import type { KeyPath } from './document.ts';
import { knownKeys } from './reflect.ts';

/** A problem before it has its place in the file. */
export interface Finding {
  path: KeyPath;
  message: string;
  /** Whether the key or its value is wrong. */
  at: 'key' | 'value';
  /** Set where text stands in place of what is named here. */
  expected?: string;
}

/** Turns what zod says into sentences for people, one for each thing to mend. `schema` names the keys that exist. */
export function toFindings(issue: z.core.$ZodIssue, schema: z.ZodType): Finding[] {
  const path = issue.path as KeyPath;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], at: 'key', message: unknownKey(key, knownKeys(schema, path)) }));
    case 'invalid_union':
      return unionFindings(issue, schema);
    case 'invalid_key':
      return issue.issues.map(({ message }) => ({ path, at: 'key', message }));
    case 'invalid_element':
      return issue.issues.flatMap((inner) => toFindings({ ...inner, path: [...path, ...inner.path] }, schema));
    case 'invalid_type':
      return [{ path, at: 'value', message: wrongType(issue), expected: issue.expected }];
    default:
      return [{ path, at: 'value', message: sentence(issue) }];
  }
}

function sentence(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value': {
      if (issue.input === undefined) return `is missing; it must be ${issue.values.map(String).join(' or ')}`;
      const near = nearest(String(issue.input), issue.values.map(String));
      return `must be ${issue.values.map(String).join(' or ')}${near ? `; did you mean ${near}?` : ''}`;
    }
    case 'too_small':
      if (issue.origin === 'array') return `must have at least ${issue.minimum} entries`;
      return issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`;
    case 'too_big':
      if (issue.origin === 'array') return `must have at most ${issue.maximum} entries`;
      return issue.origin === 'string' ? `must have at most ${issue.maximum} characters` : `must be at most ${issue.maximum}`;
    default:
      return issue.input === undefined && issue.code !== 'custom' ? 'is missing' : issue.message;
  }
}

const KINDS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a section with keys',
  record: 'a section with keys',
  null: 'nothing',
};

function wrongType(issue: z.core.$ZodIssueInvalidType): string {
  const hasOwnWords = !issue.message.startsWith('Invalid input');
  if (issue.input === undefined) return 'is missing';
  if (hasOwnWords) return issue.message;
  return `must be ${KINDS[issue.expected] ?? issue.expected}, not ${KINDS[kindOf(issue.input)] ?? kindOf(issue.input)}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** The form that the person most likely meant: the one that fails deepest inside, then the one with least to mend. */
function unionFindings(issue: z.core.$ZodIssueInvalidUnion, schema: z.ZodType): Finding[] {
  const path = issue.path as KeyPath;
  const isWrongAsAWhole = (each: z.core.$ZodIssue): boolean =>
    each.path.length === 0 && (each.code === 'invalid_type' || each.code === 'invalid_value');
  const forms = issue.errors.filter((form) => !form.some(isWrongAsAWhole)).sort((a, b) => a.length - b.length);
  const [meant] = forms;
  if (meant) return meant.flatMap((inner) => toFindings({ ...inner, path: [...path, ...inner.path] }, schema));
  if (issue.errors.length === 0) return [{ path, at: 'value', message: issue.message }];
  const choices = issue.errors.flatMap((form) => form.filter(isWrongAsAWhole).map(choice));
  const expected = issue.errors.flat().find((each) => each.code === 'invalid_type')?.expected;
  return [{ path, at: 'value', message: `must be ${[...new Set(choices)].join(' or ')}`, ...(expected && { expected }) }];
}

function choice(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return issue.values.map(String).join(' or ');
  return issue.code === 'invalid_type' ? (KINDS[issue.expected] ?? issue.expected) : issue.message;
}

function unknownKey(key: string, known: readonly string[]): string {
  if (known.includes(key)) return 'does not apply to this kind';
  const near = nearest(key, known);
  if (near) return `unknown key; did you mean ${near}?`;
  return known.length > 0 ? `unknown key; known here: ${known.join(', ')}` : 'unknown key';
}

const LONGEST_GUESSED = 60;

/** The most similar of `words`, if it is similar enough to have been meant. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  if (word.length > LONGEST_GUESSED) return undefined;
  const tolerance = Math.max(1, Math.floor(word.length / 3));
  const ranked = words
    .filter((each) => each !== word)
    .map((each) => ({ each, distance: editDistance(word.toLowerCase(), each.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best && best.distance <= tolerance ? best.each : undefined;
}

/** Levenshtein distance with transposition of neighbors (optimal string alignment; Damerau 1964). */
function editDistance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0)),
  );
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const best = Math.min(
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + cost,
        isSwapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
      (rows[i] as number[])[j] = best;
    }
  }
  return at(a.length, b.length);
}
