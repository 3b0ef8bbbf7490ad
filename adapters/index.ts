import type { AdapterModule } from '../daemon/devices/adapter.ts';

/** Every adapter there is, one line each, loaded when it is first needed. */
export const adapterModules: Record<string, () => Promise<AdapterModule>> = {
  hue: async () => (await import('./hue/index.ts')).hue,
  sonos: async () => (await import('./sonos/index.ts')).sonos,
  virtual: async () => (await import('./virtual/index.ts')).virtual,
  zigbee: async () => (await import('./zigbee/index.ts')).zigbee,
  zigbee2mqtt: async () => (await import('./zigbee2mqtt/index.ts')).zigbee2mqtt,
};
