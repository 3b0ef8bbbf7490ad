import type { X509Certificate } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { Agent, buildConnector, type Dispatcher, errors, request } from 'undici';
import { z } from 'zod';
import type { Clock } from '../../daemon/api/clock.ts';
import { RoomtoneError } from '../../daemon/api/errors.ts';

/** A bridge refuses more than this many requests at a time (aiohue, `HueBridgeV2.request`); the event stream comes on top. */
const PARALLEL = 3;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export interface HueClientOptions {
  /** Host name or address, with an optional port. */
  host: string;
  clock: Clock;
  /** ms until an answer must be there */
  answerWithin: number;
  /** Whether the bridge shows a certificate of its own. Absent only before the bridge is known. */
  trusts?: (certificate: X509Certificate) => boolean;
  /** Application key. */
  key?: string;
}

/** What anybody may ask a bridge: `GET /api/config` (API v1, without a key). */
const publicConfigSchema = z.object({
  bridgeid: z.string().regex(/^[0-9a-f]{16}$/i),
  name: z.string(),
});

export interface BridgeIdentity {
  /** 16 lower-case hex digits */
  id: string;
  name: string;
  /** The one it showed. */
  certificate: X509Certificate;
}

const errorsSchema = z.object({
  errors: z.array(z.object({ description: z.string().optional(), error_code: z.string().optional() })).default([]),
});

/** What a bridge remarks on a command that it took all the same (status 207). */
export type Remark = z.infer<typeof errorsSchema>['errors'][number];

/**
 * HTTPS to one bridge. Its certificate names the bridge's id instead of the address and is signed by nobody a computer
 * trusts, so a check of our own stands in for both of the usual ones, on every new connection.
 */
export class HueClient {
  readonly #options: HueClientOptions;
  readonly #requests: Agent;
  readonly #streams: Agent;
  #seen: X509Certificate | undefined;

  constructor(options: HueClientOptions) {
    this.#options = options;
    const connect = this.#connector();
    this.#requests = new Agent({ connect, connections: PARALLEL, maxResponseSize: MAX_ANSWER_BYTES });
    this.#streams = new Agent({ connect, bodyTimeout: 0 });
  }

