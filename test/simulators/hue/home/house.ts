import { type SimulatorClock, Timers } from '../clock.ts';
import { type Random, type Span, uuid } from '../random.ts';
import { Device } from './device.ts';
import { Group } from './groups.ts';
import type { Lamp, LampDescription, LampWish } from './lamp.ts';
import { Lights } from './lights.ts';
import { MotionSensor } from './motion-sensor.ts';
import type { Announcer, ClipObject, ResourceUpdate } from './resource.ts';
import { type Scene, Scenes } from './scenes.ts';
import { Switch, type SwitchKind } from './switch.ts';

export interface AccessoryDescription {
  kind: 'motion' | SwitchKind;
  name: string;
  /** The room it is in; default none. */
  room?: string;
}

/** Lamps by their names. */
export interface ZoneDescription {
  name: string;
  lamps: readonly string[];
}

export interface SceneDescription {
  name: string;
  /** The name of a room or zone. */
  group: string;
  /** What each lamp should do, by its name. */
  lamps: Readonly<Record<string, LampWish>>;
}

interface HouseOptions {
  bridgeId: string;
  bridgeName: string;
  lamps: readonly LampDescription[];
  accessories: readonly AccessoryDescription[];
  zones: readonly ZoneDescription[];
  scenes: readonly SceneDescription[];
  clock: SimulatorClock;
  random: Random;
  echoDelay: () => Span;
  announcer: Announcer;
  onChange: () => void;
}

const firstRoom = 'Living room';

/** Everything behind the bridge: lamps and accessories in their rooms, zones, the home, scenes, and the bridge itself. */
export class House {
  readonly lights: Lights;
  readonly scenes: Scenes;
  readonly home: Group;
  readonly rooms: Group[] = [];
  readonly zones: Group[] = [];
  accessories: readonly (MotionSensor | Switch)[];
  readonly #options: HouseOptions;
  readonly #timers: Timers;
  readonly #places = new Map<Device, Group>();
  readonly #bridge: Device;

