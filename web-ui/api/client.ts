import type { ActivityEntry, AdapterView, DiscoveryView } from '../../daemon/api/devices.ts';
import type { MessageParams } from '../../daemon/api/errors.ts';
import type { FeedbackView } from '../../daemon/api/learning.ts';
import type { Mode } from '../../daemon/api/mode.ts';
import type { HouseView, InferenceView, ModelView } from '../../daemon/api/views.ts';
import type { Skip } from '../../daemon/devices/adapter.ts';
import type { Attributes, DeviceId } from '../../daemon/devices/device.ts';
import type { MeshView } from '../../daemon/devices/mesh.ts';
import type { Permissions } from '../../daemon/devices/permissions.ts';
import type { Verdict } from '../../daemon/mood/verdict.ts';
import { parseWire } from './wire.ts';

export interface Session {
  authenticated: boolean;
  /** No password exists yet: the set-up link of the terminal sets one. */
  setupRequired: boolean;
}

/** A token without its secret. */
export interface TokenView {
  id: string;
  name: string;
  /** The phone source that its holder may send to, and do nothing else; null: everything. */
  source: string | null;
  /** Epoch ms */
  createdAt: number;
  lastUsedAt: number | null;
}

/** The code of an ApiError when no answer came at all. */
export const NO_ANSWER = 'panel.no_answer';

/** What the hub answered instead of doing it, or that it did not answer. */
export class ApiError extends Error {
  readonly code: string;
  readonly params: MessageParams;
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;

  constructor(details: { code: string; params?: MessageParams; message?: string; status: number; cause?: unknown }) {
    super(details.message ?? details.code, { cause: details.cause });
    this.name = 'ApiError';
    this.code = details.code;
    this.params = details.params ?? {};
    this.status = details.status;
  }
}

export interface ClientOptions {
  fetch: typeof globalThis.fetch;
  /** A call was refused because the session is over. */
  onSignedOut(): void;
  /** The hub's wall clock, epoch ms to the second, with every answer that tells it. */
  onServerTime(at: number): void;
}

/** How long a call may take, ms. Pairing waits for a person and has no limit of its own. */
const PATIENCE = 10_000;
/** And one that has to ask devices first, ms. */
const LOOK = 30_000;
/** And one that a person may have to wake a device for, ms. */
const WAKE = 70_000;

/** The hub's HTTP interface. Every call rejects with an ApiError alone, or with an AbortError if the caller aborted it. */
export class Client {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  session(): Promise<Session> {
    return this.#call('GET', '/api/session') as Promise<Session>;
  }

  house(): Promise<HouseView> {
    return this.#call('GET', '/api/house') as Promise<HouseView>;
  }

  async setup(token: string, password: string): Promise<void> {
    await this.#call('POST', '/api/setup', { body: { token, password } });
  }

  async login(password: string): Promise<void> {
    await this.#call('POST', '/api/login', { body: { password } });
  }

  async logout(): Promise<void> {
    await this.#call('POST', '/api/logout');
  }

  async setMode(room: string, mode: Mode): Promise<void> {
    await this.#call('PUT', path`/api/rooms/${room}/mode`, { body: { mode } });
  }

  async setScene(room: string, scene: string | null): Promise<void> {
    await this.#call('PUT', path`/api/rooms/${room}/scene`, { body: { scene } });
  }

  async acceptSuggestion(room: string): Promise<void> {
    await this.#call('POST', path`/api/rooms/${room}/suggestion/accept`);
  }

  async resetScene(room: string, scene: string): Promise<void> {
    await this.#call('DELETE', path`/api/rooms/${room}/scenes/${scene}`);
  }

  async setIntensity(room: string, intensity: number): Promise<void> {
    await this.#call('PUT', path`/api/rooms/${room}/intensity`, { body: { intensity } });
  }

  async setAmbience(room: string, on: boolean): Promise<void> {
    await this.#call('PUT', path`/api/rooms/${room}/ambience`, { body: { on } });
  }

  async tell(room: string, text: string): Promise<void> {
    await this.#call('POST', path`/api/rooms/${room}/text`, { body: { text } });
  }

  feedback(room: string): Promise<FeedbackView> {
    return this.#call('GET', path`/api/rooms/${room}/feedback`) as Promise<FeedbackView>;
  }

