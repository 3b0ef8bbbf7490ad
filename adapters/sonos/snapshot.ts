import { z } from 'zod';
import type { Control, Media } from './control.ts';
import { secondsOf } from './time.ts';
import { isUpnpError } from './upnp.ts';

/**
 * What a player was before an announcement, and what the announcement made of it: whatever is neither any more when it ends is a
 * person's, and is left to them.
 */
export const snapshotSchema = z.object({
  id: z.string(),
  /** Of its group. */
  leader: z.string(),
  /** `leads`: it plays the announcement; `follows` one that does; `left` its group for it; `hushed`: it is muted meanwhile. */
  part: z.enum(['leads', 'follows', 'left', 'hushed']),
  volume: z.number(),
  mute: z.boolean(),
  /** 0..100, as loud as the announcement; absent: as it was. */
  announcedAt: z.number().optional(),
  /** Of one that led before. */
  music: z
    .object({
      uri: z.string(),
      metadata: z.string(),
      track: z.number(),
      /** Empty for a stream, which has no place to go to. */
      time: z.string(),
      isPlaying: z.boolean(),
    })
    .optional(),
});

export type Snapshot = z.infer<typeof snapshotSchema>;

/** Of a player, as it is now. @throws RoomtoneError */
export async function snapshotOf(
  control: Control,
  { leads, signal, ...common }: Pick<Snapshot, 'id' | 'leader' | 'part'> & { leads: boolean; signal: AbortSignal },
): Promise<Snapshot> {
  const [volume, mute] = await Promise.all([control.volume(signal), control.mute(signal)]);
  if (!leads) return { ...common, volume, mute };
  const [transport, { uri, metadata }, { track, time, duration }] = await Promise.all([
    control.transport(signal),
    control.media(signal),
    control.position(signal),
  ]);
  // What passes from one to the other is about to play.
  return {
    ...common,
    volume,
    mute,
    music: { uri, metadata, track, time: secondsOf(duration) ? time : '', isPlaying: (transport ?? 'playing') === 'playing' },
  };
}

/** How loud a member is again, unless somebody set it meanwhile. @throws RoomtoneError */
export async function restoreVolume({ volume, mute, part, announcedAt }: Snapshot, control: Control, signal: AbortSignal): Promise<void> {
  if (announcedAt !== undefined && Math.abs((await control.volume(signal)) - announcedAt) < 1) await control.setVolume(volume, signal);
  if (part === 'hushed' && !mute && (await control.mute(signal))) await control.setMute(false, signal);
}

export interface MusicRestore {
  control: Control;
  announcement: Media;
  /** Does a step until the player takes it. */
  insist<T>(step: () => Promise<T>): Promise<T>;
  signal: AbortSignal;
}

/** What a leader played, from where it was, unless somebody chose something else meanwhile. @throws RoomtoneError */
export async function restoreMusic({ music }: Snapshot, { control, announcement, insist, signal }: MusicRestore): Promise<void> {
  if (!music || (await insist(() => control.media(signal))).uri !== announcement.uri) return;
  await insist(() => control.load(music, signal));
  const isList = music.uri.startsWith('x-rincon-queue:');
  const seek = (unit: 'TRACK_NR' | 'REL_TIME', target: string): Promise<void> =>
    insist(() => control.seek(unit, target, signal)).catch((error: unknown) => {
      if (!NO_SUCH_PLACE.some((number) => isUpnpError(error, number))) throw error;
    });
  if (isList && music.track > 0) await seek('TRACK_NR', String(music.track));
  if (music.time && music.time !== '0:00:00') await seek('REL_TIME', music.time);
  if (music.isPlaying) await insist(() => control.play(signal));
}

/** UPnP errors of a seek: the queue may be shorter by now, or what it holds be a stream (AVTransport:1, 2.4.15). */
const NO_SUCH_PLACE = [701, 710, 711];
