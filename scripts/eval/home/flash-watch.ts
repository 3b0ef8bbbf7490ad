import type { DeviceId } from '../../../daemon/devices/device.ts';

/** Of the full light: WCAG 2.1, 2.3.1, "general flash". */
const STEP = 0.1;
const BRIGHT = 0.8;
const SECOND = 1000;
/** Three flashes: pairs of opposing changes. */
const ALLOWED = 6;

/** Counts how often a lamp flashes more than three times within a second; light is taken as the lamp's brightness, and a change as sudden. */
export class FlashWatch {
  readonly #lamps = new Map<DeviceId, { extreme: number; rising: boolean | null; swings: number[] }>();
  breaches = 0;

  /** @param light 0..1 */
  take(device: DeviceId, light: number, at: number): void {
    const lamp = this.#lamps.get(device) ?? { extreme: light, rising: null, swings: [] };
    this.#lamps.set(device, lamp);
    const change = light - lamp.extreme;
    const goesOn = lamp.rising !== null && change > 0 === lamp.rising;
    if (goesOn) lamp.extreme = light;
    if (goesOn || Math.abs(change) < STEP || Math.min(light, lamp.extreme) >= BRIGHT) return;
    lamp.rising = change > 0;
    lamp.extreme = light;
    lamp.swings = [...lamp.swings.filter((swing) => at - swing < SECOND), at];
    if (lamp.swings.length > ALLOWED) this.breaches++;
  }
}
