import { z } from 'zod';
import { MERGES } from '../ambience/arbiter.ts';
import { limitsSchema } from '../ambience/limits.ts';
import { scheduleSchema } from '../ambience/schedule.ts';
import { labelOf } from '../api/label.ts';
import { NO_SCENE } from '../api/topics.ts';
import { idSchema, type Modality } from '../mood/observation.ts';
import { MOOD_DEFAULTS } from '../mood/room-mood.ts';
import { duration, host, parseDuration, port, systemTimezone, timezone } from './values.ts';

/** The version this program writes; older files are migrated as they are read, newer ones refused. */
export const CONFIG_VERSION = 1;

const hub = z
  .strictObject({
    name: z.string().min(1).max(80).prefault('Home').meta({ description: 'What the house is called in the panel and in Home Assistant.' }),
    timezone: timezone.prefault(systemTimezone).meta({
      description: 'IANA time zone in which times of day are meant, such as `Europe/Berlin`.',
      defaultText: 'the zone of the system',
    }),
    location: z
      .strictObject({
        latitude: z.number().min(-90).max(90).meta({ description: 'Degrees, north positive.' }),
        longitude: z.number().min(-180).max(180).meta({ description: 'Degrees, east positive.' }),
      })
      .optional()
      .meta({ description: 'Where the house is, for sunrise and sunset. It is sent nowhere.' }),
    language: z.enum(['en']).prefault('en').meta({ description: 'Language of messages.' }),
  })
  .prefault({})
  .meta({ description: 'The house as a whole.' });

const pemFile = (what: string) =>
  z
    .string()
    .min(1)
    .meta({ description: `PEM file with the ${what}. A relative path starts at the folder of this file.` });

const http = z
  .strictObject({
    host: host.prefault('127.0.0.1').meta({
      description: 'Address to listen on. Anything but loopback needs a password first; `0.0.0.0` is every address of this machine.',
      requiresRestart: true,
    }),
    tls: z
      .union([
        z.enum(['own', 'off']),
        z.strictObject({ cert: pemFile('certificate, with those that vouch for it'), key: pemFile('private key') }),
      ])
      .prefault('own')
      .meta({
        description:
          'HTTPS. `own`: with a certificate that the hub makes for itself; a certificate of yours: `{ cert, key }`; `off`: none, as behind a reverse proxy on another machine. Without TLS the panel is served to this machine alone, unless it is off.',
        requiresRestart: true,
      }),
    port: port.prefault(8686).meta({ description: 'Port of the control panel and the API.', requiresRestart: true }),
    allowedHosts: z.array(host).prefault([]).meta({
      description:
        'Further names by which browsers may address the hub, such as that of a reverse proxy. The names and addresses of this machine are allowed as they are.',
    }),
  })
  .prefault({})
  .meta({ description: 'Control panel and API.' });

const MQTT_URL = /^(mqtts?|wss?):\/\/[^\s/]+/;
const MQTT_HELP = 'must be an address such as mqtts://broker.lan:8883';

const outsideBroker = z.strictObject({
  url: z.string().regex(MQTT_URL, MQTT_HELP).refine(URL.canParse, MQTT_HELP).meta({
    description: 'Address of the broker: `mqtt://`, `mqtts://`, `ws://` or `wss://`.',
  }),
  username: z.string().min(1).optional().meta({ description: 'User at the broker.' }),
  password: z.string().optional().meta({ description: 'Password at the broker; best written as `!secret NAME`.', secret: true }),
});

const TOPIC_PREFIX = /^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/;
const topicPrefix = z.string().max(100).regex(TOPIC_PREFIX, 'must be a topic of letters, digits, -, _ and /, without / at either end');

