import type { AdapterModule } from '../../daemon/devices/adapter.ts';
import { VirtualAdapter } from './adapter.ts';
import { type VirtualOptions, virtualOptions } from './options.ts';

export const virtual: AdapterModule<VirtualOptions> = {
  id: 'virtual',
  name: 'Virtual lamps',
  options: virtualOptions,
  create: (options, context) => new VirtualAdapter(options, context),
};
