import type { Device } from './device.ts';
import type { House } from './house.ts';
import { asWish, type LampDescription, type LampWish } from './lamp.ts';
import type { Announcer } from './resource.ts';

/** What a person does in the vendor's app (or what a dimmer that the bridge knows does): it looks like any other change. */
export class HueApp {
  readonly #house: House;
  readonly #announcer: Announcer;

  constructor(house: House, announcer: Announcer) {
    this.#house = house;
    this.#announcer = announcer;
  }

  /** Gives a lamp or an accessory another name. */
  rename(name: string, newName: string): void {
    this.#house.rename(this.#device(name), newName);
  }

  renameRoom(name: string, newName: string): void {
    this.#announcer.update(this.#house.groupNamed(name).rename(newName));
  }

  /** A new lamp is found by the bridge and put into a room. */
  addLamp(description: LampDescription): { id: string; deviceId: string } {
    const lamp = this.#house.lights.add(description);
    this.#announcer.add(lamp.device.resources());
    this.moveTo(description.name, description.room ?? 'Living room');
    return { id: lamp.lightId, deviceId: lamp.device.id };
  }

  /** The lamp is deleted from the bridge. */
  removeLamp(name: string): void {
    const lamp = this.#house.lampNamed(name);
    const groups = this.#house.groups.filter((group) => group.lamps.includes(lamp));
    this.#house.lights.remove(lamp);
    this.#house.place(lamp.device, undefined);
    this.#announcer.remove(lamp.device.resources());
    this.#house.scenes.lampRemoved(lamp);
    for (const group of groups) if (group.type !== 'bridge_home') this.#announcer.update(group.membersChanged());
  }

  /** Moves a lamp or an accessory into a room, which is made where there is none. */
  moveTo(name: string, roomName: string): void {
    const device = this.#device(name);
    const from = this.#house.roomOf(device) ?? this.#house.home;
    const isNew = !this.#house.rooms.some((room) => room.name === roomName);
    const room = this.#house.room(roomName);
    this.#house.place(device, room);
    if (isNew) {
      this.#announcer.add(room.resources());
      room.takeUpdates();
      this.#announcer.update(this.#house.home.membersChanged());
    } else this.#announcer.update(room.membersChanged());
    if (from !== room) this.#announcer.update(from.membersChanged());
  }

  /** Recalls a scene by its name. */
  recall(scene: string): void {
    this.#house.scenes.recall(this.#house.sceneNamed(scene));
  }

  /** Saves a scene with the lamps of a room or zone as they are now. */
  saveScene(name: string, group: string): { id: string } {
    const saved = this.#house.groupNamed(group);
    const actions = saved.lamps.map((lamp) => ({ lamp, wish: asWish(lamp.state) }));
    return { id: this.#house.scenes.create({ name, group: saved, actions }).id };
  }

  deleteScene(name: string): void {
    this.#house.scenes.remove(this.#house.sceneNamed(name));
  }

  /** Turns or dims a room, a zone or `home` at once. */
  turn(group: string, wish: LampWish): void {
    const lamps = this.#house.groupNamed(group).lamps.filter((lamp) => lamp.state.reachable);
    this.#house.lights.commandAll(
      lamps.map((lamp) => ({ lamp, wish })),
      0,
    );
  }

  #device(name: string): Device {
    const device = this.#house.devices.find((each) => each.name === name);
    if (!device) throw new Error(`The simulated home has no ${name}.`);
    return device;
  }
}
