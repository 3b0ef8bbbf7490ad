import { z } from 'zod';
import { labelOf } from '../api/label.ts';
import { xySchema } from '../devices/attributes.ts';
import { clipToGamut } from '../devices/color.ts';
import type { Attributes, Capabilities, Device, DeviceId } from '../devices/device.ts';
import { mergeAttributes } from '../devices/merge.ts';
import { idSchema } from '../mood/observation.ts';
import { kelvinToXy } from './chroma.ts';

const lights = z.strictObject({
  on: z.boolean().optional().meta({ description: 'Switches lamps on or off. Without it, a lamp that is off stays off.' }),
  brightness: z.number().min(1).max(100).optional().meta({ description: 'Percent.' }),
  colorTemperature: z.number().min(1000).max(10_000).optional().meta({ description: 'Kelvin; for lamps that cannot show `color`, too.' }),
  color: xySchema.optional().meta({ description: 'CIE 1931 chromaticity `{ x, y }`.' }),
});

/** A scene as it stands in a configuration, under its id. */
export const sceneSchema = z.strictObject({
  name: z.string().min(1).max(60).optional().meta({ description: 'Label; made of the id where it is missing.' }),
  lights: lights.prefault({}).meta({ description: 'What the lamps of the room are to look like.' }),
  from: z
    .string()
    .regex(/^[^:\s]+:\S+$/)
    .max(200)
    .optional()
    .meta({
      description:
        'Id of a scene made elsewhere, such as in the Hue app: its lamps are to look as they do there, but for what is said here.',
    }),
  transition: z.number().min(0).max(600).prefault(2).meta({ description: 'Seconds.' }),
});

/** config/scenes.yaml, and the `scenes:` of a configuration. */
export const scenesSchema = z.record(idSchema, sceneSchema);

export type SceneSpec = z.output<typeof sceneSchema>;

/** Something to activate: target states for the devices of a room. */
export interface Scene {
  id: string;
  name: string;
  lights: SceneSpec['lights'];
  /** Made elsewhere: its id there, and what it makes of single devices, which `lights` goes over. */
  from?: string | undefined;
  devices?: Readonly<Record<DeviceId, Attributes>>;
  /** Seconds */
  transition: number;
}

export function toScenes(specs: Readonly<Record<string, SceneSpec>>): Scene[] {
  return Object.entries(specs).map(([id, { name, ...targets }]) => ({ id, name: name ?? labelOf(id), ...targets }));
}

/** What a scene asks of one device; empty where the device can do none of it. */
export const sceneAttributes = (scene: Scene, device: Device): Attributes =>
  fit(mergeAttributes(scene.devices?.[device.id] ?? {}, scene.lights), device.capabilities);

/**
 * Attributes as a device can take them: what it cannot do is left out, values are moved into its range, and of color and
 * color temperature one is left, the color if it can show colors.
 */
export function fit(wish: Attributes, capabilities: Capabilities): Attributes {
  const fitted: Attributes = fitChroma(wish, capabilities);
  if (wish.on !== undefined && capabilities.on) fitted.on = wish.on;
  if (wish.brightness !== undefined && capabilities.brightness) fitted.brightness = Math.max(wish.brightness, capabilities.brightness.min);
  if (wish.setpoint !== undefined && capabilities.setpoint) fitted.setpoint = clamp(wish.setpoint, capabilities.setpoint);
  if (wish.effect !== undefined && capabilities.effect?.names.includes(wish.effect)) fitted.effect = wish.effect;
  if (wish.favorite !== undefined && capabilities.favorite?.list.some(({ id }) => id === wish.favorite)) fitted.favorite = wish.favorite;
  const asTheyAre = (['volume', 'mute', 'transport', 'group'] as const).filter((name) => name in wish && capabilities[name]);
  return { ...fitted, ...Object.fromEntries(asTheyAre.map((name) => [name, wish[name]])) };
}

function fitChroma({ color, colorTemperature }: Attributes, capabilities: Capabilities): Attributes {
  const range = capabilities.colorTemperature;
  if (capabilities.color && (color || (colorTemperature !== undefined && !range))) {
    const wished = color ?? kelvinToXy(colorTemperature ?? 0);
    return { color: capabilities.color.gamut ? clipToGamut(wished, capabilities.color.gamut) : wished };
  }
  if (colorTemperature === undefined || !range) return {};
  return { colorTemperature: clamp(colorTemperature, range) };
}

const clamp = (value: number, { min, max }: { min: number; max: number }): number => Math.min(max, Math.max(min, value));
