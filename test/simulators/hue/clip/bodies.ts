import type { LampWish } from '../home/lamp.ts';
import type { Powerup } from '../home/lamp-models.ts';
import type { ClipObject } from '../home/resource.ts';
import { isObject, type Schema, violation } from './schema.ts';

/** The vendor's effects: [openhue] `SupportedEffects.yaml`. */
const effects = ['no_effect', 'candle', 'fire', 'prism', 'sparkle', 'opal', 'glisten', 'underwater', 'cosmos', 'sunbeam', 'enchant'];

const text = (definition: string): Schema => ({ type: 'string', definition });
const name: Schema = { type: 'string', definition: 'Name', minLength: 1, maxLength: 32 };
const object = (definition: string, properties: Record<string, Schema>, required?: readonly string[]): Schema => ({
  type: 'object',
  definition,
  properties,
  ...(required && { required }),
});

const coordinate: Schema = { type: 'number', definition: 'GamutPosition', minimum: 0, maximum: 1 };
const xy = object('GamutPosition', { x: coordinate, y: coordinate }, ['x', 'y']);
const on = object('On', { on: { type: 'boolean', definition: 'On' } }, ['on']);
const dimming = object('Dimming', { brightness: { type: 'number', definition: 'Brightness', minimum: 0, maximum: 100 } }, ['brightness']);
const mirek: Schema = { type: 'integer', definition: 'ColorTemperatureMirek', minimum: 153, maximum: 500 };
const colorTemperature = object('ColorTemperature', { mirek });
const color = object('Color', { xy }, ['xy']);
const dynamics = object('Dynamics', { duration: { type: 'integer', definition: 'Dynamics', minimum: 0 } });
const effect: Schema = { type: 'string', definition: 'SupportedEffects', enum: effects };
const reference = object('ResourceIdentifier', { rid: text('ResourceIdentifier'), rtype: text('ResourceIdentifier') }, ['rid', 'rtype']);
const identity = { type: text('Resource'), id: text('Resource') };
const lighting = { on, dimming, color_temperature: colorTemperature, color };
const alert = object('Alert', { action: { type: 'string', definition: 'Alert', enum: ['breathe'] } }, ['action']);
const identify = object('Identify', { action: { type: 'string', definition: 'Identify', enum: ['identify'] } }, ['action']);

const lightPut = object('LightPut', {
  ...identity,
  ...lighting,
  dynamics,
  alert,
  identify,
  effects: object('Effects', { effect }),
  effects_v2: object('EffectsV2', {
    action: object(
      'EffectsV2Action',
      {
        effect,
        parameters: object('EffectsV2Parameters', {
          color,
          color_temperature: colorTemperature,
          speed: { type: 'number', definition: 'Speed', minimum: 0, maximum: 1 },
        }),
      },
      ['effect'],
    ),
  }),
  powerup: object(
    'Powerup',
    { preset: { type: 'string', definition: 'PowerupPreset', enum: ['safety', 'powerfail', 'last_on_state', 'custom'] } },
    ['preset'],
  ),
});

const groupedLightPut = object('GroupedLightPut', { ...identity, ...lighting, dynamics, alert });

const sceneAction = object('Action', { ...lighting, dynamics, effects: object('Effects', { effect }) });
const sceneMetadata = object('SceneMetadata', { name, image: reference, appdata: text('SceneMetadata') });

const scenePost = object(
  'ScenePost',
  {
    type: { type: 'string', definition: 'ScenePost', enum: ['scene'] },
    actions: {
      type: 'array',
      definition: 'ActionPost',
      items: object('ActionPost', { target: reference, action: sceneAction }, ['target', 'action']),
    },
    metadata: sceneMetadata,
    group: reference,
    speed: { type: 'number', definition: 'Speed', minimum: 0, maximum: 1 },
    auto_dynamic: { type: 'boolean', definition: 'ScenePost' },
  },
  ['actions', 'metadata', 'group'],
);

