import { ERRORS, type ErrorCode, type MessageParams, RoomtoneError } from '../api/errors.ts';
import { PANEL_URL, panelUrlSchema } from '../house/panel-url.ts';
import { authenticatorOf, withStore } from './store.ts';

export type Ask = <T>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  options?: { body?: unknown; signal?: AbortSignal },
) => Promise<T>;

/** An answer that goes on coming. */
export type Open = (path: string, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>;

/**
 * Lets a command ask the hub that runs on a data folder, by its HTTP API. Whoever can write that folder may: for the length of
 * the work there is a token for it.
 * @throws RoomtoneError `cli.no_hub`, and whatever the hub answers
 */
export function withHub<T>(dir: string, work: (ask: Ask, open: Open) => Promise<T>): Promise<T> {
  return withStore(dir, async (store) => {
    const url = store.state.get(PANEL_URL, panelUrlSchema);
    if (url === undefined) throw new RoomtoneError('cli.no_hub', { params: { dir } });
    const authenticator = authenticatorOf(store);
    const { token, secret } = authenticator.createToken('command line');
    try {
      const hub = { dir, url, secret };
      return await work(askOf(hub), openOf(hub));
    } finally {
      authenticator.removeToken(token.id);
    }
  });
}

interface HubAddress {
  dir: string;
  url: string;
  secret: string;
}

function openOf({ dir, url, secret }: HubAddress): Open {
  return async (path, signal) => {
    const headers = { authorization: `Bearer ${secret}` };
    const response = await fetch(new URL(path, url), { headers, signal }).catch((cause: unknown) => {
      throw new RoomtoneError('cli.no_hub', { params: { dir }, cause });
    });
    if (!response.ok || !response.body) throw refusal(await response.json());
    return response.body;
  };
}

function askOf({ dir, url, secret }: HubAddress): Ask {
  return async <T>(method: string, path: string, { body, signal }: { body?: unknown; signal?: AbortSignal } = {}): Promise<T> => {
    const headers = { authorization: `Bearer ${secret}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const request = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }), ...(signal && { signal }) };
    const response = await fetch(new URL(path, url), request).catch((cause: unknown) => {
      if (signal?.aborted) throw signal.reason;
      throw new RoomtoneError('cli.no_hub', { params: { dir }, cause });
    });
    const answer = response.status === 204 ? null : await response.json();
    if (!response.ok) throw refusal(answer);
    return answer as T;
  };
}

function refusal(answer: unknown): RoomtoneError {
  const { code, params } = (answer as { error: { code: ErrorCode; params: MessageParams } }).error;
  return new RoomtoneError(Object.hasOwn(ERRORS, code) ? code : 'internal.unexpected', { params });
}
