import type { ClipObject, LampAttribute, LampWish } from './lamp.ts';

type Schema =
  | { type: 'object'; definition: string; properties: Record<string, Schema>; required?: readonly string[] }
  | { type: 'number' | 'integer'; definition: string; minimum?: number; maximum?: number }
  | { type: 'boolean' | 'string'; definition: string };

/** A body that passed the schema. */
export interface LightPut {
  wish: LampWish;
  /** ms */
  duration: number;
}

export type PutBody = { put: LightPut } | { rejected: string } | { notSimulated: string };

const coordinate: Schema = { type: 'number', definition: 'GamutPosition', minimum: 0, maximum: 1 };
const text: Schema = { type: 'string', definition: 'Resource' };

const lightPut: Schema = {
  type: 'object',
  definition: 'LightPut',
  properties: {
    type: text,
    id: text,
    on: { type: 'object', definition: 'On', properties: { on: { type: 'boolean', definition: 'On' } }, required: ['on'] },
    dimming: {
      type: 'object',
      definition: 'Dimming',
      properties: { brightness: { type: 'number', definition: 'Brightness', minimum: 0, maximum: 100 } },
      required: ['brightness'],
    },
    color_temperature: {
      type: 'object',
      definition: 'ColorTemperature',
      properties: { mirek: { type: 'integer', definition: 'ColorTemperatureMirek', minimum: 153, maximum: 500 } },
    },
    color: {
      type: 'object',
      definition: 'Color',
      properties: {
        xy: { type: 'object', definition: 'GamutPosition', properties: { x: coordinate, y: coordinate }, required: ['x', 'y'] },
      },
      required: ['xy'],
    },
    dynamics: {
      type: 'object',
      definition: 'Dynamics',
      properties: { duration: { type: 'integer', definition: 'Dynamics', minimum: 0 } },
    },
  },
};

/** Properties of the vendor's LightPut that this simulator does not play; a request with one of them fails loudly. */
const notSimulated = [
  'dimming_delta',
  'color_temperature_delta',
  'alert',
  'signaling',
  'mode',
  'gradient',
  'effects',
  'effects_v2',
  'timed_effects',
  'powerup',
  'identify',
  'metadata',
];

/** How errors name the attributes of a command. */
export const attributePaths: Record<LampAttribute, string> = {
  on: '.on.on',
  brightness: '.dimming.brightness',
  mirek: '.color_temperature.mirek',
  xy: '.color.xy',
};

/** Reads the body of a PUT on a light or group by the vendor's schema: every property known, of its type, in its range. */
export function readPutBody(body: unknown): PutBody {
  if (isObject(body)) {
    const foreign = notSimulated.find((each) => each in body);
    if (foreign) return { notSimulated: foreign };
  }
  const rejected = violation(body, lightPut, '#');
  if (rejected) return { rejected };
  const { on, dimming, color_temperature, color, dynamics } = body as Record<string, ClipObject | undefined>;
  const wish: LampWish = {};
  if (on) wish.on = on.on as boolean;
  if (dimming) wish.brightness = dimming.brightness as number;
  if (color_temperature?.mirek !== undefined) wish.mirek = color_temperature.mirek as number;
  if (color) wish.xy = color.xy as LampWish['xy'];
  return { put: { wish, duration: (dynamics?.duration as number | undefined) ?? 400 } };
}

function violation(value: unknown, schema: Schema, at: string): string | undefined {
  const fail = (keyword: string, actual: unknown, expected: unknown): string =>
    `error: 'json-schema validation', keyword: '${keyword}', details: {actual: ${actual}, expected: ${expected}, ` +
    `instanceRef: '${at}', schemaRef: 'clip-api.schema.json#/definitions/${schema.definition}'}`;
  if (!hasType(value, schema.type)) return fail('type', typeName(value), schema.type);
  if (schema.type === 'object') {
    const object = value as ClipObject;
    const unknown = Object.keys(object).find((key) => !(key in schema.properties));
    if (unknown) return fail('additionalProperties', unknown, Object.keys(schema.properties).join(' '));
    const missing = schema.required?.find((key) => !(key in object));
    if (missing) return fail('required', undefined, missing);
    for (const [key, part] of Object.entries(schema.properties)) {
      const problem = key in object ? violation(object[key], part, `${at}/${key}`) : undefined;
      if (problem) return problem;
    }
  } else if (schema.type === 'number' || schema.type === 'integer') {
    const number = value as number;
    if (schema.maximum !== undefined && number > schema.maximum) return fail('maximum', number, schema.maximum);
    if (schema.minimum !== undefined && number < schema.minimum) return fail('minimum', number, schema.minimum);
  }
  return undefined;
}

const isObject = (value: unknown): value is ClipObject => typeof value === 'object' && value !== null && !Array.isArray(value);

function hasType(value: unknown, type: Schema['type']): boolean {
  if (type === 'object') return isObject(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

const typeName = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
