import { z } from 'zod';

/**
 * What the adapter reads of CLIP v2 resources (https://developers.meethue.com/develop/hue-api-v2/api-reference/, and
 * without a login github.com/openhue/openhue-api). Everything else a bridge says is passed over.
 */
const reference = z.object({ rid: z.string(), rtype: z.string() });
const point = z.object({ x: z.number(), y: z.number() });

const on = z.object({ on: z.boolean() });
const dimming = z.object({ brightness: z.number(), min_dim_level: z.number().optional() });
const color = z.object({
  xy: point,
  gamut: z.object({ red: point, green: point, blue: point }).optional(),
  /** `A`, `B`, `C`, `other` */
  gamut_type: z.string().optional(),
});
const colorTemperature = z.object({
  /** Null while the color is off the white curve. */
  mirek: z.number().nullable().optional(),
  mirek_valid: z.boolean().optional(),
  mirek_schema: z.object({ mirek_minimum: z.number(), mirek_maximum: z.number() }).optional(),
});

const lightState = {
  on: on.optional(),
  dimming: dimming.optional(),
  color_temperature: colorTemperature.optional(),
  color: color.optional(),
  effects: z.object({ status: z.string().optional(), effect_values: z.array(z.string()).optional() }).optional(),
  effects_v2: z
    .object({
      action: z.object({ effect_values: z.array(z.string()).optional() }).optional(),
      status: z.object({ effect: z.string().optional() }).optional(),
    })
    .optional(),
};

/** Of old firmware the value stands beside the report, of later one in both places. */
const sensed = { enabled: z.boolean().optional() };
const motion = z.object({ motion: z.boolean().optional(), motion_report: z.object({ motion: z.boolean() }).optional() });
const light = z.object({ light_level: z.number().optional(), light_level_report: z.object({ light_level: z.number() }).optional() });
const temperature = z.object({
  temperature: z.number().optional(),
  temperature_report: z.object({ temperature: z.number() }).optional(),
});

const button = z.object({
  event_values: z.array(z.string()).optional(),
  last_event: z.string().optional(),
  button_report: z.object({ event: z.string() }).optional(),
});
const rotation = z.object({ rotation: z.object({ direction: z.string(), steps: z.number() }) });
const rotary = z.object({ last_event: rotation.optional(), rotary_report: rotation.optional() });

const action = z.object({
  on: on.optional(),
  dimming: z.object({ brightness: z.number() }).optional(),
  color: z.object({ xy: point }).optional(),
  color_temperature: z.object({ mirek: z.number().nullable().optional() }).optional(),
  effects: z.object({ effect: z.string().optional() }).optional(),
  effects_v2: z.object({ action: z.object({ effect: z.string().optional() }).optional() }).optional(),
});

const id = z.string();
const owned = { id, owner: reference };
const control = z.object({ control_id: z.number() });
const named = z.object({ name: z.string() });
const product = z.object({ product_name: z.string().optional(), model_id: z.string().optional() });
const group = { id, children: z.array(reference), metadata: named.optional() };

const lightSchema = z.object({ type: z.literal('light'), ...owned, ...lightState });
const deviceSchema = z.object({ type: z.literal('device'), id, metadata: named, product_data: product.optional() });
const connectivitySchema = z.object({
  type: z.literal('zigbee_connectivity'),
  ...owned,
  /** `connected`, `disconnected`, `connectivity_issue`, `unidirectional_incoming` */
  status: z.string(),
});
const motionSchema = z.object({ type: z.literal(['motion', 'camera_motion']), ...owned, ...sensed, motion });
const lightLevelSchema = z.object({ type: z.literal('light_level'), ...owned, ...sensed, light });
const temperatureSchema = z.object({ type: z.literal('temperature'), ...owned, ...sensed, temperature });
const powerSchema = z.object({
  type: z.literal('device_power'),
  ...owned,
  power_state: z.object({ battery_level: z.number().optional() }),
});
const buttonSchema = z.object({ type: z.literal('button'), ...owned, metadata: control.optional(), button: button.optional() });
const rotarySchema = z.object({
  type: z.literal('relative_rotary'),
  ...owned,
  metadata: control.optional(),
  relative_rotary: rotary.optional(),
});
const roomSchema = z.object({ type: z.literal(['room', 'zone', 'bridge_home']), ...group });
const groupedLightSchema = z.object({ type: z.literal('grouped_light'), ...owned });
const sceneSchema = z.object({
  type: z.literal('scene'),
  id,
  metadata: named,
  group: reference,
  actions: z.array(z.object({ target: reference, action })),
});

export type HueLight = z.infer<typeof lightSchema>;
export type HueDevice = z.infer<typeof deviceSchema>;
export type HueConnectivity = z.infer<typeof connectivitySchema>;
export type HueRoom = z.infer<typeof roomSchema>;
export type HueScene = z.infer<typeof sceneSchema>;
export type HueAction = z.infer<typeof action>;
export type HueButton = z.infer<typeof buttonSchema>;
export type HueRotary = z.infer<typeof rotarySchema>;
/** Resources of a sensor or switch. */
export type HueSense =
  | z.infer<typeof motionSchema>
  | z.infer<typeof lightLevelSchema>
  | z.infer<typeof temperatureSchema>
  | z.infer<typeof powerSchema>
  | HueButton
  | HueRotary;

export const resourceSchema = z.discriminatedUnion('type', [
  lightSchema,
  deviceSchema,
  connectivitySchema,
  motionSchema,
  lightLevelSchema,
  temperatureSchema,
  powerSchema,
  buttonSchema,
  rotarySchema,
  roomSchema,
  groupedLightSchema,
  sceneSchema,
]);
export type HueResource = z.infer<typeof resourceSchema>;

/** An update names its resource and what changed of it; whether that fits shows once the two are put together. */
export const updateSchema = z.looseObject({ type: z.string(), id });
export type HueUpdate = z.infer<typeof updateSchema>;

const TYPES: ReadonlySet<unknown> = new Set(resourceSchema.options.flatMap(({ shape }) => [...shape.type.values]));

/** Whether a resource is of a type that this adapter reads. */
export const isOurs = (raw: unknown): boolean => typeof raw === 'object' && raw !== null && 'type' in raw && TYPES.has(raw.type);

/** One message of the event stream: changes that came together. */
export const eventsSchema = z.array(z.object({ type: z.string(), data: z.array(z.unknown()) }));
