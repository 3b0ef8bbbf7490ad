import { RoomtoneError } from '../../api/errors.ts';
import type { CameraSpec } from '../protocol.ts';
import { maskBands, type Polygon } from './mask.ts';

/** Samples a second of all sound that is read. */
export const SAMPLE_RATE = 16_000;

/** Which pictures of a stream are decoded: all, or those alone that need no other. */
export type Decoding = 'all' | 'keys';

const COMMON = ['-hide_banner', '-nostats', '-loglevel', 'error'];

/**
 * Arguments of an ffmpeg that writes frames as `FrameCutter` reads them, in real time. Of all frames it writes about `fps` a
 * second and no fewer than one; of key frames every one.
 * @throws RoomtoneError `source.unreadable` where the address is of no known kind
 */
export function videoArguments(spec: CameraSpec, decoding: Decoding = 'all'): string[] {
  return [
    ...COMMON,
    ...['-threads', '1', '-flags', 'low_delay', '-fflags', '+discardcorrupt'],
    ...(decoding === 'keys' ? ['-skip_frame', 'nokey'] : []),
    ...input({ ...spec, media: 'video' }),
    ...['-map', '0:v:0', '-vf', filters(spec, decoding), '-vsync', 'passthrough'],
    // One thread here too: with several, as many frames but one wait in the encoder, at key frames alone for a second each.
    ...['-c:v', 'rawvideo', '-pix_fmt', 'gbrp', '-threads', '1', ...dropWhenBlocked, 'pipe:1'],
  ];
}

/**
 * Arguments of an ffmpeg that writes the first audio track as signed 16-bit little-endian mono, in real time.
 * @throws RoomtoneError `source.unreadable` where the address is of no known kind
 */
export function audioArguments({ id, url }: { id: string; url: string }): string[] {
  return [
    ...COMMON,
    ...input({ id, url, media: 'audio' }),
    ...['-map', '0:a:0', '-ac', '1', '-ar', String(SAMPLE_RATE), '-f', 's16le', 'pipe:1'],
  ];
}

/**
 * ffmpeg's own queue between decoder and pipe: while we are busy and do not read, it drops frames and goes on reading the
 * camera. Without it frames would wait in the camera's socket and reach us ever later.
 */
const dropWhenBlocked = ['-f', 'fifo', '-fifo_format', 'rawvideo', '-queue_size', '1', '-drop_pkts_on_overflow', '1'];

/** The masks come first: what they cover goes into no other filter. They are drawn anew where the stream changes its size. */
function filters({ fps, width, height, masks }: CameraSpec, decoding: Decoding): string {
  return [...blackBoxes(masks), ...(decoding === 'all' ? picked(Math.max(1, fps)) : []), ...fitted(width, height)].join(',');
}

/** Beyond the bands by as much as scaling and the coarser grid of colour mix in of what lies beside: so that all within is black. */
function blackBoxes(masks: readonly Polygon[]): string[] {
  return maskBands(masks).map(({ left, top, right, bottom }) => {
    const along = (from: number, to: number, side: string): { start: string; length: string } => {
      const margin = `ceil(2+${side}/128)`;
      const start = `floor(${side}*${from.toFixed(9)})-${margin}`;
      return { start, length: `ceil(${side}*${to.toFixed(9)})+${margin}-(${start})` };
    };
    const [x, y] = [along(left, right, 'iw'), along(top, bottom, 'ih')];
    return `drawbox=x='${x.start}':y='${y.start}':w='${x.length}':h='${y.length}':color=black:thickness=fill`;
  });
}

/**
 * ffmpeg's `fps` filter would fill gaps with copies (by the million when a camera's clock jumps) and holds every frame until
 * the next one. So frames are picked by their distance in time, whichever way the clock jumped.
 */
function picked(fps: number): string[] {
  return [`select='isnan(prev_selected_t)+isnan(t)+gte(abs(t-prev_selected_t),${(0.95 / fps).toFixed(4)})'`];
}

/**
 * The picture with its proportions as they are to be shown (the pixels of old cameras are no squares), no larger than it is and
 * within the bounds, sides even. A white ruler along its top and its left edge tells its size, which may change from one frame
 * to the next; black fills the rest of a canvas whose size is always the same.
 */
function fitted(width: number, height: number): string[] {
  const [shownWidth, shownHeight] = ['iw*min(1,sar)', 'ih/max(1,sar)'];
  const factor = `min(1,min(${width}/(${shownWidth}),${height}/(${shownHeight})))`;
  // A hundredth makes up for what division loses, so that 1280 halved is 640 and not 638.
  const even = (side: string): string => `'2*max(1,trunc(${side}*${factor}/2+0.01))'`;
  return [
    `scale=w=${even(shownWidth)}:h=${even(shownHeight)}`,
    'format=gbrp',
    `pad=iw+${RULER}:ih+${RULER}:${RULER}:${RULER}:white`,
    `pad=${width + RULER}:${height + RULER}:0:0:black`,
  ];
}

/** Thickness of the rulers, px. */
export const RULER = 1;

interface Input {
  id: string;
  url: string;
  media: 'video' | 'audio';
}

/**
 * No `-timeout`: it means something else in ffmpeg 4 and 5. Silence is noticed by the freshness watchdog in any case. No frames
 * for guessing a rate that nobody asks for: that would hold back a stream's first picture by some twenty.
 */
function input({ id, url, media }: Input): string[] {
  if (isStream(url)) return ['-fpsprobesize', '0', '-rtsp_transport', 'tcp', '-allowed_media_types', media, '-i', url];
  if (/^https?:\/\//i.test(url)) return ['-protocol_whitelist', 'http,https,tcp,tls', '-i', url];
  if (url.startsWith('file:')) return ['-re', '-stream_loop', '-1', '-protocol_whitelist', 'file', '-i', url];
  if (media === 'video' && url.startsWith('/dev/')) return ['-f', 'v4l2', '-i', url];
  const kinds = media === 'video' ? 'rtsp(s)://, http(s)://, /dev/video... or file:' : 'rtsp(s)://, http(s):// or file:';
  throw new RoomtoneError('source.unreadable', { params: { source: id, what: `its address must begin with ${kinds}` } });
}

/** Whether a second program can read the source beside a first, and where from one moment to the next. */
export const isStream = (url: string): boolean => /^rtsps?:\/\//i.test(url);
