import { isIP } from 'node:net';
import { RoomtoneError } from '../../../api/errors.ts';

/** Candidates of one description that are looked at; a phone has a handful. */
const MOST_CANDIDATES = 32;

/** One `m=` section. */
interface Section {
  kind: string;
  mid: string;
  lines: string[];
}

/**
 * An offer as we answer it: one camera and one microphone at most, both in one bundle, encrypted. Candidates that lead out
 * of the house or to a name are taken out, and so is the rotation of pictures in the receiver (3GPP TS 26.114 7.4.5): a sender
 * that is not offered it sends them upright.
 * @throws RoomtoneError `phone.bad_offer` where it is no SDP offer, `phone.unusable_offer` where it is none for us (RFC 9725, 4.2)
 */
export function acceptableOffer(sdp: string): string {
  const { session, sections } = parse(sdp);
  if (!session.some((line) => line === 'v=0') || sections.length === 0) throw badOffer('it is not a session description with media');
  for (const { kind, mid, lines } of sections) {
    if (kind !== 'audio' && kind !== 'video') throw unusable(`it offers ${kind.slice(0, 40)}; only audio and video are taken`);
    if (lines.some((line) => line === 'a=recvonly' || line === 'a=inactive')) throw unusable(`its ${kind} would not be sent`);
    if (mid === '') throw unusable(`its ${kind} has no a=mid`);
    const has = (name: string): boolean => [...session, ...lines].some((line) => line.startsWith(`a=${name}:`));
    for (const name of ['ice-ufrag', 'ice-pwd', 'fingerprint']) if (!has(name)) throw unusable(`it has no a=${name}`);
  }
  for (const kind of ['audio', 'video']) {
    if (sections.filter((section) => section.kind === kind).length > 1) throw unusable(`it offers more than one ${kind} track`);
  }
  if (sections.length > 1 && !bundles(session, sections)) throw unusable('its media are not in one bundle');
  return join({ session, sections: sections.map(withoutUnwanted) });
}

/** The answer as it leaves: with the candidates of the addresses that may be told, or with all where `addresses` is null. */
export function tellableAnswer(sdp: string, addresses: ReadonlySet<string> | null): string {
  const isTellable = (line: string): boolean => !line.startsWith('a=candidate:') || addresses === null || addresses.has(addressOf(line));
  return sdp.split('\r\n').filter(isTellable).join('\r\n');
}

/** Whether any of the media of an answer will flow. */
export const takesMedia = (answer: string): boolean => parse(answer).sections.some(({ lines }) => lines.includes('a=recvonly'));

/** What a `PATCH` brings (RFC 8840, section 9): candidates, or the credentials of another ICE session. */
export interface Fragment {
  ufrag: string;
  pwd: string;
  /** In the order in which they stand; `candidate` without the `a=`. */
  candidates: { mid: string; candidate: string }[];
}

/**
 * @throws RoomtoneError `phone.bad_fragment`
 */
export function parseFragment(text: string): Fragment {
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  if (!lines.every((line) => /^[am]=/.test(line))) throw badFragment('it holds other lines than a= and m=');
  const value = (name: string): string => lines.find((line) => line.startsWith(`a=${name}:`))?.slice(name.length + 3) ?? '';
  const fragment: Fragment = { ufrag: value('ice-ufrag'), pwd: value('ice-pwd'), candidates: [] };
  if (fragment.ufrag === '' || fragment.pwd === '') throw badFragment('it names no a=ice-ufrag and a=ice-pwd');
  let mid = '';
  for (const line of lines) {
    if (line.startsWith('a=mid:')) mid = line.slice('a=mid:'.length);
    if (line.startsWith('a=candidate:') && isFromHere(line)) fragment.candidates.push({ mid, candidate: line.slice('a='.length) });
  }
  fragment.candidates.length = Math.min(fragment.candidates.length, MOST_CANDIDATES);
  return fragment;
}

/** An earlier offer, made again for the ICE session that a fragment begins. */
export function restartedOffer(offer: string, { ufrag, pwd, candidates }: Fragment): string {
  const { session, sections } = parse(offer);
  const fresh = (line: string): string[] => {
    if (line.startsWith('a=candidate:') || line === 'a=end-of-candidates') return [];
    if (line.startsWith('a=ice-ufrag:')) return [`a=ice-ufrag:${ufrag}`];
    return line.startsWith('a=ice-pwd:') ? [`a=ice-pwd:${pwd}`] : [line];
  };
  const renewed = sections.map((section, index) => {
    const own = candidates.filter(({ mid }) => mid === section.mid || (mid === '' && index === 0));
    return { ...section, lines: [...section.lines.flatMap(fresh), ...own.map(({ candidate }) => `a=${candidate}`)] };
  });
  return join({ session: session.flatMap(fresh), sections: renewed });
}

/** What the other side must know of the ICE session that an answer is of. */
export function fragmentOf(answer: string): string {
  const [first] = parse(answer).sections;
  if (!first) return '';
  const told = ['a=ice-ufrag:', 'a=ice-pwd:', 'a=mid:', 'a=candidate:', 'a=end-of-candidates'];
  const lines = first.lines.filter((line, index) => index === 0 || told.some((start) => line.startsWith(start)));
  const ofSession = (line: string): boolean => line.startsWith('a=ice-');
  return [...lines.filter(ofSession), ...lines.filter((line) => !ofSession(line)), ''].join('\r\n');
}

/** The ICE user name of a description; empty where it has none. */
export const ufragOf = (sdp: string): string => /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1] ?? '';

function parse(sdp: string): { session: string[]; sections: Section[] } {
  const session: string[] = [];
  const sections: Section[] = [];
  for (const line of sdp.split(/\r?\n/)) {
    if (line === '') continue;
    if (line.startsWith('m=')) sections.push({ kind: line.slice(2).split(' ', 1)[0] ?? '', mid: '', lines: [line] });
    else (sections.at(-1)?.lines ?? session).push(line);
  }
  for (const section of sections) section.mid = section.lines.find((line) => line.startsWith('a=mid:'))?.slice('a=mid:'.length) ?? '';
  return { session, sections };
}

const join = ({ session, sections }: ReturnType<typeof parse>): string =>
  `${[...session, ...sections.flatMap(({ lines }) => lines)].join('\r\n')}\r\n`;

function bundles(session: readonly string[], sections: readonly Section[]): boolean {
  const group =
    session
      .find((line) => line.startsWith('a=group:BUNDLE '))
      ?.split(' ')
      .slice(1) ?? [];
  return sections.every(({ mid }) => group.includes(mid));
}

function withoutUnwanted(section: Section): Section {
  let candidates = 0;
  const isWanted = (line: string): boolean => {
    if (line.includes('urn:3gpp:video-orientation')) return false;
    return !line.startsWith('a=candidate:') || (isFromHere(line) && ++candidates <= MOST_CANDIDATES);
  };
  return { ...section, lines: section.lines.filter(isWanted) };
}

/** RFC 8839, 5.1: `candidate:foundation component transport priority address port typ ...`. One that a server told, or a name to be looked up, would lead us out. */
function isFromHere(line: string): boolean {
  const [, , transport = '', , address = '', , , type] = line.split(' ');
  return transport.toLowerCase() === 'udp' && type === 'host' && isIP(address) !== 0;
}

const addressOf = (line: string): string => line.split(' ')[4] ?? '';

const badOffer = (what: string) => new RoomtoneError('phone.bad_offer', { params: { what } });
const unusable = (what: string) => new RoomtoneError('phone.unusable_offer', { params: { what } });
const badFragment = (what: string) => new RoomtoneError('phone.bad_fragment', { params: { what } });
