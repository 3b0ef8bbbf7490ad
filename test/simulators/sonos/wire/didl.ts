import { isContainer, kindOf, type Track } from '../household/media.ts';
import { attributesOf, escapeXml, parseXml, tag, type XmlElement } from './xml.ts';

const namespaces = {
  'xmlns:dc': 'http://purl.org/dc/elements/1.1/',
  'xmlns:upnp': 'urn:schemas-upnp-org:metadata-1-0/upnp/',
  'xmlns:r': 'urn:schemas-rinconnetworks-com:metadata-1-0/',
  xmlns: 'urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/',
};

export const didl = (content: string): string => `<DIDL-Lite${attributesOf(namespaces)}>${content}</DIDL-Lite>`;

/** `0:02:51`; hours have no leading zero. */
export function clockTime(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

/** Seconds of `h:mm:ss`, or undefined. */
export function secondsOf(time: string): number | undefined {
  const match = time.match(/^(\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)?$/);
  if (!match) return undefined;
  const [, hours, minutes, seconds] = match.map(Number) as [number, number, number, number];
  return minutes < 60 && seconds < 60 ? hours * 3600 + minutes * 60 + seconds : undefined;
}

export function protocolInfo(uri: string): string {
  if (isContainer(uri)) return uri.startsWith('file:') ? 'file:*:audio/mpegurl:*' : 'x-rincon-cpcontainer:*:*:*';
  if (kindOf(uri) === 'radio') return `${uri.slice(0, uri.indexOf(':'))}:*:*:*`;
  return uri.startsWith('x-sonos-spotify') ? 'sonos.com-spotify:*:audio/x-spotify:*' : 'http-get:*:audio/mpeg:*';
}

const art = (uri: string): string => tag('upnp:albumArtURI', `/getaa?s=1&u=${encodeURIComponent(uri)}`);

/** A track of the queue (`Q:0/1`) or, with the id `-1`, the one that plays. */
export function trackItem(track: Track, { id, parent, playing = false }: { id: string; parent: string; playing?: boolean }): string {
  const duration = track.seconds > 0 ? clockTime(track.seconds) : undefined;
  const resource = `<res${attributesOf({ protocolInfo: protocolInfo(track.uri), duration })}>${escapeXml(track.uri)}</res>`;
  const stream = playing ? '<r:streamContent></r:streamContent><r:radioShowMd></r:radioShowMd>' : '';
  const rest = [tag('dc:title', track.title), '<upnp:class>object.item.audioItem.musicTrack</upnp:class>'];
  if (track.artist) rest.push(tag('dc:creator', track.artist));
  if (track.album) rest.push(tag('upnp:album', track.album));
  return item({ id, parent }, resource + stream + art(track.uri) + rest.join(''));
}

/** A station as it plays: its name is in the metadata of the transport, not here. */
export function streamItem(uri: string, content: string): string {
  const resource = `<res${attributesOf({ protocolInfo: 'sonos.com-http:*:application/octet-stream:*' })}>${escapeXml(uri)}</res>`;
  const rest = [tag('r:streamContent', content), '<r:radioShowMd></r:radioShowMd>', art(uri), tag('dc:title', uri)];
  return item({ id: '-1', parent: '-1' }, `${resource}${rest.join('')}<upnp:class>object.item</upnp:class>`);
}

export const item = ({ id, parent, name = 'item' }: { id: string; parent: string; name?: 'item' | 'container' }, content: string): string =>
  `<${name}${attributesOf({ id, parentID: parent, restricted: 'true' })}>${content}</${name}>`;

/** Metadata that describes something to play, with the account that plays it. */
export function describing({ id, title, upnpClass, account }: { id: string; title: string; upnpClass: string; account: string }): string {
  const desc = `<desc id="cdudn" nameSpace="urn:schemas-rinconnetworks-com:metadata-1-0/">${escapeXml(account)}</desc>`;
  return didl(item({ id, parent: '-1' }, tag('dc:title', title) + tag('upnp:class', upnpClass) + desc));
}

/** Whether a text is DIDL-Lite with one item or container in it, and the title it has. */
export function readMetadata(text: string): { title: string | undefined } | undefined {
  let root: XmlElement;
  try {
    root = parseXml(text);
  } catch {
    return undefined;
  }
  const [entry] = root.children;
  if (root.name !== 'DIDL-Lite' || root.namespace !== namespaces.xmlns || !entry) return undefined;
  return { title: entry.children.find(({ name }) => name === 'title')?.text };
}
