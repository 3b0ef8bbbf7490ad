import type { SimulatorClock } from '../clock.ts';
import { hex, type Random, uuid } from '../random.ts';
import type { Group } from './groups.ts';
import type { Lamp, LampWish } from './lamp.ts';
import type { Lights } from './lights.ts';
import { type Announcer, type ClipObject, type ResourceUpdate, referenceTo } from './resource.ts';

export interface SceneAction {
  lamp: Lamp;
  wish: LampWish;
}

interface SceneContent {
  name: string;
  group: Group;
  actions: readonly SceneAction[];
}

interface ScenesOptions {
  lights: Lights;
  clock: SimulatorClock;
  random: Random;
  announcer: Announcer;
}

/** A scene as the bridge keeps it: what each lamp of a room or zone should do. */
export class Scene {
  readonly id: string;
  readonly idV1: string;
  readonly group: Group;
  actions: readonly SceneAction[];
  name: string;
  active: 'inactive' | 'static' = 'inactive';
  /** ISO 8601; absent for a scene that was never recalled. */
  lastRecall: string | undefined;

  constructor({ name, group, actions }: SceneContent, random: Random) {
    this.id = uuid(random);
    this.idV1 = `/scenes/${hex(16, random)}`;
    this.name = name;
    this.group = group;
    this.actions = actions;
  }

  resource(): ClipObject {
    return {
      actions: this.clipActions(),
      auto_dynamic: false,
      group: referenceTo(this.group),
      id: this.id,
      id_v1: this.idV1,
      last_actions_update: { source: 'clip' },
      metadata: this.metadata(),
      palette: { color: [], color_temperature: [], dimming: [], effects: [], effects_v2: [] },
      recall: {},
      speed: 0.6031746,
      status: this.status(),
      type: 'scene',
    };
  }

  clipActions(): ClipObject[] {
    return this.actions.map(({ lamp, wish }) => ({ action: clipAction(wish), target: { rid: lamp.lightId, rtype: 'light' } }));
  }

  metadata(): ClipObject {
    return { name: this.name };
  }

  status(): ClipObject {
    return { active: this.active, ...(this.lastRecall !== undefined && { last_recall: this.lastRecall }) };
  }

  update(changed: ClipObject): ResourceUpdate {
    return { id: this.id, type: 'scene', fixed: { id_v1: this.idV1 }, changed, batch: 'scene' };
  }
}

/** The scenes of a home. */
export class Scenes {
  readonly #options: ScenesOptions;
  #scenes: Scene[] = [];

  constructor(options: ScenesOptions) {
    this.#options = options;
  }

  get all(): readonly Scene[] {
    return this.#scenes;
  }

  /** A scene that was there from the beginning, so that nobody is told of it. */
  found(content: SceneContent): Scene {
    const scene = new Scene(content, this.#options.random);
    this.#scenes.push(scene);
    return scene;
  }

  create(content: SceneContent): Scene {
    const scene = this.found(content);
    this.#options.announcer.add([scene.resource()]);
    return scene;
  }

  remove(scene: Scene): void {
    this.#scenes = this.#scenes.filter((each) => each !== scene);
    this.#options.announcer.remove([scene.resource()]);
  }

  rename(scene: Scene, name: string): void {
    scene.name = name;
    this.#options.announcer.update(scene.update({ metadata: scene.metadata() }));
  }

  /** Its lamps change as by one command, it is the active one of its group. `brightness` (%) stands in for that of the scene. */
  recall(scene: Scene, { duration = 400, brightness }: { duration?: number; brightness?: number } = {}): void {
    const { clock, lights } = this.#options;
    const wishes = scene.actions
      .filter(({ lamp }) => lamp.state.reachable)
      .map(({ lamp, wish }) => ({ lamp, wish: brightness === undefined ? wish : { ...wish, brightness } }));
    lights.commandAll(wishes, duration);
    scene.active = 'static';
    scene.lastRecall = new Date(clock.wall()).toISOString();
    lights.tellAfterEchoes(scene.update({ status: scene.status() }));
    for (const other of this.#scenes) if (other !== scene && other.group === scene.group) this.#end(other);
  }

  /** A lamp was changed by other means: what it showed is no scene any more. */
  lampChanged(lamp: Lamp): void {
    for (const scene of this.#scenes) if (scene.actions.some((action) => action.lamp === lamp)) this.#end(scene);
  }

  lampRemoved(lamp: Lamp): void {
    for (const scene of this.#scenes.filter((each) => each.actions.some((action) => action.lamp === lamp))) {
      scene.actions = scene.actions.filter((action) => action.lamp !== lamp);
      this.#options.announcer.update(scene.update({ actions: scene.clipActions() }));
    }
  }

  #end(scene: Scene): void {
    if (scene.active === 'inactive') return;
    scene.active = 'inactive';
    this.#options.lights.tellAfterEchoes(scene.update({ status: scene.status() }));
  }
}

/** A wish as an action of a scene has it. */
function clipAction({ on, brightness, mirek, xy, effect }: LampWish): ClipObject {
  return {
    ...(xy && { color: { xy } }),
    ...(mirek !== undefined && { color_temperature: { mirek } }),
    ...(brightness !== undefined && { dimming: { brightness } }),
    ...(effect !== undefined && { effects: { effect } }),
    ...(on !== undefined && { on: { on } }),
  };
}
