import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { adapterModules } from '../adapters/index.ts';
import { Director } from './ambience/director.ts';
import type { Clock, Timer } from './api/clock.ts';
import { RoomtoneError, toRoomtoneError } from './api/errors.ts';
import type { HubApi, HubEvents } from './api/hub.ts';
import type { HouseView } from './api/views.ts';
import { Authenticator } from './auth/authenticator.ts';
import { diffConfig } from './config/diff.ts';
import { configError } from './config/load.ts';
import type { AdapterScene, Reading } from './devices/adapter.ts';
import type { DeviceId } from './devices/device.ts';
import { CommandQueue } from './devices/queue.ts';
import { DeviceRegistry } from './devices/registry.ts';
import { Certificates } from './house/certificates.ts';
import { Commands } from './house/commands.ts';
import {
  addHost,
  addPhone,
  configParts,
  type HouseConfig,
  type HouseConfigParts,
  type HouseLoadResult,
  type LoadedHouse,
  placeDevice,
  type ReadOptions,
  readConfiguration,
  removeHost,
  removeSource,
  resetScene,
  safeConfig,
} from './house/configuration.ts';
import { Demo } from './house/demo.ts';
import { Devices } from './house/devices.ts';
import { FeedbackBook } from './house/feedback.ts';
import { folderOf } from './house/folder.ts';
import { Meshes } from './house/meshes.ts';
import { Messaging } from './house/messaging.ts';
import { RoomMoods } from './house/moods.ts';
import { ownNames } from './house/own-certificate.ts';
import { onThisMachine, PANEL_URL } from './house/panel-url.ts';
import { PatientStore } from './house/patient-store.ts';
import * as plan from './house/plan.ts';
import { presenceOf } from './house/presence.ts';
import { ProblemBoard } from './house/problems.ts';
import { Publishing } from './house/publishing.ts';
import { Queries } from './house/queries.ts';
import { Sensing } from './house/sensing.ts';
import { Wearables } from './house/wearables.ts';
import { HttpServer } from './http/server.ts';
import { edition, preference } from './models/inventory.ts';
import { ModelStore } from './models/store.ts';
import { handsOf, parseLog } from './mood/log.ts';
import type { Observation } from './mood/observation.ts';
import { NetworkDiscovery } from './network/discovery.ts';
import { addressesOf } from './network/interfaces.ts';
import { loadManifest, type Manifest } from './senses/perception/models.ts';
import { Senses } from './senses/supervisor.ts';
import { Tuner } from './senses/tuner.ts';
import { openStore, type Store } from './store/store.ts';

export interface HubOptions {
  log: Logger;
  clock: Clock;
  /** Uniform in [0, 1) */
  random: () => number;
  randomBytes: (bytes: number) => Buffer;
  /** Database, models, keys */
  dataDir: string;
  configFile: string;
  version: string;
  env: NodeJS.ProcessEnv;
  /** Fetch what the recommended set of models lacks, beside everything else. */
  fetchModels?: boolean;
  /** A folder or address that models are fetched from, in place of their own addresses. */
  fetchFrom?: string | undefined;
}

/** ms between two looks at what has run out. */
const TICK = 1000;

const PROGRAM_DIR = fileURLToPath(new URL('..', import.meta.url));

/**
 * The composition root. It builds every part and connects them in the order in which data flows: senses, moods, ambience,
 * queue, adapters; beside them what people see. Started from the ground up, stopped in reverse.
 */
