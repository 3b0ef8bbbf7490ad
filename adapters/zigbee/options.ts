import { z } from 'zod';

/** Drivers of zigbee-herdsman; which of them were tried is in docs/adapters/zigbee.md. */
const DRIVERS = ['zstack', 'ember', 'deconz', 'zigate', 'zboss', 'zoh'] as const;

const port = z
  .string()
  .regex(/^(\/\S+|tcp:\/\/([a-z0-9._-]+|\[[0-9a-f:.]+\]):\d{1,5})$/i, 'expected a serial port, such as /dev/ttyUSB0, or tcp://host:port');

export const zigbeeOptions = z.strictObject({
  port: port.describe('Serial port of the coordinator, best by its name under /dev/serial/by-id; or tcp://host:port'),
  adapter: z.enum(DRIVERS).default('zstack').describe('Kind of coordinator: zstack for those of Texas Instruments, ember for Silicon Labs'),
  baudRate: z.number().int().positive().optional().describe('Where it is another than the usual one of its kind'),
  rtscts: z.boolean().optional().describe('Hardware flow control'),
  channel: z
    .number()
    .int()
    .min(11)
    .max(26)
    .default(15)
    .describe('Channel of the network; 11, 15, 20 and 25 lie between those of Wi-Fi. Changed later, devices follow'),
});

export type ZigbeeOptions = z.infer<typeof zigbeeOptions>;
