/** What differs between the products that the simulator knows. */
export interface Model {
  /** As `modelNumber`, without the `Sonos` of `modelName`. */
  number: string;
  name: string;
  zoneType: number;
  /** Can be the front of a home theatre. */
  hasTv: boolean;
  hasLineIn: boolean;
}

export const models = {
  One: { number: 'S18', name: 'One', zoneType: 25, hasTv: false, hasLineIn: false },
  'Play:1': { number: 'S1', name: 'Play:1', zoneType: 9, hasTv: false, hasLineIn: false },
  'Play:5': { number: 'S6', name: 'Play:5', zoneType: 12, hasTv: false, hasLineIn: true },
  Beam: { number: 'S14', name: 'Beam', zoneType: 22, hasTv: true, hasLineIn: false },
  Boost: { number: 'BR200', name: 'BOOST', zoneType: 6, hasTv: false, hasLineIn: false },
  Sub: { number: 'Sub', name: 'Sub', zoneType: 8, hasTv: false, hasLineIn: false },
} as const satisfies Record<string, Model>;

export type ModelName = keyof typeof models;

/** Software of the two generations that are in use; one household never mixes them. */
export const generations = {
  1: { software: '57.22-61162', display: '11.15.1', minCompatible: '56.0-00000', legacyCompatible: '36.0-00000', api: '1.18.9' },
  2: { software: '95.0-77060', display: '18.5', minCompatible: '94.0-00000', legacyCompatible: '58.0-00000', api: '1.50.0' },
} as const;

export type Generation = keyof typeof generations;