const mqtt = z
  .strictObject({
    broker: z
      .union([z.literal('embedded'), outsideBroker])
      .prefault('embedded')
      .meta({ description: '`embedded` for the broker inside Roomtone, or the address of one you run.' }),
    listen: z
      .strictObject({
        host: host.prefault('127.0.0.1').meta({ description: 'Address to listen on. Anything but loopback needs a password first.' }),
        port: port.prefault(1883).meta({ description: 'Port to listen on.' }),
      })
      .prefault({})
      .meta({ description: 'Where the embedded broker listens.' }),
    base: topicPrefix.prefault('roomtone').meta({ description: 'First part of every topic.' }),
    homeAssistant: z
      .strictObject({
        discovery: z.boolean().prefault(true).meta({ description: 'Whether rooms appear in Home Assistant by themselves.' }),
        prefix: topicPrefix.prefault('homeassistant').meta({ description: 'Discovery prefix, as set in Home Assistant.' }),
      })
      .prefault({})
      .meta({ description: 'Home Assistant.' }),
  })
  .prefault({})
  .meta({ description: 'MQTT.' });

const models = z
  .strictObject({
    dir: z.string().min(1).optional().meta({
      description: 'Folder that is looked through for model files first. A relative path starts at the folder of this file.',
      defaultText: '`models` in the data folder',
    }),
    provider: z.enum(['auto', 'cpu']).prefault('auto').meta({
      description: 'What the models run on. `auto` takes an accelerator that agrees with the CPU; none is known yet, so both are the CPU.',
    }),
    threads: z
      .union([z.literal('auto'), z.number().int().min(1).max(64)])
      .prefault('auto')
      .meta({ description: 'Threads of one inference. `auto` measures on this machine how many are worth it.' }),
  })
  .prefault({})
  .meta({ description: 'The models that read faces and voices.' });

const discovery = z
  .strictObject({
    interfaces: z.array(z.string().min(1).max(40)).prefault([]).meta({
      description: 'Network interfaces, such as `eth0`, on which devices are looked for. Empty: all but loopback.',
    }),
  })
  .prefault({})
  .meta({ description: 'How devices are found on the local network.' });

const storage = z
  .strictObject({
    retentionDays: z.number().int().min(1).max(3650).prefault(90).meta({ description: 'Days for which moods are kept.' }),
  })
  .prefault({})
  .meta({ description: 'What is kept on disk.' });

const udpPort = z.number().int().min(1024).max(65_535);

const webrtc = z
  .strictObject({
    ports: z
      .strictObject({ min: udpPort.meta({ description: 'First port.' }), max: udpPort.meta({ description: 'Last port.' }) })
      .refine(({ min, max }) => min <= max, 'min must not be above max')
      .optional()
      .meta({
        description: 'UDP ports that phones send to, for a firewall; one phone takes one port for each address.',
        defaultText: 'any',
      }),
    interfaces: z.array(z.string().min(1).max(15)).prefault([]).meta({
      description:
        'Network interfaces, such as `eth0`, whose addresses phones are told; no other keeps them out but a firewall. Empty: all.',
    }),
  })
  .prefault({})
  .meta({ description: 'How phones, tablets and browsers reach the hub with their camera and microphone.' });

const SMOOTHING = 'How slowly the mood follows what is seen and heard: time constant of the average. `0s` follows at once.';
const DWELL =
  'How steady the mood is: it never changes twice within this time, and a change that is plainly seen is believed after about as long. `0s` believes at once.';

const trusted = (of: Modality, what: string) =>
  z
    .number()
    .min(0.05)
    .max(1)
    .prefault(MOOD_DEFAULTS.reliability[of])
    .meta({ description: `Of ${what}.` });

const reliability = z
  .strictObject({
    face: trusted('face', 'faces'),
    voice: trusted('voice', 'voices'),
    text: trusted('text', 'messages'),
    body: trusted('body', 'wearables'),
  })
  .prefault({})
  .meta({
    description:
      'How often a reading means what it seems to mean, 0.05 to 1 (docs/fusion.md). What people say of moods moves it by 0.2 at most.',
  });

const seconds = (ms: number): string => `${ms / 1000}s`;

const mood = z
  .strictObject({
    smoothing: duration.prefault(seconds(MOOD_DEFAULTS.smoothing)).meta({ description: SMOOTHING }),
    dwell: duration.prefault(seconds(MOOD_DEFAULTS.dwell)).meta({ description: DWELL }),
    reliability,
  })
  .prefault({})
  .meta({ description: 'How a mood is made of readings.' });

