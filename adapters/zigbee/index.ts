import type { AdapterModule } from '../../daemon/devices/adapter.ts';
import { ZigbeeAdapter } from './adapter.ts';
import { findCoordinators } from './discovery.ts';
import { JOIN_SECONDS } from './joining.ts';
import { type ZigbeeOptions, zigbeeOptions } from './options.ts';

export const zigbee: AdapterModule<ZigbeeOptions> = {
  id: 'zigbee',
  name: 'Zigbee',
  options: zigbeeOptions,
  create: (options, context) => new ZigbeeAdapter(options, context),
  exclusive: true,
  discover: findCoordinators,
  pairing: { host: false, act: 'join', patience: JOIN_SECONDS },
};
