import type { InferenceSession } from 'onnxruntime-node';
import type { Logger } from 'pino';
import { toRoomtoneError } from '../../api/errors.ts';
import type { Part } from '../../api/part.ts';
import { ROLES, type Role } from '../protocol.ts';
import { FaceDetector } from './face/detector.ts';
import { EmotionNet } from './face/emotion-net.ts';
import { FaceReader } from './face/reader.ts';
import { type FoundModel, type Manifest, type ModelEntry, type ModelProblem, type Preference, resolveModel } from './models.ts';
import { openSession } from './session.ts';
import { TextReader, type TextReading } from './text/reader.ts';
import { ArousalNet } from './voice/arousal-net.ts';
import { VoiceReader } from './voice/reader.ts';
import { voiceActivity } from './voice/vad.ts';

export type { FaceReader } from './face/reader.ts';
export type { Activity, Frame } from './frame.ts';
export type { VoiceReader } from './voice/reader.ts';

export interface PerceptionOptions {
  log: Logger;
  /** Model directories in order of preference. */
  dirs: readonly string[];
  /** ONNX Runtime intra-op threads of every session. */
  threads: number;
  /** Called once for every role as it is settled: with the id of its model, with what is wrong, or with both where a wrong file was passed over. */
  onModel(role: Role, model: string | null, problem: ModelProblem | null): void;
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
  readonly #readers = new Set<FaceReader | VoiceReader>();
  #text: Promise<TextReader | null> | undefined;

  constructor(options: PerceptionOptions) {
    this.#options = options;
  }

  /** Loads the models of all roles but text, whose model waits for the first message. A role without one is reported, and the rest runs. */
  async start(): Promise<void> {
    for (const role of ROLES) if (role !== 'text-emotion') await this.#settle(role);
  }

  /** A reader for one camera. Call after `start`. */
  camera(spec: { id: string; room: string }): FaceReader {
    const detection = this.#models.get('face-detection');
    const emotion = this.#models.get('face-emotion');
    const reader = new FaceReader({
      ...spec,
      detector: detection ? new FaceDetector(detection.session) : null,
      emotions: emotion ? new EmotionNet(emotion.session, emotion.entry) : null,
      onClosed: () => this.#readers.delete(reader),
    });
    this.#readers.add(reader);
    return reader;
  }

  /** A reader for one microphone. Call after `start`. */
  microphone(spec: { id: string; room: string }): VoiceReader {
    const activity = this.#models.get('voice-activity');
    const arousal = this.#models.get('voice-arousal');
    const reader = new VoiceReader({
      ...spec,
      activity: activity ? voiceActivity(activity.session) : null,
      arousal: arousal ? new ArousalNet(arousal.session) : null,
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

  async #settle(role: Role): Promise<LoadedModel | null> {
    const resolution = await resolveModel(role, this.#options);
    return 'problem' in resolution ? this.#refuse(role, resolution.problem) : this.#load(role, resolution);
  }

  async #load(role: Role, model: FoundModel): Promise<LoadedModel | null> {
    const { log, threads, onModel } = this.#options;
    try {
      const session = await openSession(model, threads);
      if (role === 'face-emotion') await tryEmotions(session, model.entry);
      const loaded = { entry: model.entry, session };
      this.#models.set(role, loaded);
      log.info({ role, model: model.entry.id, path: model.path }, 'model loaded');
      if (model.refused) log.warn({ role, ...model.refused }, 'model file passed over');
      onModel(role, model.entry.id, model.refused ?? null);
      return loaded;
    } catch (thrown) {
      const { params } = toRoomtoneError(thrown);
      return this.#refuse(role, { code: 'model.invalid', params });
    }
  }

  #refuse(role: Role, problem: ModelProblem): null {
    this.#options.log.warn({ role, ...problem }, 'model not loaded');
    this.#options.onModel(role, null, problem);
    return null;
  }
}

/** A network that is not as its description says is refused here, not when the first face comes. @throws RoomtoneError `model.invalid` */
async function tryEmotions(session: InferenceSession, entry: ModelEntry): Promise<void> {
  try {
    await new EmotionNet(session, entry).classify(1);
  } catch (cause) {
    await session.release();
    throw cause;
  }
}
