import { z } from 'zod';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import type { AdapterContext, PairedHost, PairingRequest, PairingResult } from '../../daemon/devices/adapter.ts';
import { describe } from './description.ts';
import { locationOf, type SonosOptions, sonosOptions } from './options.ts';
import { UpnpClient } from './upnp.ts';

/** Seconds that a player may take to say what it is. */
export const PATIENCE_S = 10;

const PREFIX = 'adapters.sonos.added/';
const addedSchema = z.object({ name: z.string(), host: z.string() });

/** Players need no credentials: that one answers is all. @throws RoomtoneError `sonos.not_a_player`, `device.*` */
export async function pair({ host, signal }: PairingRequest, { clock, state }: AdapterContext): Promise<PairingResult> {
  if (!sonosOptions.safeParse({ players: [{ host }] }).success) throw new RoomtoneError('sonos.not_a_player', { params: { host } });
  const client = new UpnpClient({ clock, answerWithin: PATIENCE_S * 1000 });
  try {
    const { id, name } = await describe(client, locationOf(host), signal);
    state.set(PREFIX + id, { name, host });
    return { id, name };
  } finally {
    await client.close();
  }
}

export const paired = ({ state }: AdapterContext): PairedHost[] =>
  state.keys(PREFIX).flatMap((key) => {
    const added = state.get(key, addedSchema);
    return added ? [{ id: key.slice(PREFIX.length), ...added }] : [];
  });

export async function unpair(id: string, { state }: AdapterContext): Promise<void> {
  state.delete(PREFIX + id);
}

export const withHost = (options: SonosOptions, host: string): SonosOptions =>
  options.players.some((player) => player.host === host) ? options : { ...options, players: [...options.players, { host }] };

export const withoutHost = (options: SonosOptions, host: string): SonosOptions =>
  options.players.some((player) => player.host === host)
    ? { ...options, players: options.players.filter((player) => player.host !== host) }
    : options;