  say(room: string, verdict: Verdict): Promise<FeedbackView> {
    return this.#call('POST', path`/api/rooms/${room}/feedback`, { body: { verdict } }) as Promise<FeedbackView>;
  }

  takeBack(room: string, entry: string): Promise<FeedbackView> {
    return this.#call('DELETE', path`/api/rooms/${room}/feedback/${entry}`) as Promise<FeedbackView>;
  }

  async resume(room: string): Promise<void> {
    await this.#call('POST', path`/api/rooms/${room}/resume`);
  }

  async setDevice(device: DeviceId, attributes: Attributes): Promise<void> {
    await this.#call('PUT', path`/api/devices/${device}`, { body: attributes });
  }

  async pin(device: DeviceId): Promise<void> {
    await this.#call('POST', path`/api/devices/${device}/pin`);
  }

  async resumeDevice(device: DeviceId): Promise<void> {
    await this.#call('POST', path`/api/devices/${device}/resume`);
  }

  async setSensing(on: boolean): Promise<void> {
    await this.#call('PUT', '/api/sensing', { body: { on } });
  }

  async setDemo(on: boolean): Promise<void> {
    await this.#call('PUT', '/api/demo', { body: { on } });
  }

  async setSource(source: string, on: boolean): Promise<void> {
    await this.#call('PUT', path`/api/sources/${source}`, { body: { on } });
  }

