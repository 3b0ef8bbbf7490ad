import { z } from 'zod';

export const lamplandOptions = z.strictObject({
  host: z.string().regex(/^[\w.-]+:\d+$/, 'must be an address with a port'),
});

export type LamplandOptions = z.infer<typeof lamplandOptions>;
