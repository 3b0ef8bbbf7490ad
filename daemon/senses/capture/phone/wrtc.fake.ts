import type { I420, PeerConnection, SoundBlock, Track, Wrtc } from './wrtc.ts';

/** Stands where the native library would: its connections do what a test says. */
export class FakeWrtc {
  readonly connections: FakeConnection[] = [];

  load(): Promise<Wrtc> {
    const { connections } = this;
    const library = {
      RTCPeerConnection: class extends FakeConnection {
        constructor() {
          super();
          connections.push(this);
        }
      },
      nonstandard: { RTCVideoSink: FakeSink, RTCAudioSink: FakeSink },
    };
    return Promise.resolve(library as unknown as Wrtc);
  }

  /** Closed ones do not count. */
  get open(): number {
    return this.connections.filter(({ connectionState }) => connectionState !== 'closed').length;
  }
}

class FakeSink {
  onframe: ((event: { frame: I420 }) => void) | null = null;
  ondata: ((block: SoundBlock) => void) | null = null;

  constructor(track: FakeTrack) {
    track.sink = this;
  }

  stop(): void {
    this.onframe = null;
    this.ondata = null;
  }
}

interface FakeTrack extends Track {
  sink: FakeSink | null;
}

/** A connection whose other end a test plays. */
class FakeConnection implements PeerConnection {
  connectionState: PeerConnection['connectionState'] = 'new';
  readonly iceGatheringState = 'complete';
  localDescription: { sdp: string } | null = null;
  ontrack: PeerConnection['ontrack'] = null;
  onconnectionstatechange: (() => void) | null = null;
  onicegatheringstatechange: (() => void) | null = null;
  readonly #tracks: FakeTrack[] = [];
  #packets = 0;

  async setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    for (const [, kind] of sdp.matchAll(/^m=(audio|video)/gm)) {
      const track: FakeTrack = { kind: kind as Track['kind'], sink: null };
      this.#tracks.push(track);
      this.ontrack?.({ track });
    }
  }

  async createAnswer(): Promise<{ type: 'answer'; sdp: string }> {
    return { type: 'answer', sdp: 'v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=recvonly\r\n' };
  }

  async setLocalDescription(description: { sdp: string }): Promise<void> {
    this.localDescription = description;
  }

  async addIceCandidate(): Promise<void> {}

  async getStats(): ReturnType<PeerConnection['getStats']> {
    return new Map([['in', { type: 'inbound-rtp', packetsReceived: this.#packets }]]);
  }

  close(): void {
    this.connectionState = 'closed';
  }

  /** The device was found, or was lost. */
  become(state: PeerConnection['connectionState']): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  /** A packet came, and nothing was decoded of it yet. */
  receive(): void {
    this.#packets++;
  }

  /** What the decoder gives, ten ms of sound at 48 kHz, with or without a packet. */
  sound(level: number): void {
    this.#sinkOf('audio')?.ondata?.({ samples: new Int16Array(480).fill(level), sampleRate: 48_000, channelCount: 1 });
  }

  picture(size: { width: number; height: number }): void {
    const pixels = size.width * size.height;
    this.#sinkOf('video')?.onframe?.({ frame: { ...size, data: new Uint8Array(pixels + 2 * Math.ceil(pixels / 4)) } });
  }

  #sinkOf(kind: Track['kind']): FakeSink | null | undefined {
    return this.#tracks.find((track) => track.kind === kind)?.sink;
  }
}
