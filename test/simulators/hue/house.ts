import { type SimulatorClock, Timers } from './clock.ts';
import { type ClipObject, Lamp, type LampDescription, type LampState, type LampWish } from './lamp.ts';
import { type Random, type Span, uuid, within } from './random.ts';

/** A change of one resource, on its way to the event stream. */
export interface ResourceUpdate {
  id: string;
  type: string;
  /** What the bridge repeats in every event of the resource: `id_v1`, `owner`, ... */
  fixed: ClipObject;
  changed: ClipObject;
}

/** The light service of a room or of the whole home. */
export interface Group {
  id: string;
  idV1: string;
  owner: { rid: string; rtype: 'room' | 'bridge_home' };
  lamps: readonly Lamp[];
}

interface Fade {
  from: LampState;
  to: LampState;
  /** ms */
  duration: number;
}

interface HouseOptions {
  bridgeId: string;
  bridgeName: string;
  lamps: readonly LampDescription[];
  clock: SimulatorClock;
  random: Random;
  /** From a change of a lamp to the moment the bridge knows it, ms. */
  echoDelay: Span;
  onUpdate: (update: ResourceUpdate) => void;
  onLampChange: () => void;
}

/** How long a lamp in a transition waits before it reports where it is, ms. */
const progressPause: Span = [14_000, 22_000];

/** From the end of a transition to the report of its target, ms. */
const settleTime = 2000;

/** The resources behind the bridge: lamps in one room, the room's and the home's groups, the bridge itself. */
export class House {
  readonly lamps: readonly Lamp[];
  readonly groups: readonly Group[];
  readonly #options: HouseOptions;
  readonly #ids: { bridge: string; bridgeDevice: string; home: string; room: string };
  readonly #timers: Timers;
  readonly #fades = new Map<Lamp, { cancel(): void }>();
  #publishedGroups: Map<string, ClipObject>;

  constructor(options: HouseOptions) {
    const { random } = options;
    this.#options = options;
    this.#timers = new Timers(options.clock);
    this.#ids = { bridge: uuid(random), bridgeDevice: uuid(random), home: uuid(random), room: uuid(random) };
    this.lamps = options.lamps.map((each, index) => new Lamp(each, index + 1, random));
    this.groups = [
      { id: uuid(random), idV1: '/groups/1', owner: { rid: this.#ids.room, rtype: 'room' }, lamps: this.lamps },
      { id: uuid(random), idV1: '/groups/0', owner: { rid: this.#ids.home, rtype: 'bridge_home' }, lamps: this.lamps },
    ];
    this.#publishedGroups = this.#groupStates();
  }

  /** All resources, or those of one type; undefined where the bridge knows no such type. */
  resources(type?: string): ClipObject[] | undefined {
    const all = [
      ...this.#bridgeResources(),
      ...this.groups.map(groupResource),
      ...this.lamps.flatMap((lamp) => [lamp.deviceResource(), lamp.lightResource(), lamp.connectivityResource()]),
    ];
    if (type === undefined) return all;
    const found = all.filter((each) => each.type === type);
    return found.length > 0 || emptyTypes.has(type) ? found : undefined;
  }

  /** A command of an application: the target is the state at once, and echoed; a long transition reports its progress later. */
  command(lamp: Lamp, wish: LampWish, duration: number): void {
    this.#stopFade(lamp);
    const from = lamp.state;
    this.#echo(lamp, lamp.change(wish));
    if (from.on && lamp.state.on) this.#reportProgress(lamp, { from, to: lamp.state, duration }, 0);
  }

  /** Another application, a dimmer switch or a scene of the Hue app changed the lamp. */
  changeByHand(lamp: Lamp, wish: LampWish): void {
    this.#stopFade(lamp);
    this.#echo(lamp, lamp.change(wish));
  }

  losePower(lamp: Lamp): void {
    this.#stopFade(lamp);
    this.#reportConnectivity(lamp, lamp.setReachable(false));
  }

  /** The lamp joins again and falls back to its power-on state, which the bridge learns a moment later. */
  regainPower(lamp: Lamp): void {
    this.#reportConnectivity(lamp, lamp.setReachable(true));
    this.#echo(lamp, lamp.powerOn());
  }

  /** The groups whose state differs from what was published last; they count as published from here on. */
  takeGroupUpdates(): ResourceUpdate[] {
    const now = this.#groupStates();
    const updates = this.groups.flatMap((group): ResourceUpdate[] => {
      const state = now.get(group.id) ?? {};
      const published = this.#publishedGroups.get(group.id) ?? {};
      const changed = Object.fromEntries(
        Object.entries(state).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(published[key])),
      );
      if (Object.keys(changed).length === 0) return [];
      return [{ id: group.id, type: 'grouped_light', fixed: { id_v1: group.idV1, owner: group.owner }, changed }];
    });
    this.#publishedGroups = now;
    return updates;
  }

  close(): void {
    this.#timers.cancelAll();
  }

  #echo(lamp: Lamp, changed: ClipObject | undefined): void {
    this.#options.onLampChange();
    if (changed) this.#timers.after(within(this.#options.echoDelay, this.#options.random), () => this.#publishLight(lamp, changed));
  }

  #report(lamp: Lamp, changed: ClipObject | undefined): void {
    this.#options.onLampChange();
    if (changed) this.#publishLight(lamp, changed);
  }

  #publishLight(lamp: Lamp, changed: ClipObject): void {
    this.#options.onUpdate({
      id: lamp.lightId,
      type: 'light',
      fixed: { id_v1: lamp.idV1, owner: lamp.owner, service_id: 0 },
      changed,
    });
  }

  #reportConnectivity(lamp: Lamp, changed: ClipObject | undefined): void {
    this.#options.onLampChange();
    if (!changed) return;
    this.#options.onUpdate({
      id: lamp.connectivityId,
      type: 'zigbee_connectivity',
      fixed: { id_v1: lamp.idV1, owner: lamp.owner },
      changed,
    });
  }

  #reportProgress(lamp: Lamp, fade: Fade, elapsed: number): void {
    const pause = within(progressPause, this.#options.random);
    const next = elapsed + pause;
    if (next < fade.duration) {
      this.#fadeStep(lamp, pause, () => {
        this.#report(lamp, lamp.change(between(fade, next / fade.duration)));
        this.#reportProgress(lamp, fade, next);
      });
    } else if (elapsed > 0) {
      this.#fadeStep(lamp, fade.duration - elapsed + settleTime, () => this.#report(lamp, lamp.change(between(fade, 1))));
    }
  }

  #fadeStep(lamp: Lamp, delay: number, step: () => void): void {
    this.#fades.set(lamp, this.#timers.after(delay, step));
  }

  #stopFade(lamp: Lamp): void {
    this.#fades.get(lamp)?.cancel();
    this.#fades.delete(lamp);
  }

  #groupStates(): Map<string, ClipObject> {
    return new Map(this.groups.map((group) => [group.id, groupState(group)]));
  }

  #bridgeResources(): ClipObject[] {
    const { bridgeId, bridgeName } = this.#options;
    const ids = this.#ids;
    const lampDevices = this.lamps.map((lamp) => lamp.owner);
    const services = (rtype: Group['owner']['rtype']) =>
      this.groups.filter((group) => group.owner.rtype === rtype).map((group) => ({ rid: group.id, rtype: 'grouped_light' }));
    return [
      {
        id: ids.bridge,
        bridge_id: bridgeId.toLowerCase(),
        owner: { rid: ids.bridgeDevice, rtype: 'device' },
        time_zone: { time_zone: 'Europe/Amsterdam' },
        type: 'bridge',
      },
      {
        id: ids.bridgeDevice,
        identify: {},
        metadata: { archetype: 'bridge_v2', name: bridgeName },
        product_data: {
          certified: true,
          manufacturer_name: 'Signify Netherlands B.V.',
          model_id: 'BSB002',
          product_archetype: 'bridge_v2',
          product_name: 'Hue Bridge',
          software_version: '1.78.1978074000',
        },
        services: [{ rid: ids.bridge, rtype: 'bridge' }],
        type: 'device',
      },
      {
        children: [{ rid: ids.bridgeDevice, rtype: 'device' }, { rid: ids.room, rtype: 'room' }, ...lampDevices],
        id: ids.home,
        id_v1: '/groups/0',
        services: services('bridge_home'),
        type: 'bridge_home',
      },
      {
        children: lampDevices,
        id: ids.room,
        id_v1: '/groups/1',
        metadata: { archetype: 'living_room', name: 'Living room' },
        services: services('room'),
        type: 'room',
      },
    ];
  }
}

