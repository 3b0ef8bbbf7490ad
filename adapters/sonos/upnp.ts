import { Agent, errors, request } from 'undici';
import type { Clock } from '../../daemon/api/clock.ts';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import { within } from '../../daemon/devices/within.ts';
import { at, escapeXml, MAX_CHARS, parseXml, textAt, type Xml } from './xml.ts';

/** A service of a device (UPnP Device Architecture 2.0, section 2.3). */
export interface Service {
  /** Such as `urn:schemas-upnp-org:service:AVTransport:1` */
  type: string;
  /** Absolute */
  control: string;
  events: string;
  description: string;
}

/**
 * Numbers of UPnP errors that pass by themselves: 501 action failed, 701 transition not available, 705 transport is locked, 715 content
 * busy (AVTransport:1, 2.4), 800 not a coordinator (https://sonos.svrooij.io/services/av-transport).
 */
const PASSING = [501, 701, 705, 715, 800];

/** What a device answered to an action that it did not carry out. */
export class UpnpError extends RoomtoneError {
  /** Of the UPnP error. */
  readonly number: number;

  constructor({ device, action, number }: { device: string; action: string; number: number }) {
    super(PASSING.includes(number) ? 'sonos.busy' : 'device.refused', { params: { device, what: `${action}: UPnP error ${number}` } });
    this.number = number;
  }
}

export const isUpnpError = (error: unknown, number: number): boolean => error instanceof UpnpError && error.number === number;

export interface UpnpClientOptions {
  clock: Clock;
  /** ms until an answer must be there */
  answerWithin: number;
}

interface Message {
  method: string;
  headers?: Record<string, string>;
  body?: string;
  signal: AbortSignal;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/**
 * What a control point asks of devices: descriptions, actions by SOAP 1.1, subscriptions. Each request has a connection of its own:
 * renderers made with libupnp close theirs after an answer without saying so, and a request on such a one is lost.
 */
export class UpnpClient {
  readonly #options: UpnpClientOptions;
  readonly #agent = new Agent({ pipelining: 0, maxResponseSize: MAX_CHARS, connectTimeout: 0, headersTimeout: 0, bodyTimeout: 0 });

  constructor(options: UpnpClientOptions) {
    this.#options = options;
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  /** An XML document. @throws RoomtoneError */
  async document(url: string, signal: AbortSignal): Promise<Xml> {
    const { status, text } = await this.send(url, { method: 'GET', signal });
    if (status !== 200) throw this.#bad(url, `status ${status}`);
    return this.#parse(url, text);
  }

  /**
   * Calls an action with its arguments in the order of the service's description. @returns its results by name
   * @throws RoomtoneError, UpnpError where the device names one
   */
  async call(service: Service, { action, args, signal }: Call): Promise<Record<string, string>> {
    const body = envelope(service.type, action, args);
    const headers = { 'content-type': 'text/xml; charset="utf-8"', soapaction: `"${service.type}#${action}"` };
    const { status, text } = await this.send(service.control, { method: 'POST', headers, body, signal });
    const device = hostOf(service.control);
    if (status === 429 || status === 503) throw new RoomtoneError('device.rate_limited', { params: { device } });
    const answer = at(this.#parse(service.control, text), 'Envelope', 'Body');
    const number = Number(textAt(answer, 'Fault', 'detail', 'UPnPError', 'errorCode'));
    if (number > 0) throw new UpnpError({ device, action, number });
    const results = at(answer, `${action}Response`);
    if (status !== 200 || results === undefined) throw this.#bad(service.control, `status ${status}, no ${action}Response`);
    const names = typeof results === 'string' ? [] : Object.keys(results);
    return Object.fromEntries(names.map((name) => [name, textAt(results, name)]));
  }

  /** @throws RoomtoneError where nothing answers */
  send(url: string, { method, headers = {}, body, signal }: Message): Promise<Answer> {
    const { clock, answerWithin } = this.#options;
    const device = hostOf(url);
    const late = new RoomtoneError('device.timeout', { params: { device } });
    return within({ clock, ms: answerWithin, error: late, signal }, async (limited) => {
      try {
        const content = body === undefined ? {} : { body };
        const answer = await request(url, { ...content, method, headers, signal: limited, dispatcher: this.#agent });
        return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
      } catch (cause) {
        limited.throwIfAborted();
        if (cause instanceof errors.ClientDestroyedError) throw new RoomtoneError('api.closed');
        throw new RoomtoneError('device.unreachable', { params: { device }, cause });
      }
    });
  }

  #parse(url: string, text: string): Xml {
    try {
      return parseXml(text);
    } catch {
      throw this.#bad(url, 'no XML');
    }
  }

  #bad(url: string, what: string): RoomtoneError {
    return new RoomtoneError('sonos.bad_answer', { params: { host: hostOf(url), what } });
  }
}

export interface Call {
  action: string;
  /** In the order of the service's description, which some devices insist on. */
  args: Readonly<Record<string, string | number>>;
  signal: AbortSignal;
}

export const hostOf = (url: string): string => new URL(url).host;

function envelope(type: string, action: string, args: Call['args']): string {
  const given = Object.entries(args).map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`);
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">',
    `<s:Body><u:${action} xmlns:u="${type}">${given.join('')}</u:${action}></s:Body></s:Envelope>`,
  ].join('');
}
