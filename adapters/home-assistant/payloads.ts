import { MODES } from '../../daemon/api/mode.ts';
import { NO_SCENE, type RoomControl, Topics } from '../../daemon/api/topics.ts';
import { countsAs, type HouseView, type RoomView } from '../../daemon/api/views.ts';
import { EMOTIONS } from '../../daemon/mood/emotion.ts';
import { MOOD_LABELS } from '../../daemon/mood/mood.ts';

/** https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload, in its abbreviated names for the root. */
export interface DeviceConfig {
  dev: { ids: string[]; name: string; mf: string; mdl: string; sw: string; via_device?: string; suggested_area?: string };
  o: { name: string; sw: string };
  availability: Array<{ topic: string }>;
  availability_mode: 'all';
  cmps: Record<string, Component>;
}

export interface Component {
  p: Platform;
  unique_id: string;
  /** Null: the entity bears the name of its device. */
  name: string | null;
  default_entity_id: string;
  [option: string]: unknown;
}

export type Platform = 'sensor' | 'binary_sensor' | 'select' | 'switch' | 'number' | 'button' | 'event';

interface Draft {
  p: Platform;
  name: string | null;
  [option: string]: unknown;
}

export interface Announcement {
  base: string;
  prefix: string;
}

/** Config topic and payload of every device that Home Assistant should have: the hub first, for rooms name it as theirs. */
export function announcements(house: HouseView, { base, prefix }: Announcement): Map<string, DeviceConfig> {
  const topics = new Topics(base);
  const configs = new Map<string, DeviceConfig>();
  const topicOf = (id: string) => `${prefix}/device/${id}/config`;
  configs.set(topicOf(house.hub.id), hubDevice(house, topics));
  for (const room of house.rooms) {
    if (isDemoOnly(house, room)) continue;
    configs.set(topicOf(`${house.hub.id}_${room.id}`), roomDevice(house, { room, topics }));
  }
  return configs;
}

/** Recorded observations stand in for the room's own: nothing there for automations to act on. */
const isDemoOnly = (house: HouseView, room: RoomView): boolean => house.demo && !hasSensors(room);

const hasSensors = (room: RoomView): boolean => room.sources.some(({ kind }) => kind !== 'demo');

function hubDevice({ hub }: HouseView, topics: Topics): DeviceConfig {
  const health = topics.bridge('health');
  const drafts: Record<string, Draft> = {
    sensing: {
      p: 'switch',
      name: 'Sensing',
      icon: 'mdi:eye',
      state_topic: topics.sensing('state'),
      command_topic: topics.sensing('set'),
    },
    problem: {
      p: 'binary_sensor',
      name: 'Problem',
      device_class: 'problem',
      entity_category: 'diagnostic',
      state_topic: health,
      value_template: "{{ 'ON' if value_json.problems | length > 0 else 'OFF' }}",
      json_attributes_topic: health,
      json_attributes_template: "{{ {'problems': value_json.problems | map(attribute='message') | list} | tojson }}",
    },
  };
  return {
    dev: { ids: [hub.id], name: hub.name, mf: 'Roomtone', mdl: 'Hub', sw: hub.version },
    ...shared(hub, [topics.bridge('state')]),
    cmps: complete(drafts, { id: hub.id, slug: 'roomtone' }),
  };
}

function roomDevice({ hub }: HouseView, { room, topics }: { room: RoomView; topics: Topics }): DeviceConfig {
  const drafts = { ...(hasSensors(room) ? readings(room, topics) : {}), ...controls(room, topics) };
  const id = `${hub.id}_${room.id}`;
  return {
    dev: { ids: [id], name: room.name, mf: 'Roomtone', mdl: 'Room', sw: hub.version, via_device: hub.id, suggested_area: room.name },
    ...shared(hub, [topics.bridge('state'), topics.room(room.id, 'availability')]),
    cmps: complete(drafts, { id, slug: slugOf(room.id) }),
  };
}

