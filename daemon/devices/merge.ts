import type { Command } from './command.ts';
import type { AttributeName, Attributes } from './device.ts';

/** What only shows while a lamp is on. */
export const LIGHT_ATTRIBUTES = ['brightness', 'colorTemperature', 'color', 'effect'] as const satisfies readonly AttributeName[];

/**
 * Newest wins per attribute. A lamp shows a white or a color, so the newer of the two replaces the other; and what is to
 * be switched off gets no light attribute along with it.
 */
export function mergeAttributes(older: Attributes, newer: Attributes): Attributes {
  const merged: Attributes = { ...older, ...newer };
  if (newer.color && !newer.colorTemperature) delete merged.colorTemperature;
  if (newer.colorTemperature && !newer.color) delete merged.color;
  if (merged.on === false) for (const name of LIGHT_ATTRIBUTES) delete merged[name];
  return merged;
}

/** One command for two that waited together: the newer one's id and transition, and the causes of both. */
export function mergeCommands(older: Command, newer: Command): Command {
  const trigger = newer.trigger ?? older.trigger;
  return {
    ...newer,
    attributes: mergeAttributes(older.attributes, newer.attributes),
    cause: [...new Set([...older.cause, ...newer.cause])],
    ...(trigger === undefined ? {} : { trigger }),
  };
}

/** The command without these attributes, or undefined if nothing is left of it. */
export function without(command: Command, names: Iterable<AttributeName>): Command | undefined {
  const attributes = { ...command.attributes };
  for (const name of names) delete attributes[name];
  return Object.keys(attributes).length > 0 ? { ...command, attributes } : undefined;
}
