import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import type { Actor } from '../api/actor.ts';
import type { Clock } from '../api/clock.ts';
import { RoomtoneError } from '../api/errors.ts';
import type { Mode } from '../api/mode.ts';
import type { AuditPort, StatePort } from '../api/ports.ts';
import type { DeviceView } from '../api/views.ts';
import { paramsOf } from '../devices/attributes.ts';
import type { Command, QueueEvent, Report } from '../devices/command.ts';
import type { AttributeName, Attributes, Device, DeviceId } from '../devices/device.ts';
import { LIGHT_ATTRIBUTES } from '../devices/merge.ts';
import { allows, UNLIMITED } from '../devices/permissions.ts';
import type { Mood } from '../mood/mood.ts';
import { arbitrate, type Decision } from './arbiter.ts';
import type { Claim } from './claim.ts';
import { DeviceDesk, type Hand, type Known, type ListedDevice } from './desk.ts';
import type { HandsOptions } from './hands.ts';
import { isHand, isScene, PersonClaims } from './person.ts';
import { DEFAULT_POLICIES, type Policy } from './policy.ts';
import { type AmbienceRoom, RoomAmbience, type WishOptions } from './room.ts';
import { type Scene, sceneAttributes } from './scene.ts';
import { attributeNames } from './slots.ts';

export interface DirectorOptions extends WishOptions {
  /** ms that a hand or a slider holds what it set. */
  holdFor: number;
  hands: Partial<HandsOptions>;
}

/** `minBetween` is the floor for rooms that dwell on nothing; far below the three flashes a second that could harm. */
const DEFAULTS: DirectorOptions = { minConfidence: 0.1, minBetween: 1000, holdFor: 3_600_000, hands: {} };

export interface DirectorEvents {
  /** To be carried out. */
  command: [Command];
  /** A person took these over: what still waits for them must not be sent any more. */
  cancel: [{ device: DeviceId; attributes: AttributeName[] }];
  /** A person's hand was found on a device. */
  hand: [{ device: DeviceId; held: Attributes }];
  /** Mode, scene, ambience or the mood's wish changed. */
  room: [{ room: string }];
  /** Values, claims or holds changed. */
  device: [{ device: DeviceId }];
}

export interface AmbienceConfig {
  rooms: readonly AmbienceRoom[];
  scenes: readonly Scene[];
  /** Empty: those that come with the program. */
  policies: readonly Policy[];
}

/**
 * Decides what the devices of the rooms are to be like, and says so as commands. It keeps what people chose on disk, and
 * after a restart commands only what is not already so. No I/O, no timers: everything comes in by calls.
 *
 * The hub wires it so:
 *
 *     const director = new Director({ log, clock, state, audit });
 *     director.events.on('command', (command) => queue.submit(command));
 *     director.events.on('cancel', ({ device, attributes }) => queue.cancel(device, attributes));
 *     queue.events.on('event', (event) => director.onQueueEvent(event));
 *     registry.events.on('report', (report) => director.onReport(report));
 *     registry.events.on('availability', (change) => director.onAvailability(change));
 *     registry.events.on('devices', () => director.setDevices(registry.devices().map((device) => ({ device, state: registry.state(device.id) }))));
 *     moods.events.on('mood', (mood) => director.onMood(mood));
 *     director.configure({ rooms, scenes, policies });   // at start before setDevices, and on every reload
 *     clock.every(1000, () => director.tick());
 *
 * A scene that a person chose stays in force until it is ended (`activateScene` with null), replaced by another, or
 * `resume`d; sliders and hands last `holdFor`. Within one call, `command` is emitted before `device` and `room`.
 */
export class Director {
  readonly events = new EventEmitter<DirectorEvents>();
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #state: StatePort;
  readonly #audit: AuditPort | undefined;
  readonly #options: DirectorOptions;
  readonly #desk: DeviceDesk;
  readonly #people: PersonClaims;
  #rooms = new Map<string, RoomAmbience>();
  #roomsByDevice = new Map<DeviceId, RoomAmbience[]>();
  #scenes = new Map<string, Scene>();
  #serial = 0;

  constructor({
    log,
    clock,
    state,
    audit,
    options,
  }: { log: Logger; clock: Clock; state: StatePort; audit?: AuditPort; options?: Partial<DirectorOptions> }) {
    this.#log = log;
    this.#clock = clock;
    this.#state = state;
    this.#audit = audit;
    this.#options = { ...DEFAULTS, ...options };
    this.#desk = new DeviceDesk({ clock, state, hands: this.#options.hands });
    this.#people = new PersonClaims({ state, clock });
  }

