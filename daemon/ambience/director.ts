import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import { type Actor, nameOf } from '../api/actor.ts';
import type { Clock } from '../api/clock.ts';
import { RoomtoneError } from '../api/errors.ts';
import type { Mode } from '../api/mode.ts';
import type { AuditPort, StatePort } from '../api/ports.ts';
import type { DeviceView, RoomSceneView, SuggestionView } from '../api/views.ts';
import { paramsOf } from '../devices/attributes.ts';
import type { Command, QueueEvent, Report } from '../devices/command.ts';
import type { AttributeName, Attributes, Device, DeviceId } from '../devices/device.ts';
import { LIGHT_ATTRIBUTES } from '../devices/merge.ts';
import { allows } from '../devices/permissions.ts';
import type { Mood } from '../mood/mood.ts';
import { LATEST } from './arbiter.ts';
import { Before, type GivenBackBy } from './before.ts';
import type { Calendar } from './calendar.ts';
import { Claims } from './claims.ts';
import { type AmbienceConfig, calendarOf, mergesOf, roomPlans } from './configuration.ts';
import { DeviceDesk, type Hand, type Known, type ListedDevice } from './desk.ts';
import { HANDS_DEFAULTS, type HandsOptions } from './hands.ts';
import { Holds, handReason } from './holds.ts';
import { isScene, PersonClaims } from './person.ts';
import { Placing } from './placing.ts';
import type { Lost } from './proof.ts';
import { type Asked, type Followed, RoomAmbience } from './room.ts';
import { type Scene, SLEEP_SCENE } from './scene.ts';
import { Settler } from './settler.ts';
import { attributeNames, type Slot, slotsOf } from './slots.ts';

export interface DirectorOptions {
  /** 0..1: a mood of less confidence changes nothing. */
  minConfidence: number;
  /** Whether the mood may ask for a scene in a room: people may have said that they do not want it. */
  isWelcome: (room: string, scene: string) => boolean;
  hands: Partial<HandsOptions>;
}

const DEFAULTS: DirectorOptions = { minConfidence: 0.1, isWelcome: () => true, hands: {} };

