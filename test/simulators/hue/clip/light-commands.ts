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
  return inVain ? obeyInVain(house, lamp, wish) : obey(house, lamp, { wish, duration });
}

/** A group passes on what each lamp can do; the bridge does not complain about the others (README.md, "Groups"). */
export function commandGroup(house: House, lamps: readonly Lamp[], command: LightCommand & { inVain: boolean }): void {
  const reachable = lamps.filter((lamp) => lamp.state.reachable);
  if (command.shows) for (const lamp of reachable) lamp.device.identified += 1;
  if (command.inVain) for (const lamp of reachable) house.lights.commandInVain(lamp, supported(lamp, command.wish));
  else {
    const wishes = reachable.map((lamp) => ({ lamp, wish: supported(lamp, command.wish) }));
    house.lights.commandAll(wishes, command.duration);
  }
}

/** Gives a command to a lamp as far as it can follow, and tells what stood in its way. */
function obey(house: House, lamp: Lamp, { wish, duration }: { wish: LampWish; duration: number }): CommandError[] {
  const possible = supported(lamp, wish);
  const refused = asked(wish)
    .filter((attribute) => !lamp.has(attribute))
    .map((attribute) => notSupported(lamp, attributePaths[attribute]));
  if (!lamp.state.reachable) return [...refused, ...mayNotWork(lamp, asked(possible), 'has communication issues', 'communication_error')];
  house.lights.command(lamp, possible, duration);
  if (lamp.state.on) return refused;
  const unseen = asked(possible).filter((attribute) => attribute !== 'on');
  return [...refused, ...mayNotWork(lamp, unseen, 'is "soft off"', 'attribute_may_have_no_effect')];
}

function obeyInVain(house: House, lamp: Lamp, wish: LampWish): CommandError[] {
  house.lights.commandInVain(lamp, supported(lamp, wish));
  return [];
}

/** An effect that the lamp plays; to end one, one must be playing. */
const effectIsPossible = (lamp: Lamp, effect: string): boolean =>
  !lamp.has('effect') || (lamp.plays(effect) && (effect !== 'no_effect' || lamp.state.effect !== 'no_effect'));

const effectRefused = (lamp: Lamp): CommandError => clientError(`invalid attribute value (.effects.effect) for resource ${lamp.lightId}`);

const clientError = (description: string): CommandError => ({ description, error_code: 'client_error' });

const notSupported = (lamp: Lamp, path: string): CommandError =>
  clientError(`attribute (${path}) is not supported by resource ${lamp.lightId}`);

const mayNotWork = (lamp: Lamp, attributes: LampAttribute[], why: string, error_code: CommandError['error_code']): CommandError[] =>
  attributes.map((attribute) => ({
    description: `device (light) ${lamp.lightId} ${why}, command (${attributePaths[attribute]}) may not have effect`,
    error_code,
  }));

const asked = (wish: LampWish): LampAttribute[] => Object.keys(wish) as LampAttribute[];

const supported = (lamp: Lamp, wish: LampWish): LampWish =>
  Object.fromEntries(Object.entries(wish).filter(([attribute]) => lamp.has(attribute as LampAttribute)));