  constructor(options: HouseOptions) {
    const { announcer, clock, random, onChange, echoDelay } = options;
    this.#options = options;
    this.#timers = new Timers(clock);
    this.#bridge = bridgeDevice(options);
    this.lights = new Lights({
      lamps: options.lamps,
      clock,
      random,
      announcer,
      echoDelay,
      onChange,
      onCommand: (lamp) => this.scenes.lampChanged(lamp),
    });
    this.scenes = new Scenes({ lights: this.lights, clock, random, announcer });
    const context = { announcer, clock, random, timers: this.#timers };
    this.accessories = options.accessories.map(({ kind, name }, index) => {
      const idV1 = `/sensors/${index + 2}`;
      return kind === 'motion' ? new MotionSensor(name, idV1, context) : new Switch(kind, { name, idV1 }, context);
    });
    for (const [index, { room = firstRoom }] of options.lamps.entries()) this.#put(this.lights.lamps[index]?.device, room);
    for (const [index, { room }] of options.accessories.entries()) if (room) this.#put(this.accessories[index]?.device, room);
    for (const zone of options.zones) this.#addZone(zone);
    this.home = new Group(
      {
        type: 'bridge_home',
        idV1: '/groups/0',
        lamps: () => this.lights.lamps,
        sensors: () => this.#sensors(),
        children: () => [...this.devices.filter((device) => !this.#places.has(device)), ...this.rooms],
      },
      random,
    );
    for (const { name, group, lamps } of options.scenes) {
      const actions = Object.entries(lamps).map(([lamp, wish]) => ({ lamp: this.lampNamed(lamp), wish }));
      this.scenes.found({ name, group: this.groupNamed(group), actions });
    }
    this.takeGroupUpdates();
  }

  get lamps(): readonly Lamp[] {
    return this.lights.lamps;
  }

  get groups(): readonly Group[] {
    return [...this.rooms, ...this.zones, this.home];
  }

  get devices(): readonly Device[] {
    return [this.#bridge, ...this.lamps.map((lamp) => lamp.device), ...this.accessories.map((each) => each.device)];
  }

  /** All resources, or those of one type; undefined where the bridge knows no such type. */
  resources(type?: string): ClipObject[] | undefined {
    const all = [
      ...this.groups.flatMap((group) => group.resources()),
      ...this.devices.flatMap((device) => device.resources()),
      ...this.scenes.all.map((scene) => scene.resource()),
    ];
    if (type === undefined) return all;
    const found = all.filter((each) => each.type === type);
    return found.length > 0 || emptyTypes.has(type) ? found : undefined;
  }

  /** The groups whose state differs from what was told last; they count as told from here on. */
  takeGroupUpdates(): ResourceUpdate[] {
    return this.groups.flatMap((group) => group.takeUpdates());
  }

  lampNamed(name: string): Lamp {
    return found(this.lamps, (lamp) => lamp.name === name, name);
  }

  /** A room or zone by its name; `home` is the whole. */
  groupNamed(name: string): Group {
    return name === 'home' ? this.home : found(this.groups, (group) => group.name === name, name);
  }

  sceneNamed(name: string): Scene {
    return found(this.scenes.all, (scene) => scene.name === name, name);
  }

  /** The room of this name, made where there is none. */
  room(name: string): Group {
    const known = this.rooms.find((room) => room.name === name);
    if (known) return known;
    const inside = ({ device }: { device: Device }): boolean => this.#places.get(device) === room;
    const room: Group = new Group(
      {
        type: 'room',
        name,
        idV1: this.#nextGroup(),
        lamps: () => this.lamps.filter(inside),
        sensors: () => this.#sensors().filter(inside),
        children: () => this.devices.filter((device) => inside({ device })),
      },
      this.#options.random,
    );
    this.rooms.push(room);
    return room;
  }

  /** Where a device is; undefined where it has no room. */
  roomOf(device: Device): Group | undefined {
    return this.#places.get(device);
  }

  /** Moves a device into a room, or out of all. */
  place(device: Device, room: Group | undefined): void {
    if (room) this.#places.set(device, room);
    else this.#places.delete(device);
  }

  rename(device: Device, name: string): void {
    const lamp = this.lamps.find((each) => each.device === device);
    for (const update of lamp ? lamp.rename(name) : [device.rename(name)]) this.#options.announcer.update(update);
  }

  close(): void {
    this.#timers.cancelAll();
    this.lights.close();
  }

  #put(device: Device | undefined, room: string): void {
    if (device) this.place(device, this.room(room));
  }

  #addZone({ name, lamps }: ZoneDescription): void {
    const members = lamps.map((lamp) => this.lampNamed(lamp));
    const present = (): Lamp[] => members.filter((lamp) => this.lamps.includes(lamp));
    const description = {
      type: 'zone',
      name,
      idV1: this.#nextGroup(),
      lamps: present,
      sensors: () => [],
      children: () => present().map(({ lightId }) => ({ id: lightId, type: 'light' })),
    } as const;
    this.zones.push(new Group(description, this.#options.random));
  }

  #nextGroup(): string {
    return `/groups/${this.rooms.length + this.zones.length + 1}`;
  }

  #sensors(): MotionSensor[] {
    return this.accessories.filter((each) => each instanceof MotionSensor);
  }
}

/** Types with an empty list rather than a 404 where the home has none (README.md, "Resources"). */
const emptyTypes = new Set(['light', 'zigbee_connectivity']);

function bridgeDevice({ bridgeId, bridgeName, random }: HouseOptions): Device {
  const product = { modelId: 'BSB002', productName: 'Hue Bridge', archetype: 'bridge_v2', software: '1.78.1978074000' };
  const device = new Device({ name: bridgeName, product, identifies: true }, random);
  const id = uuid(random);
  const resource = (): ClipObject => ({
    bridge_id: bridgeId.toLowerCase(),
    id,
    owner: device.reference,
    time_zone: { time_zone: 'Europe/Amsterdam' },
    type: 'bridge',
  });
  device.services.push({ id, type: 'bridge', resource });
  return device;
}

function found<T>(all: readonly T[], fits: (each: T) => boolean, wanted: string): T {
  const one = all.find(fits);
  if (one === undefined) throw new Error(`The simulated home has no ${wanted}.`);
  return one;
}
