import { z } from 'zod';
import type { Clock, Timer } from '../api/clock.ts';
import type { HubApi } from '../api/hub.ts';
import type { StatePort } from '../api/ports.ts';
import type { Topics } from '../api/topics.ts';
import type { HouseView } from '../api/views.ts';
import type { MqttPort } from '../devices/mqtt-port.ts';
import type { Mood } from '../mood/mood.ts';
import { moodPayload, retainedStates } from './payloads.ts';

/** Shortest time between two moods of a room that differ in numbers alone, ms. */
const MOOD_PACE = 1000;
/** Changes that come together are published together, ms. */
const SETTLE = 50;
const KEY = 'mqtt.retained';

export interface StatesOptions {
  clock: Clock;
  hub: HubApi;
  port: MqttPort;
  topics: Topics;
  /** Remembers which topics hold something retained of ours, to clear them when their room is gone, also after a restart. */
  state: StatePort;
}

/** Keeps the retained topics true: publishes what changed, all of it on a new connection, and clears what is no longer. */
export class StatePublisher {
  readonly #options: StatesOptions;
  /** Last payload by topic, of this connection. */
  readonly #sent = new Map<string, string>();
  readonly #retained: Set<string>;
  #isRemembered = true;
  readonly #moods = new Map<string, { mood: Mood; at: number; timer?: Timer }>();
  #settling: Timer | undefined;

  constructor(options: StatesOptions) {
    this.#options = options;
    this.#retained = new Set(options.state.get(KEY, z.array(z.string())));
  }

  start(): void {
    const { hub, port } = this.#options;
    hub.events.on('mood', this.#onMood).on('room', this.#onChange).on('device', this.#onChange).on('house', this.#onChange);
    port.events.on('online', this.republish);
  }

  close(): void {
    const { hub, port } = this.#options;
    hub.events.off('mood', this.#onMood).off('room', this.#onChange).off('device', this.#onChange).off('house', this.#onChange);
    port.events.off('online', this.republish);
    this.#settling?.cancel();
    for (const { timer } of this.#moods.values()) timer?.cancel();
  }

  /** Publishes everything, changed or not. */
  readonly republish = (): void => {
    this.#sent.clear();
    this.#sync();
  };

  readonly #onChange = (): void => {
    this.#settling ??= this.#options.clock.after(SETTLE, () => this.#sync());
  };

  readonly #onMood = (mood: Mood): void => {
    if (mood.demo) return;
    const now = this.#options.clock.mono();
    const last = this.#moods.get(mood.room);
    const due = last ? last.at + MOOD_PACE : now;
    const isOther = last?.mood.label !== mood.label || last.mood.emotion !== mood.emotion;
    if (isOther || due <= now) this.#publishMood(mood);
    else {
      const timer = last.timer ?? this.#options.clock.after(due - now, () => this.#publishLatest(mood.room));
      this.#moods.set(mood.room, { mood, at: last.at, timer });
    }
  };

  #publishLatest(room: string): void {
    const latest = this.#moods.get(room);
    if (latest) this.#publishMood(latest.mood);
  }

  #publishMood(mood: Mood): void {
    this.#moods.get(mood.room)?.timer?.cancel();
    this.#moods.set(mood.room, { mood, at: this.#options.clock.mono() });
    this.#put(this.#options.topics.room(mood.room, 'mood'), moodPayload(mood), 0);
    this.#remember();
  }

  #sync(): void {
    this.#settling?.cancel();
    this.#settling = undefined;
    const { hub, port, topics } = this.#options;
    if (!port.connected) return;
    const house = hub.queries.house();
    const wanted = retainedStates(house, topics);
    const moods = new Set<string>();
    for (const { id, mood } of house.rooms) {
      if (!mood || mood.demo) continue;
      const topic = topics.room(id, 'mood');
      moods.add(topic);
      if (!this.#sent.has(topic)) this.#publishMood(mood);
    }
    for (const [topic, payload] of wanted) this.#put(topic, payload, 1);
    const orphans = [...this.#retained].filter((topic) => !wanted.has(topic) && !moods.has(topic));
    for (const topic of orphans) this.#leave(topic, house.config.state);
    this.#remember();
  }

  #put(topic: string, payload: string, qos: 0 | 1): void {
    if (!this.#options.port.connected || this.#sent.get(topic) === payload) return;
    this.#sent.set(topic, payload);
    if (!this.#retained.has(topic)) this.#isRemembered = false;
    this.#retained.add(topic);
    void this.#options.port.publish(topic, payload, { retain: true, qos });
  }

  /** With a bad configuration rooms are unknown, not gone: they keep their topics and are unavailable. */
  #leave(topic: string, config: HouseView['config']['state']): void {
    if (config === 'ok') this.#clear(topic);
    else if (topic.endsWith('/availability')) this.#put(topic, 'offline', 1);
  }

  #clear(topic: string): void {
    this.#sent.delete(topic);
    this.#retained.delete(topic);
    this.#isRemembered = false;
    for (const [room, { timer }] of this.#moods) {
      if (this.#options.topics.room(room, 'mood') !== topic) continue;
      timer?.cancel();
      this.#moods.delete(room);
    }
    void this.#options.port.publish(topic, '', { retain: true, qos: 1 });
  }

  /** Written when topics come or go, which is rare. */
  #remember(): void {
    if (!this.#isRemembered) this.#options.state.set(KEY, [...this.#retained].sort());
    this.#isRemembered = true;
  }
}
