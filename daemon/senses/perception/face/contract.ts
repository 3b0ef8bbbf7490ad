import { z } from 'zod';

const perChannel = z.union([z.number(), z.tuple([z.number(), z.number(), z.number()])]);

/**
 * What a facial-emotion network reads and what its output holds: the field `face` of its description. What is left out is
 * as with our own networks. The input is [n, channels, side, side], the output [n, columns]; n may be fixed.
 */
export const faceContractSchema = z.strictObject({
  /** Of the square picture, px. */
  side: z.number().int().min(16).max(512).default(48),
  color: z.enum(['grey', 'rgb', 'bgr']).default('grey'),
  /** The network gets (value - mean) / std of values 0..255, for all channels or for each in the order of `color`. */
  mean: perChannel.default(0),
  std: perChannel.default(1),
  /** Side of the square that is cut out, in sides of the detector's box. */
  margin: z.number().min(0.5).max(3).default(1.1),
  /** `upright` turns the square by the line of the eyes; `five-points` lays eyes, nose and mouth where ArcFace's networks expect them. */
  alignment: z.enum(['none', 'upright', 'five-points']).default('upright'),
  /** What the first columns hold, one for each label. */
  scores: z.enum(['probabilities', 'logits']).default('probabilities'),
  /** Columns, from 0, of valence and arousal, -1..1, where the network reads them itself. */
  affect: z.strictObject({ valence: z.number().int().min(0), arousal: z.number().int().min(0) }).optional(),
});

export type FaceContract = z.output<typeof faceContractSchema>;

/** Of our own networks: grey 48 px squares as they are, probabilities. */
export const OWN_CONTRACT: FaceContract = faceContractSchema.parse({});
