import { z } from 'zod';

const percent = z.number().min(0).max(100);

export const xySchema = z.strictObject({ x: z.number().min(0).max(1), y: z.number().min(0).max(1) });

/** What can be wished for on a device, as it arrives from outside: unknown attributes and values out of range are refused. */
export const attributesSchema = z.strictObject({
  on: z.boolean().optional(),
  brightness: percent.optional(),
  colorTemperature: z.number().min(1000).max(20_000).optional(),
  color: xySchema.optional(),
  volume: percent.optional(),
  mute: z.boolean().optional(),
});

export const ATTRIBUTE_NAMES = attributesSchema.keyof().options;
