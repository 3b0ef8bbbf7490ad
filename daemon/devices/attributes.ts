import { z } from 'zod';
import { type Attributes, BUTTON_ACTIONS, type Capabilities, type DeviceId, FAVORITE_KINDS, type Readings, TRANSPORTS } from './device.ts';

/** A schema for each key of `T`, optional ones included: a forgotten one does not compile. */
type ShapeOf<T> = { [K in keyof T]-?: z.ZodType<T[K]> };

const unit = z.number().min(0).max(1);
const percent = z.number().min(0).max(100);

export const deviceIdSchema: z.ZodType<DeviceId> = z.templateLiteral([z.string().min(1).max(40), ':', z.string().min(1).max(200)]);

export const xySchema = z.strictObject({ x: unit, y: unit });

/** What can be wished for on a device, as it arrives from outside: unknown attributes and values out of range are refused. */
export const attributesSchema = z.strictObject({
  on: z.boolean().optional(),
  brightness: percent.optional().describe('%'),
  colorTemperature: z.number().min(1000).max(20_000).optional().describe('Kelvin'),
  color: xySchema.optional().describe('CIE 1931 chromaticity'),
  effect: z.string().min(1).max(60).optional().describe('One of the names in its capabilities, or none'),
  volume: percent.optional(),
  mute: z.boolean().optional(),
  transport: z.enum(TRANSPORTS).optional(),
  favorite: z.string().min(1).max(2000).optional().describe('Id of one in its capabilities, or the address of a stream where it takes one'),
  shuffle: z.boolean().optional().describe('In a random order'),
  group: deviceIdSchema.optional().describe('The player that leads its group; its own id: it plays alone'),
  setpoint: z.number().min(-20).max(60).optional().describe('°C'),
} satisfies ShapeOf<Attributes>);

export const ATTRIBUTE_NAMES = attributesSchema.keyof().options;

export const readingsSchema = z.object({
  occupancy: z.boolean().optional(),
  illuminance: z.number().min(0).optional().describe('Lux'),
  temperature: z.number().optional().describe('Of the air, °C'),
  battery: percent.optional().describe('What is left of it, %'),
  playing: z
    .object({ title: z.string(), artist: z.string().optional(), album: z.string().optional() })
    .optional()
    .describe('What a player plays, in its own words'),
} satisfies ShapeOf<Readings>);

export const capabilitiesSchema = z.object({
  on: z.literal(true).optional(),
  brightness: z.object({ min: z.number() }).optional(),
  colorTemperature: z.object({ min: z.number(), max: z.number() }).optional(),
  color: z.object({ gamut: z.tuple([xySchema, xySchema, xySchema]).optional() }).optional(),
  effect: z.object({ names: z.array(z.string()) }).optional(),
  volume: z.literal(true).optional(),
  mute: z.literal(true).optional(),
  transport: z.literal(true).optional(),
  favorite: z
    .object({
      list: z.array(z.object({ id: z.string(), name: z.string(), kind: z.enum(FAVORITE_KINDS).optional() })),
      addresses: z.literal(true).optional(),
    })
    .optional(),
  shuffle: z.literal(true).optional(),
  skip: z.literal(true).optional(),
  group: z.literal(true).optional(),
  setpoint: z.object({ min: z.number(), max: z.number() }).optional(),
  occupancy: z.literal(true).optional(),
  illuminance: z.literal(true).optional(),
  temperature: z.literal(true).optional(),
  battery: z.literal(true).optional(),
  playing: z.literal(true).optional(),
  button: z.object({ count: z.number().int().min(1), actions: z.array(z.enum(BUTTON_ACTIONS)) }).optional(),
} satisfies ShapeOf<Capabilities>);

/** Attributes as parameters of a line in a log or the audit; a color is written as JSON. */
export function paramsOf(attributes: Attributes): Record<string, string | number | boolean> {
  const entries = Object.entries(attributes).map(
    ([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : value] as const,
  );
  return Object.fromEntries(entries);
}