const roomMood = z
  .strictObject({
    smoothing: duration.optional().meta({ description: SMOOTHING, defaultText: 'as in `mood`' }),
    dwell: duration.optional().meta({ description: DWELL, defaultText: 'as in `mood`' }),
  })
  .prefault({})
  .meta({ description: 'What differs in this room from `mood`.' });

const HOLD_EVENTS = ['until-empty', 'until-sleep'] as const;
const HOLD_HELP = 'must be a duration such as 90s, 5m or 1h, until-empty or until-sleep';
const hold = z.string({ error: HOLD_HELP }).transform((text, context) => {
  const event = HOLD_EVENTS.find((each) => each === text);
  if (event) return event;
  const ms = parseDuration(text);
  if (!Number.isNaN(ms)) return ms;
  context.addIssue({ code: 'custom', message: HOLD_HELP });
  return z.NEVER;
});
const HOLD =
  'How long what somebody changed by hand is left alone: a duration, `until-empty` (nobody is left in the room) or `until-sleep` (the scene `sleep` comes).';
const merge = z.enum(MERGES);

const ambience = z
  .strictObject({
    hold: hold.prefault('1h').meta({ description: HOLD, valueText: 'duration, `until-empty`, `until-sleep`' }),
    merge: z
      .strictObject({
        schedule: merge.prefault('latest').meta({ description: 'For schedules.' }),
        mood: merge.prefault('latest').meta({ description: 'For moods.' }),
      })
      .prefault({})
      .meta({
        description:
          'What a device that several rooms share does when they want different things: `latest` (the one that came last), `confidence` (the most certain), `blend` (the mean, by the weight of the rooms).',
      }),
  })
  .prefault({})
  .meta({ description: 'How wishes for devices become one.' });

const roomAmbience = z
  .strictObject({
    hold: hold.optional().meta({ description: HOLD, defaultText: 'as in `ambience`', valueText: 'duration, `until-empty`, `until-sleep`' }),
    weight: z.number().min(0.01).max(100).prefault(1).meta({ description: 'How much the room counts where wishes are blended.' }),
  })
  .prefault({})
  .meta({ description: 'What differs in this room from `ambience`.' });

const schedule = scheduleSchema(duration);
const limits = limitsSchema(duration);

const sceneId = idSchema.refine((id) => id !== NO_SCENE, `"${NO_SCENE}" stands for no scene; choose another id`);

const STREAM_URL = /^(rtsps?|https?):\/\/[^\s/]+|^file:.+|^\/dev\/.+/;
const STREAM_HELP = 'must be rtsp://..., http(s)://..., a device such as /dev/video0, or file:PATH';
const streamUrl = z.string().max(2000).regex(STREAM_URL, STREAM_HELP);

const sourceId = idSchema.meta({ description: 'Name of the source in topics and addresses: a-z, 0-9, - and _. Unique in the house.' });

const share = z.number().min(0).max(1);
const corner = z.tuple([share, share]);

const masks = z.array(z.array(corner).min(3).max(32)).max(16).prefault([]).meta({
  description:
    'Parts of the picture that are blacked out before anything looks at them: a list of polygons, each a list of corners `[x, y]` as shares of the picture, from `[0, 0]` at the upper left to `[1, 1]`.',
});

const camera = z.strictObject({
  id: sourceId,
  kind: z.literal('camera').meta({ description: 'A camera, or a video file.' }),
  url: streamUrl.meta({
    description:
      '`rtsp://...`, `http://...`, a device such as `/dev/video0`, or `file:PATH` (a relative path starts at the folder of this file). Take the small sub-stream of a camera, if it has one.',
  }),
  fps: z.number().min(0.1).max(30).prefault(5).meta({ description: 'Frames a second that are looked at.' }),
  width: z
    .number()
    .int()
    .min(64)
    .max(3840)
    .prefault(640)
    .meta({ description: 'Pixels. A wider picture is made smaller; none is made larger.' }),
  height: z
    .number()
    .int()
    .min(64)
    .max(3840)
    .prefault(640)
    .meta({ description: 'Pixels. A higher picture is made smaller; none is made larger.' }),
  masks,
});

