import type { Clock } from '../api/clock.ts';
import type { HubApi, HubEvents } from '../api/hub.ts';
import type { Topics } from '../api/topics.ts';
import type { DeviceView } from '../api/views.ts';
import type { ButtonEvent } from '../devices/adapter.ts';
import type { MqttPort } from '../devices/mqtt-port.ts';
import type { Mood, MoodLabel } from '../mood/mood.ts';
import { iso } from './payloads.ts';

type HeldAttribute = keyof DeviceView['holds'];

interface Happening {
  event_type: string;
  [field: string]: unknown;
}

export interface RoomEventsOptions {
  clock: Clock;
  hub: HubApi;
  port: MqttPort;
  topics: Topics;
}

/** Tells what happened in a room, and what was done with its buttons, as it happens and never retained. */
export class RoomEvents {
  readonly #options: RoomEventsOptions;
  readonly #labels = new Map<string, MoodLabel>();
  readonly #holds = new Map<string, Set<HeldAttribute>>();
  readonly #offers = new Map<string, string | null>();

  constructor(options: RoomEventsOptions) {
    this.#options = options;
  }

  start(): void {
    const { hub } = this.#options;
    for (const device of hub.queries.house().devices) this.#holds.set(device.id, heldBy(device));
    for (const { id, suggestion } of hub.queries.house().rooms) this.#offers.set(id, suggestion?.scene ?? null);
    hub.events.on('mood', this.#onMood).on('device', this.#onDevice).on('room', this.#onRoom).on('feedback', this.#onFeedback);
    hub.events.on('button', this.#onButton);
  }

  close(): void {
    this.#options.hub.events
      .off('mood', this.#onMood)
      .off('device', this.#onDevice)
      .off('room', this.#onRoom)
      .off('feedback', this.#onFeedback)
      .off('button', this.#onButton);
  }

  readonly #onMood = (mood: Mood): void => {
    if (mood.demo) return;
    const from = this.#labels.get(mood.room);
    this.#labels.set(mood.room, mood.label);
    if (from === undefined || from === mood.label) return;
    const { label: to, emotion, confidence } = mood;
    this.#tell([mood.room], { event_type: 'mood_changed', from, to, emotion, confidence });
  };

  readonly #onRoom = ({ room }: HubEvents['room'][0]): void => {
    const { suggestion } = this.#options.hub.queries.room(room);
    const scene = suggestion?.scene ?? null;
    if (scene === (this.#offers.get(room) ?? null)) return;
    this.#offers.set(room, scene);
    if (suggestion) this.#tell([room], { event_type: 'scene_suggested', ...suggestion });
  };

  readonly #onDevice = ({ device }: HubEvents['device'][0]): void => {
    const view = this.#options.hub.queries.device(device);
    const before = this.#holds.get(device) ?? new Set<HeldAttribute>();
    const now = heldBy(view);
    this.#holds.set(device, now);
    const started = [...now].filter((attribute) => !before.has(attribute));
    const ended = [...before].filter((attribute) => !now.has(attribute));
    if (started.length > 0) {
      const ends = started.map((attribute) => view.holds[attribute]);
      const until = ends.every((end) => typeof end === 'number') ? iso(Math.max(...ends)) : ends.find((end) => typeof end === 'string');
      this.#tell(view.rooms, { event_type: 'hold_started', device, attributes: started, until });
    }
    if (ended.length > 0) this.#tell(view.rooms, { event_type: 'hold_ended', device, attributes: ended });
  };

  /** What is learned from people is never silent. */
  readonly #onFeedback = ({ room, verdict, takenBack }: HubEvents['feedback'][0]): void => {
    const { reliability } = this.#options.hub.feedback.view(room);
    const learned = Object.fromEntries(reliability.map((each) => [each.modality, each.learned]));
    this.#tell([room], { event_type: takenBack ? 'feedback_taken_back' : 'feedback', verdict, reliability: learned });
  };

  /** On a topic of the device: a switch stands in no room. */
  readonly #onButton = ({ device, at: _, action, ...rest }: ButtonEvent): void => {
    this.#publish(this.#options.topics.device(device, 'event'), { event_type: action, ...rest });
  };

  #tell(rooms: readonly string[], event: Happening): void {
    for (const room of rooms) this.#publish(this.#options.topics.room(room, 'event'), event);
  }

  #publish(topic: string, event: Happening): void {
    const { clock, port } = this.#options;
    void port.publish(topic, JSON.stringify({ v: 1, at: iso(clock.wall()), ...event }), { qos: 1 });
  }
}

const heldBy = ({ holds }: DeviceView): Set<HeldAttribute> => new Set(Object.keys(holds) as HeldAttribute[]);