const scenePut = object('ScenePut', {
  ...identity,
  metadata: sceneMetadata,
  recall: object('SceneRecall', {
    action: { type: 'string', definition: 'SceneRecallAction', enum: ['active', 'dynamic_palette', 'static'] },
    duration: { type: 'integer', definition: 'SceneRecall', minimum: 0 },
    dimming,
  }),
});

const devicePut = object('DevicePut', {
  ...identity,
  metadata: object('DeviceMetadata', { name, archetype: text('ProductArchetype') }),
  identify,
});

const enabled: Schema = { type: 'boolean', definition: 'Enabled' };
const sensitivity = object('Sensitivity', { sensitivity: { type: 'integer', definition: 'Sensitivity', minimum: 0, maximum: 4 } });

/** The bodies that the simulator reads, by method and type. */
const schemas: Record<string, Schema> = {
  'PUT light': lightPut,
  'PUT grouped_light': groupedLightPut,
  'PUT scene': scenePut,
  'POST scene': scenePost,
  'PUT device': devicePut,
  'PUT motion': object('MotionPut', { ...identity, enabled, sensitivity }),
  'PUT light_level': object('LightLevelPut', { ...identity, enabled }),
  'PUT temperature': object('TemperaturePut', { ...identity, enabled }),
};

/** Properties of the vendor's schemas that the simulator does not play; a request with one of them fails loudly. */
const notPlayed: Record<string, readonly string[]> = {
  'PUT light': ['dimming_delta', 'color_temperature_delta', 'signaling', 'mode', 'gradient', 'timed_effects', 'metadata'],
  'PUT grouped_light': ['dimming_delta', 'color_temperature_delta', 'signaling'],
  'PUT scene': ['actions', 'palette', 'speed', 'auto_dynamic'],
  'POST scene': ['palette', 'recall'],
  'PUT device': ['usertest'],
};

export type Body = { body: ClipObject } | { rejected: string } | { notSimulated: string };

/** Reads a body by the vendor's schema for this method and type. */
export function readBody(call: string, value: unknown): Body {
  const schema = schemas[call];
  if (!schema) return { notSimulated: call };
  const foreign = isObject(value) ? notPlayed[call]?.find((each) => each in value) : undefined;
  if (foreign) return { notSimulated: foreign };
  const rejected = violation(value, schema);
  return rejected ? { rejected } : { body: value as ClipObject };
}

/** What a body that passed its schema asks of a lamp. */
export interface LightCommand {
  wish: LampWish;
  /** ms */
  duration: number;
  /** Whether the lamp should make itself seen. */
  shows: boolean;
  powerup: Powerup | 'custom' | undefined;
}

export function lightCommand(body: ClipObject): LightCommand {
  const { dynamics: asked, alert: alarm, identify: shown, powerup } = body as Record<string, ClipObject | undefined>;
  return {
    wish: lampWish(body),
    duration: (asked?.duration as number | undefined) ?? 400,
    shows: alarm !== undefined || shown !== undefined,
    powerup: powerup?.preset as LightCommand['powerup'],
  };
}

/** The attributes of a lamp in a command or in an action of a scene. */
export function lampWish(body: ClipObject): LampWish {
  const part = body as Record<string, ClipObject | undefined>;
  const action = part.effects_v2?.action as ClipObject | undefined;
  const name = part.effects?.effect ?? action?.effect;
  const wish: LampWish = {};
  if (part.on) wish.on = part.on.on as boolean;
  if (part.dimming) wish.brightness = part.dimming.brightness as number;
  if (part.color_temperature?.mirek !== undefined) wish.mirek = part.color_temperature.mirek as number;
  if (part.color) wish.xy = part.color.xy as LampWish['xy'];
  if (name !== undefined) wish.effect = name as string;
  return wish;
}

/** How errors name the attributes of a command. */
export const attributePaths: Record<keyof LampWish, string> = {
  on: '.on.on',
  brightness: '.dimming.brightness',
  mirek: '.color_temperature.mirek',
  xy: '.color.xy',
  effect: '.effects.effect',
};
