import { z } from 'zod';
import {
  ACTIVITIES,
  type ActivityEntry,
  type AdapterView,
  type CandidateView,
  type DiscoveryView,
  type PairedView,
  type QueueView,
  type SceneOrigin,
} from '../api/devices.ts';
import { ERRORS, type ErrorCode } from '../api/errors.ts';
import type { BodyView, FeedbackEntry, FeedbackView, WearerView } from '../api/learning.ts';
import { en } from '../api/messages/en.ts';
import { MODES, RUNGS } from '../api/mode.ts';
import type { Holder } from '../api/publishing.ts';
import type { ReasonCode } from '../api/reasons.ts';
import {
  type AuditEntry,
  type DeviceView,
  HOLD_EVENTS,
  type HouseView,
  type InferenceView,
  type ModelView,
  type Problem,
  type RoomSceneView,
  type RoomView,
  type SceneView,
  type SourceView,
  type SuggestionView,
  type WhyEntry,
} from '../api/views.ts';
import { PAIRING_ACTS } from '../devices/adapter.ts';
import { ATTRIBUTE_NAMES, attributesSchema, capabilitiesSchema, deviceIdSchema, readingsSchema, xySchema } from '../devices/attributes.ts';
import type { Attributes } from '../devices/device.ts';
import { JOINING_STEPS, MESH_STATES, type MeshNode, type MeshView, POWER_SOURCES } from '../devices/mesh.ts';
import { permissionsSchema } from '../devices/permissions.ts';
import { MEASURES } from '../mood/body.ts';
import { EMOTIONS } from '../mood/emotion.ts';
import { type Contradiction, type Contribution, MOOD_LABELS, type Mood, STRESS_TERMS, type StressTerm } from '../mood/mood.ts';
import { idSchema, MODALITIES } from '../mood/observation.ts';
import { VERDICTS } from '../mood/verdict.ts';

/** A schema for `T` that does not compile while one of its keys, optional ones included, is missing. */
const view = <T extends object>(shape: { [K in keyof T]-?: z.ZodType<T[K]> }): z.ZodType<T> =>
  z.object(shape) as z.ZodObject as unknown as z.ZodType<T>;

const unit = z.number().min(0).max(1);
const signedUnit = z.number().min(-1).max(1);
const percent = z.number().min(0).max(100);
const epoch = z.number().describe('Epoch milliseconds, UTC');

export const adapterId = z.string().regex(/^[a-z0-9-]{1,40}$/);
export const roomId = idSchema;
export const sourceId = idSchema;
export const deviceId = deviceIdSchema;
export const mode = z.enum(MODES);

const params = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const errorCode = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]);
const isReason = (code: string): boolean => code.startsWith('reason.') || code.startsWith('limit.');
const reasonCode = z.enum(Object.keys(en).filter(isReason) as [ReasonCode, ...ReasonCode[]]);

export const errorAnswer = z.object({
  error: z.object({
    code: errorCode,
    message: z.string().describe('English sentence, for people'),
    params,
    hint: z.string().optional(),
  }),
});

/** Values as devices report them, which may lie outside of what can be wished for. */
const reportedAttributes = attributesSchema.extend({
  colorTemperature: z.number().optional().describe('Kelvin'),
  setpoint: z.number().optional().describe('°C'),
});

/** Values as a person wishes for them: nothing unknown, nothing out of range, at least one. */
export const wishedAttributes = attributesSchema.refine((wished) => Object.keys(wished).length > 0, 'name at least one attribute');

const problem = view<Problem>({ code: errorCode, params, scope: z.string(), since: epoch });

export const sourceView = view<SourceView>({
  id: sourceId,
  room: roomId,
  kind: z.enum(['camera', 'microphone', 'phone', 'demo']),
  enabled: z.boolean(),
  state: z.enum(['off', 'starting', 'live', 'waiting', 'demo']),
  rate: z.number().describe('Frames or segments a second'),
  dropped: z.number(),
  publisher: view<Holder>({ name: z.string(), since: epoch }).optional().describe('The device that sends, to a phone source'),
  problem: problem.nullable(),
});