export class Hub implements HubApi {
  readonly events = new EventEmitter<HubEvents>();
  readonly commands: Commands;
  readonly devices: Devices;
  readonly meshes: Meshes;
  readonly queries: Queries;
  readonly feedback: FeedbackBook;
  readonly wearables: Wearables;
  readonly #options: HubOptions;
  readonly #log: Logger;
  readonly #parts: HouseConfigParts;
  readonly #startedAt: number;
  readonly #startedMono: number;
  readonly #startedWith: HouseConfig;
  readonly #store: Store;
  readonly #problems: ProblemBoard;
  readonly #patient: PatientStore;
  readonly #auth: Authenticator;
  readonly #senses: Senses;
  readonly #demo: Demo;
  readonly #sensing: Sensing;
  readonly publishing: Publishing;
  readonly #models: ModelStore;
  readonly #tuner: Tuner;
  readonly #moods: RoomMoods;
  readonly #director: Director;
  readonly #queue: CommandQueue;
  readonly #network: NetworkDiscovery;
  readonly #registry: DeviceRegistry;
  readonly #messaging: Messaging;
  readonly #certificates: Certificates;
  readonly #http: HttpServer;
  #loaded: HouseLoadResult;
  #config: HouseConfig;
  #restartRequired: string[] = [];
  /** Scenes made elsewhere that the director knows, as text. */
  #scenesMade = '[]';
  /** The start and changes of the configuration, one after the other. */
  #changes: Promise<void> = Promise.resolve();
  #ready = false;
  #closing = false;
  #ticking: Timer | undefined;

  /**
   * Opens the store and reads the configuration; nothing runs yet.
   * @throws RoomtoneError `store.*`
   */
  static async open(options: HubOptions): Promise<Hub> {
    return new Hub(options, await configParts(), await loadManifest());
  }

