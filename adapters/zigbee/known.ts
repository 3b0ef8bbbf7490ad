import { z } from 'zod';
import type { StatePort } from '../../daemon/api/ports.ts';

const nodeSchema = z.object({
  /** Given by a person. */
  name: z.string().optional(),
  /** A lamp that was found to know one transition at a time. */
  oneTransition: z.boolean().optional(),
});

/** What the hub knows of a node that the node does not. */
export type KnownNode = z.infer<typeof nodeSchema>;

const STATE = 'adapters.zigbee.node.';

/** The adapter's page in the store. */
export class KnownNodes {
  readonly #state: StatePort;

  constructor(state: StatePort) {
    this.#state = state;
  }

  get(node: string): KnownNode {
    return this.#state.get(STATE + node, nodeSchema) ?? {};
  }

  note(node: string, change: KnownNode): void {
    this.#state.set(STATE + node, { ...this.get(node), ...change });
  }

  forget(node: string): void {
    this.#state.delete(STATE + node);
  }
}
