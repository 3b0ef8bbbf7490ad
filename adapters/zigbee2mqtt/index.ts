import type { AdapterModule } from '../../daemon/devices/adapter.ts';
import { Zigbee2MqttAdapter } from './adapter.ts';
import { type Zigbee2MqttOptions, zigbee2mqttOptions } from './options.ts';

export const zigbee2mqtt: AdapterModule<Zigbee2MqttOptions> = {
  id: 'zigbee2mqtt',
  name: 'Zigbee2MQTT',
  options: zigbee2mqttOptions,
  create: (options, context) => new Zigbee2MqttAdapter(options, context),
};
