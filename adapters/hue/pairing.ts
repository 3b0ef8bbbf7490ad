import type { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../daemon/api/clock.ts';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import type { AdapterContext, PairedHost, PairingRequest, PairingResult } from '../../daemon/devices/adapter.ts';
import { isSignedFor, makerRoots, trustIn } from './certificate.ts';
import { type BridgeIdentity, HueClient } from './client.ts';
import { type Credentials, HueCredentials } from './credentials.ts';
import { HUE_TIMINGS } from './session.ts';

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
export async function pair({ host, signal, onProgress }: PairingRequest, context: AdapterContext): Promise<PairingResult> {
  const { clock, log } = context;
  const { id, name, certificate } = await identify(host, clock, signal);
  const { fingerprint256 } = certificate;
  const trusts = (shown: X509Certificate): boolean => shown.fingerprint256 === fingerprint256;
  const client = new HueClient({ host, clock, answerWithin: HUE_TIMINGS.answerWithin, trusts });
  try {
    const key = await waitForKey(client, { host, clock, signal, onProgress });
    const credentials = new HueCredentials(context);
    // A bridge that is known by another address of the configuration has moved: it stays the same one.
    const known = credentials.place(id)?.host ?? host;
    credentials.set(id, { key, certificate: fingerprint256 });
    credentials.remember(id, { name, host: known, address: host });
    log.info({ event: 'hue_paired', bridge: id, signed: isSignedFor(id, certificate, makerRoots()) }, 'paired with a bridge');
    return { id, name, ...(known !== host && { host: known }) };
  } finally {
    await client.close();
  }
}

/** What the vault holds keys of. */
export function paired(context: AdapterContext): PairedHost[] {
  const credentials = new HueCredentials(context);
  return credentials.bridges().flatMap((id) => {
    const place = credentials.get(id) && credentials.place(id);
    return place ? [{ id, name: place.name, host: place.host }] : [];
  });
}

/** Leaves nothing of a bridge here, and asks it to forget us: few do, so that is said where it stays undone. */
export async function unpair(id: string, context: AdapterContext, signal: AbortSignal): Promise<void> {
  const credentials = new HueCredentials(context);
  const [known, place] = [credentials.get(id), credentials.place(id)];
  credentials.forget(id);
  if (!known || !place) return;
  const told = await tellGoodbye(place.address, { id, known, clock: context.clock, signal });
  if (!told) context.log.info({ event: 'hue_key_left', bridge: id }, 'the bridge keeps our key: remove it in the Hue app');
}

async function tellGoodbye(
  host: string,
  { id, known, clock, signal }: { id: string; known: Credentials; clock: Clock; signal: AbortSignal },
): Promise<boolean> {
  const trusts = trustIn(id, known.certificate, makerRoots());
  const client = new HueClient({ host, clock, answerWithin: HUE_TIMINGS.answerWithin, key: known.key, trusts });
  try {
    return await client.deleteKey(signal);
  } catch {
    return false;
  } finally {
    await client.close();
  }
}

async function identify(host: string, clock: Clock, signal: AbortSignal): Promise<BridgeIdentity> {
  const stranger = new HueClient({ host, clock, answerWithin: HUE_TIMINGS.answerWithin });
  return stranger.identify(signal).finally(() => stranger.close());
}

async function waitForKey(client: HueClient, { host, clock, signal, onProgress }: PairingRequest & { clock: Clock }): Promise<string> {
  const until = clock.mono() + PATIENCE_S * 1000;
  let failure: RoomtoneError | undefined;
  for (;;) {
    const secondsLeft = Math.ceil((until - clock.mono()) / 1000);
    if (secondsLeft <= 0) break;
    onProgress({ secondsLeft });
    try {
      const key = await askForKey(client, host, signal);
      if (key !== undefined) return key;
      failure = undefined;
    } catch (error) {
      // A bridge that was there a moment ago may be too busy to say.
      if (!(error instanceof RoomtoneError && error.retryable)) throw error;
      failure = error;
    }
    await aSecond(clock, signal);
  }
  throw failure ?? new RoomtoneError('hue.link_button', { params: { host, seconds: PATIENCE_S } });
}

/** Undefined while the button has not been pressed. */
async function askForKey(client: HueClient, host: string, signal: AbortSignal): Promise<string | undefined> {
  const answer = await client.createUser(DEVICE_TYPE, signal);
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
