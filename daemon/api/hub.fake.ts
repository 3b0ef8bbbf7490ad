import { EventEmitter } from 'node:events';
import type { Attributes, DeviceId } from '../devices/device.ts';
import type { Mood } from '../mood/mood.ts';
import { type Actor, nameOf } from './actor.ts';
import { FakeDevices } from './devices.fake.ts';
import { RoomtoneError } from './errors.ts';
import type { HubApi, HubCommands, HubEvents, HubQueries } from './hub.ts';
import { FakeFeedback, FakeWearables } from './learning.fake.ts';
import { FakeMeshes } from './meshes.fake.ts';
import { lacking } from './offer.ts';
import type { Publisher, PublishingApi } from './publishing.ts';
import type { AuditEntry, DeviceView, HouseView, InferenceView, ModelView, RoomView, SourceView } from './views.ts';

/** A hub of memory alone: commands change the views and emit what the real one would. */
export class FakeHub implements HubApi {
  readonly events = new EventEmitter<HubEvents>();
  readonly view: HouseView;
  readonly log: AuditEntry[] = [];
  readonly models: ModelView[] = [fakeModel()];
  readonly runs: InferenceView = {
    threads: 'auto',
    inUse: 2,
    measured: {
      at: Date.UTC(2026, 10, 1),
      chosen: 2,
      timings: [1, 2, 3, 4].map((threads) => ({ threads, ms: 12 / Math.min(2, threads) })),
    },
  };
  /** What was written to rooms, and by whom. */
  readonly texts: { actor: Actor; room: string; text: string }[] = [];
  ready = true;
  /** What `reload` does, where a test wants it to fail. */
  onReload: () => Promise<void> = async () => {};

