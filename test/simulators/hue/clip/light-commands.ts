import type { Group } from '../home/groups.ts';
import type { House } from '../home/house.ts';
import type { Lamp, LampAttribute, LampWish } from '../home/lamp.ts';
import { attributePaths, type LightCommand } from './bodies.ts';

/** ms */
export const longestTransition = 6_000_000;

/** An entry in `errors` of an answer with status 207: the command was taken, in part or in vain. */
export interface CommandError {
  description: string;
  error_code: 'communication_error' | 'attribute_may_have_no_effect' | 'client_error';
}

/** A command to one lamp. `inVain`: the bridge is too busy, and the lamp never hears of it. */
export function commandLight(house: House, lamp: Lamp, command: LightCommand & { inVain: boolean }): CommandError[] {
  const { duration, inVain, powerup, shows, wish } = command;
  if (duration > longestTransition) return [clientError(`invalid attribute value (.dynamics.duration) for resource ${lamp.lightId}`)];
  if (wish.effect !== undefined && !effectIsPossible(lamp, wish.effect)) return [effectRefused(lamp)];
  if (powerup && !lamp.configuresPowerup) return [notSupported(lamp, '.powerup.preset')];
  if (powerup === 'custom') return [clientError(`invalid attribute value (.powerup.preset) for resource ${lamp.lightId}`)];
  if (powerup) house.lights.setPowerup(lamp, powerup);
  if (shows && lamp.state.reachable) lamp.device.identified += 1;
  if (!inVain) return obey(house, lamp, { wish, duration });
  house.lights.commandInVain(lamp, supported(lamp, wish));
  return [];
}

/**
 * A group passes on what each lamp can do, without a word about what one lacks. It warns where a lamp has no power, and where
 * its first lamp was off and stays off, whatever the others do (README.md, "Groups").
 */
export function commandGroup(house: House, group: Group, command: LightCommand & { inVain: boolean }): CommandError[] {
  const { duration, inVain, shows, wish } = command;
  const [first] = group.lamps;
  const reachable = group.lamps.filter((lamp) => lamp.state.reachable);
  const warned = { type: 'grouped_light', id: group.lightId, attributes: asked(wish) };
  const cut = reachable.length < group.lamps.length ? mayNotWork(warned, 'has communication issues', 'communication_error') : [];
  const dark = first && !first.state.on && wish.on !== true;
  if (shows) for (const lamp of reachable) lamp.device.identified += 1;
  const wishes = reachable.map((lamp) => ({ lamp, wish: supported(lamp, wish) }));
  if (inVain) for (const each of wishes) house.lights.commandInVain(each.lamp, each.wish);
  else house.lights.commandAll(wishes, duration);
  return dark ? [...cut, ...mayNotWork(warned, 'is "soft off"', 'attribute_may_have_no_effect')] : cut;
}

/** Gives a command to a lamp as far as it can follow, and tells what stood in its way. */
function obey(house: House, lamp: Lamp, { wish, duration }: { wish: LampWish; duration: number }): CommandError[] {
  const possible = supported(lamp, wish);
  const refused = asked(wish)
    .filter((attribute) => !lamp.has(attribute))
    .map((attribute) => notSupported(lamp, attributePaths[attribute]));
  const warned = { type: 'light', id: lamp.lightId, attributes: asked(possible) };
  if (!lamp.state.reachable) return [...refused, ...mayNotWork(warned, 'has communication issues', 'communication_error')];
  house.lights.command(lamp, possible, duration);
  if (lamp.state.on) return refused;
  const unseen = warned.attributes.filter((attribute) => attribute !== 'on');
  return [...refused, ...mayNotWork({ ...warned, attributes: unseen }, 'is "soft off"', 'attribute_may_have_no_effect')];
}

/** An effect that the lamp plays; to end one, one must be playing. */
const effectIsPossible = (lamp: Lamp, effect: string): boolean =>
  !lamp.has('effect') || (lamp.plays(effect) && (effect !== 'no_effect' || lamp.state.effect !== 'no_effect'));

const effectRefused = (lamp: Lamp): CommandError => clientError(`invalid attribute value (.effects.effect) for resource ${lamp.lightId}`);

const clientError = (description: string): CommandError => ({ description, error_code: 'client_error' });

const notSupported = (lamp: Lamp, path: string): CommandError =>
  clientError(`attribute (${path}) is not supported by resource ${lamp.lightId}`);

interface Warned {
  type: string;
  id: string;
  attributes: LampAttribute[];
}

const mayNotWork = ({ type, id, attributes }: Warned, why: string, error_code: CommandError['error_code']): CommandError[] =>
  attributes.map((attribute) => ({
    description: `device (${type}) ${id} ${why}, command (${attributePaths[attribute]}) may not have effect`,
    error_code,
  }));

const asked = (wish: LampWish): LampAttribute[] => Object.keys(wish) as LampAttribute[];

const supported = (lamp: Lamp, wish: LampWish): LampWish =>
  Object.fromEntries(Object.entries(wish).filter(([attribute]) => lamp.has(attribute as LampAttribute)));