const microphone = z.strictObject({
  id: sourceId,
  kind: z.literal('microphone').meta({ description: 'A microphone, or the sound of a stream.' }),
  device: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'ALSA device such as `plughw:1,0` (`arecord -L` lists them). Either this or `url`.' }),
  url: streamUrl.optional().meta({ description: 'Stream whose sound is heard, as for a camera. Either this or `device`.' }),
});

const phone = z.strictObject({
  id: sourceId,
  kind: z
    .literal('phone')
    .meta({ description: 'A phone, tablet or computer that sends its camera and microphone to the panel (docs/phone.md).' }),
  fps: z.number().min(0.1).max(30).prefault(5).meta({ description: 'Pictures a second that are looked at.' }),
  width: z.number().int().min(64).max(3840).prefault(640).meta({ description: 'Pixels; pictures are scaled to fit.' }),
  height: z.number().int().min(64).max(2160).prefault(480).meta({ description: 'Pixels; pictures are scaled to fit.' }),
  masks,
});

const LATER_KINDS = ['wearable'];

const source = z.discriminatedUnion('kind', [camera, microphone, phone], {
  error: ({ input }) => {
    if (typeof input !== 'object' || input === null) return undefined;
    const kind = 'kind' in input ? input.kind : undefined;
    if (kind === 'text') return 'text needs no source: every room takes what is written to it';
    return LATER_KINDS.includes(String(kind))
      ? `sources of kind ${String(kind)} are not supported yet; this version reads camera, microphone and phone`
      : 'must be camera, microphone or phone';
  },
});

const deviceId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]*:\S{1,200}$/, 'must be a device id of the form adapter:native, such as virtual:lamp')
  .transform((id) => id as `${string}:${string}`);

/** What the configuration is checked with but other parts define. */
export interface ConfigParts<Scene = unknown, Policy = unknown> {
  /** Schema of each known adapter's section, by adapter id. */
  adapterOptions: Readonly<Record<string, z.ZodType>>;
  sceneSchema: z.ZodType<Scene>;
  policySchema: z.ZodType<Policy>;
  /** Ids of the scenes that come with the program. Where given, a policy must name one of them or of the file's own. */
  defaultScenes?: readonly string[];
}

export type SourceConfig = z.output<typeof source>;
export type CameraConfig = z.output<typeof camera>;
export type MicrophoneConfig = z.output<typeof microphone>;
export type PhoneConfig = z.output<typeof phone>;
export type MoodConfig = z.output<typeof mood>;

export type ScheduleConfig = z.output<typeof schedule>;
export type LimitsConfig = z.output<typeof limits>;

export interface RoomConfig<Scene = unknown, Policy = unknown> {
  name: string;
  sources: SourceConfig[];
  devices: `${string}:${string}`[];
  /** The room's own, in place of the house's of the same id. */
  scenes: Record<string, Scene>;
  /** Empty: those of the house. */
  policies: Policy[];
  /** Empty: those of the house. */
  schedules: ScheduleConfig[];
  limits: LimitsConfig;
  ambience: z.output<typeof roomAmbience>;
  /** As the room has it, or else the house. */
  mood: Pick<MoodConfig, 'smoothing' | 'dwell'>;
}

/** A valid configuration with all defaults filled in. Durations are milliseconds. */
export interface Config<Scene = unknown, Policy = unknown> {
  version: typeof CONFIG_VERSION;
  hub: z.output<typeof hub>;
  http: z.output<typeof http>;
  mqtt: z.output<typeof mqtt>;
  webrtc: z.output<typeof webrtc>;
  models: z.output<typeof models>;
  storage: z.output<typeof storage>;
  discovery: z.output<typeof discovery>;
  mood: MoodConfig;
  /** Options of the adapters that are to run, by adapter id. */
  adapters: Record<string, unknown>;
  rooms: Record<string, RoomConfig<Scene, Policy>>;
  scenes: Record<string, Scene>;
  policies: Policy[];
  schedules: ScheduleConfig[];
  limits: LimitsConfig;
  ambience: z.output<typeof ambience>;
}

