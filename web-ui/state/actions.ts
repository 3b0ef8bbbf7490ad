import type { Clock } from '../../daemon/api/clock.ts';
import type { FeedbackView } from '../../daemon/api/learning.ts';
import type { Mode } from '../../daemon/api/mode.ts';
import type { DeviceView } from '../../daemon/api/views.ts';
import type { Skip } from '../../daemon/devices/adapter.ts';
import type { Attributes, DeviceId } from '../../daemon/devices/device.ts';
import type { MeshView } from '../../daemon/devices/mesh.ts';
import type { Permissions } from '../../daemon/devices/permissions.ts';
import type { Verdict } from '../../daemon/mood/verdict.ts';
import { ApiError, type Client, NO_ANSWER } from '../api/client.ts';
import type { Key } from '../i18n/en.ts';
import { backoff } from './backoff.ts';
import { asTold, withNetwork } from './meshes.ts';
import { patchDevice, patchRoom } from './reduce.ts';
import { freePhone, roomById } from './select.ts';
import type { Store, Toast } from './store.ts';

export interface ActionsOptions {
  client: Client;
  store: Store;
  clock: Clock;
}

/** How long a toast stays, ms. */
const TOAST = { error: 12_000, done: 5000 } as const;

/**
 * What a person can do. Nothing rejects: what fails becomes a toast. A change is shown at once only where it can be taken
 * back without harm; sensing, sources and scenes are shown when the hub says so.
 */
export class Actions {
  readonly #client: Client;
  readonly #store: Store;
  readonly #clock: Clock;
  #toasts = 0;

  constructor({ client, store, clock }: ActionsOptions) {
    this.#client = client;
    this.#store = store;
    this.#clock = clock;
  }

  setMode(room: string, mode: Mode): Promise<void> {
    return this.#room(room, { mode }, () => this.#client.setMode(room, mode));
  }

  setAmbience(room: string, on: boolean): Promise<void> {
    return this.#room(room, { ambience: on }, () => this.#client.setAmbience(room, on));
  }

  setIntensity(room: string, intensity: number): Promise<void> {
    return this.#run(`intensity:${room}`, () => this.#client.setIntensity(room, intensity));
  }

  acceptSuggestion(room: string): Promise<void> {
    return this.#run(`scene:${room}`, () => this.#client.acceptSuggestion(room));
  }

  resetScene(room: string, scene: string): Promise<void> {
    return this.#run(`reset:${room}/${scene}`, () => this.#client.resetScene(room, scene));
  }

  pin(device: DeviceId): Promise<void> {
    return this.#run(`hold:${device}`, () => this.#client.pin(device));
  }

  resumeDevice(device: DeviceId): Promise<void> {
    return this.#run(`hold:${device}`, () => this.#client.resumeDevice(device));
  }

  setScene(room: string, scene: string | null): Promise<void> {
    return this.#run(`scene:${room}`, () => this.#client.setScene(room, scene));
  }

