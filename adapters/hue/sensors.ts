import type { ButtonEvent } from '../../daemon/devices/adapter.ts';
import type { ButtonAction, Capabilities, Readings } from '../../daemon/devices/device.ts';
import type { HueButton, HueRotary, HueSense } from './resources.ts';

/** Full turns of a dial have so many steps (API reference, `relative_rotary`). */
const STEPS_PER_TURN = 1000;

/** What a press is called on either side. `initial_press` says nothing yet: it may become a press, or a hold. */
const ACTIONS: Readonly<Record<string, ButtonAction>> = {
  short_release: 'press',
  double_short_release: 'double',
  long_press: 'hold',
  repeat: 'hold',
  long_release: 'release',
};

/** What a person did with a button or dial, on a device of several. */
export type Touch = Pick<ButtonEvent, 'button' | 'action' | 'degrees'>;

/** What the resources of one device can tell, together; nothing where there is no sensor, button or dial among them. */
export function sensorCapabilities(senses: readonly HueSense[]): Capabilities {
  const tells = (...types: HueSense['type'][]): boolean => senses.some(({ type }) => types.includes(type));
  const buttons = senses.filter((each) => each.type === 'button');
  const hasDial = tells('relative_rotary');
  const actions = new Set(buttons.flatMap(({ button }) => (button?.event_values ?? []).flatMap((event) => ACTIONS[event] ?? [])));
  if (hasDial) actions.add('turn');
  const count = Math.max(0, ...buttons.map(numberOf)) + (hasDial ? 1 : 0);
  return {
    ...(tells('motion', 'camera_motion') && { occupancy: true }),
    ...(tells('light_level') && { illuminance: true }),
    ...(tells('temperature') && { temperature: true }),
    ...(tells('device_power') && { battery: true }),
    ...(count > 0 && { button: { count, actions: [...actions] } }),
  };
}

/** What it measures now; nothing while it is switched off in the Hue app, or has not measured yet. */
export function readingsOf(sense: HueSense): Readings {
  if ('enabled' in sense && sense.enabled === false) return {};
  switch (sense.type) {
    case 'motion':
    case 'camera_motion':
      return defined('occupancy', sense.motion.motion_report?.motion ?? sense.motion.motion);
    case 'light_level':
      return defined('illuminance', lux(sense.light.light_level_report?.light_level ?? sense.light.light_level));
    case 'temperature':
      return defined('temperature', sense.temperature.temperature_report?.temperature ?? sense.temperature.temperature);
    case 'device_power':
      return defined('battery', sense.power_state.battery_level);
    default:
      return {};
  }
}

/**
 * What a person did, by an update that speaks of it.
 * @param siblings buttons of the same device: a dial is counted after them
 */
export function touchOf(sense: HueButton | HueRotary, siblings: readonly HueSense[]): Touch | undefined {
  if (sense.type === 'button') {
    const action = ACTIONS[sense.button?.button_report?.event ?? sense.button?.last_event ?? ''];
    return action && { button: numberOf(sense), action };
  }
  const { rotation } = sense.relative_rotary?.rotary_report ?? sense.relative_rotary?.last_event ?? {};
  if (!rotation) return undefined;
  const button = Math.max(0, ...siblings.filter((each) => each.type === 'button').map(numberOf)) + 1;
  const degrees = (rotation.steps * 360) / STEPS_PER_TURN;
  return { button, action: 'turn', degrees: rotation.direction === 'clock_wise' ? degrees : -degrees };
}

const numberOf = ({ metadata }: HueButton): number => metadata?.control_id ?? 1;

/** `light_level` is 10,000 log10(lux) + 1 (API reference, `light_level`; openhue-api, `LightLevelGet.yaml`); 0 is no light at all. */
function lux(level: number | undefined): number | undefined {
  if (level === undefined) return undefined;
  return level <= 0 ? 0 : Math.round(10 ** ((level - 1) / 10_000) * 10) / 10;
}

const defined = <Name extends keyof Readings>(name: Name, value: Readings[Name]): Readings =>
  value === undefined ? {} : { [name]: value };
