import type { InferenceSession } from 'onnxruntime-node';
import type { Logger } from 'pino';
import { toRoomtoneError } from '../../api/errors.ts';
import type { Part } from '../../api/part.ts';
import { ROLES, type Role } from '../protocol.ts';
import { FaceDetector } from './face/detector.ts';
import { EmotionNet } from './face/emotion-net.ts';
import { FaceReader } from './face/reader.ts';
import {
  candidates,
  type FoundModel,
  inOrder,
  knownModels,
  type Manifest,
  type ModelEntry,
  type ModelProblem,
  missing,
  type Preference,
} from './models.ts';
import { Pixels } from './pixels/pixels.ts';
import { openModel } from './provider.ts';
import { TextReader, type TextReading } from './text/reader.ts';
import { mostThreads, TUNED_ROLES, type Tuning, tuningKey } from './tuning.ts';
import { ArousalNet } from './voice/arousal-net.ts';
import { VoiceEmotionNet } from './voice/emotion-net.ts';
import { VoiceReader } from './voice/reader.ts';
import { voiceActivity } from './voice/vad.ts';

export type { FaceReader } from './face/reader.ts';
export type { Activity, Frame } from './frame.ts';
export type { VoiceReader } from './voice/reader.ts';

export interface PerceptionOptions {
  log: Logger;
  /** Model directories in order of preference. */
  dirs: readonly string[];
  /** ONNX Runtime intra-op threads of every session; `auto`: as `tuning` says for the networks of pictures, one for the others. */
  threads: number | 'auto';
  /** What was measured on this machine, some time. */
  tuning?: Tuning | null;
  /** `auto`: an accelerator that agrees with the CPU, where there is one. */
  provider?: 'auto' | 'cpu';
  /**
   * Called for every role as it is settled: with the id of its model, with what is wrong, or with both where another was
   * passed over; with neither once nothing needs it.
   */
  onModel(role: Role, model: string | null, problem: ModelProblem | null): void;
  /** Called once the threads of the networks of pictures are known. `tuned`: nothing is left to be measured. */
  onThreads?(report: { key: string; threads: number; tuned: boolean }): void;
  /** The program's own and the user's unless given. */
  manifest?: Manifest;
  /** Models that a person chose. */
  prefer?: Preference;
}

interface LoadedModel {
  entry: ModelEntry;
  session: InferenceSession;
}

/** The models and the readers that use them. Sessions are made once: replacing a model means replacing the process. */
export class Perception implements Part {
  readonly #options: PerceptionOptions;
  readonly #models = new Map<Role, LoadedModel>();
  /** Roles that were looked for and have no model that can be used. */
  readonly #lacking = new Set<Role>();
  readonly #readers = new Set<FaceReader | VoiceReader>();
  #pictureThreads: number | undefined;
  #text: Promise<TextReader | null> | undefined;

  constructor(options: PerceptionOptions) {
    this.#options = options;
  }

  /** Loads the models of all roles but text, whose model waits for the first message. A role without one is reported, and the rest runs. */
  async start(): Promise<void> {
    await this.need(ROLES);
  }

