import { RoomtoneError } from '../../api/errors.ts';
import type { CameraSpec } from '../protocol.ts';

/** Samples a second of all sound that is read. */
export const SAMPLE_RATE = 16_000;

const COMMON = ['-hide_banner', '-nostats', '-loglevel', 'error'];

/**
 * Arguments of an ffmpeg that writes `width` x `height` frames as planar G, B, R bytes, in real time and at most `fps` of
 * them a second.
 * @throws RoomtoneError `source.unreadable` where the address is of no known kind
 */
export function videoArguments({ id, url, fps, width, height }: CameraSpec): string[] {
  return [
    ...COMMON,
    ...decoding,
    ...input({ id, url, media: 'video', v4l2: ['-video_size', `${width}x${height}`] }),
    ...['-map', '0:v:0', '-vf', filters({ fps, width, height }), '-r', String(fps)],
    ...['-c:v', 'rawvideo', '-pix_fmt', 'gbrp', ...dropWhenBlocked, 'pipe:1'],
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

/** One thread and no reordering delay; a picture with holes in it is worse than none. */
const decoding = ['-threads', '1', '-flags', 'low_delay', '-fflags', '+discardcorrupt'];

/**
 * ffmpeg's own queue between decoder and pipe: while we are busy and do not read, it drops frames and goes on reading the
 * camera. Without it frames would wait in the camera's socket and reach us ever later.
 */
const dropWhenBlocked = ['-f', 'fifo', '-fifo_format', 'rawvideo', '-queue_size', '1', '-drop_pkts_on_overflow', '1'];

/**
 * ffmpeg's `fps` filter would fill gaps with copies (by the million when a camera's clock jumps) and holds every frame until
 * the next one. So frames are picked by their distance in time, whichever way the clock jumped, and numbered afresh.
 */
function filters({ fps, width, height }: { fps: number; width: number; height: number }): string {
  const spacing = (0.95 / fps).toFixed(4);
  return [
    `select='isnan(prev_selected_t)+isnan(t)+gte(abs(t-prev_selected_t),${spacing})'`,
    `setpts=N/(${fps}*TB)`,
    `scale=${width}:${height}:force_original_aspect_ratio=decrease`,
    'format=gbrp',
    `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2`,
  ].join(',');
}

interface Input {
  id: string;
  url: string;
  media: 'video' | 'audio';
  v4l2?: string[];
}

/** No `-timeout`: it means something else in ffmpeg 4 and 5. Silence is noticed by the freshness watchdog in any case. */
function input({ id, url, media, v4l2 }: Input): string[] {
  if (/^rtsps?:\/\//i.test(url)) return ['-rtsp_transport', 'tcp', '-allowed_media_types', media, '-i', url];
  if (url.startsWith('file:')) return ['-re', '-stream_loop', '-1', '-protocol_whitelist', 'file', '-i', url];
  if (v4l2 && url.startsWith('/dev/')) return ['-f', 'v4l2', ...v4l2, '-i', url];
  const kinds = v4l2 ? 'rtsp://, rtsps://, /dev/video... or file:' : 'rtsp://, rtsps:// or file:';
  throw new RoomtoneError('source.unreadable', { params: { source: id, what: `its address must begin with ${kinds}` } });
}
