import { z } from 'zod';
import { idSchema } from '../mood/observation.ts';

/** What a policy or schedule asks for. */
export interface Then {
  scene: string;
  /** 0..100 %: how far from the room's neutral scene toward the one that is asked for. */
  intensity: number;
}

export const thenSchema = z.strictObject({
  scene: idSchema.meta({ description: 'Scene that is asked for.' }),
  intensity: z
    .number()
    .min(0)
    .max(100)
    .prefault(100)
    .meta({ description: 'Percent: how far to go from the scene `neutral` toward this one.' }),
});
