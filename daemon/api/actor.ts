/** Who asked. Every call that changes something names one; it is audited, and shown as the answer to "why?". */
export interface Actor {
  kind: 'panel' | 'mqtt' | 'cli' | 'device' | 'system';
  /** A name within the kind: a user, a client id, a device id. */
  name: string;
}

/** The actor in one word, as it stands in the audit. */
export const nameOf = ({ kind, name }: Actor): string => `${kind}:${name}`;
