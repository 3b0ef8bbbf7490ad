import { execFileSync } from 'node:child_process';
import wrtc from '@roamhq/wrtc';
import { shared } from './needs.ts';
import type { Answer, Call, DeviceOptions } from './whip.ts';

/** The parts of @roamhq/wrtc that send; its own types want those of a browser. */
interface Sender {
  RTCPeerConnection: new (options: { bundlePolicy: string }) => Connection;
  nonstandard: {
    RTCVideoSource: new () => { createTrack(): unknown; onFrame(frame: Picture): void };
    RTCAudioSource: new () => { createTrack(): unknown; onData(block: { samples: Int16Array; sampleRate: number }): void };
  };
}

interface Connection {
  readonly connectionState: string;
  readonly iceGatheringState: string;
  readonly localDescription: { sdp: string };
  onconnectionstatechange: (() => void) | null;
  onicegatheringstatechange: (() => void) | null;
  addTrack(track: unknown): void;
  close(): void;
  createOffer(options?: { iceRestart?: boolean }): Promise<{ type: 'offer'; sdp: string }>;
  setLocalDescription(description: { type: 'offer'; sdp: string }): Promise<void>;
  setRemoteDescription(description: { type: 'answer'; sdp: string }): Promise<void>;
  addIceCandidate(candidate: { candidate: string; sdpMLineIndex: number }): Promise<void>;
}

/** I420 */
interface Picture {
  width: number;
  height: number;
  data: Uint8Array;
}

const { RTCPeerConnection, nonstandard } = wrtc as unknown as Sender;

/** The NASA portrait of Eileen Collins, smiling, in the middle of a grey picture. */
function portrait({ width, height }: { width: number; height: number }): Picture {
  const place = `scale=${width}:${height}:force_original_aspect_ratio=decrease,pad=${width}:${height}:-1:-1:gray,format=yuv420p`;
  const data = execFileSync(
    'ffmpeg',
    ['-v', 'error', '-i', shared('media/astronaut.png'), '-vf', place, '-f', 'rawvideo', '-frames:v', '1', 'pipe:1'],
    { maxBuffer: 64 * 2 ** 20 },
  );
  return { width, height, data: new Uint8Array(data) };
}

/** Speech, 48 kHz mono, over and over. */
function speech(): Int16Array {
  const data = execFileSync(
    'ffmpeg',
    ['-v', 'error', '-i', shared('media/jfk.flac'), '-ar', '48000', '-ac', '1', '-f', 's16le', 'pipe:1'],
    {
      maxBuffer: 64 * 2 ** 20,
    },
  );
  return new Int16Array(data.buffer, data.byteOffset, data.byteLength >> 1).slice();
}

const BLOCK = 480;

/** What whip.ts starts as a process of its own. */
export class WhipClient {
  readonly #url: string;
  readonly #headers: Record<string, string>;
  readonly #video = new nonstandard.RTCVideoSource();
  readonly #audio = new nonstandard.RTCAudioSource();
  readonly #tracks: unknown[] = [];
  connection: Connection;
  #showing: NodeJS.Timeout | undefined;
  #saying: NodeJS.Timeout | undefined;
  session = '';
  etag = '';

  constructor({ url, headers, video = true, audio = true }: DeviceOptions) {
    this.#url = url;
    this.#headers = headers;
    if (audio) this.#tracks.push(this.#audio.createTrack());
    if (video) this.#tracks.push(this.#video.createTrack());
    this.connection = this.#connect();
  }