  /** @returns whether the hub took it */
  async tell(room: string, text: string): Promise<boolean> {
    const about = `tell:${room}`;
    let isTaken = false;
    await this.#run(about, async () => {
      await this.#client.tell(room, text);
      isTaken = true;
      this.#toast({ kind: 'done', about, text: this.#store.i18n.value.t('tell.done') });
    });
    return isTaken;
  }

  say(room: string, verdict: Verdict): Promise<void> {
    return this.#feedback(room, { call: () => this.#client.say(room, verdict), done: `feedback.done_${verdict}` });
  }

  takeBack(room: string, entry: string): Promise<void> {
    return this.#feedback(room, { call: () => this.#client.takeBack(room, entry), done: 'feedback.taken_back' });
  }

  loadFeedback(room: string): Promise<void> {
    return this.#feedback(room, { call: () => this.#client.feedback(room) });
  }

  resume(room: string): Promise<void> {
    return this.#run(`resume:${room}`, () => this.#client.resume(room));
  }

  async setDevice(device: DeviceId, attributes: Attributes): Promise<void> {
    const before = this.#store.house.value?.devices.find((each) => each.id === device)?.values;
    if (before) this.#patchDevice(device, { values: afterWish(before, attributes) });
    const done = await this.#attempt(`device:${device}`, () => this.#client.setDevice(device, attributes));
    if (!done && before) this.#patchDevice(device, { values: before });
  }

  setSensing(on: boolean): Promise<void> {
    return this.#run('sensing', () => this.#client.setSensing(on));
  }

  setDemo(on: boolean): Promise<void> {
    return this.#run('demo', () => this.#client.setDemo(on));
  }

  setSource(source: string, on: boolean): Promise<void> {
    return this.#run(`source:${source}`, () => this.#client.setSource(source, on));
  }

  /** Finds, or adds, a source of the room that no other device uses or may use, and switches it on. @returns null where the hub refused */
  async readyPhone(room: string): Promise<string | null> {
    return this.#ask(`phone:${room}`, async () => {
      await this.#fetchTokens();
      const { house, tokens } = this.#store;
      const view = house.value && roomById(house.value, room);
      const source = (view && freePhone(view, tokens.value ?? [])) ?? (await this.#client.addPhone(room));
      await this.#client.setSource(source, true);
      return source;
    });
  }

  /** @returns the token of a device that may send to `source`; null where the hub refused */
  async admitDevice(source: string, name: string): Promise<string | null> {
    return this.#ask(`admit:${source}`, async () => {
      const token = await this.#client.createSensorToken(source, name);
      await this.#fetchTokens();
      return token;
    });
  }

  removePhone(source: string): Promise<void> {
    return this.#run(`remove:${source}`, async () => {
      await this.#client.removePhone(source);
      await this.#fetchTokens();
    });
  }

  loadTokens(): Promise<void> {
    return this.#run('tokens', () => this.#fetchTokens());
  }

  revokeToken(id: string): Promise<void> {
    return this.#run(`token:${id}`, async () => {
      await this.#client.revokeToken(id);
      await this.#fetchTokens();
    });
  }

  loadModels(): Promise<void> {
    return this.#run('models', async () => {
      this.#store.models.value = await this.#client.models();
    });
  }

  loadInference(): Promise<void> {
    return this.#run('inference', async () => {
      this.#store.inference.value = await this.#client.inference();
    });
  }

  fetchRecommended(): Promise<void> {
    return this.#run('models:recommended', async () => {
      this.#store.models.value = await this.#client.fetchRecommended();
    });
  }

  fetchModel(id: string): Promise<void> {
    return this.#run(`model:${id}`, async () => {
      this.#store.models.value = await this.#client.fetchModel(id);
    });
  }

  useModel(role: string, id: string): Promise<void> {
    return this.#run(`model:${id}`, async () => {
      this.#store.models.value = await this.#client.useModel(role, id);
    });
  }

  reload(): Promise<void> {
    return this.#run('reload', async () => {
      await this.#client.reload();
      this.#toast({ kind: 'done', about: 'reload', text: this.#store.i18n.value.t('house.reloaded') });
    });
  }

  pair(adapter: string, host: string, signal: AbortSignal): Promise<void> {
    return this.#run('pair', async () => {
      const { name } = await this.#client.pair(adapter, host, signal);
      this.#toast({ kind: 'done', about: 'pair', text: this.#store.i18n.value.t('pair.done', { name }) });
      this.#store.found.value = null;
      await this.loadAdapters();
    });
  }

  unpair(adapter: string, id: string): Promise<void> {
    return this.#run(`unpair:${id}`, async () => {
      await this.#client.unpair(adapter, id);
      await this.loadAdapters();
    });
  }

  loadAdapters(): Promise<void> {
    return this.#run('adapters', async () => {
      this.#store.adapters.value = await this.#client.adapters();
    });
  }

  discover(): Promise<void> {
    return this.#run('discover', async () => {
      this.#store.found.value = await this.#client.discover();
    });
  }

  /** All radio networks that adapters keep now. */
  async loadNetworks(): Promise<void> {
    await this.loadAdapters();
    const keepers = (this.#store.adapters.value ?? []).filter(({ mesh }) => mesh);
    const kept = new Set(keepers.map(({ id }) => id));
    this.#store.networks.value = new Map([...this.#store.networks.value].filter(([id]) => kept.has(id)));
    await Promise.all(keepers.map(({ id }) => this.#network(id, { name: `mesh:${id}`, call: () => this.#client.mesh(id) })));
  }

  /** @param seconds 0: nothing more comes in */
  permitJoin(adapter: string, seconds: number): Promise<void> {
    return this.#network(adapter, { name: `join:${adapter}`, call: () => this.#client.permitJoin(adapter, seconds) });
  }

  renameNode(adapter: string, node: string, name: string): Promise<void> {
    return this.#network(adapter, { name: `rename:${node}`, call: () => this.#client.renameNode(adapter, node, name) });
  }

  interviewNode(adapter: string, node: string): Promise<void> {
    return this.#network(adapter, { name: `interview:${node}`, call: () => this.#client.interviewNode(adapter, node) });
  }

  /** @returns whether it is out */
  async removeNode(adapter: string, { id, name }: { id: string; name: string }, force: boolean): Promise<boolean> {
    const about = `remove:${id}`;
    const done = await this.#ask(about, async () => {
      await this.#client.removeNode(adapter, id, force);
      this.#toast({ kind: 'done', about, text: this.#store.i18n.value.t('mesh.removed', { name }) });
      return true;
    });
    return done === true;
  }

  placeDevice(device: DeviceId, rooms: readonly string[]): Promise<void> {
    return this.#device(`place:${device}`, { device, change: { rooms: [...rooms] } }, () => this.#client.placeDevice(device, rooms));
  }

  permitDevice(device: DeviceId, permissions: Permissions): Promise<void> {
    return this.#device(`permit:${device}`, { device, change: { permissions } }, () => this.#client.permitDevice(device, permissions));
  }

  identifyDevice(device: DeviceId): Promise<void> {
    return this.#run(`identify:${device}`, () => this.#client.identifyDevice(device));
  }

  /** What plays next, or played before. */
  skip(device: DeviceId, to: Skip): Promise<void> {
    return this.#run(`skip:${device}`, () => this.#client.skip(device, to));
  }

  forgetDevice(device: DeviceId): Promise<void> {
    return this.#run(`forget:${device}`, async () => {
      await this.#client.forgetDevice(device);
      this.#toast({ kind: 'done', about: `forget:${device}`, text: this.#store.i18n.value.t('device.forgotten') });
    });
  }

  readmitDevice(device: DeviceId): Promise<void> {
    return this.#run(`readmit:${device}`, async () => {
      await this.#client.readmitDevice(device);
      const { found } = this.#store;
      if (found.value) found.value = { ...found.value, hidden: found.value.hidden.filter(({ id }) => id !== device) };
    });
  }

  loadActivity(device: DeviceId): Promise<void> {
    return this.#run(`activity:${device}`, async () => {
      const lines = await this.#client.activity(device);
      this.#store.activity.value = new Map([...this.#store.activity.value, [device, lines]]);
    });
  }

  /** Finds out whether this browser is logged in. Keeps asking until the hub answers. */
  async findSession(attempt = 0): Promise<void> {
    try {
      const { authenticated, setupRequired } = await this.#client.session();
      this.#store.session.value = setupRequired ? 'setup' : authenticated ? 'signed-in' : 'signed-out';
    } catch {
      this.#store.session.value = 'no-answer';
      this.#clock.after(backoff(attempt, 0.5), () => void this.findSession(attempt + 1));
    }
  }

  async login(password: string): Promise<void> {
    await this.#run('login', async () => {
      await this.#client.login(password);
      this.#store.session.value = 'signed-in';
    });
  }

  async setup(token: string, password: string): Promise<void> {
    await this.#run('setup', async () => {
      await this.#client.setup(token, password);
      const { authenticated } = await this.#client.session();
      if (!authenticated) await this.#client.login(password);
      this.#store.session.value = 'signed-in';
    });
  }

  async logout(): Promise<void> {
    await this.#run('logout', async () => {
      await this.#client.logout();
      this.#store.session.value = 'signed-out';
    });
  }

  dismiss(id: number): void {
    this.#store.toasts.value = this.#store.toasts.value.filter((toast) => toast.id !== id);
  }

  async #room(room: string, change: { mode: Mode } | { ambience: boolean }, call: () => Promise<void>): Promise<void> {
    const house = this.#store.house.value;
    const before = house ? roomById(house, room) : undefined;
    if (house) this.#store.house.value = patchRoom(house, room, change);
    if (await this.#attempt(`room:${room}`, call)) return;
    const now = this.#store.house.value;
    if (now && before) this.#store.house.value = patchRoom(now, room, { mode: before.mode, ambience: before.ambience });
  }

  /** Shows a change at once, and takes it back where the hub refuses it. */
  #device(
    name: string,
    { device, change }: { device: DeviceId; change: Pick<Partial<DeviceView>, 'rooms' | 'permissions'> },
    call: () => Promise<void>,
  ): Promise<void> {
    return this.#run(name, async () => {
      const before = this.#store.house.value?.devices.find((each) => each.id === device);
      this.#patchDevice(device, change);
      try {
        await call();
      } catch (error) {
        if (before) this.#patchDevice(device, { rooms: before.rooms, permissions: before.permissions });
        throw error;
      }
    });
  }

  #patchDevice(device: DeviceId, change: Partial<DeviceView>): void {
    const house = this.#store.house.value;
    if (house) this.#store.house.value = patchDevice(house, device, change);
  }

  #network(adapter: string, { name, call }: { name: string; call: () => Promise<MeshView> }): Promise<void> {
    return this.#run(name, async () => {
      const network = asTold(adapter, await call(), this.#clock.wall());
      this.#store.networks.value = withNetwork(this.#store.networks.value, network);
    });
  }

  #feedback(room: string, { call, done }: { call: () => Promise<FeedbackView>; done?: Key }): Promise<void> {
    const about = `feedback:${room}`;
    return this.#run(about, async () => {
      const view = await call();
      this.#store.feedback.value = new Map([...this.#store.feedback.value, [room, view]]);
      if (done) this.#toast({ kind: 'done', about, text: this.#store.i18n.value.t(done) });
    });
  }

  async #fetchTokens(): Promise<void> {
    this.#store.tokens.value = await this.#client.tokens();
  }

  async #ask<T>(name: string, call: () => Promise<T>): Promise<T | null> {
    let answer: T | null = null;
    await this.#run(name, async () => {
      answer = await call();
    });
    return answer;
  }

  async #run(name: string, call: () => Promise<void>): Promise<void> {
    const { pending } = this.#store;
    if (pending.value.has(name)) return;
    pending.value = new Set([...pending.value, name]);
    await this.#attempt(name, call);
    pending.value = new Set([...pending.value].filter((each) => each !== name));
  }

  /** What the last attempt had to tell is over with the next. */
  async #attempt(name: string, call: () => Promise<void>): Promise<boolean> {
    this.#store.toasts.value = this.#store.toasts.value.filter(({ about }) => about !== name);
    try {
      await call();
      return true;
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'AbortError')) {
        this.#toast({ kind: 'error', about: name, text: this.#sentence(error) });
      }
      return false;
    }
  }

  #sentence(error: unknown): string {
    const { t, code } = this.#store.i18n.value;
    if (!(error instanceof ApiError)) return code('internal.unexpected', { what: String(error) });
    return error.code === NO_ANSWER ? t('error.offline') : code(error.code, error.params, error.message);
  }

  #toast(toast: Omit<Toast, 'id'>): void {
    const id = this.#toasts++;
    const others = this.#store.toasts.value.filter(({ text }) => text !== toast.text);
    this.#store.toasts.value = [...others, { id, ...toast }];
    this.#clock.after(TOAST[toast.kind], () => this.dismiss(id));
  }
}

/** A lamp shows either a color or a white: asking for one ends the other. */
function afterWish(values: Attributes, wish: Attributes): Attributes {
  if (!wish.color && wish.colorTemperature === undefined) return { ...values, ...wish };
  const { color: _color, colorTemperature: _white, ...rest } = values;
  return { ...rest, ...wish };
}
