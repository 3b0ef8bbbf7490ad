import type { Actor } from '../api/actor.ts';
import type { Clock } from '../api/clock.ts';
import type { Attributes, DeviceId } from '../devices/device.ts';
import { allows, UNLIMITED } from '../devices/permissions.ts';
import type { Before } from './before.ts';
import type { Claim } from './claim.ts';
import type { DeviceDesk, Known } from './desk.ts';
import { isScene, type PersonClaims } from './person.ts';
import type { RoomAmbience } from './room.ts';
import { type Scene, sceneAttributes, transitionOf } from './scene.ts';
import { attributeNames, slotsOf } from './slots.ts';

export interface PlacingOptions {
  clock: Clock;
  people: PersonClaims;
  before: Before;
  desk: DeviceDesk;
  roomsOf: (device: DeviceId) => readonly RoomAmbience[];
  /** Nothing is left of the scene of a room. */
  onSceneOver: (room: string) => void;
}

/** Makes claims of what people do: scenes, sliders, hands and pins. */
export class Placing {
  readonly #the: PlacingOptions;
  #serial = 0;

  constructor(options: PlacingOptions) {
    this.#the = options;
  }

  /** A scene on one device, as far as it asks anything of it. */
  scene(actor: Actor, { room, scene, known }: { room: string; scene: Scene; known: Known }): void {
    const { device } = known;
    const attributes = sceneAttributes(scene, device, this.#baseOf(known));
    if (attributeNames(attributes).length === 0) return;
    const reason = { code: 'reason.scene', params: { scene: scene.name, actor: actor.name } } as const;
    const claim = { ...this.claimBy(actor, { device }), room, attributes, transition: transitionOf(scene, device) };
    this.#keepingScenes(() => this.#the.people.place({ ...claim, placedAt: this.#the.clock.wall(), reason }));
  }

  /** What was set on a device before any scene. */
  #baseOf({ device, values }: Known): Attributes {
    return { ...values, ...this.#the.before.of(device.id) };
  }

  /** A person's own values: they are where things stand from now on. */
  own(claim: Claim): void {
    this.#the.before.settle(claim.device, slotsOf(claim.attributes));
    this.#keepingScenes(() => this.#the.people.place(claim));
  }

  /** Ends the claims that are chosen. @returns the devices concerned */
  release(chosen: (claim: Claim) => boolean): DeviceId[] {
    return this.#keepingScenes(() => this.#the.people.release(chosen));
  }

  /** For one of its rooms, which it obeys if it obeys any. */
  claimBy(
    owner: Actor,
    { device, permissions = UNLIMITED }: Pick<Known, 'device'> & Partial<Known>,
  ): Pick<Claim, 'id' | 'device' | 'rung' | 'owner' | 'room' | 'confidence'> {
    const rooms = this.#the.roomsOf(device.id).map(({ plan }) => plan.id);
    const room = rooms.find((each) => allows(permissions, { room: each, rung: 'person' })) ?? rooms[0] ?? '';
    return { id: this.#nextId(), device: device.id, rung: 'person', owner, room, confidence: 1 };
  }

  /** Redraws the claims of a room's scene after the scene was edited, as far as nobody changed them since. */
  redraw(room: RoomAmbience, former: RoomAmbience | undefined): void {
    const before = former?.plan.scenes.get(room.scene ?? '');
    const scene = room.plan.scenes.get(room.scene ?? '');
    if (!before || !scene || JSON.stringify(before) === JSON.stringify(scene)) return;
    for (const known of this.#the.desk.all()) {
      const base = this.#baseOf(known);
      const drawn = (each: Scene): Attributes => sceneAttributes(each, known.device, base);
      const claim = this.#the.people.of(known.device.id).find((each) => isScene(each) && each.room === room.plan.id);
      if (!claim || JSON.stringify(claim.attributes) !== JSON.stringify(drawn(before))) continue;
      this.#the.people.amend({ ...claim, attributes: drawn(scene), transition: transitionOf(scene, known.device) });
    }
  }

  /** A scene of which a change leaves nothing is no longer in force. */
  #keepingScenes<T>(change: () => T): T {
    const before = this.#the.people.sceneRooms();
    const result = change();
    const after = this.#the.people.sceneRooms();
    for (const room of before) if (!after.has(room)) this.#the.onSceneOver(room);
    return result;
  }

  /** Unique also among claims kept from earlier runs. */
  #nextId(): string {
    this.#serial += 1;
    return `claim-${this.#the.clock.wall().toString(36)}-${this.#serial}`;
  }
}