const whyEntry = view<WhyEntry>({
  rung: z.enum(RUNGS),
  value: z.union([z.boolean(), z.number(), z.string(), xySchema]),
  reason: z.object({ code: reasonCode, params }),
  wins: z.boolean().describe('Several of one rung may, where their values were blended'),
  expiresAt: epoch.optional(),
  limit: z.object({ code: reasonCode, params }).optional().describe('What kept it from being carried out in full'),
});

const perAttribute = <T>(each: z.ZodType<T>) =>
  z.object(Object.fromEntries(ATTRIBUTE_NAMES.map((name) => [name, each.optional()]))) as unknown as z.ZodType<{
    [K in keyof Attributes]?: T;
  }>;

export const modality = z.enum(MODALITIES);

export const deviceView = view<DeviceView>({
  id: deviceId,
  name: z.string(),
  adapter: z.string(),
  model: z.string().optional(),
  rooms: z.array(roomId),
  capabilities: capabilitiesSchema,
  available: z.boolean(),
  values: reportedAttributes,
  readings: readingsSchema,
  permissions: permissionsSchema,
  why: perAttribute(z.array(whyEntry)),
  holds: perAttribute(z.union([epoch, z.enum([...HOLD_EVENTS, 'resume'])])).describe('When it is given back'),
});

const contribution = view<Contribution>({
  source: sourceId,
  modality,
  weight: unit.describe('Share; all of a mood add up to 1'),
  agrees: z.boolean().optional().describe('By itself it makes the emotion likelier than chance'),
});

const witness = z.object({ source: sourceId, modality });

const contradiction = view<Contradiction>({ shown: witness, told: witness, by: z.enum(['strain', 'words']), strength: unit });

const stressTerm = view<StressTerm>({
  term: z.enum(STRESS_TERMS),
  value: unit,
  weight: unit.describe('Share; all add up to 1'),
});

export const moodView = view<Mood>({
  v: z.literal(1),
  room: roomId,
  at: epoch,
  label: z.enum(MOOD_LABELS),
  emotion: z.enum(EMOTIONS),
  probabilities: z.record(z.enum(EMOTIONS), z.number()),
  valence: signedUnit,
  arousal: signedUnit,
  stress: percent,
  stressTerms: z.array(stressTerm).optional().describe('Stress is 100 x the sum of value x weight'),
  hiddenStress: z.boolean(),
  contradictions: z.array(contradiction).optional().describe('What speaks against a pleasant face'),
  confidence: unit.describe('How likely the emotion is right, now'),
  occupancy: z.boolean().nullable(),
  people: z.number().nullable(),
  disagreement: unit.optional().describe('How differently the people in view feel'),
  contributions: z.array(contribution),
  demo: z.literal(true).optional(),
  trigger: z.string().optional(),
});

export const roomView = view<RoomView>({
  id: roomId,
  name: z.string(),
  mode,
  mood: moodView.nullable(),
  scene: z.string().nullable(),
  moodScene: z.string().nullable(),
  suggestion: view<SuggestionView>({ scene: z.string(), by: z.enum(['mood', 'schedule']) }).nullable(),
  ambience: z.boolean(),
  intensity: percent.describe('How far moods go'),
  scenes: z.array(view<RoomSceneView>({ id: z.string(), name: z.string(), own: z.boolean().describe("In place of the house's") })),
  told: z.boolean().describe('Somebody wrote to the room within the last half hour, or a wearable told of them within ten minutes'),
  sources: z.array(sourceView),
  devices: z.array(deviceId),
  illuminance: z.number().nullable().describe('Lux, the mean of its sensors'),
});

const sceneView = view<SceneView>({ id: z.string(), name: z.string() });