/** The one schema of the file: types, defaults, checks, JSON Schema and docs/configuration.md all come from it. */
export function configSchema<Scene, Policy>(parts: ConfigParts<Scene, Policy>): z.ZodType<Config<Scene, Policy>> {
  const adapters = Object.entries(parts.adapterOptions).map(([id, options]) => [id, options.optional()]);
  const room = z.strictObject({
    name: z.string().min(1).max(80).optional().meta({ description: 'Label of the room.', defaultText: 'made of the id' }),
    sources: z.array(source).prefault([]).meta({ description: 'Cameras, microphones and phones of the room.' }),
    devices: z.array(deviceId).prefault([]).meta({ description: 'Devices that follow this room, as `adapter:native`.' }),
    scenes: z
      .record(sceneId, parts.sceneSchema)
      .prefault({})
      .meta({ description: 'Scenes of this room alone, by id. One with the id of a scene of the house replaces it here.' }),
    policies: z.array(parts.policySchema).prefault([]).meta({ description: 'Instead of the policies of the house.' }),
    schedules: z.array(schedule).prefault([]).meta({ description: 'Instead of the schedules of the house.' }),
    limits: limits.prefault({}).meta({ description: 'What differs in this room from `limits`.' }),
    ambience: roomAmbience,
    mood: roomMood,
  });
  const file = z.strictObject({
    version: z.literal(CONFIG_VERSION).prefault(CONFIG_VERSION).meta({ description: 'Version of this file format.' }),
    hub,
    http,
    mqtt,
    webrtc,
    models,
    storage,
    discovery,
    mood,
    adapters: z
      .strictObject(Object.fromEntries(adapters) as Record<string, z.ZodType>)
      .prefault({})
      .meta({ description: 'Families of devices that are spoken to; one that is not named here is not started.' }),
    rooms: z.record(idSchema, room).prefault({}).meta({
      description: 'The rooms, by id (a-z, 0-9, - and _). The id stands in topics and never changes; `name` is the label.',
    }),
    scenes: z
      .record(sceneId, parts.sceneSchema)
      .prefault({})
      .meta({ description: 'Your own scenes, by id. One with the id of a default scene replaces it.' }),
    policies: z
      .array(parts.policySchema)
      .prefault([])
      .meta({ description: 'Which mood asks for which scene. Empty: the policy that comes with the program.' }),
    schedules: z.array(schedule).prefault([]).meta({ description: 'Scenes that come by the clock or the sun.' }),
    limits: limits.prefault({}).meta({
      description: 'What automation is held to. What a person sets is carried out as it is, but for the flash limit (docs/ambience.md).',
    }),
    ambience,
  });
  return file.transform((read) => ({ ...read, rooms: mapValues(read.rooms, (room, id) => completeRoom(room, { id, house: read.mood })) }));
}

/** The schema without the sections that other parts define, for metadata. */
export const bareSchema = configSchema({ adapterOptions: {}, sceneSchema: z.unknown(), policySchema: z.unknown() });

interface RoomAsRead<Scene, Policy> extends Omit<RoomConfig<Scene, Policy>, 'name' | 'mood'> {
  name?: string | undefined;
  mood: { smoothing?: number | undefined; dwell?: number | undefined };
}

function completeRoom<Scene, Policy>(
  room: RoomAsRead<Scene, Policy>,
  { id, house }: { id: string; house: MoodConfig },
): RoomConfig<Scene, Policy> {
  const mood = { smoothing: room.mood.smoothing ?? house.smoothing, dwell: room.mood.dwell ?? house.dwell };
  return { ...room, name: room.name ?? labelOf(id), mood };
}

function mapValues<In, Out>(record: Record<string, In>, change: (value: In, key: string) => Out): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
