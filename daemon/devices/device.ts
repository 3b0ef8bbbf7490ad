/** `adapter:native`, native being the hardware's own id. */
export type DeviceId = `${string}:${string}`;

/** CIE 1931 chromaticity. */
export interface Xy {
  x: number;
  y: number;
}

/** What can be wished for on a device. Absent means "as it is". */
export interface Attributes {
  on?: boolean;
  /** 0..100 % */
  brightness?: number;
  /** Kelvin */
  colorTemperature?: number;
  color?: Xy;
  /** 0..100 */
  volume?: number;
  mute?: boolean;
}

export type AttributeName = keyof Attributes;

/** What a device can do; a key that is absent cannot be set on it. */
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
  volume?: true;
  mute?: true;
}

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
}
