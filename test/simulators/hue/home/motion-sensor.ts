import type { SimulatorClock, Timers } from '../clock.ts';
import { type Random, uuid } from '../random.ts';
import { Battery } from './battery.ts';
import { Connectivity, Device } from './device.ts';
import type { Announcer, ClipObject } from './resource.ts';

export interface AccessoryContext {
  clock: SimulatorClock;
  timers: Timers;
  random: Random;
  announcer: Announcer;
}

interface MotionReport {
  /** ISO 8601. */
  changed: string;
  motion: boolean;
}

/** From the last movement to the report that there is none, ms: 13 to 14 s in a recording. */
const quietAfter = 13_500;

const services = ['motion', 'light_level', 'temperature'] as const;
type Sensing = (typeof services)[number];

/** A motion sensor as it hangs on the wall: movement, light, temperature, battery. A test plays the room around it. */
export class MotionSensor {
  readonly kind = 'motion';
  readonly device: Device;
  readonly battery: Battery;
  readonly connectivity: Connectivity;
  /** Resource ids by type: `ids.motion`, `ids.light_level`, `ids.temperature`. */
  readonly ids: Readonly<Record<Sensing, string>>;
  readonly #context: AccessoryContext;
  readonly #enabled = new Set<Sensing>(services);
  #motion: MotionReport;
  #lightLevel: { changed: string; light_level: number };
  #temperature: { changed: string; temperature: number };
  #sensitivity = 2;
  #untilQuiet: { cancel(): void } | undefined;

  constructor(name: string, idV1: string, context: AccessoryContext) {
    const { random } = context;
    this.#context = context;
    const product = {
      modelId: 'SML003',
      productName: 'Hue motion sensor',
      archetype: 'unknown_archetype',
      hardware: '100b-11b',
      software: '2.85.1',
    };
    this.device = new Device({ name, product, idV1, identifies: true }, random);
    this.connectivity = new Connectivity(this.device, random);
    this.battery = new Battery(this.device, context);
    this.ids = { motion: uuid(random), light_level: uuid(random), temperature: uuid(random) };
    const sensing = services.map((type) => ({ id: this.ids[type], type, resource: () => this.#resource(type) }));
    this.device.services.push(this.connectivity, ...sensing, this.battery);
    const changed = this.#now();
    this.#motion = { changed, motion: false };
    this.#lightLevel = { changed, light_level: 20_000 };
    this.#temperature = { changed, temperature: 21 };
  }

  get motionReport(): MotionReport {
    return this.#motion;
  }

  /** Someone walks by: true at once, and nothing more while movement goes on; false when it has been still for 13.5 s. */
  moves(): void {
    if (!this.#enabled.has('motion')) return;
    this.#untilQuiet?.cancel();
    this.#untilQuiet = this.#context.timers.after(quietAfter, () => this.#sees(false));
    this.#sees(true);
  }

  /** The light on the sensor, lux. */
  lux(lux: number): void {
    if (!this.#enabled.has('light_level')) return;
    const light_level = lux < 1 ? 0 : Math.round(10_000 * Math.log10(lux) + 1);
    if (light_level === this.#lightLevel.light_level) return;
    this.#lightLevel = { changed: this.#now(), light_level };
    this.#tell('light_level');
  }

  /** The temperature at the sensor, degrees Celsius; it reports hundredths. */
  degrees(celsius: number): void {
    if (!this.#enabled.has('temperature')) return;
    const temperature = Math.round(celsius * 100) / 100;
    if (temperature === this.#temperature.temperature) return;
    this.#temperature = { changed: this.#now(), temperature };
    this.#tell('temperature');
  }

  /** Whether one of its senses is on, as the Hue app can choose; one that is off keeps its last report, which is not valid. */
  enable(sense: Sensing, enabled: boolean): void {
    if (this.#enabled.has(sense) === enabled) return;
    if (enabled) this.#enabled.add(sense);
    else this.#enabled.delete(sense);
    if (sense === 'motion') this.#untilQuiet?.cancel();
    this.#update(sense, { enabled });
  }

  setSensitivity(sensitivity: number): void {
    this.#sensitivity = sensitivity;
    this.#update('motion', { sensitivity: this.#sensitivityResource() });
  }

  #sees(motion: boolean): void {
    if (this.#motion.motion === motion) return;
    this.#motion = { changed: this.#now(), motion };
    this.#tell('motion');
  }

  #tell(sense: Sensing): void {
    this.#update(sense, this.#reading(sense));
  }

  #update(sense: Sensing, changed: ClipObject): void {
    this.#context.announcer.update({ id: this.ids[sense], type: sense, fixed: this.device.fixedOfService(), changed });
  }

  /** A reading stands in its report, and once more beside it, as before there were reports. */
  #reading(sense: Sensing): ClipObject {
    const valid = this.#enabled.has(sense);
    if (sense === 'motion') return { motion: { motion: this.#motion.motion, motion_report: this.#motion, motion_valid: valid } };
    if (sense === 'temperature') {
      const { temperature } = this.#temperature;
      return { temperature: { temperature, temperature_report: this.#temperature, temperature_valid: valid } };
    }
    const { light_level } = this.#lightLevel;
    return { light: { light_level, light_level_report: this.#lightLevel, light_level_valid: valid } };
  }

  #resource(sense: Sensing): ClipObject {
    return {
      enabled: this.#enabled.has(sense),
      id: this.ids[sense],
      ...this.device.fixedOfService(),
      ...this.#reading(sense),
      ...(sense === 'motion' && { sensitivity: this.#sensitivityResource() }),
      type: sense,
    };
  }

  #sensitivityResource(): ClipObject {
    return { sensitivity: this.#sensitivity, sensitivity_max: 4, status: 'set' };
  }

  #now(): string {
    return new Date(this.#context.clock.wall()).toISOString();
  }
}
