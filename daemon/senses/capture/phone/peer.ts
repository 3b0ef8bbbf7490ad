import { networkInterfaces } from 'node:os';
import type { Clock } from '../../../api/clock.ts';
import { RoomtoneError } from '../../../api/errors.ts';
import { Serial } from '../../perception/serial.ts';
import type { PhoneSpec } from '../../protocol.ts';
import { acceptableOffer, fragmentOf, parseFragment, restartedOffer, takesMedia, tellableAnswer, ufragOf } from './sdp.ts';
import type { I420, PeerConnection, SoundBlock, Track, Wrtc } from './wrtc.ts';

export interface PeerOptions extends Pick<PhoneSpec, 'ports' | 'interfaces'> {
  wrtc: Wrtc;
  clock: Clock;
  onPicture: (picture: I420) => void;
  onSound: (block: SoundBlock) => void;
  /** The connection came about, or is gone for good. */
  onState: (state: 'connected' | 'gone') => void;
}

/** Our own addresses are found at once; a network that takes longer than this (ms) is left out. */
const GATHERING = 2000;

/** One device's connection: answers its offer, and hands on what it sends. Media only comes in; nothing is ever sent. */
export class Peer {
  readonly #options: PeerOptions;
  readonly #connection: PeerConnection;
  readonly #serial = new Serial();
  readonly #sinks: { stop(): void }[] = [];
  /** The offer in force. */
  #offer = '';
  #closed = false;

  constructor(options: PeerOptions) {
    const { wrtc, ports } = options;
    this.#options = options;
    this.#connection = new wrtc.RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle', ...(ports && { portRange: ports }) });
    this.#connection.ontrack = ({ track }) => this.#receive(track);
    this.#connection.onconnectionstatechange = () => this.#changed();
  }

  /** @throws RoomtoneError `phone.bad_offer`, `phone.unusable_offer` */
  answer(offer: string): Promise<string> {
    return this.#serial.run(() => this.#answer(acceptableOffer(offer)));
  }

  /**
   * Takes further candidates in, or begins another ICE session. Gives the fragment that answers it, null where nothing is to be said.
   * @throws RoomtoneError `phone.bad_fragment`
   */
  patch(text: string): Promise<string | null> {
    return this.#serial.run(async () => {
      const fragment = parseFragment(text);
      if (fragment.ufrag !== ufragOf(this.#offer)) return fragmentOf(await this.#answer(restartedOffer(this.#offer, fragment)));
      for (const { mid, candidate } of fragment.candidates) {
        await this.#connection
          .addIceCandidate({ candidate, sdpMid: mid, usernameFragment: fragment.ufrag })
          .catch((cause: unknown) => refuse('phone.bad_fragment', cause));
      }
      return null;
    });
  }

  /** RTP packets that came in so far. Decoders go on making sound when none do. */
  async received(): Promise<number> {
    if (this.#closed) return 0;
    const stats = await this.#connection.getStats();
    return [...stats.values()].reduce((sum, { type, packetsReceived = 0 }) => sum + (type === 'inbound-rtp' ? packetsReceived : 0), 0);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const sink of this.#sinks) sink.stop();
    this.#connection.ontrack = null;
    this.#connection.onconnectionstatechange = null;
    this.#connection.close();
  }

  async #answer(offer: string): Promise<string> {
    const connection = this.#connection;
    await connection.setRemoteDescription({ type: 'offer', sdp: offer }).catch((cause: unknown) => refuse('phone.bad_offer', cause));
    const answer = await connection.createAnswer();
    if (!takesMedia(answer.sdp)) throw new RoomtoneError('phone.unusable_offer', { params: { what: 'no codec of it is known here' } });
    // What it claims of its encryption shows only here.
    await connection.setLocalDescription(answer).catch((cause: unknown) => refuse('phone.bad_offer', cause));
    await this.#gathered();
    this.#offer = offer;
    return tellableAnswer(connection.localDescription?.sdp ?? '', addressesOf(this.#options.interfaces));
  }

  #gathered(): Promise<void> {
    const connection = this.#connection;
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel();
        connection.onicegatheringstatechange = null;
        resolve();
      };
      const timer = this.#options.clock.after(GATHERING, done);
      connection.onicegatheringstatechange = () => connection.iceGatheringState === 'complete' && done();
      if (connection.iceGatheringState === 'complete') done();
    });
  }

  #receive(track: Track): void {
    const { wrtc, onPicture, onSound } = this.#options;
    const { RTCVideoSink, RTCAudioSink } = wrtc.nonstandard;
    if (track.kind === 'video') {
      const sink = new RTCVideoSink(track);
      sink.onframe = ({ frame }) => this.#closed || onPicture(frame);
      this.#sinks.push(sink);
    } else {
      const sink = new RTCAudioSink(track);
      sink.ondata = (block) => this.#closed || onSound(block);
      this.#sinks.push(sink);
    }
  }

  #changed(): void {
    const state = this.#connection.connectionState;
    if (state === 'connected') this.#options.onState('connected');
    if (state === 'failed' || state === 'closed') this.#options.onState('gone');
  }
}

/** Null: every address of this machine may be told. */
function addressesOf(interfaces: readonly string[]): ReadonlySet<string> | null {
  if (interfaces.length === 0) return null;
  const all = networkInterfaces();
  return new Set(interfaces.flatMap((name) => all[name]?.map(({ address }) => address) ?? []));
}

function refuse(code: 'phone.bad_offer' | 'phone.bad_fragment', cause: unknown): never {
  const what = cause instanceof Error ? cause.message : String(cause);
  throw new RoomtoneError(code, { params: { what: what.slice(0, 200) }, cause });
}