function readings(room: RoomView, topics: Topics): Record<string, Draft> {
  const state_topic = topics.room(room.id, 'mood');
  const number = (name: string, value: string, icon: string): Draft => ({
    p: 'sensor',
    name,
    icon,
    state_topic,
    state_class: 'measurement',
    value_template: `{{ ${value} }}`,
  });
  const hasCamera = room.sources.some((source) => countsAs(source, 'camera'));
  const mood = { p: 'sensor', name: null, device_class: 'enum', options: [...MOOD_LABELS] } as const;
  const emotion = { p: 'sensor', name: 'Emotion', device_class: 'enum', options: [...EMOTIONS] } as const;
  return {
    mood: { ...mood, icon: 'mdi:emoticon-outline', state_topic, value_template: '{{ value_json.label }}' },
    emotion: { ...emotion, icon: 'mdi:drama-masks', state_topic, value_template: '{{ value_json.emotion }}' },
    valence: { ...number('Valence', 'value_json.valence', 'mdi:plus-minus-variant'), suggested_display_precision: 2 },
    arousal: { ...number('Arousal', 'value_json.arousal', 'mdi:pulse'), suggested_display_precision: 2 },
    stress: { ...number('Stress', 'value_json.stress', 'mdi:head-flash-outline'), suggested_display_precision: 0 },
    confidence: {
      ...number('Confidence', '(value_json.confidence * 100) | round(0)', 'mdi:check-decagram-outline'),
      unit_of_measurement: '%',
      entity_category: 'diagnostic',
      enabled_by_default: false,
    },
    ...(hasCamera && { occupancy: occupancy(state_topic) }),
  };
}

/** `None` is how an MQTT binary sensor learns that nobody can tell. */
const occupancy = (state_topic: string): Draft => ({
  p: 'binary_sensor',
  name: 'Occupancy',
  device_class: 'occupancy',
  state_topic,
  value_template: "{{ 'None' if value_json.occupancy is none else ('ON' if value_json.occupancy else 'OFF') }}",
});

function controls(room: RoomView, topics: Topics): Record<string, Draft> {
  // Controls work while nothing senses: a switch that sensing off made unavailable could not switch it on again.
  const availability = [{ topic: topics.bridge('state') }];
  const control = (control: RoomControl) => ({
    availability,
    state_topic: topics.control(room.id, control, 'state'),
    command_topic: topics.control(room.id, control, 'set'),
  });
  const has = (kind: 'camera' | 'microphone') => room.sources.some((source) => countsAs(source, kind));
  return {
    mode: { p: 'select', name: 'Mode', icon: 'mdi:account-cog-outline', options: [...MODES], ...control('mode') },
    scene: {
      p: 'select',
      name: 'Scene',
      icon: 'mdi:palette-outline',
      options: [...room.scenes.map(({ id }) => id), NO_SCENE],
      ...control('scene'),
    },
    ambience: { p: 'switch', name: 'Ambience', icon: 'mdi:lightbulb-auto-outline', ...control('ambience') },
    intensity: {
      ...{ p: 'number', name: 'Intensity', icon: 'mdi:brightness-percent', min: 0, max: 100, step: 5, unit_of_measurement: '%' },
      ...control('intensity'),
    },
    suggestion: {
      ...{ p: 'sensor', name: 'Suggestion', icon: 'mdi:lightbulb-question-outline', device_class: 'enum' },
      options: [...room.scenes.map(({ id }) => id), NO_SCENE],
      ...{ availability, state_topic: topics.control(room.id, 'suggestion', 'state'), value_template: '{{ value }}' },
    },
    accept: {
      ...{ p: 'button', name: 'Accept suggestion', icon: 'mdi:check', availability },
      command_topic: topics.control(room.id, 'suggestion', 'set'),
    },
    ...(has('camera') && { camera: { p: 'switch', name: 'Camera', icon: 'mdi:cctv', ...control('camera') } }),
    ...(has('microphone') && { microphone: { p: 'switch', name: 'Microphone', icon: 'mdi:microphone', ...control('microphone') } }),
    resume: { p: 'button', name: 'Resume', icon: 'mdi:play', availability, command_topic: topics.room(room.id, 'resume/set') },
    event: {
      p: 'event',
      name: 'Event',
      icon: 'mdi:bell-ring-outline',
      event_types: ['mood_changed', 'scene_suggested', 'hold_started', 'hold_ended'],
      availability,
      state_topic: topics.room(room.id, 'event'),
    },
  };
}

const shared = (hub: HouseView['hub'], availability: string[]) => ({
  o: { name: 'Roomtone', sw: hub.version },
  availability: availability.map((topic) => ({ topic })),
  availability_mode: 'all' as const,
});

function complete(drafts: Record<string, Draft>, { id, slug }: { id: string; slug: string }): Record<string, Component> {
  const entries = Object.entries(drafts).map(([key, draft]) => {
    const entity = { ...draft, unique_id: `${id}_${key}`, default_entity_id: `${draft.p}.${slug}_${key}` };
    return [key, entity];
  });
  return Object.fromEntries(entries);
}

/** Entity ids know a-z, 0-9 and single _ within. */
const slugOf = (id: string): string => id.replaceAll(/[^a-z0-9]+/g, '_').replaceAll(/^_|_$/g, '') || 'room';