  /** Offers, and takes the answer where there is one. With `trickle` the offer goes without candidates. */
  async publish({ query = '', trickle = false } = {}): Promise<Answer> {
    const offer = await this.offer();
    const answer = await this.request('POST', `${this.#url}${query}`, {
      type: 'application/sdp',
      body: trickle ? withoutCandidates(offer) : offer,
    });
    if (answer.status !== 201) return answer;
    this.session = new URL(answer.headers.location ?? '', this.#url).href;
    this.etag = answer.headers.etag ?? '';
    await this.connection.setRemoteDescription({ type: 'answer', sdp: answer.body });
    return answer;
  }

  /** What it would offer. */
  async offer(): Promise<string> {
    await this.connection.setLocalDescription(await this.connection.createOffer());
    await this.gathered();
    return this.connection.localDescription.sdp;
  }

  /** Offers, and then does nothing about the answer. */
  async offerOnly(): Promise<Answer> {
    return this.request('POST', this.#url, { type: 'application/sdp', body: withoutCandidates(await this.offer()) });
  }

  async connected(): Promise<void> {
    await until(
      () => this.connection.connectionState === 'connected',
      (change) => {
        this.connection.onconnectionstatechange = change;
      },
    );
  }

  async gathered(): Promise<void> {
    await until(
      () => this.connection.iceGatheringState === 'complete',
      (change) => {
        this.connection.onicegatheringstatechange = change;
      },
    );
  }

  /** Sends the candidates of the current offer to the session. */
  trickle(condition: string): Promise<Answer> {
    return this.patch(fragmentOf(this.connection.localDescription.sdp), condition);
  }

  /** Begins another ICE session within the same one. */
  async restart(): Promise<Answer> {
    await this.connection.setLocalDescription(await this.connection.createOffer({ iceRestart: true }));
    await this.gathered();
    return this.patch(fragmentOf(this.connection.localDescription.sdp), '*');
  }

  patch(fragment: string, condition: string | null): Promise<Answer> {
    const headers: Record<string, string> = condition === null ? {} : { 'if-match': condition };
    return this.request('PATCH', this.session, { type: 'application/trickle-ice-sdpfrag', body: fragment, headers });
  }

  remove(): Promise<Answer> {
    return this.request('DELETE', this.session, {});
  }

  /** Lets the connection go, so that another may be published. */
  renew(): void {
    this.connection.close();
    this.connection = this.#connect();
  }

  async request(
    method: string,
    url: string,
    { type, body, headers = {} }: { type?: string; body?: string; headers?: Record<string, string> },
  ): Promise<Answer> {
    const response = await fetch(url, {
      method,
      headers: { ...this.#headers, ...(type && { 'content-type': type }), ...headers },
      ...(body !== undefined && { body }),
    });
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
  }

  /** Sends a picture so many times a second, a few pixels further each time so that something moves. */
  show({ fps = 10, ...size }: { width: number; height: number; fps?: number }): void {
    const picture = portrait(size);
    let shift = 0;
    clearInterval(this.#showing);
    this.#showing = setInterval(() => {
      shift = (shift + 2) % 8;
      const data = new Uint8Array(picture.data.length);
      data.set(picture.data.subarray(0, picture.data.length - shift * picture.width), shift * picture.width);
      data.set(picture.data.subarray(picture.width * picture.height), picture.width * picture.height);
      this.#video.onFrame({ ...picture, data });
    }, 1000 / fps);
  }

  say(): void {
    const samples = speech();
    let at = 0;
    clearInterval(this.#saying);
    this.#saying = setInterval(() => {
      this.#audio.onData({ samples: samples.slice(at, at + BLOCK), sampleRate: 48_000 });
      at = at + 2 * BLOCK > samples.length ? 0 : at + BLOCK;
    }, 10);
  }

  #connect(): Connection {
    const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    for (const track of this.#tracks) connection.addTrack(track);
    return connection;
  }
}

/** RFC 8840, section 9. */
function fragmentOf(sdp: string): string {
  const lines = sdp.split('\r\n');
  const value = (name: string) => lines.filter((line) => line.startsWith(`a=${name}`)).slice(0, 1);
  const media = lines.filter((line) => line.startsWith('m=')).slice(0, 1);
  const candidates = lines.filter((line) => line.startsWith('a=candidate:'));
  return [...value('ice-ufrag:'), ...value('ice-pwd:'), ...media, ...value('mid:'), ...candidates, 'a=end-of-candidates', ''].join('\r\n');
}

const withoutCandidates = (sdp: string): string =>
  sdp
    .split('\r\n')
    .filter((line) => !line.startsWith('a=candidate:') && line !== 'a=end-of-candidates')
    .join('\r\n');

async function until(isSo: () => boolean, watch: (change: () => void) => void): Promise<void> {
  while (!isSo()) await new Promise<void>((resolve) => watch(resolve));
}

process.once('message', (options: DeviceOptions) => {
  const client = new WhipClient(options);
  process.on('message', async ({ id, method, args }: Call) => {
    try {
      const result = await (client[method] as (...args: unknown[]) => unknown)(...args);
      process.send?.({ id, result, session: client.session, etag: client.etag });
    } catch (error) {
      process.send?.({ id, failed: String(error) });
    }
  });
});
// The native library crashes where it is left to be taken down at the end of the program.
process.on('disconnect', () => process.exit());
