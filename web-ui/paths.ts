/** Addresses of the pages: as patterns for the router, and filled in for links. */
export const patterns = {
  overview: '/',
  room: '/rooms/:room',
  house: '/house',
  devices: '/devices',
  music: '/music',
  models: '/models',
  zigbee: '/zigbee',
  setup: '/setup',
  sensor: '/sensor',
} as const;

export const paths = {
  overview: patterns.overview,
  room: (id: string): string => `/rooms/${encodeURIComponent(id)}`,
  house: patterns.house,
  devices: patterns.devices,
  music: patterns.music,
  models: patterns.models,
  zigbee: patterns.zigbee,
  sensor: patterns.sensor,
} as const;
