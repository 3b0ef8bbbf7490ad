import type { Clock, Timer } from '../../daemon/api/clock.ts';
import { ApiError, answerOf, NO_ANSWER } from '../api/client.ts';

export interface WhipOptions {
  fetch: typeof globalThis.fetch;
  clock: Clock;
  connect(configuration: RTCConfiguration): RTCPeerConnection;
  /** Of the WHIP endpoint */
  url: string;
  /** Absent: the session's cookie says who it is. */
  token?: string | undefined;
  /** Sessions of before that the hub may not know to be over: it would take the next one for a second device. */
  left: Set<string>;
  /** The connection was there and broke. */
  onLost(): void;
}

/** ms */
export const PATIENCE = { gather: 2000, answer: 10_000, connect: 15_000, disconnected: 4000 } as const;

/** A room is read at five pictures a second; more would only warm the device. */
const VIDEO: RTCRtpEncodingParameters = { maxBitrate: 800_000, maxFramerate: 15 };

/**
 * One publication by the WebRTC-HTTP ingestion protocol (RFC 9725): all candidates are in the offer, and a connection that broke
 * is not mended but made anew, since a hub that restarted knows nothing of the old one.
 */
export class WhipSession {
  readonly #options: WhipOptions;
  readonly #connection: RTCPeerConnection;
  readonly #over = new AbortController();
  #location: string | null = null;

  constructor(options: WhipOptions) {
    this.#options = options;
    this.#connection = options.connect({ iceServers: [], bundlePolicy: 'max-bundle' });
  }

  /**
   * Resolves once media can flow.
   * @throws ApiError what the hub answered, or `panel.no_connection`
   */
  async publish(stream: MediaStream, { takeOver }: { takeOver: boolean }): Promise<void> {
    for (const track of stream.getTracks()) {
      const sendEncodings = track.kind === 'video' ? [VIDEO] : [];
      this.#connection.addTransceiver(track, { direction: 'sendonly', streams: [stream], sendEncodings });
    }
    await this.#connection.setLocalDescription(await this.#connection.createOffer());
    await this.#gathered();
    await this.#tellLeft();
    const answer = await this.#offer(takeOver);
    this.#over.signal.throwIfAborted();
    await this.#connection.setRemoteDescription({ type: 'answer', sdp: answer });
    await this.#connected();
    this.#watch();
  }

  /** Ends it on both sides; the hub hears of it even while the page goes away. */
  close(): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    this.#connection.close();
    this.#leave();
  }

  async #offer(takeOver: boolean): Promise<string> {
    // Not aborted by close(): only the answer tells what there is to delete.
    const response = await this.#send(takeOver ? `${this.#options.url}?takeOver=true` : this.#options.url, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp' },
      body: this.#connection.localDescription?.sdp ?? '',
      signal: AbortSignal.timeout(PATIENCE.answer),
    });
    const answer = await answerOf(response);
    this.#location = response.headers.get('location');
    if (this.#over.signal.aborted) this.#leave();
    return String(answer);
  }

  #leave(): void {
    if (this.#location !== null) this.#options.left.add(this.#location);
    // What the hub does not hear now it hears before the next offer, or notices by itself, in seconds.
    this.#tellLeft().catch(() => {});
  }

  async #tellLeft(): Promise<void> {
    const { left } = this.#options;
    const tell = async (location: string): Promise<void> => {
      await this.#send(location, { method: 'DELETE', keepalive: true, signal: AbortSignal.timeout(PATIENCE.answer) });
      left.delete(location);
    };
    await Promise.all([...left].map(tell));
  }

  async #send(url: string, init: RequestInit): Promise<Response> {
    const { token } = this.#options;
    const headers = { ...init.headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
    try {
      return await this.#options.fetch(url, { ...init, headers });
    } catch (cause) {
      throw new ApiError({ code: NO_ANSWER, status: 0, cause });
    }
  }

  async #gathered(): Promise<void> {
    await this.#until('icegatheringstatechange', PATIENCE.gather, () => this.#connection.iceGatheringState === 'complete');
  }

  async #connected(): Promise<void> {
    const isDecided = (): boolean => ['connected', 'failed', 'closed'].includes(this.#connection.connectionState);
    await this.#until('connectionstatechange', PATIENCE.connect, isDecided);
    if (this.#connection.connectionState !== 'connected') throw new ApiError({ code: 'panel.no_connection', status: 0 });
  }

  /** Resolves once it `is` so, or after `patience` ms. @throws AbortError after close() */
  async #until(event: string, patience: number, is: () => boolean): Promise<void> {
    const { signal } = this.#over;
    const listening = new AbortController();
    signal.throwIfAborted();
    let timer: Timer | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const look = (): void => {
          if (is()) resolve();
        };
        timer = this.#options.clock.after(patience, resolve);
        this.#connection.addEventListener(event, look, { signal: listening.signal });
        signal.addEventListener('abort', () => reject(signal.reason), { signal: listening.signal });
        look();
      });
    } finally {
      timer?.cancel();
      listening.abort();
    }
  }

  /** `disconnected` may pass; a closed transport is the hub hanging up. */
  #watch(): void {
    let patience: Timer | undefined;
    const { signal } = this.#over;
    const lose = (): void => {
      patience?.cancel();
      if (!signal.aborted) this.#options.onLost();
    };
    const look = (): void => {
      patience?.cancel();
      const { connectionState } = this.#connection;
      if (connectionState === 'failed' || connectionState === 'closed') lose();
      else if (connectionState === 'disconnected') patience = this.#options.clock.after(PATIENCE.disconnected, lose);
    };
    this.#connection.addEventListener('connectionstatechange', look, { signal });
    const transport = this.#connection.getSenders()[0]?.transport;
    transport?.addEventListener('statechange', () => transport.state === 'closed' && lose(), { signal });
    signal.addEventListener('abort', () => patience?.cancel());
    look();
  }
}

/** Makes publications to the phone sources of this hub, one after the other. */
export function publicationsBy({ token, ...rest }: Pick<WhipOptions, 'fetch' | 'clock'> & { token?: () => string }) {
  const left = new Set<string>();
  return (source: string, onLost: () => void): WhipSession =>
    new WhipSession({
      ...{ ...rest, left, onLost, token: token?.() },
      url: `/api/sources/${encodeURIComponent(source)}/whip`,
      connect: (configuration) => new RTCPeerConnection(configuration),
    });
}
