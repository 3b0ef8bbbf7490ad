import { z } from 'zod';

const ADDRESS = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/i;
const HELP = 'expected a host name or address such as 192.168.1.30, or the URL of the description of a player that is not by Sonos';

const host = z
  .string()
  .max(500)
  .refine((text) => ADDRESS.test(text) || (/^http:\/\//.test(text) && URL.canParse(text)), HELP)
  .meta({
    description:
      'Host name or address of a Sonos player: one of a household leads to all. Of any other UPnP player, the URL of its description.',
  });

export const sonosOptions = z.strictObject({
  players: z.array(z.strictObject({ host })).default([]).meta({ description: 'Where players are. Empty: they are looked for.' }),
  callbackPort: z
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(0)
    .meta({ description: 'TCP port on which players tell of changes, for a firewall. 0: any free one.' }),
});

export type SonosOptions = z.infer<typeof sonosOptions>;

/** TCP (https://sonos.svrooij.io/communication). */
const PORT = 1400;

/** URL of the description of what stands at an address of the configuration. */
export function locationOf(address: string): string {
  if (address.startsWith('http:')) return new URL(address).href;
  const port = /(?<!\[[^\]]*):\d+$/.test(address) ? '' : `:${PORT}`;
  return `http://${address}${port}/xml/device_description.xml`;
}