  /** @returns the new source, which is off */
  async addPhone(room: string): Promise<string> {
    const { source } = (await this.#call('POST', path`/api/rooms/${room}/phones`, { body: {} })) as { source: string };
    return source;
  }

  async removePhone(source: string): Promise<void> {
    await this.#call('DELETE', path`/api/sources/${source}`);
  }

  tokens(): Promise<TokenView[]> {
    return this.#call('GET', '/api/tokens') as Promise<TokenView[]>;
  }

  /** @returns the secret, which is told this once */
  async createSensorToken(source: string, name: string): Promise<string> {
    const { token } = (await this.#call('POST', path`/api/sources/${source}/tokens`, { body: { name } })) as { token: string };
    return token;
  }

  async revokeToken(id: string): Promise<void> {
    await this.#call('DELETE', path`/api/tokens/${id}`);
  }

  models(): Promise<ModelView[]> {
    return this.#call('GET', '/api/models') as Promise<ModelView[]>;
  }

  /** Begins it: `models` tells how far it is. */
  fetchModel(id: string): Promise<ModelView[]> {
    return this.#call('POST', path`/api/models/${id}/fetch`) as Promise<ModelView[]>;
  }

  /** Begins to fetch what the recommended set lacks. */
  fetchRecommended(): Promise<ModelView[]> {
    return this.#call('POST', '/api/models/recommended') as Promise<ModelView[]>;
  }

  inference(): Promise<InferenceView> {
    return this.#call('GET', '/api/models/inference') as Promise<InferenceView>;
  }

  useModel(role: string, id: string): Promise<ModelView[]> {
    return this.#call('PUT', '/api/models/use', { body: { role, id } }) as Promise<ModelView[]>;
  }

  async reload(): Promise<void> {
    await this.#call('POST', '/api/reload');
  }

  adapters(): Promise<AdapterView[]> {
    return this.#call('GET', '/api/adapters') as Promise<AdapterView[]>;
  }

  /** Takes the hub some seconds. */
  discover(): Promise<DiscoveryView> {
    return this.#call('POST', '/api/discover', { signal: AbortSignal.timeout(LOOK) }) as Promise<DiscoveryView>;
  }

  async unpair(adapter: string, id: string): Promise<void> {
    await this.#call('DELETE', path`/api/adapters/${adapter}/paired/${id}`, { signal: AbortSignal.timeout(LOOK) });
  }

  mesh(adapter: string): Promise<MeshView> {
    return this.#call('GET', path`/api/adapters/${adapter}/mesh`) as Promise<MeshView>;
  }

  permitJoin(adapter: string, seconds: number): Promise<MeshView> {
    const request = { body: { seconds }, signal: AbortSignal.timeout(LOOK) };
    return this.#call('POST', path`/api/adapters/${adapter}/mesh/join`, request) as Promise<MeshView>;
  }

  renameNode(adapter: string, node: string, name: string): Promise<MeshView> {
    return this.#call('PATCH', path`/api/adapters/${adapter}/mesh/nodes/${node}`, { body: { name } }) as Promise<MeshView>;
  }

  /** @param force also where it cannot be told */
  async removeNode(adapter: string, node: string, force: boolean): Promise<void> {
    const url = path`/api/adapters/${adapter}/mesh/nodes/${node}`;
    await this.#call('DELETE', force ? `${url}?force=true` : url, { signal: AbortSignal.timeout(LOOK) });
  }

  interviewNode(adapter: string, node: string): Promise<MeshView> {
    const request = { signal: AbortSignal.timeout(WAKE) };
    return this.#call('POST', path`/api/adapters/${adapter}/mesh/nodes/${node}/interview`, request) as Promise<MeshView>;
  }

  async placeDevice(device: DeviceId, rooms: readonly string[]): Promise<void> {
    await this.#call('PUT', path`/api/devices/${device}/rooms`, { body: { rooms } });
  }

  async permitDevice(device: DeviceId, permissions: Permissions): Promise<void> {
    await this.#call('PUT', path`/api/devices/${device}/permissions`, { body: permissions });
  }

  async identifyDevice(device: DeviceId): Promise<void> {
    await this.#call('POST', path`/api/devices/${device}/identify`, { signal: AbortSignal.timeout(LOOK) });
  }

  async skip(device: DeviceId, to: Skip): Promise<void> {
    await this.#call('POST', path`/api/devices/${device}/skip`, { body: { to }, signal: AbortSignal.timeout(LOOK) });
  }

  async forgetDevice(device: DeviceId): Promise<void> {
    await this.#call('DELETE', path`/api/devices/${device}`, { signal: AbortSignal.timeout(LOOK) });
  }

  async readmitDevice(device: DeviceId): Promise<void> {
    await this.#call('POST', path`/api/devices/${device}/readmit`);
  }

  activity(device: DeviceId): Promise<ActivityEntry[]> {
    return this.#call('GET', path`/api/devices/${device}/activity`) as Promise<ActivityEntry[]>;
  }

  /** Answers once a person pressed the bridge's button, or rejects when nobody did in time. */
  pair(adapter: string, host: string, signal: AbortSignal): Promise<{ id: string; name: string }> {
    return this.#call('POST', path`/api/adapters/${adapter}/pair`, { body: { host }, signal }) as Promise<{ id: string; name: string }>;
  }

  async #call(method: string, url: string, { body, signal }: { body?: unknown; signal?: AbortSignal } = {}): Promise<unknown> {
    const response = await this.#send(url, {
      method,
      signal: signal ?? AbortSignal.timeout(PATIENCE),
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const served = Date.parse(response.headers.get('date') ?? '');
    if (!Number.isNaN(served)) this.#options.onServerTime(served);
    try {
      return await answerOf(response);
    } catch (error) {
      if (error instanceof ApiError && error.code === 'auth.required') this.#options.onSignedOut();
      throw error;
    }
  }

  async #send(url: string, init: RequestInit): Promise<Response> {
    try {
      return await this.#options.fetch(url, init);
    } catch (cause) {
      if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
      throw new ApiError({ code: NO_ANSWER, status: 0, cause });
    }
  }
}

/** What an answer holds: JSON read, other text as it is. @throws ApiError where it is a refusal, or not the hub's */
export async function answerOf(response: Response): Promise<unknown> {
  const answer = await read(response);
  if (response.ok) return answer;
  throw refusal(response.status, answer);
}

async function read(response: Response): Promise<unknown> {
  try {
    const text = await response.text();
    if (text === '') return null;
    return response.ok && response.headers.get('content-type')?.startsWith('application/sdp') ? text : parseWire(text);
  } catch (cause) {
    // A proxy's error page, or a connection cut in the middle: neither is the hub's answer.
    throw new ApiError({ code: NO_ANSWER, status: response.status, cause });
  }
}

function refusal(status: number, answer: unknown): ApiError {
  const error = (answer as { error?: { code?: string; message?: string; params?: MessageParams } } | null)?.error;
  return new ApiError({
    status,
    code: error?.code ?? NO_ANSWER,
    ...(error?.message && { message: error.message }),
    ...(error?.params && { params: error.params }),
  });
}

/** Fills a URL path; what is filled in is escaped. */
function path(parts: TemplateStringsArray, ...values: string[]): string {
  return parts.reduce((url, part, i) => url + encodeURIComponent(values[i - 1] ?? '') + part);
}
