import type { Control, Media } from './control.ts';
import { type Item, metadataFor, parseItems } from './didl.ts';

/** Favorites, playlists and radio stations of a household (https://sonos.svrooij.io/services/content-directory). */
const CONTAINERS = [
  { container: 'FV:2', kind: 'favorite' },
  { container: 'SQ:', kind: 'playlist' },
  { container: 'R:0/0', kind: 'radio' },
] as const;
/** Items asked for at a time, and at most: a household has some dozens. */
const PAGE = 100;
const MOST = 1000;

/** @throws RoomtoneError where the player does not answer; a container that it does not have is empty */
export async function readLibrary(control: Control, signal: AbortSignal): Promise<Item[]> {
  const items: Item[] = [];
  for (const container of CONTAINERS) items.push(...(await readContainer(control, container, signal)));
  return items;
}

async function readContainer(control: Control, { container, kind }: (typeof CONTAINERS)[number], signal: AbortSignal): Promise<Item[]> {
  const items: Item[] = [];
  for (let from = 0; from < MOST; from += PAGE) {
    const page = await control.browse({ container, from, count: PAGE }, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      if (from === 0) return { didl: '', total: 0 };
      throw error;
    });
    items.push(...parseItems(page.didl, kind));
    if (from + PAGE >= page.total) break;
  }
  return items;
}

/** What a player is to play. */
export type Source = Media & Pick<Item, 'isList'>;

/** A stream without end, as the device model has it, and as Sonos does, which leaves out whether it is encrypted (SoCo's `play_uri`). */
const RADIO = /^radio:(https?:)/;
const SONOS_RADIO = 'x-rincon-mp3radio:';

/** What `favorite` means: one of the library, or an address. Undefined: nothing that could be played. */
export function sourceFor(
  favorite: string,
  { library, isSonos, heard }: { library: readonly Item[]; isSonos: boolean; heard?: ReadonlyMap<string, Source> },
): Source | undefined {
  const item = library.find(({ id }) => id === favorite) ?? heard?.get(favorite);
  if (item) return item;
  if (!/^[a-z][a-z0-9+.-]*:/i.test(favorite)) return undefined;
  const uri = favorite.replace(RADIO, isSonos ? SONOS_RADIO : '$1');
  return { uri, metadata: metadataOfAddress(uri, isSonos), isList: false };
}

function metadataOfAddress(uri: string, isSonos: boolean): string {
  if (/^x-rincon-(queue|stream)/.test(uri)) return '';
  const title = readable(uri.split('?')[0]?.split('/').at(-1) || uri).slice(0, 100);
  const kind = uri.startsWith(SONOS_RADIO) ? 'object.item.audioItem.audioBroadcast' : 'object.item.audioItem.musicTrack';
  return metadataFor({ title, id: '0', kind, ...(isSonos ? {} : { resource: { uri, type: typeOf(uri) } }) });
}

/** An address may have a percent sign of its own. */
function readable(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  wav: 'audio/wav',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
  aac: 'audio/aac',
  m4a: 'audio/mp4',
};

const typeOf = (uri: string): string => TYPES[/\.(\w+)(?:\?|$)/.exec(uri)?.[1]?.toLowerCase() ?? ''] ?? 'audio/mpeg';

/**
 * Which favorite plays, by the URI that a player tells; an address of its own where it is none of them.
 * @param asked what it was asked to play: several favorites may be one piece of music, and of a stream Sonos drops whether it is encrypted
 */
export function favoriteOf(
  { uri = '', enqueued = '' }: { uri?: string | undefined; enqueued?: string | undefined },
  { library, asked = '', isSonos }: { library: readonly Item[]; asked?: string | undefined; isSonos: boolean },
): string | undefined {
  const playing = uri.startsWith('x-rincon-queue:') && enqueued ? enqueued : uri;
  if (playing === '') return undefined;
  if (sourceFor(asked, { library, isSonos })?.uri === playing) return asked;
  return library.find((item) => item.uri === playing)?.id ?? playing.replace(SONOS_RADIO, 'radio:http:');
}
