import type { EventEmitter } from 'node:events';
import type { ButtonEvent } from '../devices/adapter.ts';
import type { Attributes, DeviceId } from '../devices/device.ts';
import type { LogEntry } from '../mood/log.ts';
import type { Mood } from '../mood/mood.ts';
import type { Verdict } from '../mood/verdict.ts';
import type { Actor } from './actor.ts';
import type { HubDevices } from './devices.ts';
import type { HubFeedback, HubWearables } from './learning.ts';
import type { HubMeshes } from './meshes.ts';
import type { Mode } from './mode.ts';
import type { PublishingApi } from './publishing.ts';
import type { AuditEntry, DeviceView, HouseView, InferenceView, ModelView, RoomView, SourceView } from './views.ts';

/**
 * The one way in for whoever wants something changed: http, mqtt and the command line know the hub by this alone. Every
 * call names its actor, is validated, and is on disk before it returns.
 * @throws RoomtoneError `api.unknown_*` where the room, device, source or scene does not exist
 */
export interface HubCommands {
  setMode(actor: Actor, room: string, mode: Mode): void;
  /** Null ends the scene: what it asked for is released. */
  activateScene(actor: Actor, room: string, scene: string | null): void;
  /** Says yes to what the room suggests. @throws RoomtoneError `ambience.no_suggestion` */
  acceptSuggestion(actor: Actor, room: string): void;
  /** Takes a room's own scene out of the configuration: the house's default holds again. @throws RoomtoneError `config.*` */
  resetScene(actor: Actor, scene: { room: string; scene: string }): Promise<void>;
  /** A person's own values for a device, as from a slider. */
  setDevice(actor: Actor, device: DeviceId, attributes: Attributes): void;
  /** Ends holds and a person's claims in the room: automation may act again. */
  resume(actor: Actor, room: string): void;
  /** Keeps what a hand holds on a device, or else all of it, as it is until somebody resumes it. */
  pin(actor: Actor, device: DeviceId): void;
  /** As `resume`, for one device. */
  resumeDevice(actor: Actor, device: DeviceId): void;
  setAmbience(actor: Actor, room: string, on: boolean): void;
  /** How far moods go in the room: 0..100 %. */
  setIntensity(actor: Actor, room: string, intensity: number): void;
  /** House-wide, and stored first. Off ends every capture process, the kernel helping where one does not go by itself. */
  setSensing(actor: Actor, on: boolean): void;
  setSource(actor: Actor, source: string, on: boolean): void;
  setDemo(actor: Actor, on: boolean): void;
  /**
   * Gives the senses a message to read, in turn; its mood follows. It is forgotten once read: neither stored nor logged and, alone
   * among the calls, not audited, since that somebody wrote is as private as what was written. No error quotes it.
   * @throws RoomtoneError `text.*`, or `senses.*` and `model.*` where nothing can read it
   */
  submitText(actor: Actor, room: string, text: string): void;
  /**
   * Writes a phone source into the configuration. It starts off. Gives its id, made up where none is given.
   * @throws RoomtoneError `config.*` where it cannot be written
   */
  addPhone(actor: Actor, phone: { room: string; id?: string | undefined }): Promise<string>;
  /** Takes it out again. @throws RoomtoneError `api.unknown_source`, also for a source that is no phone; `config.*` */
  removePhone(actor: Actor, source: string): Promise<void>;
  /** Reads the configuration file again. @throws RoomtoneError `config.*`, with everything left as it was */
  reload(actor: Actor): Promise<void>;
  /** Begins to fetch a model; `queries.models` tells how far it is. @throws RoomtoneError `model.unknown` */
  fetchModel(actor: Actor, model: string): void;
  /** Begins to fetch what the recommended set lacks; of each role the first that can be had. */
  fetchRecommended(actor: Actor): void;
  /** Takes this model for its role from now on, where its file is there. @throws RoomtoneError `model.unknown` */
  useModel(actor: Actor, choice: { role: string; model: string }): void;
}

export interface HubQueries {
  house(): HouseView;
  room(room: string): RoomView;
  device(device: DeviceId): DeviceView;
  source(source: string): SourceView;
  audit(limit: number): AuditEntry[];
  /** Every model the program knows and the user described, with what of it is there. */
  models(): Promise<ModelView[]>;
  inference(): InferenceView;
  /** `ready`: every part that must run does. `uptime`: whole seconds. */
  health(): { ready: boolean; version: string; uptime: number; problems: number };
}

/** What changed. A listener asks the queries for the rest. */
export interface HubEvents {
  /** Every new mood of a room, also unchanged ones. */
  mood: [Mood];
  /** An observation or a hand, as a log has them. */
  observed: [LogEntry];
  /** Mode, scene, ambience, sources or devices of a room changed. */
  room: [{ room: string }];
  device: [{ device: DeviceId }];
  /** The radio network of an adapter changed: who is in it, how it stands, or who is on the way in. */
  mesh: [{ adapter: string }];
  /** Somebody used a button or dial. */
  button: [ButtonEvent];
  /** Somebody said something of a room's mood, or took it back: it was learned from. */
  feedback: [{ room: string; verdict: Verdict; takenBack: boolean }];
  /** Sensing, demo, problems, configuration or the set of rooms changed. */
  house: [];
}

export interface HubApi {
  readonly commands: HubCommands;
  readonly devices: HubDevices;
  readonly meshes: HubMeshes;
  readonly feedback: HubFeedback;
  readonly wearables: HubWearables;
  readonly queries: HubQueries;
  readonly publishing: PublishingApi;
  readonly events: EventEmitter<HubEvents>;
}