  /** Takes a new configuration over as a whole. Scenes in force follow their edit; claims of rooms that are gone rest until these come back. */
  configure({ rooms, scenes, policies }: AmbienceConfig): void {
    const before = this.#rooms;
    const oldScenes = this.#scenes;
    const house = policies.length > 0 ? policies : DEFAULT_POLICIES;
    this.#scenes = new Map(scenes.map((scene) => [scene.id, scene]));
    this.#rooms = new Map(
      rooms.map((spec) => {
        const own = spec.policies.length > 0 ? spec.policies : house;
        return [
          spec.id,
          new RoomAmbience(spec, { policies: own, state: this.#state, options: this.#options, before: before.get(spec.id) }),
        ];
      }),
    );
    this.#roomsByDevice = byDevice(this.#rooms.values());
    for (const room of this.#rooms.values()) {
      this.#redraw(room, oldScenes);
      room.follow(this.#scenes, this.#now());
    }
    for (const { device } of this.#desk.all()) this.#settle(device.id);
  }

  /** All devices there are. Values that are news count as the first picture after a gap. */
  setDevices(devices: Iterable<ListedDevice>): void {
    for (const hand of this.#desk.replace(devices)) this.#hold(hand);
    for (const { device } of this.#desk.all()) this.#settle(device.id);
  }

  /** Nothing is kept of a device that is no longer known: no claim, no hold, no target. */
  forget(device: DeviceId): void {
    this.#people.release((claim) => claim.device === device);
    this.#desk.forget(device);
  }

  onMood(mood: Mood): void {
    const room = this.#rooms.get(mood.room);
    if (!room) return;
    room.observe(mood);
    this.#follow(room, mood.trigger);
  }

  /** Nothing senses the room any more: the mood wishes nothing, and lamps stay as they are. */
  endMood(id: string): void {
    const room = this.#rooms.get(id);
    if (!room) return;
    room.forget();
    this.#follow(room);
  }

  onReport(report: Report): void {
    const known = this.#desk.get(report.device);
    const found = this.#desk.take(report);
    if (!known || !found || found.verdict === 'stale') return;
    if (found.verdict === 'hand') this.#hold({ device: known.device, held: found.held });
    if (found.verdict !== 'transitional') this.#settle(report.device);
    this.events.emit('device', { device: report.device });
  }

  onAvailability({ device, available }: { device: DeviceId; available: boolean }): void {
    if (!this.#desk.setAvailable(device, available)) return;
    this.#settle(device);
    this.events.emit('device', { device });
  }

  onQueueEvent(event: QueueEvent): void {
    this.#desk.onQueueEvent(event);
  }

  /** Lets time pass: holds run out, dwells are over, what failed is tried again. To be called about every second. */
  tick(): void {
    const freed = this.#people.expire();
    for (const room of this.#rooms.values()) this.#follow(room);
    for (const { device } of this.#desk.all()) this.#settle(device.id);
    this.#announce(freed);
  }

  /** @throws RoomtoneError `api.unknown_room` */
  setMode(actor: Actor, room: string, mode: Mode): void {
    const target = this.#room(room);
    target.keep({ mode });
    this.#record(actor, { action: 'room.mode', subject: room, params: { mode } });
    this.#follow(target);
    this.#settleRoom(target);
  }

  /** @throws RoomtoneError `api.unknown_room` */
  setAmbience(actor: Actor, room: string, on: boolean): void {
    const target = this.#room(room);
    target.keep({ ambience: on });
    this.#record(actor, { action: 'room.ambience', subject: room, params: { on } });
    this.#settleRoom(target);
  }

  /** @throws RoomtoneError `api.unknown_room`, `api.unknown_scene` */
  activateScene(actor: Actor, room: string, scene: string | null): void {
    const target = this.#room(room);
    if (target.isFirstYes(scene)) {
      this.setMode(actor, room, 'auto');
      return;
    }
    const chosen = scene === null ? null : this.#scene(scene);
    const freed = this.#people.release((claim) => isScene(claim) && claim.room === room);
    for (const id of chosen ? target.spec.devices : []) {
      const device = this.#desk.get(id)?.device;
      if (device && chosen) this.#placeScene(actor, { room, scene: chosen, device });
    }
    target.keep({ scene });
    this.#record(actor, { action: 'room.scene', subject: room, params: { scene: scene ?? '' } });
    this.#settleRoom(target);
    this.#announce(freed);
  }

  /** @throws RoomtoneError `api.unknown_device`, `api.unsupported_attribute`, `device.not_permitted` */
  setDevice(actor: Actor, device: DeviceId, attributes: Attributes): void {
    const known = this.#desk.get(device);
    if (!known) throw new RoomtoneError('api.unknown_device', { params: { device } });
    for (const attribute of attributeNames(attributes)) {
      if (!known.device.capabilities[attribute]) throw new RoomtoneError('api.unsupported_attribute', { params: { device, attribute } });
    }
    const placedAt = this.#clock.wall();
    const claim = this.#claimBy(actor, known);
    if (!allows(known.permissions, claim)) throw new RoomtoneError('device.not_permitted', { params: { device } });
    this.#place({
      ...claim,
      attributes,
      placedAt,
      expiresAt: placedAt + this.#options.holdFor,
      reason: { code: 'reason.slider', params: { actor: actor.name } },
    });
    this.#record(actor, { action: 'device.set', subject: device, params: paramsOf(attributes) });
    this.#settle(device);
    this.#announce([device]);
  }

  /** Ends what people did in the room, and a pause: automation may act again. @throws RoomtoneError `api.unknown_room` */
  resume(actor: Actor, room: string): void {
    const target = this.#room(room);
    const here = new Set(target.spec.devices);
    const freed = this.#people.release((claim) => (isScene(claim) ? claim.room === room : here.has(claim.device)));
    target.keep({ scene: null, ...(target.mode === 'paused' ? { mode: 'auto' } : {}) });
    this.#record(actor, { action: 'room.resume', subject: room, params: {} });
    this.#follow(target);
    this.#settleRoom(target);
    this.#announce(freed);
  }

  /** @throws RoomtoneError `api.unknown_room` */
  mode(room: string): Mode {
    return this.#room(room).mode;
  }

  /** The scene a person chose, while it is in force. @throws RoomtoneError `api.unknown_room` */
  scene(room: string): string | null {
    return this.#room(room).scene;
  }

  /** The scene the mood asks for; in mode `suggest` it is only an offer. @throws RoomtoneError `api.unknown_room` */
  moodScene(room: string): string | null {
    return this.#room(room).moodScene;
  }

  /** @throws RoomtoneError `api.unknown_room` */
  ambience(room: string): boolean {
    return this.#room(room).ambience;
  }

  /** All claims on each attribute, strongest first. Empty for an unknown device. */
  why(device: DeviceId): DeviceView['why'] {
    const known = this.#desk.get(device);
    return known ? this.#decide(known).why : {};
  }

  /** Attributes that a person's hand holds, and until when (epoch ms). */
  holds(device: DeviceId): DeviceView['holds'] {
    const holds: DeviceView['holds'] = {};
    for (const { attributes, expiresAt } of this.#people.of(device).filter(isHand)) {
      for (const name of attributeNames(attributes)) if (expiresAt !== undefined) holds[name] = expiresAt;
    }
    return holds;
  }

  /** Ids of the rooms that a device belongs to. */
  roomsOf(device: DeviceId): string[] {
    return (this.#roomsByDevice.get(device) ?? []).map(({ spec }) => spec.id);
  }

  #follow(room: RoomAmbience, trigger?: string): void {
    if (!room.follow(this.#scenes, this.#now())) return;
    this.#log.debug({ event: 'mood_scene', room: room.spec.id, scene: room.moodScene }, 'the mood asks for another scene');
    this.#settleRoom(room, trigger);
  }

  #settleRoom(room: RoomAmbience, trigger?: string): void {
    for (const device of room.spec.devices) this.#settle(device, trigger);
    for (const device of room.spec.devices) this.events.emit('device', { device });
    this.events.emit('room', { room: room.spec.id });
  }

  /** A hand is what a person did at the device itself: no permission undoes it. */
  #decide({ device, values, permissions }: Known): Decision {
    const moods = (this.#roomsByDevice.get(device.id) ?? []).flatMap((room) => room.claimOn(device) ?? []);
    const people = this.#people.of(device.id).filter((claim) => !isScene(claim) || this.#rooms.has(claim.room));
    const claims = [...moods.sort((a, b) => a.placedAt - b.placedAt), ...people];
    return arbitrate({ device, claims: claims.filter((claim) => isHand(claim) || allows(permissions, claim)), values });
  }

  /** Commands what is not yet as it was decided. */
  #settle(id: DeviceId, trigger?: string): void {
    const known = this.#desk.get(id);
    const due = known && this.#desk.commandFor(id, this.#decide(known));
    if (!due) return;
    const command: Command = { id: this.#id('command'), ...due, ...(trigger === undefined ? {} : { trigger }) };
    this.#desk.asked(command);
    this.events.emit('command', command);
  }

  /** A person's hand: what it set is theirs for a while, and nothing that waits may undo it. */
  #hold({ device, held }: Hand): void {
    const placedAt = this.#clock.wall();
    const expiresAt = placedAt + this.#options.holdFor;
    this.events.emit('hand', { device: device.id, held });
    if (this.roomsOf(device.id).length > 0) {
      const owner: Actor = { kind: 'device', name: device.id };
      const reason = { code: 'reason.hand', params: { until: new Date(expiresAt).toISOString() } } as const;
      this.#place({ ...this.#claimBy(owner, { device }), attributes: held, placedAt, expiresAt, reason });
      this.#record(owner, { action: 'device.hand', subject: device.id, params: paramsOf(held) });
    }
    const names = attributeNames(held);
    this.events.emit('cancel', { device: device.id, attributes: held.on === false ? [...names, ...LIGHT_ATTRIBUTES] : names });
    for (const room of this.roomsOf(device.id)) this.events.emit('room', { room });
  }

  #placeScene(actor: Actor, { room, scene, device }: { room: string; scene: Scene; device: Device }): void {
    const attributes = sceneAttributes(scene, device);
    if (attributeNames(attributes).length === 0) return;
    const reason = { code: 'reason.scene', params: { scene: scene.name, actor: actor.name } } as const;
    this.#place({
      ...this.#claimBy(actor, { device }),
      room,
      attributes,
      transition: scene.transition,
      placedAt: this.#clock.wall(),
      reason,
    });
  }

  /** Places a person's claim. A scene of which that leaves nothing is no longer in force. */
  #place(claim: Claim): void {
    const before = this.#people.sceneRooms();
    this.#people.place(claim);
    const after = this.#people.sceneRooms();
    for (const room of before) if (!after.has(room)) this.#rooms.get(room)?.keep({ scene: null });
  }

  /** For one of its rooms, which it obeys if it obeys any. */
  #claimBy(
    owner: Actor,
    { device, permissions = UNLIMITED }: Pick<Known, 'device'> & Partial<Known>,
  ): Pick<Claim, 'id' | 'device' | 'rung' | 'owner' | 'room' | 'confidence'> {
    const rooms = this.roomsOf(device.id);
    const room = rooms.find((each) => allows(permissions, { room: each, rung: 'person' })) ?? rooms[0] ?? '';
    return { id: this.#id('claim'), device: device.id, rung: 'person', owner, room, confidence: 1 };
  }

  /** Redraws the claims of a room's scene after the scene was edited, as far as nobody changed them since. */
  #redraw(room: RoomAmbience, oldScenes: ReadonlyMap<string, Scene>): void {
    const before = oldScenes.get(room.scene ?? '');
    const scene = this.#scenes.get(room.scene ?? '');
    if (!before || !scene || JSON.stringify(before) === JSON.stringify(scene)) return;
    for (const { device } of this.#desk.all()) {
      const claim = this.#people.of(device.id).find((each) => isScene(each) && each.room === room.spec.id);
      if (!claim || JSON.stringify(claim.attributes) !== JSON.stringify(sceneAttributes(before, device))) continue;
      this.#people.amend({ ...claim, attributes: sceneAttributes(scene, device), transition: scene.transition });
    }
  }

  #announce(devices: readonly DeviceId[]): void {
    for (const device of devices) {
      this.#settle(device);
      this.events.emit('device', { device });
    }
    const rooms = new Set(devices.flatMap((device) => this.roomsOf(device)));
    for (const room of rooms) this.events.emit('room', { room });
  }

  #room(id: string): RoomAmbience {
    const room = this.#rooms.get(id);
    if (!room) throw new RoomtoneError('api.unknown_room', { params: { room: id } });
    return room;
  }

  #scene(id: string): Scene {
    const scene = this.#scenes.get(id);
    if (!scene) throw new RoomtoneError('api.unknown_scene', { params: { scene: id } });
    return scene;
  }

  #record(actor: Actor, entry: { action: string; subject: string; params: Record<string, string | number | boolean> }): void {
    this.#audit?.record({ actor: `${actor.kind}:${actor.name}`, ...entry });
  }

  #now(): { mono: number; wall: number } {
    return { mono: this.#clock.mono(), wall: this.#clock.wall() };
  }

  /** Unique also among claims kept from earlier runs. */
  #id(kind: string): string {
    this.#serial += 1;
    return `${kind}-${this.#clock.wall().toString(36)}-${this.#serial}`;
  }
}

function byDevice(rooms: Iterable<RoomAmbience>): Map<DeviceId, RoomAmbience[]> {
  const index = new Map<DeviceId, RoomAmbience[]>();
  for (const room of rooms) for (const device of new Set(room.spec.devices)) index.set(device, [...(index.get(device) ?? []), room]);
  return index;
}
