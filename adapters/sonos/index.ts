import type { AdapterModule } from '../../daemon/devices/adapter.ts';
import { SonosAdapter } from './adapter.ts';
import { discoverPlayers } from './discovery.ts';
import { type SonosOptions, sonosOptions } from './options.ts';
import { PATIENCE_S, pair, paired, unpair, withHost, withoutHost } from './pairing.ts';

export const sonos: AdapterModule<SonosOptions> = {
  id: 'sonos',
  name: 'Sonos and UPnP players',
  options: sonosOptions,
  create: (options, context) => new SonosAdapter(options, context),
  discover: discoverPlayers,
  pairing: { host: true, act: 'none', patience: PATIENCE_S },
  pair,
  paired,
  unpair,
  withHost,
  withoutHost,
};
