import type { AdapterModule } from '../../daemon/devices/adapter.ts';
import { HueAdapter } from './adapter.ts';
import { discoverBridges } from './discovery.ts';
import { type HueOptions, hueOptions } from './options.ts';
import { PATIENCE_S, pair, paired, unpair } from './pairing.ts';

export const hue: AdapterModule<HueOptions> = {
  id: 'hue',
  name: 'Philips Hue',
  options: hueOptions,
  create: (options, context) => new HueAdapter(options, context),
  discover: discoverBridges,
  pairing: { host: true, act: 'link-button', patience: PATIENCE_S },
  pair,
  paired,
  unpair,
  withHost: (options, host) =>
    options.bridges.some((bridge) => bridge.host === host) ? options : { bridges: [...options.bridges, { host }] },
  withoutHost: (options, host) =>
    options.bridges.some((bridge) => bridge.host === host)
      ? { bridges: options.bridges.filter((bridge) => bridge.host !== host) }
      : options,
};
