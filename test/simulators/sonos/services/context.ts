import type { Group, Household } from '../household/household.ts';
import type { Catalog } from '../household/media.ts';
import type { Player } from '../household/player.ts';
import { type Arguments, type Results, UpnpFault } from '../wire/soap.ts';
import type { ContentState } from './content.ts';

/** What an action is carried out on. */
export interface Context {
  player: Player;
  household: Household;
  catalog: Catalog;
  content: ContentState;
  arguments: Arguments;
}

/** Carries out an action, or throws UpnpFault. */
export type Handler = (context: Context) => Results;
export type Handlers = Readonly<Record<string, Handler>>;

export function text({ arguments: values }: Context, name: string): string {
  const value = values.get(name);
  if (value === undefined) throw new Error(`The simulator reads an argument ${name} that the action does not have.`);
  return value;
}

export const number = (context: Context, name: string): number => Number(text(context, name));

export const flag = (context: Context, name: string): boolean => text(context, name) === '1';

/** A whole number within bounds, both included. */
export function ranged(context: Context, name: string, [lowest, highest]: readonly [number, number]): number {
  const value = number(context, name);
  if (value < lowest || value > highest) throw new UpnpFault(402, `${name} ${value} is outside ${lowest} to ${highest}`);
  return value;
}

/** The group that the player leads; a member refuses with `code`. */
export function ledGroup({ household, player }: Context, code: number): Group {
  const group = household.groupOf(player);
  if (!group || group.coordinator !== player) throw new UpnpFault(code, `${player.name} leads no group`);
  return group;
}
