import { z } from 'zod';
import { labelOf } from '../api/label.ts';
import { xySchema } from '../devices/attributes.ts';
import { clipToGamut } from '../devices/color.ts';
import { type Attributes, type Capabilities, type Device, type DeviceId, TRANSPORTS } from '../devices/device.ts';
import { mergeAttributes } from '../devices/merge.ts';
import { idSchema } from '../mood/observation.ts';
import { kelvinToXy } from './chroma.ts';
import { mix } from './mix.ts';
import { pick, slotsOf } from './slots.ts';

const lights = z.strictObject({
  on: z.boolean().optional().meta({ description: 'Switches lamps on or off. Without it, a lamp that is off stays off.' }),
  brightness: z.number().min(1).max(100).optional().meta({ description: 'Percent.' }),
  colorTemperature: z.number().min(1000).max(10_000).optional().meta({ description: 'Kelvin; for lamps that cannot show `color`, too.' }),
  color: xySchema.optional().meta({ description: 'CIE 1931 chromaticity `{ x, y }`.' }),
});

const speakers = z.strictObject({
  volume: z.number().min(0).max(100).optional().meta({ description: 'Percent.' }),
  mute: z.boolean().optional().meta({ description: 'Silences players, or lets them sound again.' }),
  transport: z.enum(TRANSPORTS).optional().meta({ description: 'What players are to do.' }),
  favorite: z.string().min(1).max(200).optional().meta({ description: 'Id of the favorite that is to play.' }),
});

const isAddress = (text: string): boolean => /^https?:\/\/[^\s/]/.test(text) && URL.canParse(text);

const NAMED = ['favorite', 'favourite', 'playlist', 'radio', 'url'] as const;
const named = z.string().min(1).max(2000).optional();

const music = z
  .strictObject({
    favorite: named.meta({ description: 'Name or id of a favorite of the player.' }),
    favourite: named.meta({ description: 'The same, as it is spelled in Britain.' }),
    playlist: named.meta({ description: 'Name or id of a playlist of the player.' }),
    radio: named.meta({ description: 'Name or id of a radio station of the player, or the address of its stream.' }),
    url: named
      .refine((url) => url === undefined || isAddress(url), 'must begin with http:// or https://')
      .meta({ description: 'Address of a file or stream.' }),
    volume: z.number().min(0).max(100).optional().meta({ description: 'Percent. Without it, as loud as the player was.' }),
    shuffle: z.boolean().optional().meta({ description: 'Whether a list is played in a random order.' }),
    fade: z
      .number()
      .min(0)
      .max(60)
      .prefault(4)
      .meta({ description: 'Seconds in which it fades in; what played before fades out in the first half of them.' }),
  })
  .refine((given) => NAMED.filter((name) => given[name] !== undefined).length === 1, 'must have one of favorite, playlist, radio and url');

const switches = z.strictObject({
  on: z
    .boolean()
    .optional()
    .meta({ description: 'Plugs and other devices that are on or off and no more. Without it they stay as they are.' }),
});

const climate = z.strictObject({
  offset: z.number().min(-5).max(5).optional().meta({ description: '°C above (or, negative, below) the temperature that was set before.' }),
});

