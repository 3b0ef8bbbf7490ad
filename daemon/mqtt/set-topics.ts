import { z } from 'zod';
import type { Actor } from '../api/actor.ts';
import { RoomtoneError, toRoomtoneError } from '../api/errors.ts';
import type { HubApi } from '../api/hub.ts';
import { MODES, type Mode } from '../api/mode.ts';
import { NO_SCENE, type Topics } from '../api/topics.ts';
import { countsAs } from '../api/views.ts';
import { deviceIdSchema } from '../devices/attributes.ts';
import type { DeviceId } from '../devices/device.ts';
import type { MqttMessage, MqttPort } from '../devices/mqtt-port.ts';
import { VERDICTS, type Verdict } from '../mood/verdict.ts';
import type { Refusals } from './refusals.ts';

/** Bytes. The longest thing that can be meant is the id of a scene; a message to a room is measured by the hub. */
const LONGEST = 256;
const LONGEST_TEXT = 16 * 1024;
/** Whose payload may be longer. */
const LONG = /\/(text|body)\/set$/;
const ACTOR: Actor = { kind: 'mqtt', name: 'client' };

export interface SetTopicsOptions {
  hub: HubApi;
  port: MqttPort;
  topics: Topics;
  refusals: Refusals;
}

/** Turns messages on `set` topics into commands. What makes no sense is refused whole and said; nothing changes. */
export class SetTopics {
  readonly #options: SetTopicsOptions;
  #unsubscribe: Array<() => void> = [];

  constructor(options: SetTopicsOptions) {
    this.#options = options;
  }

  start(): void {
    const { port, topics } = this.#options;
    const filters = [
      `${topics.base}/rooms/+/+/set`,
      topics.source('+', 'set'),
      topics.sensing('set'),
      `${topics.base}/devices/+/resume/set`,
    ];
    this.#unsubscribe = filters.map((filter) => port.subscribe(filter, this.#onMessage));
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
  }

  readonly #onMessage = (message: MqttMessage): void => {
    const { port, refusals } = this.#options;
    const { topic, payload } = message;
    // Clearing a retained message sends an empty one.
    if (payload.length === 0) return;
    try {
      if (message.retain) throw new RoomtoneError('mqtt.retained_refused', { params: { topic } });
      this.#carryOut(topic, textOf(topic, payload, LONG.test(topic) ? LONGEST_TEXT : LONGEST));
    } catch (error) {
      if (message.retain) void port.publish(topic, '', { retain: true, qos: 1 });
      refusals.report(topic, toRoomtoneError(error));
    }
  };

  #carryOut(topic: string, text: string): void {
    const { hub, topics } = this.#options;
    const [kind, id = '', control] = topic.slice(topics.base.length + 1).split('/');
    if (kind === 'sensing') hub.commands.setSensing(ACTOR, onOrOff(topic, text));
    else if (kind === 'sources') hub.commands.setSource(ACTOR, id, onOrOff(topic, text));
    else if (kind === 'devices') hub.commands.resumeDevice(ACTOR, deviceOf(topic, id));
    else this.#controlRoom({ topic, room: id, control, text });
  }

  #controlRoom({ topic, room, control, text }: { topic: string; room: string; control: string | undefined; text: string }): void {
    const { commands } = this.#options.hub;
    switch (control) {
      case 'mode':
        commands.setMode(ACTOR, room, modeOf(topic, text));
        break;
      case 'scene':
        commands.activateScene(ACTOR, room, text === NO_SCENE ? null : text);
        break;
      case 'ambience':
        commands.setAmbience(ACTOR, room, onOrOff(topic, text));
        break;
      case 'intensity':
        commands.setIntensity(ACTOR, room, percentOf(topic, text));
        break;
      case 'suggestion':
        commands.acceptSuggestion(ACTOR, room);
        break;
      case 'camera':
      case 'microphone':
        this.#switchSources({ room, kind: control, on: onOrOff(topic, text) });
        break;
      case 'text':
        commands.submitText(ACTOR, room, wordsOf(topic, text));
        break;
      case 'feedback':
        this.#options.hub.feedback.say(ACTOR, room, verdictOf(topic, text));
        break;
      case 'body':
        this.#options.hub.wearables.submit(room, sampleOf(topic, text));
        break;
      case 'resume':
        commands.resume(ACTOR, room);
        break;
      default:
        throw new RoomtoneError('api.not_found', { params: { path: topic } });
    }
  }

  #switchSources({ room, kind, on }: { room: string; kind: 'camera' | 'microphone'; on: boolean }): void {
    const { commands, queries } = this.#options.hub;
    const sources = queries.room(room).sources.filter((source) => countsAs(source, kind));
    if (sources.length === 0) throw new RoomtoneError('api.unknown_source', { params: { source: `${room}/${kind}` } });
    for (const { id } of sources) commands.setSource(ACTOR, id, on);
  }
}

function textOf(topic: string, payload: Buffer, longest: number): string {
  if (payload.length > longest) throw badPayload(topic, `it is longer than ${longest} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload).trim();
  } catch (cause) {
    throw badPayload(topic, 'it is not text', cause);
  }
}

/** What is written to a room: the payload as it is, or `text` of a JSON object. Nothing of it goes into an error. */
function wordsOf(topic: string, payload: string): string {
  if (!payload.startsWith('{')) return payload;
  let parsed: unknown;
  try {
    parsed = JSON.parse(payload);
  } catch {
    return payload;
  }
  const { success, data } = z.object({ text: z.string() }).safeParse(parsed);
  if (!success) throw badPayload(topic, 'a JSON object needs "text", a string');
  return data.text;
}

function onOrOff(topic: string, text: string): boolean {
  const wished = text.toUpperCase();
  if (wished !== 'ON' && wished !== 'OFF') throw badPayload(topic, 'it must be ON or OFF');
  return wished === 'ON';
}

function modeOf(topic: string, text: string): Mode {
  const mode = MODES.find((each) => each === text);
  if (!mode) throw badPayload(topic, `it must be one of ${MODES.join(', ')}`);
  return mode;
}

function percentOf(topic: string, text: string): number {
  const percent = Number(text);
  if (!/^\d{1,3}(\.\d+)?$/.test(text) || percent > 100) throw badPayload(topic, 'it must be a number from 0 to 100');
  return percent;
}

function deviceOf(topic: string, level: string): DeviceId {
  try {
    const parsed = deviceIdSchema.safeParse(decodeURIComponent(level));
    if (parsed.success) return parsed.data;
  } catch {
    // Not URL-encoded: no device has such an id.
  }
  throw new RoomtoneError('api.not_found', { params: { path: topic } });
}

function verdictOf(topic: string, text: string): Verdict {
  const verdict = VERDICTS.find((each) => each === text);
  if (!verdict) throw badPayload(topic, `it must be one of ${VERDICTS.join(', ')}`);
  return verdict;
}

function sampleOf(topic: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badPayload(topic, 'it must be a JSON object, such as {"wearer": "ada", "heartRate": 72}', cause);
  }
}

const badPayload = (topic: string, what: string, cause?: unknown) =>
  new RoomtoneError('mqtt.bad_payload', { params: { topic, what }, cause });
