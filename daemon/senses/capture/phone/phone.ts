import type { Clock, Timer } from '../../../api/clock.ts';
import { RoomtoneError, toRoomtoneError } from '../../../api/errors.ts';
import type { Observation } from '../../../mood/observation.ts';
import type { FaceReader, VoiceReader } from '../../perception/perception.ts';
import type { PhoneSpec, ProblemReport, SourceReport } from '../../protocol.ts';
import type { Surroundings } from '../capture.ts';
import { SAMPLE_RATE } from '../ffmpeg.ts';
import { Sound } from '../microphone.ts';
import { Readings } from '../readings.ts';
import type { RunningSource } from '../source.ts';
import { Peer } from './peer.ts';
import { Pictures } from './pictures.ts';
import { Resampler } from './resampler.ts';
import type { I420, SoundBlock, Wrtc } from './wrtc.ts';

export interface PhoneOptions extends Omit<Surroundings, 'env' | 'random'> {
  spec: PhoneSpec;
  /** The native library, which only a hub with a phone needs. */
  loadWrtc: () => Promise<Wrtc>;
  faces: Pick<FaceReader, 'read' | 'close' | 'activity'>;
  voices: Pick<VoiceReader, 'push' | 'close'>;
  onObservations: (observations: Observation[]) => void;
  /** A session is over that nobody asked to end; the problem says why. */
  onEnded: (session: string, problem: ProblemReport) => void;
}

/** One device that sends, or is about to. */
interface Session {
  id: string;
  peer: Peer;
  sound: Resampler;
  /** When it was begun, mono ms; and when a packet was last known to have come, once it was connected. */
  begunAt: number;
  heardAt: number | null;
  packets: number;
}

/** ms between two looks at whether anything came in. */
const LOOK_EVERY = 1000;
/** ms from the offer until the connection must stand. */
const CONNECTING = 15_000;
/** ms without a packet: shown as unavailable; and given up, so that another device may send. */
const SILENT = 5000;
const GONE = 15_000;
const REPORT_EVERY = 5000;

/**
 * A phone, tablet or computer that sends its camera and microphone by WebRTC. It is `waiting` until one does, `starting` until
 * the first picture or sound, `live`, and `waiting` again, with the problem, when nothing comes any more.
 */
export class Phone implements RunningSource {
  readonly #options: PhoneOptions;
  readonly #clock: Clock;
  readonly #wrtc: Promise<Wrtc>;
  readonly #pictures: Pictures;
  readonly #sound: Sound;
  readonly #lanes: { picture: Readings; sound: Readings };
  #timers: Timer[] = [];
  #session: Session | null = null;
  #state: SourceReport['state'] = 'off';
  #problem: ProblemReport | null = null;
  #read = 0;
  #rate = 0;
  #stopping: Promise<void> | null = null;

