/** Properties of a resource as CLIP v2 writes them. */
export type ClipObject = Record<string, unknown>;

export interface Reference {
  rid: string;
  rtype: string;
}

/** A change of one resource, on its way to the event stream. */
export interface ResourceUpdate {
  id: string;
  type: string;
  /** What the bridge repeats in every event of the resource: `id_v1`, `owner`, ... */
  fixed: ClipObject;
  changed: ClipObject;
  /** Changes with the same batch are entries of one event where they come in the same frame; without one each is an event of its own. */
  batch?: string;
  /** Told by itself even where the same resource changed again within the frame (a press and its release). */
  everyOne?: true;
}

/** What a part of the home has to tell those who listen to the event stream. */
export interface Announcer {
  update(update: ResourceUpdate): void;
  add(resources: readonly ClipObject[]): void;
  remove(resources: readonly ClipObject[]): void;
}

/** A resource that belongs to a device: `light`, `motion`, `button`, ... */
export interface Service {
  readonly id: string;
  readonly type: string;
  resource(): ClipObject;
}

export const referenceTo = ({ id, type }: { id: string; type: string }): Reference => ({ rid: id, rtype: type });

/** What is left of a resource in the event that tells its end. */
export const remains = ({ id, id_v1, type }: ClipObject): ClipObject => ({ id, ...(id_v1 !== undefined && { id_v1 }), type });
