import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { FakeClock } from '../../../daemon/api/clock.fake.ts';
import { type ServiceName, services } from './services/descriptions.ts';
import { SonosSimulator, type SonosSimulatorOptions } from './simulator.ts';
import { escapeXml, parseXml, type XmlElement } from './wire/xml.ts';

const soap = 'http://schemas.xmlsoap.org/soap/envelope/';

/** A call as UPnP has it; `headers` and `body` replace what would be right. */
export interface RawCall {
  service: ServiceName;
  action: string;
  values?: Readonly<Record<string, string | number>>;
  headers?: Readonly<Record<string, string>>;
  body?: string;
}

/** A household on a clock of its own, without delays but those of music; closed after the test. */
export async function household(t: TestContext, options: SonosSimulatorOptions = {}): Promise<{ sonos: SonosSimulator; clock: FakeClock }> {
  const clock = new FakeClock();
  const sonos = new SonosSimulator({ clock, answerDelay: [0, 0], eventDelay: [0, 0], transition: [200, 200], ...options });
  await sonos.start();
  t.after(() => sonos.close());
  return { sonos, clock };
}

/** An action of AVTransport. */
export const transport = (action: string, values: Readonly<Record<string, string | number>> = {}): RawCall => ({
  service: 'AVTransport',
  action,
  values,
});

/** Sends a call and gives the values that came back by name, or the UPnP error code, or the status where there is neither. */
export async function call(sonos: SonosSimulator, room: string, raw: RawCall): Promise<Record<string, string> | number> {
  const { service: name, action, values = {}, headers = {} } = raw;
  const service = services.find((one) => one.name === name);
  const list = Object.entries({ ...(usesInstance(name) && { InstanceID: 0 }), ...values });
  const inner = list.map(([key, value]) => `<${key}>${escapeXml(String(value))}</${key}>`).join('');
  const content = `<u:${action} xmlns:u="${service?.type}">${inner}</u:${action}>`;
  const body =
    raw.body ??
    `<?xml version="1.0"?><s:Envelope xmlns:s="${soap}" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>${content}</s:Body></s:Envelope>`;
  const response = await fetch(`${sonos.url(room)}${service?.controlPath}`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml; charset="utf-8"', soapaction: `"${service?.type}#${action}"`, ...headers },
    body,
  });
  const text = await response.text();
  if (text === '') return response.status;
  const answer = parseXml(text).children[0]?.children[0];
  if (response.status === 500) return Number(find(answer, 'errorCode')?.text);
  return Object.fromEntries((answer?.children ?? []).map(({ name: key, text: value }) => [key, value]));
}

const usesInstance = (name: ServiceName): boolean => ['AVTransport', 'RenderingControl', 'GroupRenderingControl'].includes(name);

/** The first element of a name, in document order. */
export function find(element: XmlElement | undefined, name: string): XmlElement | undefined {
  if (!element || element.name === name) return element;
  for (const child of element.children) {
    const found = find(child, name);
    if (found) return found;
  }
  return undefined;
}

export interface ReceivedEvent {
  sid: string;
  seq: number;
  headers: IncomingHttpHeaders;
  /** Properties by name; those of a `LastChange` by name and channel: `Volume Master`. */
  values: Record<string, string>;
}

/** Someone who listens for events. */
export class Receiver {
  readonly events: ReceivedEvent[] = [];
  /** What it answers. */
  status = 200;
  readonly #server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    response.writeHead(this.status).end();
    const { sid = '', seq = '' } = incoming.headers as Record<string, string>;
    this.events.push({ sid, seq: Number(seq), headers: incoming.headers, values: propertiesOf(Buffer.concat(chunks).toString()) });
  });

  static async open(t: TestContext): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    t.after(() => receiver.#server.close());
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/events`;
  }

  /** A SUBSCRIBE for a service; gives the SID. */
  async subscribe(sonos: SonosSimulator, room: string, service: ServiceName): Promise<string> {
    const headers = { CALLBACK: `<${this.url}>`, NT: 'upnp:event', TIMEOUT: 'Second-1800' };
    const { headers: answer } = await gena(sonos, room, { method: 'SUBSCRIBE', service, headers });
    return String(answer.sid);
  }
}

function propertiesOf(body: string): Record<string, string> {
  const values = parseXml(body).children.flatMap(({ children }) => children);
  return Object.fromEntries(
    values.flatMap(({ name, text }) => {
      if (name !== 'LastChange') return [[name, text]];
      const changes = parseXml(text).children[0]?.children ?? [];
      return changes.map((change) => [
        [change.name, change.attributes.get('channel')].filter(Boolean).join(' '),
        change.attributes.get('val') ?? '',
      ]);
    }),
  );
}

interface GenaRequest {
  method: 'SUBSCRIBE' | 'UNSUBSCRIBE';
  service: ServiceName;
  headers: Readonly<Record<string, string>>;
}

/** A request of the eventing protocol, which `fetch` cannot make. */
export async function gena(
  sonos: SonosSimulator,
  room: string,
  { method, service, headers }: GenaRequest,
): Promise<{ status: number; headers: IncomingHttpHeaders }> {
  const path = services.find(({ name }) => name === service)?.eventPath;
  const sending = request(`${sonos.url(room)}${path}`, { method, headers, agent: false });
  sending.end();
  const [response] = await once(sending, 'response');
  response.resume();
  return { status: response.statusCode, headers: response.headers };
}
