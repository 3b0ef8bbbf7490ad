import { ApiError, answerOf, NO_ANSWER } from '../api/client.ts';

export interface WhipOptions {
  fetch: typeof globalThis.fetch;
  connect(configuration: RTCConfiguration): RTCPeerConnection;
  /** Of the WHIP endpoint */
  url: string;
  /** Absent: the session's cookie says who it is. */
  token?: string | undefined;
  /** The connection was there and broke. */
  onLost(): void;
}

/** ms */
const PATIENCE = { gather: 2000, answer: 10_000, connect: 15_000, disconnected: 4000 } as const;

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
    if (this.#location === null) return;
    // What the hub does not hear it notices by itself, in seconds.
    this.#send(this.#location, { method: 'DELETE', keepalive: true }).catch(() => {});
    this.#location = null;
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
  #until(event: string, patience: number, is: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const { signal } = this.#over;
      const waiting = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
      const look = (): void => {
        if (!is()) return;
        this.#connection.removeEventListener(event, look);
        resolve();
      };
      const end = (): void => {
        this.#connection.removeEventListener(event, look);
        if (signal.aborted) reject(signal.reason);
        else resolve();
      };
      this.#connection.addEventListener(event, look);
      waiting.addEventListener('abort', end, { once: true });
      if (waiting.aborted) end();
      look();
    });
  }

  /** `disconnected` may pass; a closed transport is the hub hanging up. */
  #watch(): void {
    let patience: ReturnType<typeof setTimeout> | undefined;
    const { signal } = this.#over;
    const lose = (): void => {
      clearTimeout(patience);
      if (!signal.aborted) this.#options.onLost();
    };
    const look = (): void => {
      clearTimeout(patience);
      const { connectionState } = this.#connection;
      if (connectionState === 'failed' || connectionState === 'closed') lose();
      else if (connectionState === 'disconnected') patience = setTimeout(lose, PATIENCE.disconnected);
    };
    this.#connection.addEventListener('connectionstatechange', look, { signal });
    const transport = this.#connection.getSenders()[0]?.transport;
    transport?.addEventListener('statechange', () => transport.state === 'closed' && lose(), { signal });
    look();
  }
}

/** A publication to a phone source of this hub. */
export function publicationBy(options: Omit<WhipOptions, 'connect' | 'url'> & { source: string }): WhipSession {
  const { source, ...rest } = options;
  return new WhipSession({
    ...rest,
    url: `/api/sources/${encodeURIComponent(source)}/whip`,
    connect: (configuration) => new RTCPeerConnection(configuration),
  });
}
