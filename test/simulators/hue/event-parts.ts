import type { ClipObject, ResourceUpdate } from './home/resource.ts';

/** The entries of an event for one resource: the power and the brightness of a lamp come as entries of their own. */
export function parts({ id, type, fixed, changed }: ResourceUpdate): ClipObject[] {
  return split(type, changed).map((part) => ({ ...part, ...fixed, id, type }));
}

function split(type: string, changed: ClipObject): ClipObject[] {
  if (type !== 'light') return [changed];
  const { on, dimming, ...rest } = changed;
  return [on && { on }, dimming && { dimming }, Object.keys(rest).length > 0 && rest].filter((part): part is ClipObject => Boolean(part));
}