  constructor(options: PhoneOptions) {
    const { clock, spec, loadWrtc, faces, voices, log, onObservations } = options;
    this.#options = options;
    this.#clock = clock;
    this.#wrtc = loadWrtc();
    this.#pictures = new Pictures({ spec, reader: faces });
    this.#sound = new Sound(voices);
    const common = { log, source: spec.id, onObservations };
    this.#lanes = {
      picture: new Readings({ ...common, next: () => this.#pictures.readNext(), onRead: () => this.#read++ }),
      sound: new Readings({ ...common, next: () => this.#sound.readNext(), onRead: () => {} }),
    };
  }

  start(): void {
    this.#set('waiting', null);
    this.#wrtc.catch((thrown: unknown) => this.#set('waiting', problemOf(thrown)));
    this.#timers = [this.#clock.every(LOOK_EVERY, () => void this.#look()), this.#clock.every(REPORT_EVERY, () => this.#measure())];
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /**
   * Lets a device send; the one that did before is cut off.
   * @throws RoomtoneError `phone.bad_offer`, `phone.unusable_offer`, `phone.unsupported`
   */
  async offer(id: string, sdp: string): Promise<string> {
    const wrtc = await this.#wrtc;
    if (this.#stopping) throw new RoomtoneError('api.closed');
    const { clock, spec } = this.#options;
    this.#cutOff();
    const session: Session = {
      ...{ id, begunAt: clock.mono(), heardAt: null, packets: 0, sound: new Resampler(SAMPLE_RATE) },
      peer: new Peer({
        ...{ wrtc, clock, ports: spec.ports, interfaces: spec.interfaces },
        onPicture: (picture) => this.#session === session && this.#takePicture(session, picture),
        onSound: (block) => this.#session === session && this.#takeSound(session, block),
        onState: (state) => this.#session === session && this.#connection(session, state),
      }),
    };
    this.#session = session;
    this.#set('starting', null);
    try {
      return await session.peer.answer(sdp);
    } catch (error) {
      this.end(id);
      throw error;
    }
  }

  /** @throws RoomtoneError `phone.no_session`, `phone.bad_fragment` */
  async patch(id: string, fragment: string): Promise<string | null> {
    if (this.#session?.id !== id) throw new RoomtoneError('phone.no_session', { params: { source: this.#options.spec.id } });
    return await this.#session.peer.patch(fragment);
  }

  /** One that is over is no mistake. */
  end(id: string): void {
    if (this.#session?.id !== id) return;
    this.#cutOff();
    this.#set('waiting', null);
  }

  async #stop(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    this.#cutOff();
    await Promise.all([this.#lanes.picture.stop(), this.#lanes.sound.stop()]);
    await Promise.all([this.#pictures.close(), this.#sound.close()]);
    this.#set('off', null);
  }

  #cutOff(): void {
    this.#session?.peer.close();
    this.#session = null;
    this.#pictures.restart(this.#clock.mono());
  }

  #takePicture(session: Session, picture: I420): void {
    const now = this.#clock.mono();
    this.#hear(session, now);
    if (this.#pictures.take(picture, now)) this.#lanes.picture.arrived();
  }

  #takeSound(session: Session, block: SoundBlock): void {
    const now = this.#clock.mono();
    const samples = session.sound.push(block);
    // Until the first packet the decoder gives zeros, but after the last one it makes up noise: that proves nothing.
    if (this.#state === 'starting' && block.samples.some((sample) => sample !== 0)) this.#hear(session, now);
    if (this.#state !== 'live') return;
    if (this.#sound.take(samples, now)) this.#lanes.sound.arrived();
  }

  /** Something came in. @param at mono ms */
  #hear(session: Session, at: number): void {
    session.heardAt = at;
    if (this.#state !== 'live') this.#set('live', null);
  }

  #connection(session: Session, state: 'connected' | 'gone'): void {
    if (state === 'connected') session.heardAt ??= this.#clock.mono();
    else this.#lose(session, this.#silence(session));
  }

  async #look(): Promise<void> {
    const session = this.#session;
    if (!session) return;
    const packets = await session.peer.received();
    if (this.#session !== session) return;
    const now = this.#clock.mono();
    if (packets > session.packets) {
      session.packets = packets;
      this.#hear(session, now);
      return;
    }
    if (session.heardAt === null) {
      const seconds = CONNECTING / 1000;
      if (now - session.begunAt >= CONNECTING)
        this.#lose(session, { code: 'phone.no_connection', params: { source: this.#options.spec.id, seconds } });
    } else if (now - session.heardAt >= GONE) this.#lose(session, this.#silence(session));
    else if (now - session.heardAt >= SILENT && this.#state !== 'waiting') this.#set('waiting', this.#silence(session));
  }

  #silence({ heardAt, begunAt }: Session): ProblemReport {
    const seconds = Math.round((this.#clock.mono() - (heardAt ?? begunAt)) / 1000);
    return { code: 'phone.lost', params: { source: this.#options.spec.id, seconds } };
  }

  #lose(session: Session, problem: ProblemReport): void {
    this.#cutOff();
    this.#set('waiting', problem);
    this.#options.onEnded(session.id, problem);
  }

  #measure(): void {
    const rate = Math.round((this.#read / REPORT_EVERY) * 10_000) / 10;
    this.#read = 0;
    if (this.#state !== 'live') return;
    this.#rate = rate;
    this.#report();
  }

  #set(state: SourceReport['state'], problem: ProblemReport | null): void {
    const { log, spec } = this.#options;
    if (problem && problem.code !== this.#problem?.code) log.warn({ event: problem.code, ...problem.params }, 'source failed');
    if (state !== this.#state) log.info({ event: `phone.${state}`, source: spec.id });
    if (state !== 'live') this.#rate = 0;
    this.#state = state;
    this.#problem = problem;
    this.#report();
  }

  #report(): void {
    this.#options.onReport({
      type: 'source',
      source: this.#options.spec.id,
      state: this.#state,
      problem: this.#problem,
      rate: this.#rate,
      dropped: this.#pictures.dropped + this.#sound.dropped,
      pid: null,
    });
  }
}

function problemOf(thrown: unknown): ProblemReport {
  const { code, params } = toRoomtoneError(thrown);
  return { code, params };
}
