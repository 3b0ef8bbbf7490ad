import { z } from 'zod';
import { EMOTIONS } from './emotion.ts';

/** Ids of rooms and sources: they stand in topics, URLs and file names. */
export const idSchema = z.string().regex(/^[a-z0-9_-]{1,40}$/, 'an id has 1 to 40 characters of a-z, 0-9, - and _');

const unit = z.number().min(0).max(1);
const signedUnit = z.number().min(-1).max(1);

const probabilities = z
  .record(z.enum(EMOTIONS), unit)
  .refine((p) => Math.abs(Object.values(p).reduce((sum, each) => sum + each, 0) - 1) < 0.01, 'probabilities must add up to 1');

const affect = z.object({ valence: signedUnit, arousal: signedUnit });

const common = {
  v: z.literal(1),
  /** Names one reading within a run: follows it from the frame to the command it caused. */
  id: z.string().max(80),
  room: idSchema,
  source: idSchema,
  /** When the light or sound reached us: ms of CLOCK_MONOTONIC. */
  at: z.number(),
  /** How sure the model is, 0..1. */
  confidence: unit,
  /** How good the input was (size, sharpness, loudness), 0..1. */
  quality: unit,
};

const faceObservation = z.object({
  ...common,
  modality: z.literal('face'),
  /** Anonymous: lives as long as the face stays in view and is never used again. */
  track: z.number().int().nonnegative(),
  /** Left, top, width, height as shares of the frame, 0..1. */
  box: z.tuple([unit, unit, unit, unit]).optional(),
  probabilities,
  affect: affect.optional(),
  /** Faces in this frame. */
  people: z.number().int().positive(),
  /** Whether it is the one that is meant where only one can be: the largest that is read well. */
  primary: z.boolean().optional(),
});

const voiceObservation = z.object({
  ...common,
  modality: z.literal('voice'),
  speech: z.boolean(),
  affect: affect.partial().optional(),
  vocalStress: unit.optional(),
  probabilities: probabilities.optional(),
});

const textObservation = z.object({
  ...common,
  modality: z.literal('text'),
  probabilities,
  sentiment: signedUnit,
  flags: z.array(z.string().max(40)).max(16),
});

const bodyObservation = z.object({
  ...common,
  modality: z.literal('body'),
  arousal: signedUnit,
  stress: unit,
  flags: z.array(z.string().max(40)).max(16),
});

const presenceObservation = z.object({
  ...common,
  modality: z.literal('presence'),
  occupied: z.boolean(),
  people: z.number().int().nonnegative(),
});

/** One reading of one source. What is absent is unknown, never uniform. */
export const observationSchema = z.discriminatedUnion('modality', [
  faceObservation,
  voiceObservation,
  textObservation,
  bodyObservation,
  presenceObservation,
]);

export type Observation = z.infer<typeof observationSchema>;
export type FaceObservation = z.infer<typeof faceObservation>;
export type VoiceObservation = z.infer<typeof voiceObservation>;
export type PresenceObservation = z.infer<typeof presenceObservation>;
export type Modality = Observation['modality'];

export const MODALITIES = ['face', 'voice', 'text', 'body', 'presence'] as const satisfies readonly Modality[];
