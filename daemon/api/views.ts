import type { Attributes, Capabilities, DeviceId, Readings } from '../devices/device.ts';
import type { Permissions } from '../devices/permissions.ts';
import type { Mood } from '../mood/mood.ts';
import type { ErrorCode, MessageParams } from './errors.ts';
import type { Mode, Rung } from './mode.ts';
import type { Holder } from './publishing.ts';
import type { Reason } from './reasons.ts';

/** Something a person should know, for as long as it lasts. */
export interface Problem {
  code: ErrorCode;
  params: MessageParams;
  /** Whom it concerns: `hub`, `mqtt`, `source:<id>`, `adapter:<id>`, ... */
  scope: string;
  /** Epoch ms */
  since: number;
}

/** `off`: nothing is captured. `waiting`: backing off after a failure; of a phone, that no device sends. */
export type SourceState = 'off' | 'starting' | 'live' | 'waiting' | 'demo';

export interface SourceView {
  id: string;
  room: string;
  kind: 'camera' | 'microphone' | 'phone' | 'demo';
  /** What the person asked for; house-wide sensing may still keep it off. */
  enabled: boolean;
  state: SourceState;
  /** Frames or segments read a second, over the last seconds. */
  rate: number;
  /** Since the last restart of the source. */
  dropped: number;
  /** The device that sends, where the source is a phone and one does. */
  publisher?: Holder;
  problem: Problem | null;
}

/** One claim on one attribute, as the answer to "why are you like this?". */
export interface WhyEntry {
  rung: Rung;
  value: Attributes[keyof Attributes];
  reason: Reason;
  /** In force: at most one of an attribute's entries, or several of one rung that were blended. */
  wins: boolean;
  /** Epoch ms */
  expiresAt?: number;
  /** What kept it from being carried out in full. */
  limit?: Reason;
}

/** What may end a hold other than time: nobody is left in the rooms of the device, or somebody goes to sleep there. */
export const HOLD_EVENTS = ['empty', 'sleep'] as const;
export type HoldEvent = (typeof HOLD_EVENTS)[number];

/** When a hold is given back: epoch ms, at an event, or (`resume`) when somebody says so. */
export type HoldEnd = number | HoldEvent | 'resume';

export interface DeviceView {
  id: DeviceId;
  name: string;
  adapter: string;
  model?: string;
  rooms: string[];
  capabilities: Capabilities;
  available: boolean;
  values: Attributes;
  readings: Readings;
  permissions: Permissions;
  why: Partial<Record<keyof Attributes, WhyEntry[]>>;
  /** Attributes that a person's hand or pin holds, and until when. */
  holds: Partial<Record<keyof Attributes, HoldEnd>>;
}

/** What a room in mode `suggest` offers. */
export interface SuggestionView {
  scene: string;
  /** Whether the mood asks for it, or the clock. */
  by: 'mood' | 'schedule';
}

export interface RoomView {
  id: string;
  name: string;
  mode: Mode;
  mood: Mood | null;
  /** The scene a person chose, if it is still in force. */
  scene: string | null;
  /** The scene that the mood asks for, if any. In mode `suggest` it is only offered. */
  moodScene: string | null;
  /** What is offered for a yes; null also while it is in force already. */
  suggestion: SuggestionView | null;
  /** Whether `mood` claims are placed. */
  ambience: boolean;
  /** 0..100 %: how far the mood goes. */
  intensity: number;
  /** What can be activated here: the scenes of the house, and the room's own in their place. */
  scenes: RoomSceneView[];
  /** Whether somebody wrote to the room within the last half hour, or wore something that told of them within ten minutes. */
  told: boolean;
  sources: SourceView[];
  devices: DeviceId[];
  /** Lux, the mean of its sensors; null where it has none. */
  illuminance: number | null;
}

export interface SceneView {
  id: string;
  name: string;
}

export interface RoomSceneView extends SceneView {
  /** Whether the room has its own; without it, the house's default would hold. */
  own: boolean;
}

export interface HouseView {
  hub: { id: string; name: string; version: string; startedAt: number; timezone: string; language: string };
  /** House-wide. Off beats everything. */
  sensing: boolean;
  /** Whether recorded observations stand in for a room without sources. */
  demo: boolean;
  config: { file: string; state: 'ok' | 'safe'; restartRequired: string[] };
  /** HTTPS; null where it is off. */
  https: {
    /** SHA-256 of the certificate, as browsers show it. */
    fingerprint: string;
    /** Whether the hub made the certificate for itself: browsers warn of it. */
    own: boolean;
    /** Epoch ms */
    validUntil: number;
    /** Addresses at which other devices find the panel; none while only this machine does. */
    addresses: string[];
  } | null;
  /** `url` is empty while the embedded broker does not listen. */
  mqtt: { kind: 'embedded' | 'external'; url: string; connected: boolean };
  scenes: SceneView[];
  problems: Problem[];
  rooms: RoomView[];
  devices: DeviceView[];
}

export interface ModelView {
  id: string;
  /** What it is for: `face-detection`, `voice-activity`, ... */
  role: string;
  /** `in-use`: what the senses take for its role. `wrong`: a file of its name is there, and is another one. */
  state: 'in-use' | 'present' | 'wrong' | 'missing';
  /** Whether a person chose it for its role. */
  chosen: boolean;
  recommended: boolean;
  /** Whether it can be fetched: some are published nowhere. */
  fetchable: boolean;
  /** Bytes */
  size: number;
  version: string;
  licence: string;
  /** Training data, and the terms it came under. */
  trainedOn: string;
  source: string;
  accuracy: string;
  cost: string;
  /** Bytes that are there, while it is being fetched. */
  received: number | null;
  /** Why it was not fetched, the last time. */
  problem: Pick<Problem, 'code' | 'params'> | null;
}

/** What the networks run on, and why. */
export interface InferenceView {
  /** As the configuration has it. */
  threads: 'auto' | number;
  /** Threads of the networks of pictures now; null while none is loaded. */
  inUse: number | null;
  /** ms that a frame with one face took with each number of threads on this machine; null where `auto` has not measured yet. */
  measured: { at: number; chosen: number; timings: { threads: number; ms: number }[] } | null;
}

/** One line of the audit: who did what, never what was seen or heard. */
export interface AuditEntry {
  at: number;
  actor: string;
  action: string;
  subject: string;
  params: MessageParams;
}

/** Whether a source takes part in what a room's camera and microphone switches stand for: a phone is both. */
export const countsAs = ({ kind: own }: SourceView, kind: 'camera' | 'microphone'): boolean => own === kind || own === 'phone';