  constructor(view: HouseView = fakeHouse()) {
    this.view = view;
    this.devices = new FakeDevices(view, (...did) => this.#did(...did));
  }

  readonly devices: FakeDevices;
  readonly meshes = new FakeMeshes((adapter) => this.events.emit('mesh', { adapter }));
  readonly feedback = new FakeFeedback((event) => this.events.emit('feedback', event));
  readonly wearables = new FakeWearables();

  readonly commands: HubCommands = {
    setMode: (actor, room, mode) =>
      this.#changeRoom(actor, 'room.mode', room, (view) => {
        view.mode = mode;
      }),
    activateScene: (actor, room, scene) => {
      if (scene !== null && !this.view.scenes.some(({ id }) => id === scene)) {
        throw new RoomtoneError('api.unknown_scene', { params: { scene } });
      }
      this.#changeRoom(actor, 'room.scene', room, (view) => {
        view.scene = scene;
      });
    },
    setDevice: (actor, device, attributes) => this.#setDevice(actor, device, attributes),
    resume: (actor, room) =>
      this.#changeRoom(actor, 'room.resume', room, (view) => {
        view.scene = null;
      }),
    setAmbience: (actor, room, on) =>
      this.#changeRoom(actor, 'room.ambience', room, (view) => {
        view.ambience = on;
      }),
    setIntensity: (actor, room, intensity) =>
      this.#changeRoom(actor, 'room.intensity', room, (view) => {
        view.intensity = intensity;
      }),
    acceptSuggestion: (actor, room) =>
      this.#changeRoom(actor, 'room.scene', room, (view) => {
        if (!view.suggestion) throw new RoomtoneError('ambience.no_suggestion', { params: { room } });
        view.scene = view.suggestion.scene;
        view.suggestion = null;
      }),
    resetScene: async (actor, { room, scene }) =>
      this.#changeRoom(actor, 'room.scene_reset', room, (view) => {
        for (const each of view.scenes) if (each.id === scene) each.own = false;
      }),
    pin: (actor, device) => {
      const view = this.#device(device);
      for (const name of Object.keys(view.holds) as (keyof Attributes)[]) view.holds[name] = 'resume';
      this.#did(actor, 'device.pin', device);
      this.events.emit('device', { device });
    },
    resumeDevice: (actor, device) => {
      this.#device(device).holds = {};
      this.#did(actor, 'device.resume', device);
      this.events.emit('device', { device });
    },
    setSensing: (actor, on) => {
      this.view.sensing = on;
      this.#did(actor, 'house.sensing', String(on));
      this.events.emit('house');
    },
    setSource: (actor, source, on) => {
      const view = this.#source(source);
      view.enabled = on;
      view.state = on ? 'live' : 'off';
      this.#did(actor, 'source.enabled', source);
      this.events.emit('room', { room: view.room });
    },
    setDemo: (actor, on) => {
      this.view.demo = on;
      this.#did(actor, 'house.demo', String(on));
      this.events.emit('house');
    },
    submitText: (actor, room, text) => {
      this.texts.push({ actor, room: this.#room(room).id, text });
    },
    addPhone: async (actor, { room, id = 'phone' }) => {
      this.#changeRoom(actor, 'source.added', room, (view) => {
        view.sources.push({ id, room, kind: 'phone', enabled: false, state: 'off', rate: 0, dropped: 0, problem: null });
      });
      return id;
    },
    removePhone: async (actor, source) => {
      const { room } = this.#source(source);
      this.#changeRoom(actor, 'source.removed', room, (view) => {
        view.sources = view.sources.filter(({ id }) => id !== source);
      });
    },
    reload: async (actor) => {
      await this.onReload();
      this.#did(actor, 'config.reload', 'config');
      this.events.emit('house');
    },
    fetchModel: (actor, model) => {
      this.#model(model).received = 0;
      this.#did(actor, 'model.fetch', model);
    },
    fetchRecommended: (actor) => {
      for (const [first] of lacking(this.models)) if (first) first.received = 0;
      this.#did(actor, 'model.fetch', 'recommended');
    },
    useModel: (actor, { role, model }) => {
      const chosen = this.#model(model);
      for (const each of this.models) if (each.role === role) each.chosen = each === chosen;
      this.#did(actor, 'model.use', role);
    },
  };

  readonly queries: HubQueries = {
    house: () => structuredClone(this.view),
    room: (room) => structuredClone(this.#room(room)),
    source: (source) => structuredClone(this.#source(source)),
    device: (device) => structuredClone(this.#device(device)),
    audit: (limit) => this.log.slice(0, limit),
    models: async () => structuredClone(this.models),
    inference: () => structuredClone(this.runs),
    health: () => ({ ready: this.ready, version: this.view.hub.version, uptime: 12, problems: this.view.problems.length }),
  };

  /** What was said to phone sources, and what is answered. */
  readonly said: { publisher: Publisher; [key: string]: unknown }[] = [];
  /** What the next answer is, where it is not the usual one. */
  onPublish: (() => never) | undefined;

  readonly publishing: PublishingApi = {
    begin: async (publisher, request) => {
      this.said.push({ publisher, ...request });
      this.onPublish?.();
      return { session: 'session-1', etag: '"one"', answer: 'v=0\r\n' };
    },
    change: async (publisher, request) => {
      this.said.push({ publisher, ...request });
      this.onPublish?.();
      return request.condition === '*' ? { etag: '"two"', fragment: 'a=ice-ufrag:x\r\n' } : { etag: '"one"', fragment: null };
    },
    end: async (publisher, request) => {
      this.said.push({ publisher, ...request });
      this.onPublish?.();
    },
  };

  /** A new mood, as the fusion would bring it. */
  feel(mood: Mood): void {
    this.#room(mood.room).mood = mood;
    this.events.emit('mood', mood);
  }

  #setDevice(actor: Actor, device: DeviceId, attributes: Attributes): void {
    const view = this.#device(device);
    for (const attribute of Object.keys(attributes)) {
      if (!(attribute in view.capabilities)) throw new RoomtoneError('api.unsupported_attribute', { params: { device, attribute } });
    }
    Object.assign(view.values, attributes);
    this.#did(actor, 'device.set', device);
    this.events.emit('device', { device });
  }

  #changeRoom(actor: Actor, action: string, room: string, change: (view: RoomView) => void): void {
    change(this.#room(room));
    this.#did(actor, action, room);
    this.events.emit('room', { room });
  }

  #did(actor: Actor, action: string, subject: string): void {
    this.log.unshift({ at: 0, actor: nameOf(actor), action, subject, params: {} });
  }

  #room(room: string): RoomView {
    const view = this.view.rooms.find(({ id }) => id === room);
    if (!view) throw new RoomtoneError('api.unknown_room', { params: { room } });
    return view;
  }

  #device(device: DeviceId): DeviceView {
    const view = this.view.devices.find(({ id }) => id === device);
    if (!view) throw new RoomtoneError('api.unknown_device', { params: { device } });
    return view;
  }

  #model(model: string): ModelView {
    const view = this.models.find(({ id }) => id === model);
    if (!view)
      throw new RoomtoneError('model.unknown', { params: { model, where: '', known: this.models.map(({ id }) => id).join(', ') } });
    return view;
  }

  #source(source: string): SourceView {
    const view = this.view.rooms.flatMap(({ sources }) => sources).find(({ id }) => id === source);
    if (!view) throw new RoomtoneError('api.unknown_source', { params: { source } });
    return view;
  }
}

