import { RoomtoneError } from '../../../api/errors.ts';

/** What we use of @roamhq/wrtc, the browsers' own WebRTC library (libwebrtc) for Node. */
export interface Wrtc {
  RTCPeerConnection: new (options: {
    iceServers: [];
    bundlePolicy: 'max-bundle';
    portRange?: { min: number; max: number };
  }) => PeerConnection;
  nonstandard: {
    RTCVideoSink: new (track: Track) => VideoSink;
    RTCAudioSink: new (track: Track) => AudioSink;
  };
}

/** The part of the W3C's RTCPeerConnection that answers an offer. */
export interface PeerConnection {
  readonly connectionState: 'new' | 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed';
  readonly iceGatheringState: 'new' | 'gathering' | 'complete';
  readonly localDescription: { sdp: string } | null;
  ontrack: ((event: { track: Track }) => void) | null;
  onconnectionstatechange: (() => void) | null;
  onicegatheringstatechange: (() => void) | null;
  setRemoteDescription(description: { type: 'offer'; sdp: string }): Promise<void>;
  createAnswer(): Promise<{ type: 'answer'; sdp: string }>;
  setLocalDescription(description: { type: 'answer'; sdp: string }): Promise<void>;
  addIceCandidate(candidate: { candidate: string; sdpMid: string; usernameFragment: string }): Promise<void>;
  getStats(): Promise<ReadonlyMap<string, { type: string; packetsReceived?: number }>>;
  close(): void;
}

export interface Track {
  readonly kind: 'audio' | 'video';
}

/** A picture as it was decoded. */
export interface I420 {
  width: number;
  height: number;
  /** Planes Y, U, V without padding; U and V of half the size each way, rounded up. */
  data: Uint8Array;
}

/** About 10 ms of sound. The rate may change from one block to the next. */
export interface SoundBlock {
  /** Channels interleaved. */
  samples: Int16Array;
  /** Hz */
  sampleRate: number;
  channelCount: number;
}

interface VideoSink {
  onframe: ((event: { frame: I420 }) => void) | null;
  stop(): void;
}

interface AudioSink {
  ondata: ((block: SoundBlock) => void) | null;
  stop(): void;
}

/**
 * Loads the native library, which only a hub with a phone needs.
 * @throws RoomtoneError `phone.unsupported` where it has no build for this machine
 */
export async function loadWrtc(): Promise<Wrtc> {
  try {
    return (await import('@roamhq/wrtc')).default as unknown as Wrtc;
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new RoomtoneError('phone.unsupported', { params: { what }, cause });
  }
}
