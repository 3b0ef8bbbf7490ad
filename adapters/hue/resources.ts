import { z } from 'zod';

/**
 * What the adapter reads of CLIP v2 resources (https://developers.meethue.com/develop/hue-api-v2/api-reference/, and
 * without a login github.com/openhue/openhue-api). Everything else a bridge says is passed over.
 */
const reference = z.object({ rid: z.string(), rtype: z.string() });
const point = z.object({ x: z.number(), y: z.number() });

const lightState = {
  on: z.object({ on: z.boolean() }).optional(),
  dimming: z.object({ brightness: z.number(), min_dim_level: z.number().optional() }).optional(),
  color_temperature: z
    .object({
      /** Null while the color is off the white curve. */
      mirek: z.number().nullable().optional(),
      mirek_valid: z.boolean().optional(),
      mirek_schema: z.object({ mirek_minimum: z.number(), mirek_maximum: z.number() }).optional(),
    })
    .optional(),
  color: z.object({ xy: point, gamut: z.object({ red: point, green: point, blue: point }).optional() }).optional(),
};

const lightSchema = z.object({ type: z.literal('light'), id: z.string(), owner: reference, ...lightState });
const lightUpdateSchema = z.object({ type: z.literal('light'), id: z.string(), ...lightState });

const deviceSchema = z.object({
  type: z.literal('device'),
  id: z.string(),
  metadata: z.object({ name: z.string() }),
  product_data: z.object({ product_name: z.string().optional(), model_id: z.string().optional() }).optional(),
});
const deviceUpdateSchema = deviceSchema.partial({ metadata: true });

const connectivitySchema = z.object({
  type: z.literal('zigbee_connectivity'),
  id: z.string(),
  owner: reference,
  /** `connected`, `disconnected`, `connectivity_issue`, `unidirectional_incoming` */
  status: z.string(),
});
const connectivityUpdateSchema = connectivitySchema.partial({ owner: true, status: true });

export type HueLight = z.infer<typeof lightSchema>;
export type HueLightUpdate = z.infer<typeof lightUpdateSchema>;
export type HueDevice = z.infer<typeof deviceSchema>;
export type HueConnectivity = z.infer<typeof connectivitySchema>;

export const resourceSchema = z.discriminatedUnion('type', [lightSchema, deviceSchema, connectivitySchema]);
export const updateSchema = z.discriminatedUnion('type', [lightUpdateSchema, deviceUpdateSchema, connectivityUpdateSchema]);
export type HueUpdate = z.infer<typeof updateSchema>;

/** One message of the event stream: changes that came together. */
export const eventsSchema = z.array(z.object({ type: z.string(), data: z.array(z.unknown()) }));