/** One room with a camera, a microphone and a lamp that a hand holds; every optional field of the views is there. */
export function fakeHouse(): HouseView {
  const since = Date.UTC(2026, 10, 1, 8);
  return {
    hub: {
      id: '0b0f5f0e-6e0c-4f3f-9f3b-8d8f5f0e6e0c',
      name: 'Home',
      version: '0.1.0',
      startedAt: since,
      timezone: 'Europe/Berlin',
      language: 'en',
    },
    sensing: true,
    demo: false,
    config: { file: '/data/roomtone.yaml', state: 'ok', restartRequired: ['http.port'] },
    https: null,
    mqtt: { kind: 'embedded', url: 'mqtt://127.0.0.1:1883', connected: true },
    scenes: [
      { id: 'calm', name: 'Calm' },
      { id: 'movie', name: 'Movie' },
    ],
    problems: [{ code: 'source.silent', params: { source: 'mic', seconds: 5 }, scope: 'source:mic', since }],
    rooms: [fakeRoom()],
    devices: [fakeLamp()],
  };
}

export function fakeRoom(id = 'living-room', name = 'Living room'): RoomView {
  const source = { room: id, enabled: true, state: 'live' as const, rate: 5, dropped: 0 };
  const silent = { code: 'source.silent' as const, params: { source: 'mic', seconds: 5 }, scope: 'source:mic', since: 1 };
  return {
    id,
    name,
    mode: 'auto',
    mood: fakeMood(id),
    scene: null,
    moodScene: 'calm',
    suggestion: null,
    ambience: true,
    intensity: 100,
    scenes: [
      { id: 'calm', name: 'Calm', own: false },
      { id: 'movie', name: 'Movie', own: true },
    ],
    told: false,
    sources: [
      { ...source, id: 'ceiling', kind: 'camera', problem: null },
      { ...source, id: 'mic', kind: 'microphone', problem: silent },
    ],
    devices: ['virtual:lamp'],
    illuminance: null,
  };
}

function fakeLamp(): DeviceView {
  const reason = { code: 'reason.slider' as const, params: { actor: 'panel' } };
  return {
    id: 'virtual:lamp',
    name: 'Lamp',
    adapter: 'virtual',
    readings: {},
    permissions: { rooms: null, rungs: null },
    model: 'V1',
    rooms: ['living-room'],
    capabilities: {
      on: true,
      brightness: { min: 1 },
      colorTemperature: { min: 2000, max: 6500 },
      color: {
        gamut: [
          { x: 0.6915, y: 0.3083 },
          { x: 0.17, y: 0.7 },
          { x: 0.1532, y: 0.0475 },
        ],
      },
    },
    available: true,
    values: { on: true, brightness: 40, color: { x: 0.4, y: 0.4 } },
    why: { brightness: [{ rung: 'person', value: 40, reason, wins: true, expiresAt: 2_000_000_000_000 }] },
    holds: { brightness: 2_000_000_000_000 },
  };
}

export function fakeModel(changes: Partial<ModelView> = {}): ModelView {
  return {
    id: 'yunet',
    role: 'face-detection',
    state: 'missing',
    chosen: false,
    recommended: true,
    fetchable: true,
    size: 229_738,
    version: '2023mar',
    licence: 'MIT',
    trainedOn: 'WIDER FACE',
    source: 'opencv_zoo',
    accuracy: 'average precision 0.884',
    cost: '9 ms a frame',
    received: null,
    problem: { code: 'model.fetch_failed', params: { model: 'yunet', url: 'https://example.org/yunet.onnx', what: 'the answer was 404' } },
    ...changes,
  };
}

export function fakeMood(room = 'living-room', changes: Partial<Mood> = {}): Mood {
  return {
    v: 1,
    room,
    at: Date.UTC(2026, 10, 1, 12),
    label: 'calm',
    emotion: 'happiness',
    probabilities: { neutral: 0.3, happiness: 0.5, sadness: 0.05, anger: 0.05, surprise: 0.05, fear: 0.03, disgust: 0.02 },
    valence: 0.4,
    arousal: -0.2,
    stress: 12,
    hiddenStress: false,
    confidence: 0.8,
    occupancy: true,
    people: 1,
    contributions: [{ source: 'ceiling', modality: 'face', weight: 1 }],
    ...changes,
  };
}
