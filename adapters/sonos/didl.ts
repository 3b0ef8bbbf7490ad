import type { Playing } from '../../daemon/devices/device.ts';
import { all, at, escapeXml, parseXml, textAt, type Xml } from './xml.ts';

/** Something that a player can be asked to play (ContentDirectory:1, DIDL-Lite). */
export interface Item {
  /** Such as `FV:2/13`, `SQ:3`. */
  id: string;
  title: string;
  kind: 'favorite' | 'playlist' | 'radio';
  uri: string;
  /** To be handed over with the URI; what of a favorite says how it is played. */
  metadata: string;
  /** Is put into the queue, rather than played by itself. */
  isList: boolean;
}

/** @throws Error where it cannot be read */
export function parseItems(didl: string, kind: Item['kind']): Item[] {
  if (!didl) return [];
  const root = at(parseXml(didl), 'DIDL-Lite');
  return [...all(root, 'item'), ...all(root, 'container')].flatMap((node) => {
    const [id, title, uri] = [textAt(node, 'id'), textAt(node, 'title'), textAt(node, 'res')];
    const own = textAt(node, 'resMD');
    return id && uri
      ? [{ id, title, kind, uri, metadata: own || metadataFor({ title, id, kind: classOf(node) }), isList: isList(uri, own, node) }]
      : [];
  });
}

const classOf = (node: Xml): string => textAt(node, 'class');

/** What a container holds goes into the queue, and so does a single track; a stream is played by itself. */
function isList(uri: string, metadata: string, node: Xml): boolean {
  const kind = metadata ? classIn(metadata) : classOf(node);
  return (
    kind.startsWith('object.container') ||
    /^(x-rincon-cpcontainer|x-rincon-playlist|file|x-file-cifs):/.test(uri) ||
    kind.includes('musicTrack')
  );
}

function classIn(metadata: string): string {
  try {
    const root = at(parseXml(metadata), 'DIDL-Lite');
    return classOf(all(root, 'item')[0] ?? all(root, 'container')[0] ?? '');
  } catch {
    return '';
  }
}

const NAMESPACES = [
  'xmlns:dc="http://purl.org/dc/elements/1.1/"',
  'xmlns:upnp="urn:schemas-upnp-org:metadata-1-0/upnp/"',
  'xmlns:r="urn:schemas-rinconnetworks-com:metadata-1-0/"',
  'xmlns="urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/"',
].join(' ');

/** What a player shows of what it plays. `resource`: for renderers that take the type of a file from it. */
export function metadataFor({
  title,
  id,
  kind,
  resource,
}: {
  title: string;
  id: string;
  kind: string;
  resource?: { uri: string; type: string };
}): string {
  const res = resource ? `<res protocolInfo="http-get:*:${resource.type}:*">${escapeXml(resource.uri)}</res>` : '';
  const desc = '<desc id="cdudn" nameSpace="urn:schemas-rinconnetworks-com:metadata-1-0/">RINCON_AssociatedZPUDN</desc>';
  const item = `<item id="${escapeXml(id)}" parentID="-1" restricted="true"><dc:title>${escapeXml(title)}</dc:title><upnp:class>${kind}</upnp:class>${res}${desc}</item>`;
  return `<DIDL-Lite ${NAMESPACES}>${item}</DIDL-Lite>`;
}

/** Of the metadata of a track; a radio station tells title and artist in one line. Undefined where nothing is said. */
export function parsePlaying(metadata: string): Playing | undefined {
  if (!metadata) return undefined;
  try {
    const root = at(parseXml(metadata), 'DIDL-Lite');
    const item = at(root, 'item') ?? at(root, 'container');
    const stream = textAt(item, 'streamContent');
    const [title, artist, album] = [
      stream || textAt(item, 'title'),
      textAt(item, 'creator') || textAt(item, 'artist'),
      textAt(item, 'album'),
    ];
    return title ? { title: cut(title), ...(artist && { artist: cut(artist) }), ...(album && { album: cut(album) }) } : undefined;
  } catch {
    return undefined;
  }
}

const cut = (text: string): string => text.trim().slice(0, 200);
