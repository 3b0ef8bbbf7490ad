import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../api/errors.ts';
import { MAX_TEXT } from '../api/text.ts';
import { idSchema, observationSchema } from '../mood/observation.ts';

/**
 * All that may cross between the hub and the senses process. Up come numbers, and the words by which a device and we agree on a
 * connection: no message from the senses could carry a pixel, a sample or a text. Down go wishes, the same words of the device, and what
 * people wrote to a room, one message at a time, to be read and forgotten.
 */
export const PROTOCOL_VERSION = 1;

const share = z.number().min(0).max(1);

/** Polygons whose inside is never looked at; x and y as shares of the picture. */
const masks = z.array(z.array(z.tuple([share, share])));

const cameraSource = z.object({
  kind: z.literal('camera'),
  id: idSchema,
  room: idSchema,
  /** rtsp://, a device path, or file:PATH */
  url: z.string(),
  /** Frames a second that are read */
  fps: z.number().positive(),
  /** Largest size of the frames that are read, px: what is larger is scaled to fit within, what is smaller stays as it is. */
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  masks,
});

const microphoneSource = z.object({
  kind: z.literal('microphone'),
  id: idSchema,
  room: idSchema,
  /** An ALSA device, or a URL whose audio track is read. Exactly one of the two. */
  device: z.string().optional(),
  url: z.string().optional(),
});

const port = z.number().int().min(1).max(65_535);

const phoneSource = z.object({
  kind: z.literal('phone'),
  id: idSchema,
  room: idSchema,
  /** Pictures a second that are read at most */
  fps: z.number().positive(),
  /** Pixels that pictures are scaled to fit. */
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  masks,
  /** UDP ports that media comes in on; any where it is absent. */
  ports: z.object({ min: port, max: port }).optional(),
  /** Network interfaces whose addresses a device is told; all where there are none. */
  interfaces: z.array(z.string()),
});

export const sourceSpecSchema = z.discriminatedUnion('kind', [cameraSource, microphoneSource, phoneSource]);

export const ROLES = ['face-detection', 'face-emotion', 'voice-activity', 'voice-arousal', 'voice-emotion', 'text-emotion'] as const;
export type Role = (typeof ROLES)[number];

/** The full desired state, sent on every change and after every restart; what is not in it must not run. */
export const desiredStateSchema = z.object({
  type: z.literal('desired'),
  v: z.literal(PROTOCOL_VERSION),
  revision: z.number().int(),
  sources: z.array(sourceSpecSchema),
  models: z.object({
    /** Looked through in order: the first file whose digest matches is used. */
    dirs: z.array(z.string()),
    /** ONNX Runtime intra-op threads; `auto`: as `tuning` says. */
    threads: z.union([z.literal('auto'), z.number().int().positive()]),
    /** What the networks run on. */
    provider: z.enum(['auto', 'cpu']).optional(),
    /** Ids of the models that a person chose, by role. */
    prefer: z.record(z.string(), z.string()).optional(),
    /** Digest of what lies in the first of `dirs`: another one, and the models are loaded anew. */
    edition: z.string().optional(),
  }),
  /** What was measured on this machine: counts for the models that are loaded after it came. */
  tuning: z.object({ key: z.string(), threads: z.number().int().positive() }).nullable().optional(),
});

/** What somebody wrote to a room. The next one follows when this one is answered. */
const textMessageSchema = z.object({
  type: z.literal('text'),
  /** Comes back in the answer, and in the name of the observation. */
  id: z.number().int(),
  room: idSchema,
  text: z.string().max(MAX_TEXT),
  /** When it reached the hub: ms of CLOCK_MONOTONIC. */
  at: z.number(),
});

/** Bytes of an offer, an answer or a fragment: browsers' offers have six to eight thousand. */
export const LONGEST_DESCRIPTION = 64 * 1024;
const description = z.string().max(LONGEST_DESCRIPTION);

/** What a device that sends to the phone `source` says, as RFC 9725 has it. Answered by a `signalled` of the same id. */
export const signalSchema = z.object({
  type: z.literal('signal'),
  id: z.number().int(),
  source: idSchema,
  session: z.string().max(100),
  words: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('offer'), sdp: description }),
    z.object({ kind: z.literal('patch'), fragment: description }),
    z.object({ kind: z.literal('end') }),
  ]),
});

export const downMessageSchema = z.discriminatedUnion('type', [
  desiredStateSchema,
  textMessageSchema,
  signalSchema,
  z.object({ type: z.literal('shutdown') }),
]);

const params = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const problem = z.object({ code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]), params });

export const upMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), v: z.literal(PROTOCOL_VERSION), pid: z.number().int() }),
  z.object({ type: z.literal('observation'), observation: observationSchema }),
  z.object({
    type: z.literal('source'),
    source: idSchema,
    state: z.enum(['off', 'starting', 'live', 'waiting']),
    problem: problem.nullable(),
    rate: z.number().nonnegative(),
    dropped: z.number().int().nonnegative(),
    /** Process id of the capture child, where one runs. */
    pid: z.number().int().nullable(),
  }),
  z.object({
    type: z.literal('model'),
    role: z.enum(ROLES),
    /** Id of the loaded model; null where the role has none. */
    model: z.string().nullable(),
    /** Both: another one was passed over before this model was found. Neither: no source needs the role. */
    problem: problem.nullable(),
  }),
  /** Threads of the networks of pictures, and for which machine and networks; `tuned`: nothing is left to be measured. */
  z.object({ type: z.literal('threads'), key: z.string(), threads: z.number().int().positive(), tuned: z.boolean() }),
  /** The message was read, or cannot be: it exists no more. */
  z.object({ type: z.literal('text'), id: z.number().int() }),
  z.object({
    type: z.literal('signalled'),
    id: z.number().int(),
    /** The answer, or the fragment that answers one. */
    words: description.nullable(),
    problem: problem.nullable(),
  }),
  /** A device was cut off that nobody asked to end: its source is free for another. */
  z.object({ type: z.literal('session-ended'), source: idSchema, session: z.string().max(100), problem }),
  /** Every second, from the event loop that runs the inference: its silence means a stall. */
  z.object({ type: z.literal('heartbeat'), at: z.number(), applied: z.number().int(), dropped: z.number().int().nonnegative() }),
]);

export type SourceSpec = z.infer<typeof sourceSpecSchema>;
export type CameraSpec = z.infer<typeof cameraSource>;
export type MicrophoneSpec = z.infer<typeof microphoneSource>;
export type PhoneSpec = z.infer<typeof phoneSource>;
export type Signal = z.infer<typeof signalSchema>;
export type DesiredState = z.infer<typeof desiredStateSchema>;
export type TextMessage = z.infer<typeof textMessageSchema>;
export type DownMessage = z.infer<typeof downMessageSchema>;
export type UpMessage = z.infer<typeof upMessageSchema>;
export type SourceReport = Extract<UpMessage, { type: 'source' }>;
export type ThreadsReport = Extract<UpMessage, { type: 'threads' }>;
export type ModelReport = Extract<UpMessage, { type: 'model' }>;
/** Why something does not run, as it is told to people: a code and what its sentence names. Never an address with a login. */
export type ProblemReport = z.infer<typeof problem>;

/** The models that a source of this kind is read with. */
export const ROLES_OF: Readonly<Record<SourceSpec['kind'], readonly Role[]>> = {
  camera: ['face-detection', 'face-emotion'],
  microphone: ['voice-activity', 'voice-arousal', 'voice-emotion'],
  phone: ['face-detection', 'face-emotion', 'voice-activity', 'voice-arousal', 'voice-emotion'],
};