export interface DirectorEvents {
  /** To be carried out. */
  command: [Command];
  /** A person took these over: what still waits for them must not be sent any more. */
  cancel: [{ device: DeviceId; attributes: AttributeName[] }];
  /** A person's hand was found on a device. */
  hand: [{ device: DeviceId; held: Attributes }];
  /** Mode, scene, ambience, or what the mood or the clock asks for changed. */
  room: [{ room: string }];
  /** Values, claims or holds changed. */
  device: [{ device: DeviceId }];
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
 * `resume`d; sliders and hands last as long as the room holds them. Within one call, `command` is emitted before `device` and `room`.
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
  readonly #before: Before;
  readonly #holds: Holds;
  readonly #claims: Claims;
  readonly #placing: Placing;
  readonly #settler: Settler;
  #calendar: Calendar;
  #hasQuietHours = false;
  #rooms = new Map<string, RoomAmbience>();
  #roomsByDevice = new Map<DeviceId, RoomAmbience[]>();
  #houseScenes: readonly Scene[] = [];

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
    const roomsOf = (device: DeviceId): readonly RoomAmbience[] => this.#roomsByDevice.get(device) ?? [];
    this.#desk = new DeviceDesk({ clock, state, hands: this.#options.hands });
    this.#people = new PersonClaims({ state, clock });
    this.#before = new Before(state);
    this.#holds = new Holds({ clock, people: this.#people, roomsOf });
    const together = (device: DeviceId): readonly DeviceId[] => this.#desk.together(device);
    this.#claims = new Claims({ people: this.#people, before: this.#before, roomsOf, together });
    this.#placing = new Placing({
      ...{ clock, people: this.#people, before: this.#before, desk: this.#desk, roomsOf },
      onSceneOver: (room) => this.#rooms.get(room)?.keep({ scene: null }),
    });
    this.#calendar = calendarOf({ rooms: [], scenes: [], policies: [] });
    this.#settler = new Settler(
      {
        ...{ clock, roomsOf, desk: this.#desk, before: this.#before, claims: this.#claims },
        retryAfter: { ...HANDS_DEFAULTS, ...this.#options.hands }.retryAfter,
        onCommand: (command) => this.events.emit('command', command),
      },
      { merges: LATEST, calendar: this.#calendar },
    );
  }

  /** Takes a new configuration over as a whole. Scenes in force follow their edit; claims of rooms that are gone rest until these come back. */
  configure(config: AmbienceConfig): void {
    const before = this.#rooms;
    const { minConfidence, isWelcome } = this.#options;
    const plans = roomPlans(config);
    this.#calendar = calendarOf(config);
    this.#calendar.moveTo(this.#clock.wall());
    this.#hasQuietHours = plans.some(({ limits }) => limits.quietHours);
    this.#houseScenes = config.scenes;
    this.#rooms = new Map(
      plans.map((plan) => [plan.id, new RoomAmbience(plan, { state: this.#state, minConfidence, isWelcome, before: before.get(plan.id) })]),
    );
    this.#roomsByDevice = byDevice(this.#rooms.values());
    this.#settler.configure({ merges: mergesOf(config), calendar: this.#calendar });
    for (const room of this.#rooms.values()) {
      this.#placing.redraw(room, before.get(room.plan.id));
      room.follow(this.#now(), this.#calendar);
      room.followClock(this.#calendar);
    }
    this.#settleAll();
  }

  /** All devices there are. Values that are news count as the first picture after a gap. */
  setDevices(devices: Iterable<ListedDevice>): void {
    for (const hand of this.#desk.replace(devices)) this.#hold(hand);
    this.#settleAll();
  }

  /** Nothing is kept of a device that is no longer known: no claim, no hold, no target. */
  forget(device: DeviceId): void {
    this.#people.release((claim) => claim.device === device);
    this.#before.forget(device);
    this.#settler.forget(device);
    this.#desk.forget(device);
  }

  onMood(mood: Mood): void {
    const room = this.#rooms.get(mood.room);
    if (!room) return;
    const wasEmpty = room.isEmpty;
    room.observe(mood);
    this.#follow(room, mood.trigger);
    if (room.isEmpty && !wasEmpty) this.#announce(this.#holds.endAt('empty', room.plan.devices));
  }

  /** Nothing senses the room any more: the mood wishes nothing, and lamps stay as they are. */
  endMood(id: string): void {
    const room = this.#rooms.get(id);
    if (!room) return;
    room.forget();
    this.#follow(room);
  }

  /** People said what they think of what the mood asks for in the room. */
  onFeedback(id: string): void {
    const room = this.#rooms.get(id);
    if (!room) return;
    room.reconsider();
    this.#follow(room);
  }

  /** Lux, as the sensors of the room have it together; null where it has none. */
  onIlluminance(id: string, illuminance: number | null): void {
    const room = this.#rooms.get(id);
    if (!room) return;
    room.observeLight(illuminance);
    this.#follow(room);
  }

  onReport(report: Report): void {
    const known = this.#desk.get(report.device);
    const found = this.#desk.take(report);
    if (!known || !found || found.verdict === 'stale') return;
    if (['hand', 'adopted', 'lost'].includes(found.verdict)) this.#settler.noteLight(known);
    if (found.verdict === 'hand') this.#hold({ device: known.device, held: found.held });
    if (found.verdict !== 'transitional') this.#settler.settle(report.device);
    if (found.lost) this.#onLost(known.device, found.lost);
    if (report.origin === 'device' && report.attribute === 'transport') this.#onMusicOver(known.device);
    this.events.emit('device', { device: report.device });
  }

  onAvailability({ device, available }: { device: DeviceId; available: boolean }): void {
    if (!this.#desk.setAvailable(device, available)) return;
    this.#settler.settle(device);
    this.events.emit('device', { device });
  }

  onQueueEvent(event: QueueEvent): void {
    this.#desk.onQueueEvent(event);
    this.#settler.onQueueEvent(event);
  }

  /** Lets time pass: holds run out, dwells are over, schedules begin, what failed is tried again. To be called about every second. */
  tick(): void {
    const freed = this.#people.expire();
    const isNewMinute = this.#calendar.moveTo(this.#clock.wall());
    for (const room of this.#rooms.values()) {
      if (isNewMinute) this.#onFollowed(room, room.followClock(this.#calendar));
      this.#follow(room);
    }
    if (isNewMinute && this.#hasQuietHours) this.#settleAll();
    this.#settler.settleDue();
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

  /** Off gives back what the mood had changed. @throws RoomtoneError `api.unknown_room` */
  setAmbience(actor: Actor, room: string, on: boolean): void {
    const target = this.#room(room);
    target.keep({ ambience: on });
    this.#record(actor, { action: 'room.ambience', subject: room, params: { on } });
    if (!on) this.#giveBack(target.plan.devices, 'rule');
    this.#settleRoom(target);
  }

  /** @param intensity 0..100 %. @throws RoomtoneError `api.unknown_room` */
  setIntensity(actor: Actor, room: string, intensity: number): void {
    const target = this.#room(room);
    target.keep({ intensity });
    this.#record(actor, { action: 'room.intensity', subject: room, params: { intensity } });
    this.#follow(target);
    this.events.emit('room', { room });
  }

  /** @throws RoomtoneError `api.unknown_room`, `api.unknown_scene` */
  activateScene(actor: Actor, room: string, scene: string | null): void {
    const target = this.#room(room);
    if (target.isFirstYes(scene)) {
      this.setMode(actor, room, 'auto');
      return;
    }
    const chosen = scene === null ? null : sceneOf(target, scene);
    for (const id of target.plan.devices) this.#desk.tryAgain(id);
    const freed = this.#people.release((claim) => isScene(claim) && claim.room === room);
    this.#giveBack(freed, 'person');
    for (const id of chosen ? target.plan.devices : []) {
      const known = this.#desk.get(id);
      if (known && chosen) this.#placing.scene(actor, { room, scene: chosen, known });
    }
    target.keep({ scene });
    this.#record(actor, { action: 'room.scene', subject: room, params: { scene: scene ?? '' } });
    if (scene === SLEEP_SCENE) freed.push(...this.#holds.endAt('sleep', target.plan.devices));
    this.#settleRoom(target);
    this.#announce(freed);
  }

  /** Says yes to what the room offers. @throws RoomtoneError `api.unknown_room`, `ambience.no_suggestion` */
  acceptSuggestion(actor: Actor, room: string): void {
    const { suggestion } = this.#room(room);
    if (!suggestion) throw new RoomtoneError('ambience.no_suggestion', { params: { room } });
    this.activateScene(actor, room, suggestion.scene);
  }

  /** @throws RoomtoneError `api.unknown_device`, `api.unsupported_attribute`, `device.not_permitted` */
  setDevice(actor: Actor, device: DeviceId, attributes: Attributes): void {
    const known = this.#known(device);
    for (const attribute of attributeNames(attributes)) {
      if (!known.device.capabilities[attribute]) throw new RoomtoneError('api.unsupported_attribute', { params: { device, attribute } });
    }
    const claim = this.#placing.claimBy(actor, known);
    if (!allows(known.permissions, claim)) throw new RoomtoneError('device.not_permitted', { params: { device } });
    this.#desk.tryAgain(device);
    const reason = { code: 'reason.slider', params: { actor: actor.name } } as const;
    this.#placing.own({ ...claim, ...this.#holds.lasting(device, attributes), attributes, reason });
    this.#record(actor, { action: 'device.set', subject: device, params: paramsOf(attributes) });
    this.#announce([device]);
  }

  /** Keeps what a hand holds, or else the whole device, as it is, until somebody resumes it. @throws RoomtoneError `api.unknown_device` */
  pin(actor: Actor, device: DeviceId): void {
    const known = this.#known(device);
    const standing = this.#desk.standing(device);
    const held = attributeNames(this.#holds.of(device));
    const kept = attributeNames(standing).filter((name) => known.device.capabilities[name] && (held.length === 0 || held.includes(name)));
    const attributes: Attributes = Object.fromEntries(kept.map((name) => [name, standing[name]]));
    const reason = { code: 'reason.pin', params: { actor: actor.name } } as const;
    this.#placing.own({ ...this.#placing.claimBy(actor, known), placedAt: this.#clock.wall(), attributes, reason });
    this.#record(actor, { action: 'device.pin', subject: device, params: paramsOf(attributes) });
    this.#announce([device]);
  }

  /** Ends what people did in the room, and a pause: automation may act again. @throws RoomtoneError `api.unknown_room` */
  resume(actor: Actor, room: string): void {
    const target = this.#room(room);
    const here = new Set(target.plan.devices);
    const freed = this.#people.release((claim) => (isScene(claim) ? claim.room === room : here.has(claim.device)));
    this.#giveBack(freed, 'person');
    target.keep({ scene: null, ...(target.mode === 'paused' ? { mode: 'auto' } : {}) });
    this.#record(actor, { action: 'room.resume', subject: room, params: {} });
    this.#follow(target);
    this.#settleRoom(target);
    this.#announce(freed);
  }

  /** Ends what people did to one device. @throws RoomtoneError `api.unknown_device` */
  resumeDevice(actor: Actor, device: DeviceId): void {
    this.#known(device);
    const freed = this.#placing.release((claim) => claim.device === device);
    this.#giveBack(freed, 'person');
    this.#record(actor, { action: 'device.resume', subject: device, params: {} });
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

  /** What mood or clock ask for, and by which rule. @throws RoomtoneError `api.unknown_room` */
  asked(room: string): Asked | null {
    return this.#room(room).asked;
  }

  /** What waits for a yes. @throws RoomtoneError `api.unknown_room` */
  suggestion(room: string): SuggestionView | null {
    return this.#room(room).suggestion;
  }

  /** @throws RoomtoneError `api.unknown_room` */
  ambience(room: string): boolean {
    return this.#room(room).ambience;
  }

  /** 0..100 %. @throws RoomtoneError `api.unknown_room` */
  intensity(room: string): number {
    return this.#room(room).intensity;
  }

  /** What can be activated in the room. @throws RoomtoneError `api.unknown_room` */
  scenes(room: string): RoomSceneView[] {
    const { scenes } = this.#room(room).plan;
    return [...scenes.values()].map((scene) => ({ id: scene.id, name: scene.name, own: !this.#houseScenes.includes(scene) }));
  }

  /** All claims on each attribute, strongest first. Empty for an unknown device. */
  why(device: DeviceId): DeviceView['why'] {
    const known = this.#desk.get(device);
    return known ? this.#settler.why(known) : {};
  }

  /** Attributes that a person's hand or pin holds, and until when. */
  holds(device: DeviceId): DeviceView['holds'] {
    return this.#holds.of(device);
  }

  /** Ids of the rooms that a device belongs to. */
  roomsOf(device: DeviceId): string[] {
    return (this.#roomsByDevice.get(device) ?? []).map(({ plan }) => plan.id);
  }

  #follow(room: RoomAmbience, trigger?: string): void {
    this.#onFollowed(room, room.follow(this.#now(), this.#calendar), trigger);
  }

  #onFollowed(room: RoomAmbience, followed: Followed, trigger?: string): void {
    if (followed === 'same') return;
    this.#log.debug({ event: 'wish_changed', room: room.plan.id, scene: room.moodScene }, 'mood or clock ask for something else');
    // Lamps stay where a scene put them until another does; music ends with the scene that it belongs to.
    const ended = room.plan.devices.filter((id) => followed === 'ended' || this.#desk.get(id)?.device.capabilities.transport);
    this.#giveBack(ended, 'rule');
    const freed = room.isAsleep ? this.#holds.endAt('sleep', room.plan.devices) : [];
    this.#settleRoom(room, trigger);
    this.#announce(freed);
  }

  #settleRoom(room: RoomAmbience, trigger?: string): void {
    for (const device of room.plan.devices) this.#settler.settle(device, trigger);
    for (const device of room.plan.devices) this.events.emit('device', { device });
    this.events.emit('room', { room: room.plan.id });
  }

  #settleAll(): void {
    for (const { device } of this.#desk.all()) this.#settler.settle(device.id);
  }

  #giveBack(devices: readonly DeviceId[], by: GivenBackBy): void {
    for (const device of devices) {
      const known = this.#desk.get(device);
      const claims = known ? this.#claims.of(known).filter(({ rung }) => rung !== 'idle') : [];
      const claimed = new Set(claims.flatMap(({ attributes }) => [...slotsOf(attributes)]));
      this.#before.giveBack(device, { by, claimed });
    }
  }

  /** A person's hand: what it set is theirs for a while, and nothing that waits may undo it. */
  #hold({ device, held }: Hand): void {
    this.events.emit('hand', { device: device.id, held });
    if (this.roomsOf(device.id).length > 0) {
      const owner: Actor = { kind: 'device', name: device.id };
      const lasting = this.#holds.lasting(device.id, held);
      this.#placing.own({ ...this.#placing.claimBy(owner, { device }), ...lasting, attributes: held, reason: handReason(lasting) });
      this.#record(owner, { action: 'device.hand', subject: device.id, params: paramsOf(held) });
    }
    const names = attributeNames(held);
    this.events.emit('cancel', { device: device.id, attributes: held.on === false ? [...names, ...LIGHT_ATTRIBUTES] : names });
    for (const room of this.roomsOf(device.id)) this.events.emit('room', { room });
  }

  /** Music came to its end by itself: nobody's hand or slider asks for it any more, and a scene begins it anew after a while. */
  #onMusicOver({ id }: Device): void {
    const freed = this.#people.drop(id, new Set<Slot>(['transport', 'favorite', 'shuffle']));
    this.#settler.settleAt(id, this.#clock.mono() + { ...HANDS_DEFAULTS, ...this.#options.hands }.retryAfter);
    if (freed) this.#announce([id]);
  }

  /** A device answered a command and never carried it out. */
  #onLost({ id }: Device, { asked, againAt }: Lost): void {
    this.#record({ kind: 'device', name: id }, { action: 'device.command_lost', subject: id, params: paramsOf(asked) });
    this.#settler.settleAt(id, againAt);
  }

  #announce(devices: readonly DeviceId[]): void {
    for (const device of devices) {
      this.#settler.settle(device);
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

  #known(device: DeviceId): Known {
    const known = this.#desk.get(device);
    if (!known) throw new RoomtoneError('api.unknown_device', { params: { device } });
    return known;
  }

  #record(actor: Actor, entry: { action: string; subject: string; params: Record<string, string | number | boolean> }): void {
    this.#audit?.record({ actor: nameOf(actor), ...entry });
  }

  #now(): { mono: number; wall: number } {
    return { mono: this.#clock.mono(), wall: this.#clock.wall() };
  }
}

function sceneOf({ plan }: RoomAmbience, id: string): Scene {
  const scene = plan.scenes.get(id);
  if (!scene) throw new RoomtoneError('api.unknown_scene', { params: { scene: id } });
  return scene;
}

function byDevice(rooms: Iterable<RoomAmbience>): Map<DeviceId, RoomAmbience[]> {
  const index = new Map<DeviceId, RoomAmbience[]>();
  for (const room of rooms) for (const device of room.plan.devices) index.set(device, [...(index.get(device) ?? []), room]);
  return index;
}
