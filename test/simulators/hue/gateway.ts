import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, page, write } from './answer.ts';
import type { ApiV1 } from './api-v1.ts';
import { answerClip } from './clip/clip.ts';
import { monotonicMs, type SimulatorClock, Timers } from './clock.ts';
import type { EventStream } from './event-stream.ts';
import type { Faults } from './faults.ts';
import type { House } from './home/house.ts';
import type { CommandLimits } from './limits.ts';
import { type Random, type Span, within } from './random.ts';
import { parseJson, type RecordedRequest, readText } from './requests.ts';
import type { BridgeServer } from './server.ts';
import type { Waiting } from './waiting.ts';

interface GatewayOptions {
  api: ApiV1;
  house: House;
  stream: EventStream;
  faults: Faults;
  limits: CommandLimits;
  waiting: Waiting;
  clock: SimulatorClock;
  random: Random;
  /** From a request to its answer, ms. */
  answerDelay: Span;
  /** Requests under way at once. */
  parallel: number;
  tooMany: 'refused' | 'lost';
  /** `/description.xml` as it is now. */
  description: () => string;
}

const streamPath = '/eventstream/clip/v2';
const descriptionPath = '/description.xml';

/** What stands between the network and the API: it records requests, refuses what it must, and answers the rest. */
export class Gateway {
  readonly requests: RecordedRequest[] = [];
  rateLimitHits = 0;
  /** Requests that wait for their answer, event streams aside. */
  underWay = 0;
  readonly #options: GatewayOptions;
  readonly #answers: Timers;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#answers = new Timers(options.clock);
  }

  async handle(server: BridgeServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { faults, stream, waiting } = this.#options;
    const text = await readText(request);
    const recorded: RecordedRequest = {
      firstByteAt: server.firstBytes.take(request.socket),
      receivedAt: monotonicMs(),
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: text === '' ? undefined : (parseJson(text) ?? text),
    };
    this.requests.push(recorded);
    waiting.check();
    if (faults.stalled || server.isDead(request)) return;

    const refusal = this.#refusal(recorded, server.isPlain(request));
    if (recorded.path === streamPath && !refusal) {
      recorded.status = 200;
      stream.accept(response, String(request.headers['hue-application-key']), lastEventId(request));
      response.on('close', () => waiting.check());
      waiting.check();
      return;
    }
    this.underWay += 1;
    response.on('close', () => {
      this.underWay -= 1;
    });
    const answer = refusal ?? this.#answer(recorded, text);
    recorded.status = answer.status;
    this.#answers.after(within(this.#options.answerDelay, this.#options.random) + faults.extraDelay, () => {
      if (!server.isDead(request)) write(response, answer);
    });
  }

  close(): void {
    this.#answers.cancelAll();
  }

  /** What stands between a request and the API, in the order in which the web server looks. */
  #refusal({ method, path, headers }: RecordedRequest, isPlain: boolean): Answer | undefined {
    const { api, faults, parallel } = this.#options;
    const fault = faults.answer();
    if (fault) return fault;
    const isStream = path === streamPath;
    if (!isStream && this.underWay >= parallel) return this.#limited();
    if (path.startsWith('/api') || path === descriptionPath) return undefined;
    // Only what was there before HTTPS is there without it.
    if (isPlain || (!isStream && !/^\/clip\/v2\/resource(\/|$)/.test(path))) return page(404);
    if (!api.knows(headers['hue-application-key'])) return page(403);
    return isStream && method !== 'GET' ? page(405) : undefined;
  }

  #answer({ method, path }: RecordedRequest, text: string): Answer {
    const { api, house, limits, tooMany } = this.#options;
    if (path === descriptionPath) return { status: 200, contentType: 'text/xml', body: this.#options.description() };
    if (path.startsWith('/api')) return api.answer(method, path, text);
    const inVain = !limits.pass(method, path, text);
    if (inVain && tooMany === 'refused') return this.#limited();
    return answerClip(house, { method, path, text, inVain });
  }

  #limited(): Answer {
    this.rateLimitHits += 1;
    return page(429);
  }
}

const lastEventId = ({ headers }: IncomingMessage): string | undefined => {
  const value = headers['last-event-id'];
  return Array.isArray(value) ? value[0] : value;
};
