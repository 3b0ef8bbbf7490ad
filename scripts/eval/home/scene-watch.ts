import type { DeviceId } from '../../../daemon/devices/device.ts';
import { DIALS, type Dial, NOTICEABLE } from './unruly-lamps.ts';

/** The scene that docs/ambience.md says each mood asks for, as config/scenes.yaml has it. */
export const TARGETS: Readonly<Record<string, Readonly<Record<Dial, number>>>> = {
  tense: { brightness: 30, colorTemperature: 2200 },
  low: { brightness: 75, colorTemperature: 3000 },
  cheerful: { brightness: 90, colorTemperature: 4500 },
  calm: { brightness: 45, colorTemperature: 2700 },
  neutral: { brightness: 65, colorTemperature: 3300 },
};

/** s that a lamp may be on its way. */
const GRACE = 30;

/** How long lamps are not as the policy wants them, looked at once a second. */
export class SceneWatch {
  readonly #off = new Map<DeviceId, number>();
  /** Lamp seconds in which somebody was there and no person's hand was on the lamp. */
  seconds = 0;
  /** Of these, those of deviations that lasted longer than the grace, from their beginning. */
  wrong = 0;

  look(device: DeviceId, label: string, { value, isHeld }: { value: (dial: Dial) => number; isHeld: (dial: Dial) => boolean }): void {
    const target = TARGETS[label];
    const free = DIALS.filter((dial) => !isHeld(dial));
    if (!target || free.length === 0) {
      this.#off.delete(device);
      return;
    }
    this.seconds++;
    if (free.every((dial) => Math.abs(value(dial) - target[dial]) <= NOTICEABLE[dial])) {
      this.#off.delete(device);
      return;
    }
    const off = (this.#off.get(device) ?? 0) + 1;
    this.#off.set(device, off);
    if (off > GRACE) this.wrong += off === GRACE + 1 ? off : 1;
  }
}
