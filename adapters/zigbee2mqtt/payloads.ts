import { z } from 'zod';

/**
 * What the adapter reads of Zigbee2MQTT's messages (https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html and
 * https://www.zigbee2mqtt.io/guide/usage/exposes.html; where they are silent, `lib/extension/bridge.ts` of release 2.12).
 * Everything else is passed over.
 */
const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** Something that a device can tell or be told; `access` has bit 0 for told in its state, bit 1 for set, bit 2 for get. */
const featureSchema = z.object({
  name: z.string().optional(),
  property: z.string().optional(),
  endpoint: z.string().optional(),
  access: z.number().optional(),
  unit: z.string().optional(),
  value_on: scalar.optional(),
  value_off: scalar.optional(),
  value_min: z.number().optional(),
  value_max: z.number().optional(),
  values: z.array(scalar).optional(),
});

/** Lamps, switches and the like hold their features below them; everything else is a feature itself. */
const exposeSchema = featureSchema.extend({ type: z.string(), features: z.array(featureSchema).optional() });

const definitionSchema = z.object({
  model: z.string(),
  vendor: z.string(),
  exposes: z.array(z.unknown()).default([]),
});

const bridgeDeviceSchema = z.object({
  ieee_address: z.string(),
  /** `Coordinator`, `Router`, `EndDevice`, `GreenPower`, `Unknown` */
  type: z.string(),
  friendly_name: z.string(),
  disabled: z.boolean().default(false),
  /** Null until it is known what the device is. */
  definition: definitionSchema.nullish(),
  model_id: z.string().nullish(),
  manufacturer: z.string().nullish(),
  power_source: z.string().nullish(),
  interviewing: z.boolean().default(false),
  interview_completed: z.boolean().default(true),
  /** By number. */
  endpoints: z.record(z.string(), z.object({ name: z.string().nullish() })).default({}),
});

const bridgeGroupSchema = z.object({
  id: z.number(),
  friendly_name: z.string(),
  members: z.array(z.object({ ieee_address: z.string(), endpoint: z.number() })),
});

const infoSchema = z.object({
  version: z.string(),
  coordinator: z.object({ type: z.string().optional(), ieee_address: z.string().optional() }).optional(),
  network: z.object({ channel: z.number(), pan_id: z.number() }).optional(),
  permit_join: z.boolean().default(false),
  /** Epoch ms, by the clock of its machine. */
  permit_join_end: z.number().nullish(),
  /** Seconds left when it was told; before 2.0. */
  permit_join_timeout: z.number().nullish(),
});

const eventSchema = z.object({
  type: z.string(),
  data: z.object({ ieee_address: z.string(), friendly_name: z.string().optional(), status: z.string().optional() }),
});

export const responseSchema = z.object({
  status: z.enum(['ok', 'error']),
  data: z.unknown().optional(),
  error: z.string().optional(),
  transaction: scalar.optional(),
});

const logSchema = z.object({ level: z.string(), message: z.string() });

export type Feature = z.infer<typeof featureSchema>;
export type Expose = z.infer<typeof exposeSchema>;
export type BridgeDevice = z.infer<typeof bridgeDeviceSchema>;
export type BridgeGroup = z.infer<typeof bridgeGroupSchema>;
export type BridgeInfo = z.infer<typeof infoSchema>;
export type BridgeEvent = z.infer<typeof eventSchema>;
export type BridgeResponse = z.infer<typeof responseSchema>;

/** A device's state as it was told last: property by property. */
export type DeviceMessage = Readonly<Record<string, unknown>>;

/** Undefined where it is no JSON. */
export function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

const read = <T>(schema: z.ZodType<T>, payload: string): T | undefined => schema.safeParse(parsed(payload)).data;

export const readInfo = (payload: string): BridgeInfo | undefined => read(infoSchema, payload);
export const readEvent = (payload: string): BridgeEvent | undefined => read(eventSchema, payload);
export const readResponse = (payload: string): BridgeResponse | undefined => read(responseSchema, payload);
export const readMessage = (payload: string): DeviceMessage | undefined => read(z.record(z.string(), z.unknown()), payload);

/** `online` or `offline`: the word alone before Zigbee2MQTT 2.0 (`legacy_availability_payload`), `{"state": ...}` since. */
export function readOnline(payload: string): boolean | undefined {
  const json = read(z.object({ state: z.string() }), payload);
  const word = json?.state ?? payload;
  return word === 'online' ? true : word === 'offline' ? false : undefined;
}

/** Words of the log in which a command or a question ends that came to nothing (`lib/extension/publish.ts`). */
const FAILED = /Publish '(set|get)' '[^']*' to '(.+)' failed: '(.*)'$/s;
const NO_CONVERTER = /No converter available for '[^']*' on '(.+)': /s;

/** What came to nothing: a name, and why. `refused`: it would again. */
export interface Failure {
  name: string;
  verb: 'set' | 'get';
  what: string;
  refused: boolean;
}

export function readFailure(payload: string): Failure | undefined {
  const log = read(logSchema, payload);
  if (log?.level !== 'error') return undefined;
  const [, verb, name, what] = FAILED.exec(log.message) ?? [];
  if (verb !== undefined && name !== undefined) return { name, verb: verb === 'get' ? 'get' : 'set', what: what ?? '', refused: false };
  const [, stranger] = NO_CONVERTER.exec(log.message) ?? [];
  return stranger === undefined ? undefined : { name: stranger, verb: 'set', what: log.message, refused: true };
}

/** A list of which each entry is read by itself. */
export interface Listed<T> {
  entries: T[];
  /** How many were not as documented, and so passed over. */
  unread: number;
}

function readList<T>(schema: z.ZodType<T>, list: readonly unknown[]): Listed<T> {
  const entries = list.flatMap((each) => schema.safeParse(each).data ?? []);
  return { entries, unread: list.length - entries.length };
}

const readWhole = <T>(schema: z.ZodType<T>, payload: string): Listed<T> | undefined => {
  const list = parsed(payload);
  return Array.isArray(list) ? readList(schema, list) : undefined;
};

export const readDevices = (payload: string): Listed<BridgeDevice> | undefined => readWhole(bridgeDeviceSchema, payload);
export const readGroups = (payload: string): Listed<BridgeGroup> | undefined => readWhole(bridgeGroupSchema, payload);

/** Those that cannot be read belong to a kind of device that is not ours. */
export const exposesOf = ({ definition }: BridgeDevice): Expose[] => readList(exposeSchema, definition?.exposes ?? []).entries;
