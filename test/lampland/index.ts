import type { AdapterModule } from '../../daemon/devices/adapter.ts';
import { LamplandAdapter } from './adapter.ts';
import { type LamplandOptions, lamplandOptions } from './options.ts';

export const lampland: AdapterModule<LamplandOptions> = {
  id: 'lampland',
  name: 'Lampland',
  options: lamplandOptions,
  create: (options, context) => new LamplandAdapter(options, context),
};
