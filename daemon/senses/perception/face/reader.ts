import { expectedAffect } from '../../../mood/affect.ts';
import type { FaceObservation, Observation, PresenceObservation } from '../../../mood/observation.ts';
import type { Activity, Frame } from '../frame.ts';
import type { Pixels } from '../pixels/pixels.ts';
import { Serial } from '../serial.ts';
import { sideOf } from './box.ts';
import { FaceCropper } from './crop.ts';
import type { FaceDetector } from './detector.ts';
import { type EmotionNet, type FaceReading, MAX_FACES } from './emotion-net.ts';
import { MotionGate } from './motion.ts';
import { placementOf } from './placement.ts';
import { PresenceNews } from './presence.ts';
import { PrimaryFace } from './primary.ts';
import { faceQuality, LOOK, MIN_READABLE_SIDE } from './quality.ts';
import { FaceSearch } from './search.ts';
import { FaceTracker, type TrackedFace } from './tracker.ts';

/** While nothing moves, faces are read again after this many ms, and looked for after this many. */
const STILL_READ = 1000;
const STILL_SEARCH = 5000;
/** What moved goes on moving for so many ms: of a fast camera every frame is read meanwhile, without being asked whether it is worth it. */
const MOVING = 150;
/** A camera that sees no face may have somebody's back before it. */
const ABSENCE_CONFIDENCE = 0.5;

export interface FaceReaderOptions {
  id: string;
  room: string;
  /** Null without a model: then nothing is read. */
  detector: Pick<FaceDetector, 'detect' | 'scale'> | null;
  /** Null without a model: then faces are only counted. */
  emotions: EmotionNet | null;
  /** Those that the detector and the network ask, too. */
  pixels?: Pixels;
  onClosed?(): void;
}

/**
 * Reads the faces of one camera, frame by frame. Infers when something moved, and now and then when nothing did. Keeps
 * nothing of a frame after it is read but the places of faces and the coarse grid of the motion gate.
 */
export class FaceReader {
  readonly #source: { id: string; room: string };
  readonly #search: FaceSearch | null;
  readonly #emotions: EmotionNet | null;
  readonly #onClosed: (() => void) | undefined;
  readonly #motion: MotionGate;
  readonly #tracker = new FaceTracker();
  readonly #cropper: FaceCropper;
  readonly #look = new Float32Array(LOOK.side ** 2);
  readonly #primary = new PrimaryFace();
  readonly #presence = new PresenceNews();
  readonly #serial = new Serial();
  #closed = false;
  #moved = false;
  #movedAt = Number.NEGATIVE_INFINITY;
  /** When the detector ran last, and how many faces it found. */
  #last = { at: Number.NEGATIVE_INFINITY, faces: 0 };

  constructor(options: FaceReaderOptions) {
    this.#source = { id: options.id, room: options.room };
    this.#search = options.detector && new FaceSearch(options.detector);
    this.#emotions = options.emotions;
    this.#onClosed = options.onClosed;
    this.#motion = new MotionGate(options.pixels);
    this.#cropper = new FaceCropper(LOOK, options.pixels);
  }

  /**
   * What can be said after this frame: one observation for every face that is large enough to be read; now and then one of
   * presence where there is none such; nothing while all is still. `frame.data` must not change until the promise settles;
   * frames that come meanwhile wait.
   */
  read(frame: Frame): Promise<Observation[]> {
    return this.#serial.run(() => this.#read(frame));
  }

  /** As of the last frame that was read. */
  get activity(): Activity {
    return { moved: this.#moved, faces: this.#last.faces };
  }

  /** Resolves when no frame is being read any more; later ones give nothing. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#serial.idle();
    this.#onClosed?.();
  }

  async #read(frame: Frame): Promise<Observation[]> {
    if (this.#closed || !this.#search) return [];
    if (!this.#worthReading(frame)) return this.#last.faces > 0 ? [] : this.#absence(frame.at);
    const faces = this.#tracker.update(await this.#search.find(frame), frame.at);
    this.#last = { at: frame.at, faces: faces.length };
    if (faces.length === 0) return this.#absence(frame.at);
    const readable = faces.filter((face) => sideOf(face.box) >= MIN_READABLE_SIDE).slice(0, MAX_FACES);
    if (!this.#emotions || readable.length === 0) return this.#count(faces, frame.at);
    this.#presence.read(frame.at);
    return await this.#readFaces(frame, { emotions: this.#emotions, readable, people: faces.length });
  }

  #worthReading(frame: Frame): boolean {
    if (frame.at - this.#movedAt < MOVING) return true;
    this.#moved = this.#motion.moved(frame);
    if (this.#moved) this.#movedAt = frame.at;
    return this.#moved || frame.at - this.#last.at >= (this.#last.faces > 0 ? STILL_READ : STILL_SEARCH);
  }

  async #readFaces(frame: Frame, what: { emotions: EmotionNet; readable: TrackedFace[]; people: number }): Promise<Observation[]> {
    const { emotions, readable, people } = what;
    const faces = readable.map((face, index) => {
      const picture = emotions.put(index, frame, face);
      const look = emotions.sees(LOOK) ? picture : this.#lookAt(frame, face);
      return { face, track: face.track, side: sideOf(face.box), quality: faceQuality(face, look) };
    });
    const primary = this.#primary.choose(faces);
    const readings = await emotions.classify(readable.length);
    return faces.map(({ face, track, quality }, index) => {
      const reading = readings[index] as FaceReading;
      return this.#observe(frame, face, { ...reading, quality, people, primary: track === primary });
    });
  }

  #lookAt(frame: Frame, face: TrackedFace): Float32Array {
    this.#cropper.crop(frame, placementOf(face, LOOK), this.#look);
    return this.#look;
  }

  #observe(frame: Frame, face: TrackedFace, what: FaceReading & { quality: number; people: number; primary: boolean }): FaceObservation {
    const { probabilities, affect, ...rest } = what;
    return {
      ...this.#common(frame.at, `f${face.track}`),
      modality: 'face',
      confidence: Math.max(...Object.values(probabilities)),
      track: face.track,
      box: shareOfFrame(face, frame),
      probabilities,
      affect: affect ?? expectedAffect(probabilities),
      ...rest,
    };
  }

  /** Faces that cannot be read. */
  #count(faces: readonly TrackedFace[], at: number): PresenceObservation[] {
    if (!this.#presence.someone(faces.length, at)) return [];
    const confidence = Math.max(...faces.map((face) => face.score));
    return [{ ...this.#common(at, 'p'), modality: 'presence', confidence, quality: 1, occupied: true, people: faces.length }];
  }

  #absence(at: number): PresenceObservation[] {
    if (!this.#presence.nobody(at)) return [];
    return [{ ...this.#common(at, 'p'), modality: 'presence', confidence: ABSENCE_CONFIDENCE, quality: 1, occupied: false, people: 0 }];
  }

  #common(at: number, suffix: string): { v: 1; id: string; room: string; source: string; at: number } {
    const { id, room } = this.#source;
    return { v: 1, id: `${id}.${Math.round(at * 1000).toString(36)}.${suffix}`, room, source: id, at };
  }
}

function shareOfFrame({ box }: TrackedFace, frame: Frame): [number, number, number, number] {
  const left = clampUnit(box.left / frame.width);
  const top = clampUnit(box.top / frame.height);
  const right = clampUnit((box.left + box.width) / frame.width);
  const bottom = clampUnit((box.top + box.height) / frame.height);
  return [left, top, right - left, bottom - top];
}

const clampUnit = (value: number): number => Math.min(1, Math.max(0, value));
