import { z } from 'zod';

const BROKER_URL = /^(mqtts?|wss?):\/\/[^\s/@]+(\/[^\s@]*)?$/;
const BROKER_HELP = 'must be an address such as mqtt://192.168.1.10:1883, without user and password';

/** Zigbee2MQTT's own rule for `mqtt.base_topic` is any topic without wildcards. */
const BASE_TOPIC = /^[^#+/\s]+(\/[^#+/\s]+)*$/;

export const zigbee2mqttOptions = z.strictObject({
  url: z.string().regex(BROKER_URL, BROKER_HELP).refine(URL.canParse, BROKER_HELP).meta({
    description: 'Address of the broker that Zigbee2MQTT speaks to: `mqtt://`, `mqtts://`, `ws://` or `wss://`.',
  }),
  username: z.string().min(1).optional().meta({ description: 'User at that broker.' }),
  password: z.string().optional().meta({ description: 'Password at that broker; best written as `!secret NAME`.', secret: true }),
  base: z
    .string()
    .max(100)
    .regex(BASE_TOPIC, 'must be a topic without wildcards, such as zigbee2mqtt')
    .default('zigbee2mqtt')
    .meta({ description: 'Its `base_topic`.' }),
});

export type Zigbee2MqttOptions = z.infer<typeof zigbee2mqttOptions>;
