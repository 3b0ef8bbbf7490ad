import { z } from 'zod';
import type { Clock } from '../../daemon/api/clock.ts';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import type { AdapterContext, PairingRequest, PairingResult } from '../../daemon/devices/adapter.ts';
import { HUE_TIMINGS } from './bridge.ts';
import { type BridgeIdentity, HueClient } from './client.ts';
import { HueCredentials } from './credentials.ts';

/** Seconds for the way to the bridge; a press counts for as long at the bridge itself. */
export const PATIENCE_S = 30;

/** `<application>#<device>`, at most 40 characters; the Hue app lists it by this name. */
const DEVICE_TYPE = 'roomtone#hub';

/** Error type 101 of API v1: link button not pressed. */
const LINK_BUTTON_NOT_PRESSED = 101;

const answerSchema = z.tuple([
  z.union([
    z.object({ success: z.object({ username: z.string().min(1) }) }),
    z.object({ error: z.object({ type: z.number(), description: z.string() }) }),
  ]),
]);

/**
 * Asks the bridge once a second for a key until somebody presses its link button, then keeps the key together with the
 * certificate the bridge showed: from then on nothing else is spoken to in its place. Pairing again replaces both.
 * @throws RoomtoneError `hue.link_button` when nobody pressed it in time, `hue.not_a_bridge`, `device.unreachable`, ...
 */
export async function pair({ host, signal, onProgress }: PairingRequest, { clock, vault }: AdapterContext): Promise<PairingResult> {
  const bridge = await identify(host, clock, signal);
  const client = new HueClient({ host, clock, answerWithin: HUE_TIMINGS.answerWithin, certificate: bridge.certificate });
  try {
    const key = await waitForKey(client, { host, clock, signal, onProgress });
    const credentials = new HueCredentials(vault);
    credentials.set(bridge.id, { key, certificate: bridge.certificate });
    credentials.rememberHost(host, bridge.id);
    return { id: bridge.id, name: bridge.name };
  } finally {
    await client.close();
  }
}

async function identify(host: string, clock: Clock, signal: AbortSignal): Promise<BridgeIdentity> {
  const stranger = new HueClient({ host, clock, answerWithin: HUE_TIMINGS.answerWithin });
  try {
    return await stranger.identify(signal);
  } finally {
    await stranger.close();
  }
}

async function waitForKey(client: HueClient, { host, clock, signal, onProgress }: PairingRequest & { clock: Clock }): Promise<string> {
  for (let secondsLeft = PATIENCE_S; secondsLeft > 0; secondsLeft -= 1) {
    onProgress({ secondsLeft });
    const key = await askForKey(client, host, signal);
    if (key !== undefined) return key;
    await aSecond(clock, signal);
  }
  throw new RoomtoneError('hue.link_button', { params: { host, seconds: PATIENCE_S } });
}

/** Undefined while the button has not been pressed, and while the bridge is too busy to say. */
async function askForKey(client: HueClient, host: string, signal: AbortSignal): Promise<string | undefined> {
  const answer = await client.createUser(DEVICE_TYPE, signal).catch((error: unknown) => {
    if (error instanceof RoomtoneError && error.code === 'device.rate_limited') return undefined;
    throw error;
  });
  if (answer === undefined) return undefined;
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) throw new RoomtoneError('hue.bad_answer', { params: { host, what: 'no answer to pairing' } });
  const [result] = parsed.data;
  if ('success' in result) return result.success.username;
  if (result.error.type === LINK_BUTTON_NOT_PRESSED) return undefined;
  throw new RoomtoneError('device.refused', { params: { device: host, what: result.error.description } });
}

function aSecond(clock: Clock, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = clock.after(1000, resolve);
  const stop = (): void => {
    timer.cancel();
    reject(signal.reason);
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  return promise.finally(() => signal.removeEventListener('abort', stop));
}