export const houseView = view<HouseView>({
  hub: z.object({
    id: z.string(),
    name: z.string(),
    version: z.string(),
    startedAt: epoch,
    timezone: z.string(),
    language: z.string(),
  }),
  sensing: z.boolean(),
  demo: z.boolean(),
  config: z.object({ file: z.string(), state: z.enum(['ok', 'safe']), restartRequired: z.array(z.string()) }),
  https: z
    .object({
      fingerprint: z.string().describe('SHA-256 of the certificate'),
      own: z.boolean().describe('The hub made it for itself: browsers warn of it'),
      validUntil: epoch,
      addresses: z.array(z.string()).describe('Where other devices find the panel'),
    })
    .nullable(),
  mqtt: z.object({ kind: z.enum(['embedded', 'external']), url: z.string(), connected: z.boolean() }),
  scenes: z.array(sceneView),
  problems: z.array(problem),
  rooms: z.array(roomView),
  devices: z.array(deviceView),
});

export const modelView = view<ModelView>({
  id: z.string(),
  role: z.string(),
  state: z.enum(['in-use', 'present', 'wrong', 'missing']),
  chosen: z.boolean().describe('A person chose it for its role'),
  recommended: z.boolean(),
  fetchable: z.boolean(),
  size: z.number().describe('Bytes'),
  version: z.string(),
  licence: z.string(),
  trainedOn: z.string().describe('Training data, and the terms it came under'),
  source: z.string(),
  accuracy: z.string(),
  cost: z.string(),
  received: z.number().nullable().describe('Bytes that are there, while it is being fetched'),
  problem: view<NonNullable<ModelView['problem']>>({ code: errorCode, params }).nullable(),
});

export const pairedView = view<PairedView>({ id: z.string(), name: z.string(), host: z.string().optional() });

export const adapterView = view<AdapterView>({
  id: z.string(),
  name: z.string(),
  configured: z.boolean(),
  pairing: z
    .object({
      host: z.boolean().describe('Whether it needs an address'),
      act: z.enum(PAIRING_ACTS),
      patience: z.number().describe('Seconds'),
    })
    .nullable(),
  paired: z.array(pairedView),
  mesh: z.boolean().describe('Whether it keeps a radio network of its own now'),
  scenes: z.array(view<SceneOrigin>({ id: z.string(), name: z.string(), room: z.string().optional() })).describe('Made elsewhere'),
});

export const discoveryView = view<DiscoveryView>({
  candidates: z.array(
    view<CandidateView>({
      adapter: z.string(),
      id: z.string(),
      name: z.string(),
      host: z.string(),
      model: z.string().optional(),
      paired: z.boolean(),
    }),
  ),
  hidden: z.array(z.object({ id: deviceId, name: z.string() })).describe('Listed by their bridge, but forgotten by a person'),
  failed: z.array(z.object({ adapter: z.string(), code: errorCode, params })),
});

const meshNode = view<MeshNode>({
  id: z.string().describe("The hardware's own"),
  name: z.string(),
  vendor: z.string().optional(),
  model: z.string().optional(),
  devices: z.array(deviceId).describe('What it is to the house; a wall plate may be two switches').readonly(),
  power: z.enum(POWER_SOURCES),
  linkQuality: z.number().optional().describe('Of the last message heard, 0 to 255'),
  battery: percent.optional().describe('What is left of it, %'),
  lastSeen: epoch.optional(),
  available: z.boolean(),
  joining: z.enum(JOINING_STEPS).optional().describe('While it is on its way in'),
});

export const meshView = view<MeshView>({
  state: z.enum(MESH_STATES),
  coordinator: z.object({
    port: z.string().describe('A serial port, an address, a topic'),
    id: z.string().optional(),
    model: z.string().optional().describe('Kind and firmware'),
  }),
  channel: z.number().optional().describe('IEEE 802.15.4, 11 to 26'),
  panId: z.number().optional(),
  joinSeconds: z.number().describe('Seconds that devices may still join; 0: closed'),
  backupAt: epoch.optional().describe("When the coordinator's memory was copied last"),
  nodes: z.array(meshNode).readonly(),
});