  /**
   * From now on sources need these roles and no others: loads what they lack. A model that is loaded stays, since a session
   * made anew in a living process leaks; of a role without one nothing is said any more when no source needs it. The model
   * of text waits for the first message.
   */
  async need(roles: readonly Role[]): Promise<void> {
    for (const role of this.#lacking) {
      if (role === 'text-emotion' || roles.includes(role)) continue;
      this.#lacking.delete(role);
      this.#options.onModel(role, null, null);
    }
    for (const role of ROLES) {
      if (role === 'text-emotion' || !roles.includes(role) || this.#models.has(role) || this.#lacking.has(role)) continue;
      await this.#settle(role);
    }
  }

  /** A reader for one camera. Call after `start`. */
  camera(spec: { id: string; room: string }): FaceReader {
    const detection = this.#models.get('face-detection');
    const emotion = this.#models.get('face-emotion');
    const pixels = new Pixels();
    const reader = new FaceReader({
      ...spec,
      pixels,
      detector: detection ? new FaceDetector(detection.session, { pixels }) : null,
      emotions: emotion ? new EmotionNet(emotion.session, emotion.entry, pixels) : null,
      onClosed: () => this.#readers.delete(reader),
    });
    this.#readers.add(reader);
    return reader;
  }

  /** A reader for one microphone. Call after `start`. */
  microphone(spec: { id: string; room: string }): VoiceReader {
    const activity = this.#models.get('voice-activity');
    const arousal = this.#models.get('voice-arousal');
    const emotions = this.#models.get('voice-emotion');
    const reader = new VoiceReader({
      ...spec,
      activity: activity ? voiceActivity(activity.session) : null,
      arousal: arousal ? new ArousalNet(arousal.session) : null,
      emotions: emotions ? new VoiceEmotionNet(emotions.session, emotions.entry.labels) : null,
      onClosed: () => this.#readers.delete(reader),
    });
    this.#readers.add(reader);
    return reader;
  }

  /** Reads a message. Its model is loaded the first time. Null without one. */
  async read(text: string): Promise<TextReading | null> {
    this.#text ??= this.#settle('text-emotion').then((model) => model && TextReader.open(model.session, model.entry.labels));
    return (await this.#text)?.read(text) ?? null;
  }

  /** The session of a role, where it has a model: to measure what it costs by itself. */
  session(role: Role): InferenceSession | undefined {
    return this.#models.get(role)?.session;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#readers].map((reader) => reader.close()));
    const models = [...this.#models.values()];
    this.#models.clear();
    await Promise.all(models.map(({ session }) => session.release()));
  }

  /** Takes the first of the role's models that is there and fits. */
  async #settle(role: Role): Promise<LoadedModel | null> {
    const { log, dirs, manifest, prefer, onModel } = this.#options;
    const entries = inOrder(manifest?.models ?? (await knownModels(dirs)), prefer);
    let problem: ModelProblem | null = null;
    for await (const candidate of candidates(role, entries, dirs)) {
      const refused = 'problem' in candidate ? candidate.problem : await this.#load(candidate, entries);
      if (refused) log.warn({ role, ...refused }, 'model passed over');
      problem ??= refused;
      const loaded = this.#models.get(role);
      if (!loaded) continue;
      onModel(role, loaded.entry.id, problem);
      return loaded;
    }
    this.#lacking.add(role);
    onModel(role, null, problem ?? missing(role, entries, dirs));
    return null;
  }

  /** @returns what is wrong with it; also of one that was loaded, but otherwise than it was tried first */
  async #load(model: FoundModel, entries: readonly ModelEntry[]): Promise<ModelProblem | null> {
    const { log, provider } = this.#options;
    const { entry } = model;
    const threads = await this.#threadsFor(entry.role, entries);
    try {
      const opened = await openModel(model, { threads, ...(provider === 'cpu' && { accelerators: [] }) });
      if (entry.role === 'face-emotion') await tryEmotions(opened.session, entry);
      this.#models.set(entry.role, { entry, session: opened.session });
      log.info({ role: entry.role, model: entry.id, path: model.path, provider: opened.provider, threads }, 'model loaded');
      return opened.problem;
    } catch (thrown) {
      const { code, params } = toRoomtoneError(thrown);
      if (code === 'model.invalid' || code === 'model.unfit') return { code, params };
      return { code: 'model.unfit', params: { model: entry.id, role: entry.role, what: String(params.what) } };
    }
  }

  async #threadsFor(role: Role, entries: readonly ModelEntry[]): Promise<number> {
    const { threads, dirs, tuning, onThreads } = this.#options;
    if (threads !== 'auto') return threads;
    if (!TUNED_ROLES.includes(role)) return 1;
    if (this.#pictureThreads !== undefined) return this.#pictureThreads;
    const key = await tuningKey(entries, dirs);
    const tuned = tuning?.key === key || mostThreads() === 1;
    this.#pictureThreads = tuning?.key === key ? tuning.threads : 1;
    onThreads?.({ key, threads: this.#pictureThreads, tuned });
    return this.#pictureThreads;
  }
}

/** Scores that are not what the description says are noticed here, not when the first face comes. */
async function tryEmotions(session: InferenceSession, entry: ModelEntry): Promise<void> {
  try {
    await new EmotionNet(session, entry).classify(1);
  } catch (cause) {
    await session.release();
    throw cause;
  }
}