  private constructor(options: HubOptions, parts: HouseConfigParts, manifest: Manifest) {
    const { log, clock, random, dataDir, env } = options;
    const part = (name: string): Logger => log.child({ part: name });
    this.#options = options;
    this.#log = part('hub');
    this.#parts = parts;
    this.#startedAt = clock.wall();
    this.#startedMono = clock.mono();

    this.#store = openStore({ dir: dataDir, clock, log: part('store'), credentialsDir: env.CREDENTIALS_DIRECTORY });
    const { credentials, vault } = this.#store;
    this.#loaded = this.#read();
    this.#config = this.#loaded.ok ? this.#loaded.config : safeConfig(parts, options.configFile);
    this.#startedWith = this.#config;

    this.#problems = new ProblemBoard({ log: part('problems'), clock });
    this.#patient = new PatientStore({ ...this.#store, log: part('store'), clock, problems: this.#problems });
    const { state, audit } = this.#patient;
    this.#auth = new Authenticator({ clock, random: options.randomBytes, credentials });
    this.#senses = new Senses({ log: part('senses'), clock, random, env });
    this.#demo = new Demo({ clock, recording: readRecording() });
    this.#sensing = new Sensing({ clock, state, audit, senses: this.#senses, demo: this.#demo, problems: this.#problems });
    this.publishing = new Publishing({ clock, random: options.randomBytes, audit, sensing: this.#sensing, senses: this.#senses });
    this.#models = new ModelStore({
      ...{ log: part('models'), fetch: globalThis.fetch, state, manifest, from: options.fetchFrom },
      dirs: () => this.modelDirs,
    });
    this.#tuner = new Tuner({ log: part('tuner'), clock, state, env, onMeasured: () => this.#configureSensing() });
    this.#moods = new RoomMoods({
      clock,
      recall: (room) => this.#store.moods.latest(room),
      trusted: (room) => this.feedback.reliability(room),
    });
    const isWelcome = (room: string, scene: string): boolean => this.feedback.isWelcome(room, scene);
    this.#director = new Director({ log: part('ambience'), clock, state, audit, options: { isWelcome } });
    const compartment = (adapter: string) => vault.scoped(adapter);
    const addresses = () => addressesOf(networkInterfaces(), this.#config.discovery.interfaces);
    this.#network = new NetworkDiscovery({ log: part('network'), clock, addresses });
    this.#registry = new DeviceRegistry({
      log: part('devices'),
      clock,
      random,
      modules: adapterModules,
      sections: {},
      state,
      discovery: this.#network,
      vault: compartment,
      folder: (adapter) => folderOf(dataDir, adapter),
    });
    this.#queue = new CommandQueue({ log: part('queue'), clock, random, routes: this.#registry });

    this.commands = new Commands({
      director: this.#director,
      sensing: this.#sensing,
      models: this.#models,
      audit,
      reload: () => this.#reload(),
      addPhone: (phone) => this.#addPhone(phone),
      removeSource: (source) => this.#change((file) => removeSource({ ...file, source })),
      resetScene: (scene) => this.#change((file) => resetScene({ ...file, ...scene })),
      onHouse: () => this.events.emit('house'),
      assertWritten: () => this.#patient.assertWritten(),
    });
    const place = (device: DeviceId, rooms: readonly string[]) => this.#change((file) => placeDevice({ ...file, device, rooms }));
    const roomsOf = (device: DeviceId) => plan.roomsOf(this.#config, device);
    const assertWritten = () => this.#patient.assertWritten();
    this.meshes = new Meshes({ registry: this.#registry, audit, roomsOf, place, assertWritten });
    this.devices = new Devices({
      registry: this.#registry,
      queue: this.#queue,
      director: this.#director,
      activity: this.#store.activity,
      audit,
      modules: adapterModules,
      isConfigured: (adapter) => Object.hasOwn(this.#config.adapters, adapter),
      roomsOf,
      keepPaired: (adapter, host) => this.#changePaired(addHost, { adapter, host }),
      dropPaired: (adapter, host) => this.#changePaired(removeHost, { adapter, host }),
      place,
      assertWritten,
    });
    this.queries = new Queries({
      facts: () => this.#facts(),
      ready: () => this.#ready,
      uptime: () => Math.floor((clock.mono() - this.#startedMono) / 1000),
      audit,
      moods: this.#moods,
      sensing: this.#sensing,
      publishing: this.publishing,
      director: this.#director,
      registry: this.#registry,
      problems: this.#problems,
      models: this.#models,
      inference: () => ({ threads: this.#config.models.threads, ...this.#tuner.view() }),
    });
    this.feedback = new FeedbackBook({
      clock,
      state,
      audit,
      room: (room) => this.queries.room(room),
      reliability: () => ({ ...this.#config.mood.reliability, presence: 1 }),
      onLearned: (room, verdict) => {
        this.#moods.trust(room);
        this.#director.onFeedback(room);
        this.events.emit('feedback', { room, ...verdict });
      },
      assertWritten: () => this.#patient.assertWritten(),
    });
    this.wearables = new Wearables({
      clock,
      state,
      audit,
      sensing: this.#sensing,
      onObservation: (observation) => this.#observe(observation),
    });
    this.#messaging = new Messaging({
      log: part('mqtt'),
      clock,
      random,
      hub: this,
      auth: this.#auth,
      state,
      problems: this.#problems,
      onStatus: () => this.events.emit('house'),
    });
    this.#certificates = new Certificates({ log: part('http'), clock, dir: dataDir, tls: this.#config.http.tls, names: ownNames });
    this.#http = new HttpServer({
      ...this.#config.http,
      certificate: () => this.#certificates.current,
      log: part('http'),
      clock,
      hub: this,
      auth: this.#auth,
      staticDir: fileURLToPath(new URL('../web-ui/dist', import.meta.url)),
      version: options.version,
    });
    this.#connect();
  }

  /** Where data goes, in the order in which it flows. */
  #connect(): void {
    const { events } = this;
    // A word about a device or room that went meanwhile reaches nobody: whoever hears of one asks the queries for it.
    const tellDevice = ({ device }: { device: DeviceId }) => this.#registry.device(device) && events.emit('device', { device });
    const tellRoom = ({ room }: { room: string }) => Object.hasOwn(this.#config.rooms, room) && events.emit('room', { room });
    this.#sensing.events.on('observation', (observation) => this.#observe(observation, { demo: this.#sensing.demo }));
    this.#sensing.events.on('stopped', ({ room, source }) => this.#moods.forget(room, source));
    this.#sensing.events.on('quiet', ({ room }) => {
      this.#moods.end(room);
      this.#director.endMood(room);
    });
    this.#moods.events.on('mood', (mood) => {
      this.#director.onMood(mood);
      if (!mood.demo) this.#store.moods.record(mood);
      events.emit('mood', mood);
    });
    this.#director.events.on('command', (command) => this.#queue.submit(command));
    this.#director.events.on('cancel', ({ device, attributes }) => this.#queue.cancel(device, attributes));
    this.#director.events.on('hand', ({ device, held }) => {
      const at = this.#options.clock.mono();
      for (const hand of handsOf(device, held)) events.emit('observed', { hand: { ...hand, at } });
    });
    this.#queue.events.on('event', (event) => {
      this.#director.onQueueEvent(event);
      const { phase, at, reason, command } = event;
      this.#log.debug({
        event: `command_${phase}`,
        at,
        reason,
        device: command.device,
        attributes: command.attributes,
        trigger: command.trigger,
      });
    });
    this.#registry.events.on('report', (report) => this.#director.onReport(report));
    this.#registry.events.on('availability', (change) => this.#director.onAvailability(change));
    this.#registry.events.on('devices', () => this.#takeDevices());

    this.#registry.events.on('reading', (reading) => this.#onReading(reading));

    this.#registry.events.on('report', tellDevice);
    this.#registry.events.on('reading', tellDevice);
    this.#registry.events.on('mesh', (event) => events.emit('mesh', event));
    this.#registry.events.on('button', (event) => this.#registry.device(event.device) && events.emit('button', event));
    this.#registry.events.on('availability', tellDevice);
    this.#director.events.on('device', tellDevice);
    this.#director.events.on('room', tellRoom);
    this.#sensing.events.on('changed', tellRoom);
    this.#sensing.events.on('demo', () => events.emit('house'));
    this.publishing.events.on('changed', tellRoom);
    this.#auth.events.on('revoked', (isRevoked) => this.publishing.revoke(isRevoked));
    this.#registry.events.on('problem', ({ scope, problem }) => this.#problems.set(scope, problem));
    this.#senses.events.on('problem', (problem) => this.#problems.set('senses', problem));
    this.#senses.events.on('text', (problem) => this.#problems.set('text', problem));
    this.#senses.events.on('model', ({ role, problem }) => this.#problems.set(`model:${role}`, problem));
    this.#senses.events.on('threads', (report) => this.#tuner.note(report, this.#sensing.models));
    this.#senses.events.on('pid', (pid) => pid === null && this.#tuner.note(null));
    this.#models.events.on('problem', ({ scope, problem }) => this.#problems.set(scope, problem));
    this.#models.events.on('changed', () => this.#configureSensing());
    this.#certificates.events.on('changed', (certificate) => this.#http.renew(certificate));
    this.#certificates.events.on('problem', (problem) => this.#problems.set('https', problem));
    this.#http.events.on('problem', ({ scope, problem }) => this.#problems.set(scope, problem));
    this.#problems.events.on('changed', () => events.emit('house'));
  }

  /** @throws RoomtoneError where the panel cannot listen; everything else that fails is a problem on the board. */
  start(): Promise<void> {
    return this.#inTurn(() => this.#start());
  }

  async #start(): Promise<void> {
    if (this.#store.problem) this.#problems.set(this.#store.problem.scope, this.#store.problem);
    this.#noteConfig();
    await this.#certificates.start();
    await this.#http.start();
    this.#patient.state.set(PANEL_URL, onThisMachine(this.#http.url()));
    this.#store.keepMoods(this.#config.storage.retentionDays);
    this.#configureHouse();
    await this.#queue.start();
    await this.#registry.start();
    await this.#registry.configure(this.#config.adapters);
    this.#takeDevices();
    this.#moods.start();
    this.#ticking = this.#options.clock.every(TICK, () => this.#tick());
    if (this.#loaded.ok) await this.#messaging.configure(this.#config.mqtt);
    this.#configureSensing();
    if (this.#options.fetchModels) void this.#models.fetchRecommended();
    this.#ready = true;
    this.events.emit('house');
  }

  async close(): Promise<void> {
    this.#ready = false;
    this.#closing = true;
    // The doors first: nobody is told yes to what no part carries out any more.
    this.#http.refuseChanges();
    await this.#changes;
    await this.#messaging.close();
    await this.#models.close();
    await this.#tuner.close();
    this.#demo.close();
    this.#sensing.close();
    await this.#senses.close();
    this.#moods.close();
    this.wearables.close();
    this.#ticking?.cancel();
    await this.#queue.close();
    this.#network.close();
    await this.#registry.close();
    await this.#http.close();
    this.#certificates.close();
    this.#patient.state.delete(PANEL_URL);
    this.#patient.close();
    this.#store.close();
  }

  /** The address of the panel on this machine, and the one-time link that chooses the password while there is none. */
  get panel(): { url: string; setup: string | undefined } {
    return { url: this.#http.url(), setup: this.#http.setupUrl() };
  }

  get modelDirs(): string[] {
    return plan.modelDirs({ configured: this.#config.models.dir, dataDir: this.#options.dataDir, programDir: PROGRAM_DIR });
  }

  /**
   * Makes another configuration the one in force: only what differs is touched.
   * @throws RoomtoneError where a part cannot run with it
   */
  async apply(next: LoadedHouse): Promise<void> {
    const wasSafe = !this.#loaded.ok;
    const before = this.#config;
    const { sections } = diffConfig(before, next.config);
    this.#loaded = next;
    this.#config = next.config;
    this.#restartRequired = diffConfig(this.#startedWith, next.config).restartRequired;
    this.#noteConfig();
    // Before anything is waited for: what is asked meanwhile must find every room that the configuration has.
    this.#configureHouse();
    this.#configureSensing();
    if (sections.includes('storage')) this.#store.keepMoods(next.config.storage.retentionDays);
    if (sections.includes('adapters')) await this.#registry.configure(next.config.adapters);
    this.#takeDevices();
    if (wasSafe || sections.includes('mqtt')) await this.#messaging.configure(next.config.mqtt);
    this.#log.info({ event: 'config_applied', sections, restartRequired: this.#restartRequired });
    this.events.emit('house');
  }

  /** A sensor in the house is a sense like any other: what is switched off, it is too. */
  #onReading(reading: Reading): void {
    if (reading.reading === 'illuminance') this.#takeLight(reading.device);
    if (!this.#sensing.on || this.#sensing.demo) return;
    for (const room of plan.roomsOf(this.#config, reading.device)) {
      if (this.#director.mode(room) === 'off') continue;
      const observation = presenceOf(reading, room);
      if (observation) this.#observe(observation);
    }
  }

  #takeLight(device: DeviceId): void {
    for (const room of plan.roomsOf(this.#config, device)) this.#director.onIlluminance(room, this.queries.room(room).illuminance);
  }

  #observe(observation: Observation, how: { demo?: boolean } = {}): void {
    this.events.emit('observed', { observation });
    this.#moods.observe(observation, how);
  }

  #tick(): void {
    this.#auth.notice();
    this.#director.tick();
  }

  #reload(): Promise<void> {
    return this.#inTurn(async () => {
      const next = this.#read();
      if (next.ok) return this.apply(next);
      // In safe mode the panel shows the file as it is; otherwise what runs goes on.
      if (!this.#loaded.ok) {
        this.#loaded = next;
        this.#noteConfig();
      }
      throw configError(next);
    });
  }

  #changePaired(change: typeof addHost, paired: { adapter: string; host: string }): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#loaded.ok) return;
      const next = await change({ ...this.#reading(), loaded: this.#loaded, ...paired });
      if (next) await this.apply(next);
    });
  }

  #addPhone(phone: { room: string; id: string }): Promise<void> {
    return this.#change((file) => {
      const next = addPhone({ ...file, ...phone });
      this.#sensing.expect({ ...phone, kind: 'phone' });
      return next;
    });
  }

  /** Writes something into the configuration file and runs on it. @throws RoomtoneError `config.*` */
  #change(change: (file: ReadOptions & { loaded: LoadedHouse }) => LoadedHouse): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#loaded.ok) throw configError(this.#loaded);
      await this.apply(change({ ...this.#reading(), loaded: this.#loaded }));
    });
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    if (this.#closing) return Promise.reject(new RoomtoneError('api.closed'));
    const turn = this.#changes.then(change);
    this.#changes = turn.catch(() => {});
    return turn;
  }

  #read(): HouseLoadResult {
    return readConfiguration(this.#reading());
  }

  #reading(): ReadOptions {
    const { configFile: file, env } = this.#options;
    const secrets = this.#store.vault.secrets;
    return { file, parts: this.#parts, secrets: (name) => secrets.get(name), env };
  }

  /** In safe mode every mistake of the file is shown, and nothing is touched. */
  #noteConfig(): void {
    const mistakes = this.#loaded.ok ? [] : this.#loaded.problems;
    this.#problems.replace(
      'config:',
      mistakes.map(({ code, params }, index) => ({ scope: `config:${index}`, code, params })),
    );
  }

  #configureHouse(): void {
    this.#director.configure(plan.ambiencePlan(this.#config, this.#takeScenes()));
    this.#moods.configure(plan.moodRooms(this.#config));
    this.#registry.gather(plan.deviceSets(this.#config));
  }

  #configureSensing(): void {
    const hash = this.#loaded.ok ? this.#loaded.hash : null;
    const off = (room: string): boolean => this.#director.mode(room) === 'off';
    const { modelDirs } = this;
    const described = this.#models.descriptionProblems();
    this.#problems.replace(
      'model-file:',
      described.map(({ code, params }) => ({ scope: `model-file:${params.file}`, code, params })),
    );
    const chosen = { prefer: preference(this.#store.state), edition: edition(modelDirs[0] ?? '') };
    this.#sensing.configure(plan.sensingPlan({ config: this.#config, modelDirs, chosen, tuning: this.#tuner.advice, hash, off }));
  }

  /** Scenes made elsewhere as they are now: whoever names one that nobody knows is told so. */
  #takeScenes(): AdapterScene[] {
    const made = this.#registry.scenes();
    this.#scenesMade = JSON.stringify(made);
    const unknown = plan.unknownScenes(this.#config, made);
    this.#problems.replace(
      'scene:',
      unknown.map(({ scene, from }) => ({ scope: `scene:${scene}`, code: 'scene.unknown_origin', params: { scene, from } })),
    );
    return made;
  }

  /** Devices came or went: rooms that name one nobody knows are told so. */
  #takeDevices(): void {
    if (JSON.stringify(this.#registry.scenes()) !== this.#scenesMade) this.#configureHouse();
    const devices = this.#registry.devices();
    this.#director.setDevices(
      devices.map((device) => ({
        device,
        state: this.#registry.state(device.id) ?? { available: false, values: {}, readings: {} },
        permissions: this.#registry.permissions(device.id),
      })),
    );
    const unknown = plan.unknownDevices(this.#config, (id) => this.#registry.device(id) !== undefined);
    this.#problems.replace(
      'room:',
      unknown.map(({ room, device }) => ({ scope: `room:${room}:${device}`, code: 'room.unknown_device', params: { room, device } })),
    );
    this.events.emit('house');
  }

  #httpsView(): HouseView['https'] {
    const certificate = this.#certificates.current;
    if (!certificate) return null;
    const { fingerprint, own, validUntil } = certificate;
    return { fingerprint, own, validUntil, addresses: this.#http.addresses() };
  }

  #facts() {
    return plan.houseFacts({
      config: this.#config,
      hub: { id: this.#store.hubId, version: this.#options.version, startedAt: this.#startedAt },
      file: { file: this.#options.configFile, state: this.#loaded.ok ? 'ok' : 'safe', restartRequired: this.#restartRequired },
      https: this.#httpsView(),
      mqtt: this.#messaging.view(),
    });
  }
}

/** Recorded by scripts/record-demo.ts: numbers that the real senses gave. */
function readRecording() {
  const file = fileURLToPath(new URL('../config/demo.jsonl', import.meta.url));
  try {
    return parseLog(readFileSync(file, 'utf8'), file).flatMap((entry) => ('observation' in entry ? [entry.observation] : []));
  } catch (error) {
    throw new RoomtoneError('internal.unexpected', { params: { what: toRoomtoneError(error).message }, cause: error });
  }
}
