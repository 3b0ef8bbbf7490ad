import { z } from 'zod';

/** Host name, IPv4 or bracketed IPv6 address, with an optional port; no scheme, no path. */
const host = z.string().regex(/^([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/i, 'expected a host name or address, such as 192.168.1.20');

export const hueOptions = z.strictObject({ bridges: z.array(z.strictObject({ host })).default([]) });

export type HueOptions = z.infer<typeof hueOptions>;
