/** `adapter:native`, native being the hardware's own id. */
export type DeviceId = `${string}:${string}`;

/** CIE 1931 chromaticity. */
export interface Xy {
  x: number;
  y: number;
}

export const TRANSPORTS = ['playing', 'paused', 'stopped'] as const;

/** What a player does. */
export type Transport = (typeof TRANSPORTS)[number];

/** What can be wished for on a device. Absent means "as it is". */
export interface Attributes {
  on?: boolean;
  /** 0..100 % */
  brightness?: number;
  /** Kelvin */
  colorTemperature?: number;
  color?: Xy;
  /** A moving light of the lamp's own making, by one of the names in its capabilities; `none` ends it. */
  effect?: string;
  /** 0..100 */
  volume?: number;
  mute?: boolean;
  transport?: Transport;
  /**
   * What plays, or waits to: the id of a favorite, of those in the capabilities, or the address of a stream where these say so;
   * `radio:` before it: of one without end.
   */
  favorite?: string;
  /** Whether what plays is played in a random order. */
  shuffle?: boolean;
  /** The player that leads the group this one plays in; its own id where it plays alone. */
  group?: DeviceId;
  /** Temperature to be held, °C */
  setpoint?: number;
}

export const FAVORITE_KINDS = ['favorite', 'playlist', 'radio'] as const;

/** Something that a player keeps, to be played by name. */
export interface Favorite {
  id: string;
  name: string;
  kind?: (typeof FAVORITE_KINDS)[number];
}

export type AttributeName = keyof Attributes;

/** What a device can do; an attribute that is absent cannot be set on it, a reading that is absent does not come from it. */
export interface Capabilities {
  on?: true;
  brightness?: {
    /** The least value at which the lamp still glows, % */
    min: number;
  };
  /** Kelvin */
  colorTemperature?: { min: number; max: number };
  color?: {
    /** Corners red, green, blue of what the lamp can show. Absent: unknown. */
    gamut?: readonly [Xy, Xy, Xy];
  };
  effect?: { names: readonly string[] };
  volume?: true;
  mute?: true;
  transport?: true;
  favorite?: {
    list: readonly Favorite[];
    /** The address of a stream will do as well. */
    addresses?: true;
  };
  shuffle?: true;
  /** It can go on to the next of what plays, and back. */
  skip?: true;
  /** It can play together with others of its adapter that can, too. */
  group?: true;
  /** °C */
  setpoint?: { min: number; max: number };
  occupancy?: true;
  illuminance?: true;
  temperature?: true;
  battery?: true;
  /** It tells what plays. */
  playing?: true;
  button?: {
    /** How many buttons, counted from 1. */
    count: number;
    actions: readonly ButtonAction[];
  };
}

/** What a sensor measures. Nobody can wish for it, so it is never a command, a claim or a hand. */
export interface Readings {
  occupancy?: boolean;
  /** Lux */
  illuminance?: number;
  /** Of the air where the sensor is, °C */
  temperature?: number;
  /** What is left of it, % */
  battery?: number;
  /** What plays, in the player's own words. */
  playing?: Playing;
}

export interface Playing {
  /** Empty where nothing is known of it. */
  title: string;
  artist?: string;
  album?: string;
}

export type ReadingName = keyof Readings;

export const BUTTON_ACTIONS = ['press', 'double', 'hold', 'release', 'turn'] as const;

/** `hold` comes while a button is held down, `release` after it; `turn` from a dial. */
export type ButtonAction = (typeof BUTTON_ACTIONS)[number];

export interface Device {
  id: DeviceId;
  /** Folder name of the adapter that speaks to it. */
  adapter: string;
  name: string;
  /** As the manufacturer calls it. */
  model?: string;
  capabilities: Capabilities;
}

/** Where a device stands, as last reported. */
export interface DeviceState {
  available: boolean;
  values: Attributes;
  readings: Readings;
}