export const activityEntry = view<ActivityEntry>({ at: epoch, what: z.enum(ACTIVITIES), params });

const count = z.number().int();

export const queueView = view<QueueView>({
  waiting: count.describe('Commands that wait, for their device or their turn'),
  flying: count.describe('Calls that wait for their answer'),
  acked: count,
  dropped: z.record(z.string(), count).describe('By reason'),
  failed: z.record(z.string(), count).describe('By code'),
  calls: count.describe('Of adapters, those for a group counted once'),
  groupCalls: count,
  rateLimited: count.describe('Times that a bridge said to slow down'),
  wait: z.object({ p50: z.number().nullable(), p95: z.number().nullable() }).describe('ms from being asked for to the first attempt'),
});

export const inferenceView = view<InferenceView>({
  threads: z.union([z.literal('auto'), z.number()]).describe('As the configuration has it'),
  inUse: z.number().nullable().describe('Threads of the networks of pictures now; null while none is loaded'),
  measured: view<NonNullable<InferenceView['measured']>>({
    at: epoch,
    chosen: z.number(),
    timings: z.array(z.object({ threads: z.number(), ms: z.number() })).describe('One frame with one face'),
  }).nullable(),
});

export const bodyView = view<BodyView>({
  wearer: sourceId,
  reading: view<NonNullable<BodyView['reading']>>({
    arousal: signedUnit,
    stress: unit,
    confidence: unit,
    flags: z.array(z.string()),
  })
    .nullable()
    .describe('Null while what is ordinary for the wearer is being learned'),
});

export const wearerView = view<WearerView>({
  wearer: sourceId,
  baseline: z
    .array(z.object({ measure: z.enum(MEASURES), values: z.number().int(), newest: epoch }))
    .describe('How much of what is ordinary for the wearer is known'),
});

const feedbackEntry = view<FeedbackEntry>({
  id: z.string(),
  at: epoch,
  actor: z.string(),
  verdict: z.enum(VERDICTS),
  emotion: z.enum(EMOTIONS),
  label: z.enum(MOOD_LABELS),
  scene: z.string().nullable(),
  effects: z.array(z.object({ modality, change: z.number() })).describe('What it adds to the reliabilities now'),
});

export const feedbackView = view<FeedbackView>({
  entries: z.array(feedbackEntry).describe('Newest first'),
  reliability: z.array(z.object({ modality, set: unit, learned: unit })),
  scenes: z.array(z.object({ scene: z.string(), preference: signedUnit, welcome: z.boolean(), restsUntil: epoch.nullable() })),
});

export const auditEntry = view<AuditEntry>({ at: epoch, actor: z.string(), action: z.string(), subject: z.string(), params });

export const sessionView = z.object({
  authenticated: z.boolean(),
  setupRequired: z.boolean().describe('No password exists yet: the set-up link from the terminal chooses one'),
});

export const healthView = z.object({
  ready: z.boolean(),
  version: z.string(),
  uptime: z.number().describe('Seconds'),
  problems: z.number(),
});

export const tokenView = z.object({
  id: z.string(),
  name: z.string(),
  source: sourceId.nullable().describe('The phone source that its holder may send to, and do nothing else; null: everything'),
  createdAt: epoch,
  lastUsedAt: epoch.nullable(),
});

/** Schemas that stand by name in the OpenAPI document. */
export const NAMED_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  House: houseView,
  Room: roomView,
  Device: deviceView,
  Mood: moodView,
  Why: whyEntry,
  Problem: problem,
  Mesh: meshView,
  Model: modelView,
  Inference: inferenceView,
  Error: errorAnswer,
};
