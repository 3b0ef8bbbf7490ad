import type { Observation } from '../mood/observation.ts';
import type { UpMessage } from './protocol.ts';

export interface OutboxOptions {
  /** Hands one message to the channel; calls back when it has left this process, or cannot. */
  send: (message: UpMessage, done: () => void) => void;
  /** Messages that may be under way at once. */
  window?: number;
}

/**
 * The way up to the hub. While the hub is slow to read, each source keeps one slot for observations of each modality and one for
 * its state, each role of a model one, the heartbeat one: the newest wins, so that nothing grows and nothing old is sent.
 */
export class Outbox {
  readonly #send: OutboxOptions['send'];
  readonly #window: number;
  readonly #slots = new Map<string, readonly UpMessage[]>();
  #underWay = 0;
  #dropped = 0;

  constructor({ send, window = 16 }: OutboxOptions) {
    this.#send = send;
    this.#window = window;
  }

  /** Observations that a newer one of their source replaced before they could leave. */
  get dropped(): number {
    return this.#dropped;
  }

  /** What was read in one frame or segment of one source: it leaves, or is replaced, together. */
  observations(source: string, observations: readonly Observation[]): void {
    if (observations.length === 0) return;
    const key = `observation ${source} ${observations[0]?.modality}`;
    this.#dropped += this.#slots.get(key)?.length ?? 0;
    this.#put(
      key,
      observations.map((observation) => ({ type: 'observation', observation })),
    );
  }

  /** Anything else: states, of which only the newest matters. */
  report(message: Exclude<UpMessage, { type: 'observation' }>): void {
    this.#put(keyOf(message), [message]);
  }

  #put(key: string, messages: readonly UpMessage[]): void {
    this.#slots.delete(key);
    this.#slots.set(key, messages);
    this.#flush();
  }

  #flush(): void {
    for (const [key, messages] of this.#slots) {
      if (this.#underWay >= this.#window) return;
      this.#slots.delete(key);
      for (const message of messages) {
        this.#underWay++;
        this.#send(message, () => this.#sent());
      }
    }
  }

  #sent(): void {
    this.#underWay--;
    this.#flush();
  }
}

function keyOf(message: Exclude<UpMessage, { type: 'observation' }>): string {
  if (message.type === 'source') return `source ${message.source}`;
  if (message.type === 'model') return `model ${message.role}`;
  if (message.type === 'signalled') return `signalled ${message.id}`;
  if (message.type === 'session-ended') return `ended ${message.session}`;
  return message.type;
}