  async close(): Promise<void> {
    await Promise.all([this.#requests.destroy(), this.#streams.destroy()]);
  }

  /** @throws RoomtoneError `hue.not_a_bridge` */
  async identify(signal: AbortSignal): Promise<BridgeIdentity> {
    const answer = await this.#json('GET', '/api/config', { signal }).catch((error: RoomtoneError) => {
      if (error.code === 'device.refused') return undefined;
      throw error;
    });
    const parsed = publicConfigSchema.safeParse(answer);
    if (!parsed.success || !this.#seen) throw new RoomtoneError('hue.not_a_bridge', { params: { host: this.#options.host } });
    return { id: parsed.data.bridgeid.toLowerCase(), name: parsed.data.name, certificate: this.#seen };
  }

  /** `POST /api` (API v1), the only way to get a key. The answer is a list with one `success` or `error`. */
  createUser(devicetype: string, signal: AbortSignal): Promise<unknown> {
    return this.#json('POST', '/api', { signal, body: { devicetype } });
  }

  /**
   * Asks the bridge to forget our key (API v1). Bridges refuse it since firmware of 2019, in an answer of status 200: then a
   * person can do it in the Hue app (github.com/Hyrules/WinHue, issue 231). @returns whether it did
   */
  async deleteKey(signal: AbortSignal): Promise<boolean> {
    const key = encodeURIComponent(this.#options.key ?? '');
    const answer = await this.#json('DELETE', `/api/${key}/config/whitelist/${key}`, { signal });
    return z.tuple([z.object({ success: z.unknown() })]).safeParse(answer).success;
  }

  /** Every resource of the bridge, as it sent them. */
  async resources(signal: AbortSignal): Promise<unknown[]> {
    const parsed = z.object({ data: z.array(z.unknown()) }).safeParse(await this.#json('GET', '/clip/v2/resource', { signal }));
    if (!parsed.success) throw this.#bad('no list of resources');
    return parsed.data.data;
  }

  /** `PUT /clip/v2/resource/<path>`. @returns what the bridge remarks on a command that it took */
  async put(path: `${string}/${string}`, body: object, signal: AbortSignal): Promise<Remark[]> {
    const parsed = errorsSchema.safeParse(await this.#json('PUT', `/clip/v2/resource/${path}`, { signal, body }));
    if (!parsed.success) throw this.#bad('no CLIP answer');
    return parsed.data.errors;
  }

  /**
   * The event stream, from the first byte after its headers.
   * @throws RoomtoneError `hue.too_old` where there is none
   */
  async openStream(lastEventId: string | undefined, signal: AbortSignal): Promise<Readable> {
    const headers = { accept: 'text/event-stream', ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) };
    const answer = await this.#withDeadline(signal, (within) =>
      this.#send('GET', '/eventstream/clip/v2', { headers, signal: within, dispatcher: this.#streams }),
    );
    const type = String(answer.headers['content-type'] ?? '');
    if (answer.statusCode === 200 && type.startsWith('text/event-stream')) return answer.body;
    answer.body.on('error', () => {}).destroy();
    if (answer.statusCode === 404) throw new RoomtoneError('hue.too_old', { params: { host: this.#options.host } });
    throw this.#refusal(answer.statusCode, '') ?? this.#bad(`an event stream of type "${type}"`);
  }

  #json(method: Dispatcher.HttpMethod, path: string, { body, signal }: { body?: object; signal: AbortSignal }): Promise<unknown> {
    return this.#withDeadline(signal, async (within) => {
      const content = body === undefined ? {} : { body: JSON.stringify(body) };
      const headers: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
      const answer = await this.#send(method, path, { ...content, headers, signal: within, dispatcher: this.#requests });
      const text = await answer.body.text();
      const refusal = this.#refusal(answer.statusCode, text);
      if (refusal) throw refusal;
      return this.#parse(text);
    });
  }

  #send(method: Dispatcher.HttpMethod, path: string, { headers, ...rest }: SendOptions): Promise<Dispatcher.ResponseData> {
    const { host, key } = this.#options;
    const authorization = key === undefined ? {} : { 'hue-application-key': key };
    return request(`https://${host}${path}`, { ...rest, method, headers: { ...headers, ...authorization } });
  }

  /** Ends `work` when nothing came of it in time, and says what went wrong on the way in one of our codes. */
  async #withDeadline<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, host, answerWithin } = this.#options;
    const deadline = new AbortController();
    const timer = clock.after(answerWithin, () => deadline.abort(new RoomtoneError('device.timeout', { params: { device: host } })));
    try {
      return await work(AbortSignal.any([signal, deadline.signal]));
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof RoomtoneError) throw cause;
      const slow = cause instanceof errors.ConnectTimeoutError;
      throw new RoomtoneError(slow ? 'device.timeout' : 'device.unreachable', { params: { device: host }, cause });
    } finally {
      timer.cancel();
    }
  }

  /** The error that a status stands for, if it stands for one. 207 is a command taken with remarks. */
  #refusal(status: number, text: string): RoomtoneError | undefined {
    const { host } = this.#options;
    if (status === 200 || status === 207) return undefined;
    if (status === 401 || status === 403) return new RoomtoneError('hue.key_revoked', { params: { host } });
    // 429 since the firmware of 2022, 503 before it (aiohue, pull request 144).
    if (status === 429 || status === 503) return new RoomtoneError('device.rate_limited', { params: { device: host } });
    if (status >= 500) return this.#bad(`status ${status}`);
    return new RoomtoneError('device.refused', { params: { device: host, what: descriptionIn(text) ?? `status ${status}` } });
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      throw this.#bad('no JSON');
    }
  }

  #bad(what: string): RoomtoneError {
    return new RoomtoneError('hue.bad_answer', { params: { host: this.#options.host, what } });
  }

  #connector(): buildConnector.connector {
    const { host, trusts, answerWithin } = this.#options;
    // No sessions are kept: a resumed one would not show its certificate again.
    const connect = buildConnector({ rejectUnauthorized: false, maxCachedSessions: 0, allowH2: false, timeout: answerWithin });
    return (options, callback) =>
      connect(options, (...[error, socket]) => {
        if (error) return callback(error, null);
        this.#seen = (socket as TLSSocket).getPeerX509Certificate();
        if (!trusts || (this.#seen && trusts(this.#seen))) return callback(null, socket);
        socket.destroy();
        return callback(new RoomtoneError('hue.certificate_changed', { params: { host } }), null);
      });
  }
}

interface SendOptions {
  headers: Record<string, string>;
  signal: AbortSignal;
  dispatcher: Agent;
  body?: string;
}

function descriptionIn(text: string): string | undefined {
  try {
    return errorsSchema.safeParse(JSON.parse(text)).data?.errors[0]?.description;
  } catch {
    return undefined;
  }
}
