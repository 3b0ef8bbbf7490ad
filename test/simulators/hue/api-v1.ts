import { type Answer, json } from './answer.ts';
import type { SimulatorClock } from './clock.ts';
import { hex, type Random } from './random.ts';
import { parseJson } from './requests.ts';

interface ApiV1Options {
  bridgeId: string;
  bridgeName: string;
  clock: SimulatorClock;
  random: Random;
  /** How long a press of the link button counts, ms. */
  linkWindow: number;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-';

const v1Error = (type: number, address: string, description: string): Answer => json(200, [{ error: { type, address, description } }]);

/** What is left of API v1: the link button with `POST /api`, the application keys given out, and what anyone may ask. */
export class ApiV1 {
  readonly #options: ApiV1Options;
  readonly #keys = new Set<string>();
  #pressedAt = Number.NEGATIVE_INFINITY;

  constructor(options: ApiV1Options) {
    this.#options = options;
  }

  pressLinkButton(): void {
    this.#pressedAt = this.#options.clock.mono();
  }

  /** A new application key, as pairing gives it. */
  issue(): string {
    const { random } = this.#options;
    const key = Array.from({ length: 40 }, () => letters[Math.floor(random() * letters.length)]).join('');
    this.#keys.add(key);
    return key;
  }

  knows(key: unknown): key is string {
    return typeof key === 'string' && this.#keys.has(key);
  }

  /** Forgets one key, or all. */
  revoke(key?: string): void {
    if (key === undefined) this.#keys.clear();
    else this.#keys.delete(key);
  }

  /** Answers a request under `/api`; API v1 says errors in the body of a 200. */
  answer(method: string, path: string, text: string): Answer {
    if (path === '/api' && method === 'POST') return this.#pair(text);
    if (/^\/api(\/[^/]+)?\/config$/.test(path) && method === 'GET') return json(200, this.#publicConfig());
    const address = path.slice('/api'.length) || '/';
    return v1Error(4, address, `method, ${method}, not available for resource, ${address}`);
  }

  #publicConfig() {
    const id = this.#options.bridgeId.toLowerCase();
    return {
      name: this.#options.bridgeName,
      datastoreversion: '178',
      swversion: '1978074000',
      apiversion: '1.78.0',
      mac: (`${id.slice(0, 6)}${id.slice(10)}`.match(/../g) ?? []).join(':'),
      bridgeid: id.toUpperCase(),
      factorynew: false,
      replacesbridgeid: null,
      modelid: 'BSB002',
      starterkitid: '',
    };
  }

  #pair(text: string): Answer {
    const body = parseJson(text);
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return v1Error(2, '/', 'body contains invalid json');
    const { devicetype, generateclientkey, ...foreign } = body as Record<string, unknown>;
    const [unknown] = Object.keys(foreign);
    if (unknown) return v1Error(6, `/${unknown}`, `parameter, ${unknown}, not available`);
    if (devicetype === undefined) return v1Error(5, '/', 'invalid/missing parameters in body');
    if (typeof devicetype !== 'string' || devicetype.length < 1 || devicetype.length > 40)
      return v1Error(7, '/devicetype', `invalid value, ${devicetype}, for parameter, devicetype`);
    if (this.#options.clock.mono() - this.#pressedAt > this.#options.linkWindow) return v1Error(101, '', 'link button not pressed');
    const username = this.issue();
    const clientkey = hex(32, this.#options.random).toUpperCase();
    return json(200, [{ success: generateclientkey === true ? { username, clientkey } : { username } }]);
  }
}
