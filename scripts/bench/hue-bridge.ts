/**
 * A Hue bridge in a process of its own, so that its clock is not held up by whoever talks to it. Its options come as JSON in
 * the first argument. It answers each message: `commands`, `states`, or a hand on a lamp.
 */
import { monotonicMs } from '../../test/simulators/hue/clock.ts';
import { type HueBridgeOptions, HueBridgeSimulator } from '../../test/simulators/hue/simulator.ts';

export type LampState = ReturnType<HueBridgeSimulator['state']>;
type LampWish = Parameters<HueBridgeSimulator['turnByHand']>[1];

/** What it says first. */
export interface BridgeAtWork {
  address: string;
  bridgeId: string;
  /** Ids of its lights. */
  lights: string[];
}

export type BridgeMessage = 'commands' | 'states' | { light: string; hand: LampWish };

export interface BridgeAnswers {
  commands: { firstByteAt: number; path: string }[];
  states: Record<string, LampState>;
  /** Requests that were more than the bridge bears. */
  rateLimitHits: number;
  /** Calls to single lamps and to groups. */
  calls: { light: number; group: number };
  /** When the event of a hand was written to the stream: ms of CLOCK_MONOTONIC. */
  at: number;
}

const options = JSON.parse(process.argv[2] ?? '{}') as HueBridgeOptions;
const bridge = new HueBridgeSimulator({ lamps: [{ kind: 'color', name: 'Lamp' }], ...options });
await bridge.start();
bridge.pressLinkButton();
process.send?.({ address: bridge.address, bridgeId: bridge.bridgeId, lights: bridge.lights.map(({ id }) => id) } satisfies BridgeAtWork);
process.on('message', (message: BridgeMessage) => process.send?.(answer(message)));
process.on('disconnect', () => process.exit());

function answer(message: BridgeMessage): Partial<BridgeAnswers> {
  if (message === 'commands') return { commands: puts('light').map(({ firstByteAt, path }) => ({ firstByteAt, path })) };
  if (message === 'states') {
    const states = Object.fromEntries(bridge.lights.map(({ id }) => [id, bridge.state(id)]));
    const calls = { light: puts('light').length, group: puts('grouped_light').length };
    return { states, rateLimitHits: bridge.rateLimitHits, calls };
  }
  const at = monotonicMs();
  bridge.turnByHand(message.light, message.hand);
  return { at };
}

function puts(type: string) {
  return bridge.requests.filter(({ method, path }) => method === 'PUT' && path.includes(`/resource/${type}/`));
}
