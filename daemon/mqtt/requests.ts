import { z } from 'zod';
import { RoomtoneError, toRoomtoneError } from '../api/errors.ts';
import type { HubApi } from '../api/hub.ts';
import { render } from '../api/render.ts';
import type { Topics } from '../api/topics.ts';
import type { MqttMessage, MqttPort } from '../devices/mqtt-port.ts';
import type { Refusals } from './refusals.ts';

const LONGEST = 4096;
const CALL = /^[a-z_]{1,40}$/;

const requestSchema = z.object({
  /** Comes back in the answer, to tell it from others'. */
  transaction: z.union([z.string().max(80), z.number()]).optional(),
});

type Transaction = z.infer<typeof requestSchema>['transaction'];

export interface RequestsOptions {
  hub: HubApi;
  port: MqttPort;
  topics: Topics;
  refusals: Refusals;
}

/** Answers `bridge/request/<call>` on `bridge/response/<call>`. */
export class Requests {
  readonly #options: RequestsOptions;
  readonly #calls: ReadonlyMap<string, () => unknown>;
  #unsubscribe: (() => void) | undefined;

  constructor(options: RequestsOptions) {
    this.#options = options;
    const { commands, queries } = options.hub;
    this.#calls = new Map<string, () => unknown>([
      ['health', () => queries.health()],
      ['rooms', () => queries.house().rooms.map(({ id, name, mode, scene, ambience }) => ({ id, name, mode, scene, ambience }))],
      ['reload', () => commands.reload({ kind: 'mqtt', name: 'client' })],
    ]);
  }

  start(): void {
    const { port, topics } = this.#options;
    this.#unsubscribe = port.subscribe(topics.request('+'), (message) => void this.#answer(message));
  }

  close(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  async #answer({ topic, payload, retain }: MqttMessage): Promise<void> {
    const { port, refusals, topics } = this.#options;
    const call = topic.slice(topics.request('').length);
    if (retain && payload.length > 0) {
      void port.publish(topic, '', { retain: true, qos: 1 });
      refusals.report(topic, new RoomtoneError('mqtt.retained_refused', { params: { topic } }));
      return;
    }
    if (!CALL.test(call)) {
      refusals.report(topic, new RoomtoneError('api.not_found', { params: { path: topic } }));
      return;
    }
    const answer = await this.#carryOut(topic, { call, payload });
    await port.publish(topics.response(call), JSON.stringify({ v: 1, ...answer }), { qos: 1 });
  }

  async #carryOut(topic: string, { call, payload }: { call: string; payload: Buffer }): Promise<object> {
    let transaction: Transaction;
    try {
      transaction = transactionOf(topic, payload);
      const carryOut = this.#calls.get(call);
      if (!carryOut) throw new RoomtoneError('api.not_found', { params: { path: topic } });
      return { status: 'ok', data: (await carryOut()) ?? null, transaction };
    } catch (thrown) {
      const { code, params } = toRoomtoneError(thrown);
      return { status: 'error', error: { code, message: render(code, params), params }, transaction };
    }
  }
}

function transactionOf(topic: string, payload: Buffer): Transaction {
  if (payload.length === 0) return undefined;
  if (payload.length > LONGEST)
    throw new RoomtoneError('mqtt.bad_payload', { params: { topic, what: `it is longer than ${LONGEST} bytes` } });
  try {
    return requestSchema.parse(JSON.parse(payload.toString('utf8'))).transaction;
  } catch (cause) {
    throw new RoomtoneError('mqtt.bad_payload', { params: { topic, what: 'it must be empty or a JSON object' }, cause });
  }
}
