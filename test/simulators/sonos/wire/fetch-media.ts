import { request } from 'node:http';

/** What a player finds at a URL. */
export interface FetchedMedia {
  url: string;
  /** Undefined where nobody answered. */
  status: number | undefined;
  contentType: string;
  bytes: number;
  /** How long it plays; undefined where it is no WAV file, the only format that is understood here. */
  seconds: number | undefined;
}

/** Gets a file as a player does before it plays it: without TLS, from a web server that anyone may ask. */
export function fetchMedia(url: string, signal: AbortSignal): Promise<FetchedMedia> {
  const nothing: FetchedMedia = { url, status: undefined, contentType: '', bytes: 0, seconds: undefined };
  return new Promise((resolve) => {
    const asking = request(url, {
      agent: false,
      signal,
      headers: { 'USER-AGENT': 'Linux UPnP/1.0 Sonos/95.0-77060 (ZPS18)', CONNECTION: 'close' },
    });
    asking.on('error', () => resolve(nothing));
    asking.on('response', async (response) => {
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of response) chunks.push(chunk as Buffer);
      } catch {
        return resolve(nothing);
      }
      const data = Buffer.concat(chunks);
      const contentType = response.headers['content-type'] ?? '';
      resolve({ url, status: response.statusCode, contentType, bytes: data.length, seconds: secondsOfWav(data) });
    });
    asking.end();
  });
}

/** Of a RIFF file with a `fmt ` and a `data` chunk (Multimedia Programming Interface and Data Specifications 1.0, 1991). */
export function secondsOfWav(data: Buffer): number | undefined {
  if (data.length < 12 || data.toString('latin1', 0, 4) !== 'RIFF' || data.toString('latin1', 8, 12) !== 'WAVE') return undefined;
  let bytesPerSecond = 0;
  for (let at = 12; at + 8 <= data.length; ) {
    const size = data.readUInt32LE(at + 4);
    const name = data.toString('latin1', at, at + 4);
    if (name === 'fmt ' && at + 20 <= data.length) bytesPerSecond = data.readUInt32LE(at + 16);
    if (name === 'data') return bytesPerSecond > 0 ? Math.min(size, data.length - at - 8) / bytesPerSecond : undefined;
    at += 8 + size + (size % 2);
  }
  return undefined;
}
