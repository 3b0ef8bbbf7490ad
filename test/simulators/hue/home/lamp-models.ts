import { type GamutType, gamuts } from './color.ts';
import type { Product } from './device.ts';

/**
 * `color`: white and color, gamut C; `ambiance`: tunable white; `white`: dimmable; `plug`: on and off alone;
 * `bloom`: an early color lamp, gamut A; `colorB`: gamut B; `effects`: white and color with effects and a power-on behavior
 * that returns to what was; `gradient`: a light strip with several colors and effects; `candle`: tunable white with few
 * effects; `strip`: another maker's tunable white, without a lowest level or a power-on behavior.
 */
export type LampKind = 'color' | 'ambiance' | 'white' | 'plug' | 'bloom' | 'colorB' | 'effects' | 'gradient' | 'candle' | 'strip';

export type Powerup = 'safety' | 'powerfail' | 'last_on_state';

export interface LampModel extends Product {
  function: 'functional' | 'decorative' | 'mixed';
  dims?: true;
  /** % of its output at the lowest level; some do not tell. */
  minDimLevel?: number;
  mirek?: { min: number; max: number };
  gamut?: GamutType;
  /** Without `no_effect`, which they all have. */
  effects?: readonly string[];
  /** Colors at once. */
  gradientPoints?: number;
  /** Absent where it cannot be configured. */
  powerup?: Powerup;
}

const fullWhite = { min: 153, max: 500 };
const allEffects = ['candle', 'fire', 'prism', 'sparkle', 'opal', 'glisten', 'underwater', 'cosmos', 'sunbeam', 'enchant'];

/** What the lamps of a bridge's dump say of themselves (README.md, "Lamps"). */
export const lampModels: Record<LampKind, LampModel> = {
  color: {
    modelId: 'LCA001',
    productName: 'Hue color lamp',
    archetype: 'sultan_bulb',
    hardware: '100b-114',
    function: 'mixed',
    dims: true,
    minDimLevel: 0.2,
    mirek: fullWhite,
    gamut: 'C',
    powerup: 'safety',
  },
  ambiance: {
    modelId: 'LTA009',
    productName: 'Hue ambiance lamp',
    archetype: 'sultan_bulb',
    hardware: '100b-114',
    function: 'mixed',
    dims: true,
    minDimLevel: 0.2,
    mirek: { min: 153, max: 454 },
    powerup: 'safety',
  },
  white: {
    modelId: 'LWA001',
    productName: 'Hue white lamp',
    archetype: 'sultan_bulb',
    hardware: '100b-114',
    function: 'functional',
    dims: true,
    minDimLevel: 2,
    powerup: 'safety',
  },
  plug: {
    modelId: 'LOM001',
    productName: 'Hue smart plug',
    archetype: 'plug',
    hardware: '100b-115',
    function: 'functional',
    powerup: 'safety',
  },
  bloom: {
    modelId: 'LLC011',
    productName: 'Hue bloom',
    archetype: 'hue_bloom',
    hardware: '100b-103',
    software: '67.116.3',
    function: 'decorative',
    dims: true,
    minDimLevel: 10,
    mirek: fullWhite,
    gamut: 'A',
    powerup: 'safety',
  },
  colorB: {
    modelId: 'LCT001',
    productName: 'Hue color lamp',
    archetype: 'sultan_bulb',
    hardware: '100b-104',
    software: '67.116.3',
    function: 'mixed',
    dims: true,
    minDimLevel: 5,
    mirek: fullWhite,
    gamut: 'B',
    powerup: 'safety',
  },
  effects: {
    modelId: '4080248P9',
    productName: 'Hue color floor',
    archetype: 'floor_shade',
    hardware: '100b-11d',
    software: '1.163.2',
    function: 'decorative',
    dims: true,
    minDimLevel: 0.1,
    mirek: fullWhite,
    gamut: 'C',
    effects: allEffects,
    powerup: 'powerfail',
  },
  gradient: {
    modelId: 'LCX004',
    productName: 'Hue gradient lightstrip',
    archetype: 'hue_lightstrip',
    hardware: '100b-118',
    function: 'decorative',
    dims: true,
    minDimLevel: 0.04,
    mirek: fullWhite,
    gamut: 'C',
    effects: allEffects,
    gradientPoints: 5,
    powerup: 'powerfail',
  },
  candle: {
    modelId: 'LTA009',
    productName: 'Hue ambiance lamp',
    archetype: 'sultan_bulb',
    hardware: '100b-114',
    function: 'mixed',
    dims: true,
    minDimLevel: 0.2,
    mirek: { min: 153, max: 454 },
    effects: ['candle', 'sparkle', 'glisten'],
    powerup: 'last_on_state',
  },
  strip: {
    modelId: 'GL-B-008Z',
    productName: 'LED strip',
    archetype: 'hue_lightstrip',
    manufacturer: 'GLEDOPTO',
    software: '2.7.6',
    function: 'functional',
    dims: true,
    mirek: { min: 158, max: 495 },
  },
};

export const gamutOf = (model: LampModel) => (model.gamut ? gamuts[model.gamut] : undefined);