/** A scene as it stands in a configuration, under its id. */
export const sceneSchema = z.strictObject({
  name: z.string().min(1).max(60).optional().meta({ description: 'Label; made of the id where it is missing.' }),
  lights: lights.prefault({}).meta({ description: 'What the lamps of the room are to look like.' }),
  speakers: speakers.prefault({}).meta({ description: 'What its players are to do.' }),
  music: music.optional().meta({ description: 'What its players are to play, as far as nobody silenced them or plays with others.' }),
  switches: switches.prefault({}).meta({ description: 'Its plugs and switches.' }),
  climate: climate.prefault({}).meta({ description: 'Its thermostats.' }),
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

type Music = z.output<typeof music>;

export type SceneSpec = z.output<typeof sceneSchema>;

/** Something to activate: target states for the devices of a room. */
export interface Scene extends Omit<SceneSpec, 'name'> {
  id: string;
  name: string;
  /** Made elsewhere: what it makes of single devices, which `lights` goes over. */
  devices?: Readonly<Record<DeviceId, Attributes>>;
}

/** Intensity is told as the way from this scene to another. */
export const NEUTRAL_SCENE = 'neutral';
/** What ends a hold that lasts "until the next sleep". */
export const SLEEP_SCENE = 'sleep';

export function toScenes(specs: Readonly<Record<string, SceneSpec>>): Scene[] {
  return Object.entries(specs).map(([id, { name, ...targets }]) => ({ id, name: name ?? labelOf(id), ...targets }));
}

/**
 * What a scene asks of one device; empty where the device can do none of it.
 * @param base what was set before, to which the offset of a thermostat is added
 */
export function sceneAttributes(scene: Scene, device: Device, base: Attributes = {}): Attributes {
  const { capabilities } = device;
  const { offset } = scene.climate;
  return fit(
    {
      ...mergeAttributes(scene.devices?.[device.id] ?? {}, isLight(capabilities) ? scene.lights : scene.switches),
      ...scene.speakers,
      ...musicAttributes(scene, capabilities),
      ...(offset === undefined || base.setpoint === undefined ? {} : { setpoint: base.setpoint + offset }),
    },
    capabilities,
  );
}

/** Nothing where the player does not know what is asked for: it would go on with something else. */
function musicAttributes({ music }: Scene, { favorite: kept, transport }: Capabilities): Attributes {
  if (!music || !transport) return {};
  const { volume, shuffle } = music;
  const favorite = kept && wantedOf(music, kept);
  if (favorite === undefined) return {};
  return { favorite, transport: 'playing', ...(volume !== undefined && { volume }), ...(shuffle !== undefined && { shuffle }) };
}

function wantedOf(
  { favorite, favourite, playlist, radio, url }: Music,
  { list, addresses }: NonNullable<Capabilities['favorite']>,
): string | undefined {
  const name = favorite ?? favourite ?? playlist ?? radio ?? '';
  const kind = playlist !== undefined ? 'playlist' : radio !== undefined ? 'radio' : undefined;
  const address = url ?? (radio !== undefined && isAddress(radio) ? `radio:${radio}` : undefined);
  if (address !== undefined) return addresses && address;
  const called = list.filter((each) => each.id === name || each.name.toLowerCase() === name.toLowerCase());
  return (called.find((each) => each.kind === kind) ?? called[0])?.id;
}

/** Seconds that a device takes to become what a scene asks of it. */
export const transitionOf = ({ music, transition }: Scene, { capabilities }: Device): number =>
  music && capabilities.transport ? music.fade : transition;

/** A device that is on or off and no more may as well be a heater or a freezer: what a scene says of lights is not for it. */
const isLight = ({ brightness, colorTemperature, color }: Capabilities): boolean => Boolean(brightness ?? colorTemperature ?? color);

/**
 * A scene at less than its full strength: so far on the way from what is neutral toward it.
 * @param intensity 0..100 %
 */
export function atIntensity(full: Attributes, { neutral, intensity }: { neutral: Attributes; intensity: number }): Attributes {
  if (intensity >= 100) return full;
  const mixed = [...slotsOf(full)].map((slot) => {
    const [from, to] = [pick(neutral, slot), pick(full, slot)];
    if (Object.keys(from).length === 0) return to;
    return mix(slot, [
      { value: from, weight: 100 - intensity },
      { value: to, weight: intensity },
    ]);
  });
  return Object.assign({}, ...mixed);
}

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
  if (wish.favorite !== undefined && isPlayable(wish.favorite, capabilities.favorite)) fitted.favorite = wish.favorite;
  const asTheyAre = (['volume', 'mute', 'transport', 'shuffle', 'group'] as const).filter(
    (name) => wish[name] !== undefined && capabilities[name],
  );
  return { ...fitted, ...Object.fromEntries(asTheyAre.map((name) => [name, wish[name]])) };
}

const isPlayable = (favorite: string, can: Capabilities['favorite']): boolean =>
  can !== undefined && (can.list.some(({ id }) => id === favorite) || (can.addresses === true && /^[a-z][a-z0-9+.-]*:/i.test(favorite)));

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
