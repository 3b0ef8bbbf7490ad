import type { ClipObject } from '../home/resource.ts';

/** What the vendor's JSON schema says of a value; `definition` names it in errors. */
export type Schema = { definition: string } & (
  | { type: 'object'; properties: Record<string, Schema>; required?: readonly string[] }
  | { type: 'array'; items: Schema; minItems?: number }
  | { type: 'number' | 'integer'; minimum?: number; maximum?: number }
  | { type: 'string'; enum?: readonly string[]; minLength?: number; maxLength?: number }
  | { type: 'boolean' }
);

/**
 * The first thing that is wrong with a value, in the words of the bridge: every property known, of its type, in its range.
 * Undefined where nothing is. `at` is where the value stands, as a JSON pointer from `#`.
 */
export function violation(value: unknown, schema: Schema, at = '#'): string | undefined {
  if (!hasType(value, schema.type)) return fault(schema, at, 'type', [typeName(value), schema.type]);
  if (schema.type === 'object') return violationInside(value as ClipObject, schema, at);
  if (schema.type === 'array') {
    const items = value as unknown[];
    if (items.length < (schema.minItems ?? 0)) return fault(schema, at, 'minItems', [items.length, schema.minItems]);
    return first(items, (item, index) => violation(item, schema.items, `${at}/${index}`));
  }
  if (schema.type === 'number' || schema.type === 'integer') {
    const number = value as number;
    if (schema.maximum !== undefined && number > schema.maximum) return fault(schema, at, 'maximum', [number, schema.maximum]);
    if (schema.minimum !== undefined && number < schema.minimum) return fault(schema, at, 'minimum', [number, schema.minimum]);
  }
  if (schema.type === 'string') {
    const text = value as string;
    if (schema.enum && !schema.enum.includes(text)) return fault(schema, at, 'enum', [text, schema.enum.join(' ')]);
    if (text.length > (schema.maxLength ?? Number.POSITIVE_INFINITY))
      return fault(schema, at, 'maxLength', [text.length, schema.maxLength]);
    if (text.length < (schema.minLength ?? 0)) return fault(schema, at, 'minLength', [text.length, schema.minLength]);
  }
  return undefined;
}

function violationInside(object: ClipObject, schema: Extract<Schema, { type: 'object' }>, at: string): string | undefined {
  const unknown = Object.keys(object).find((key) => !(key in schema.properties));
  if (unknown) return fault(schema, at, 'additionalProperties', [unknown, Object.keys(schema.properties).join(' ')]);
  const missing = schema.required?.find((key) => !(key in object));
  if (missing) return fault(schema, at, 'required', [undefined, missing]);
  return first(Object.entries(schema.properties), ([key, part]) =>
    key in object ? violation(object[key], part, `${at}/${key}`) : undefined,
  );
}

/** The form of an error that was recorded (README.md, "Commands to lights"). */
const fault = ({ definition }: Schema, at: string, keyword: string, [actual, expected]: [unknown, unknown]): string =>
  `error: 'json-schema validation', keyword: '${keyword}', details: {actual: ${actual}, expected: ${expected}, ` +
  `instanceRef: '${at}', schemaRef: 'clip-api.schema.json#/definitions/${definition}'}`;

function first<T>(all: readonly T[], look: (each: T, index: number) => string | undefined): string | undefined {
  for (const [index, each] of all.entries()) {
    const problem = look(each, index);
    if (problem) return problem;
  }
  return undefined;
}

export const isObject = (value: unknown): value is ClipObject => typeof value === 'object' && value !== null && !Array.isArray(value);

function hasType(value: unknown, type: Schema['type']): boolean {
  if (type === 'object') return isObject(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

const typeName = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
