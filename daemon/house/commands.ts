import type { Director } from '../ambience/director.ts';
import { type Actor, nameOf } from '../api/actor.ts';
import { RoomtoneError } from '../api/errors.ts';
import type { HubCommands } from '../api/hub.ts';
import type { Mode } from '../api/mode.ts';
import type { AuditPort } from '../api/ports.ts';
import { MAX_TEXT } from '../api/text.ts';
import type { Attributes, DeviceId } from '../devices/device.ts';
import type { ModelStore } from '../models/store.ts';
import type { Sensing } from './sensing.ts';

export interface CommandsOptions {
  director: Director;
  sensing: Sensing;
  audit: AuditPort;
  models: Pick<ModelStore, 'begin' | 'fetchRecommended' | 'use'>;
  /** Reads the configuration file again. @throws RoomtoneError `config.*` */
  reload: () => Promise<void>;
  /** Writes a phone source into the configuration. @throws RoomtoneError `config.*` */
  addPhone: (phone: { room: string; id: string }) => Promise<void>;
  /** Takes a source out of the configuration. @throws RoomtoneError `config.*` */
  removeSource: (source: string) => Promise<void>;
  /** Takes a room's own scene out of the configuration. @throws RoomtoneError `config.*` */
  resetScene: (scene: { room: string; scene: string }) => Promise<void>;
  /** What a person did is on disk before it is acknowledged. @throws RoomtoneError `store.failed` where it is not */
  assertWritten: () => void;
  /** Sensing, demo or the set of devices changed. */
  onHouse: () => void;
}

/** Carries out what people ask for, whatever way they ask, and notes who it was. */
export class Commands implements HubCommands {
  readonly #the: CommandsOptions;

  constructor(options: CommandsOptions) {
    this.#the = options;
  }

  setMode(actor: Actor, room: string, mode: Mode): void {
    this.#the.director.setMode(actor, room, mode);
    this.#the.sensing.setRoomOff(room, mode === 'off');
    this.#the.assertWritten();
  }

  activateScene(actor: Actor, room: string, scene: string | null): void {
    this.#the.director.activateScene(actor, room, scene);
    this.#the.assertWritten();
  }

  acceptSuggestion(actor: Actor, room: string): void {
    this.#the.director.acceptSuggestion(actor, room);
    this.#the.assertWritten();
  }

  async resetScene(actor: Actor, { room, scene }: { room: string; scene: string }): Promise<void> {
    await this.#the.resetScene({ room, scene });
    this.#note(actor, { action: 'room.scene_reset', subject: room, params: { scene } });
  }

  pin(actor: Actor, device: DeviceId): void {
    this.#the.director.pin(actor, device);
    this.#the.assertWritten();
  }

  resumeDevice(actor: Actor, device: DeviceId): void {
    this.#the.director.resumeDevice(actor, device);
    this.#the.assertWritten();
  }

  setIntensity(actor: Actor, room: string, intensity: number): void {
    this.#the.director.setIntensity(actor, room, intensity);
    this.#the.assertWritten();
  }

  setDevice(actor: Actor, device: DeviceId, attributes: Attributes): void {
    this.#the.director.setDevice(actor, device, attributes);
    this.#the.assertWritten();
  }

  resume(actor: Actor, room: string): void {
    this.#the.director.resume(actor, room);
    this.#the.assertWritten();
  }

  setAmbience(actor: Actor, room: string, on: boolean): void {
    this.#the.director.setAmbience(actor, room, on);
    this.#the.assertWritten();
  }

  setSensing(actor: Actor, on: boolean): void {
    this.#the.sensing.switchAll(on);
    this.#note(actor, { action: 'house.sensing', subject: 'house', params: { on } });
    this.#the.onHouse();
    this.#the.assertWritten();
  }

  setSource(actor: Actor, source: string, on: boolean): void {
    if (this.#the.sensing.roomOf(source) === undefined) throw new RoomtoneError('api.unknown_source', { params: { source } });
    this.#the.sensing.switchSource(source, on);
    this.#note(actor, { action: on ? 'source.on' : 'source.off', subject: source, params: {} });
    this.#the.assertWritten();
  }

  setDemo(actor: Actor, on: boolean): void {
    this.#the.sensing.switchDemo(on);
    this.#note(actor, { action: 'house.demo', subject: 'house', params: { on } });
    this.#the.onHouse();
    this.#the.assertWritten();
  }

  submitText(_actor: Actor, room: string, text: string): void {
    const message = text.trim();
    if (message === '') throw new RoomtoneError('text.empty');
    if (message.length > MAX_TEXT) throw new RoomtoneError('text.too_long', { params: { length: message.length, most: MAX_TEXT } });
    this.#the.sensing.tell(room, message);
  }

  async addPhone(actor: Actor, { room, id }: { room: string; id?: string | undefined }): Promise<string> {
    const { sensing } = this.#the;
    const source = id ?? freeId((taken) => sensing.roomOf(taken) !== undefined);
    await this.#the.addPhone({ room, id: source });
    this.#note(actor, { action: 'source.added', subject: source, params: { kind: 'phone', room } });
    return source;
  }

  async removePhone(actor: Actor, source: string): Promise<void> {
    if (this.#the.sensing.kindOf(source) !== 'phone') throw new RoomtoneError('api.unknown_source', { params: { source } });
    await this.#the.removeSource(source);
    this.#note(actor, { action: 'source.removed', subject: source, params: {} });
  }

  async reload(actor: Actor): Promise<void> {
    await this.#the.reload();
    this.#note(actor, { action: 'config.reloaded', subject: 'house', params: {} });
  }

  fetchModel(actor: Actor, model: string): void {
    this.#the.models.begin(model);
    this.#note(actor, { action: 'model.fetch', subject: model, params: {} });
  }

  fetchRecommended(actor: Actor): void {
    void this.#the.models.fetchRecommended();
    this.#note(actor, { action: 'model.fetch', subject: 'recommended', params: {} });
  }

  useModel(actor: Actor, { role, model }: { role: string; model: string }): void {
    this.#the.models.use(role, model);
    this.#note(actor, { action: 'model.use', subject: role, params: { model } });
  }

  #note(actor: Actor, entry: Omit<Parameters<AuditPort['record']>[0], 'actor'>): void {
    this.#the.audit.record({ actor: nameOf(actor), ...entry });
  }
}

/** phone, phone-2, phone-3, ... */
function freeId(isTaken: (id: string) => boolean): string {
  for (let count = 1; ; count++) {
    const id = count === 1 ? 'phone' : `phone-${count}`;
    if (!isTaken(id)) return id;
  }
}