/** Types with an empty list rather than a 404 where the home has none (README.md, "Resources"). */
const emptyTypes = new Set(['light', 'zigbee_connectivity']);

/** On where any lamp is on; the brightness is the mean of what the lamps that are on reported last, 0 where none is. */
function groupState(group: Group): ClipObject {
  const lit = group.lamps.map((lamp) => lamp.state).filter((state) => state.on);
  const levels = lit.flatMap((state) => state.brightness ?? []);
  const mean = levels.length > 0 ? levels.reduce((sum, each) => sum + each, 0) / levels.length : 0;
  return { on: { on: lit.length > 0 }, dimming: { brightness: Math.round(mean * 100) / 100 } };
}

function groupResource(group: Group): ClipObject {
  return {
    alert: { action_values: ['breathe'] },
    color_temperature: {},
    color_temperature_delta: {},
    dimming_delta: {},
    dynamics: {},
    id: group.id,
    id_v1: group.idV1,
    owner: group.owner,
    signaling: { signal_values: ['no_signal', 'on_off'] },
    type: 'grouped_light',
    ...groupState(group),
  };
}

/** Where a lamp is when `share` of its transition is over; colors off the white curve go straight from one to the other. */
function between({ from, to }: Fade, share: number): LampWish {
  const mix = (a: number, b: number): number => a + (b - a) * share;
  const at: LampWish = {};
  if (from.brightness !== undefined && to.brightness !== undefined) at.brightness = mix(from.brightness, to.brightness);
  if (typeof from.mirek === 'number' && typeof to.mirek === 'number') at.mirek = mix(from.mirek, to.mirek);
  else if (share === 1 && typeof to.mirek === 'number') at.mirek = to.mirek;
  else if (from.xy && to.xy) at.xy = { x: mix(from.xy.x, to.xy.x), y: mix(from.xy.y, to.xy.y) };
  return at;
}
