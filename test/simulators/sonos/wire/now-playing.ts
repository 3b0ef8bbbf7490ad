import type { Catalog } from '../household/media.ts';
import type { Player } from '../household/player.ts';
import { didl, streamItem, trackItem } from './didl.ts';

export interface NowPlaying {
  uri: string;
  /** 0 for streams and for nothing. */
  seconds: number;
  metadata: string;
}

const silence: NowPlaying = { uri: '', seconds: 0, metadata: '' };

/** The current track of a player. One that follows another knows only whom it follows. */
export function nowPlaying({ transport }: Player, catalog: Catalog): NowPlaying {
  const { track, kind, content } = transport;
  if (track) return { uri: track.uri, seconds: track.seconds, metadata: didl(trackItem(track, { id: '-1', parent: '-1', playing: true })) };
  if (kind === 'radio') {
    return { uri: content.uri, seconds: 0, metadata: didl(streamItem(content.uri, catalog.stationTitle(content.uri) ?? '')) };
  }
  if (kind === undefined || kind === 'queue') return silence;
  return { uri: content.uri, seconds: 0, metadata: didl(streamItem(content.uri, '')) };
}
