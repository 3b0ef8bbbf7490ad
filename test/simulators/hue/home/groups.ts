import { type Random, uuid } from '../random.ts';
import type { Lamp } from './lamp.ts';
import type { MotionSensor } from './motion-sensor.ts';
import { type ClipObject, type ResourceUpdate, referenceTo } from './resource.ts';

/** A service that sums up what is in a room, a zone or the home. */
interface Summary {
  readonly id: string;
  readonly type: 'grouped_light' | 'grouped_motion';
  /** What a GET shows beside `state()`. */
  readonly constant: ClipObject;
  fixed(): ClipObject;
  /** What follows from its members, and is told when it changed. */
  state(): ClipObject;
}

interface GroupDescription {
  type: 'room' | 'zone' | 'bridge_home';
  /** Absent for the home. */
  name?: string;
  archetype?: string;
  idV1: string;
  /** Its lamps and sensors as they are when asked. */
  lamps: () => readonly Lamp[];
  sensors: () => readonly MotionSensor[];
  children: () => readonly { id: string; type: string }[];
}

/** A room, a zone or the whole home, with its summarizing services. */
export class Group {
  readonly id: string;
  readonly type: GroupDescription['type'];
  readonly lightId: string;
  name: string | undefined;
  readonly #description: GroupDescription;
  readonly #summaries: readonly Summary[];
  #told = new Map<string, ClipObject>();

  constructor(description: GroupDescription, random: Random) {
    this.id = uuid(random);
    this.type = description.type;
    this.name = description.name;
    this.lightId = uuid(random);
    this.#description = description;
    const { idV1, lamps, sensors } = description;
    const owner = referenceTo(this);
    const light: Summary = {
      id: this.lightId,
      type: 'grouped_light',
      constant: groupedLightConstants,
      fixed: () => ({ id_v1: idV1, owner }),
      state: () => lightState(lamps()),
    };
    const motion: Summary = {
      id: uuid(random),
      type: 'grouped_motion',
      constant: { enabled: true },
      fixed: () => ({ owner }),
      state: () => motionState(sensors()),
    };
    this.#summaries = [light, motion];
  }

  get lamps(): readonly Lamp[] {
    return this.#description.lamps();
  }

  /** The group with its services. */
  resources(): ClipObject[] {
    return [
      this.resource(),
      ...this.#services().map((each) => ({ id: each.id, type: each.type, ...each.constant, ...each.fixed(), ...each.state() })),
    ];
  }

  resource(): ClipObject {
    return {
      children: this.#children(),
      id: this.id,
      id_v1: this.#description.idV1,
      ...(this.name !== undefined && { metadata: this.#metadata() }),
      services: this.#services().map(referenceTo),
      type: this.type,
    };
  }

  rename(name: string): ResourceUpdate {
    this.name = name;
    return this.#update({ metadata: this.#metadata() });
  }

  /** To be told after something came into it or left. */
  membersChanged(): ResourceUpdate {
    return this.#update({ children: this.#children(), services: this.#services().map(referenceTo) });
  }

  /** The summaries that differ from what was told last; they count as told from here on. */
  takeUpdates(): ResourceUpdate[] {
    const now = this.#states();
    const updates = this.#services().flatMap((summary): ResourceUpdate[] => {
      const told = this.#told.get(summary.id) ?? {};
      const changed = Object.fromEntries(
        Object.entries(now.get(summary.id) ?? {}).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(told[key])),
      );
      if (Object.keys(changed).length === 0) return [];
      return [{ id: summary.id, type: summary.type, fixed: summary.fixed(), changed, batch: summary.type }];
    });
    this.#told = now;
    return updates;
  }

  /** A home without motion sensors has no motion to sum up. */
  #services(): Summary[] {
    return this.#summaries.filter(({ type }) => type === 'grouped_light' || this.#description.sensors().length > 0);
  }

  #children() {
    return this.#description.children().map(referenceTo);
  }

  #metadata(): ClipObject {
    return { archetype: this.#description.archetype ?? 'living_room', name: this.name };
  }

  #update(changed: ClipObject): ResourceUpdate {
    return { id: this.id, type: this.type, fixed: { id_v1: this.#description.idV1 }, changed };
  }

  #states(): Map<string, ClipObject> {
    return new Map(this.#services().map((summary) => [summary.id, summary.state()]));
  }
}

const groupedLightConstants: ClipObject = {
  alert: { action_values: ['breathe'] },
  color_temperature: {},
  color_temperature_delta: {},
  dimming_delta: {},
  dynamics: {},
  signaling: { signal_values: ['no_signal', 'on_off'] },
};

/** On where any lamp is on; the brightness is the mean of what the lamps that are on reported last, 0 where none is. */
function lightState(lamps: readonly Lamp[]): ClipObject {
  const lit = lamps.map((lamp) => lamp.state).filter((state) => state.on);
  const levels = lit.flatMap((state) => state.brightness ?? []);
  const mean = levels.length > 0 ? levels.reduce((sum, each) => sum + each, 0) / levels.length : 0;
  return { on: { on: lit.length > 0 }, dimming: { brightness: Math.round(mean * 100) / 100 } };
}

/** Someone moves where any sensor sees it; the stamp is that of the latest change. */
function motionState(sensors: readonly MotionSensor[]): ClipObject {
  const reports = sensors.map((sensor) => sensor.motionReport);
  const changed = reports
    .map((each) => each.changed)
    .sort()
    .at(-1);
  return { motion: { motion_report: { changed, motion: reports.some((each) => each.motion) } } };
}
