import { type ServiceDescription, typeOf } from '../services/descriptions.ts';
import { escapeXml, parseXml, tag, type XmlElement } from './xml.ts';

/** An error that a service answers with, by its UPnP error code. */
export class UpnpFault extends Error {
  readonly code: number;

  constructor(code: number, why: string) {
    super(`UPnP error ${code}: ${why}`);
    this.code = code;
  }
}

/** A request that is no call at all; the web server answers it with a status and nothing else. */
export class BadRequest extends Error {
  readonly status: number;

  constructor(status: number, why: string) {
    super(why);
    this.status = status;
  }
}

/** Arguments of a call in their order. */
export type Arguments = ReadonlyMap<string, string>;

export interface Call {
  action: string;
  arguments: Arguments;
}

const soap = 'http://schemas.xmlsoap.org/soap/envelope/';
const encoding = 'http://schemas.xmlsoap.org/soap/encoding/';

export interface ControlRequest {
  contentType: string | undefined;
  soapAction: string | undefined;
  body: string;
}

/** Reads a call as UPnP Device Architecture 1.0, section 3.2, has it, and nothing else. */
export function readCall({ contentType = '', soapAction = '', body }: ControlRequest, service: ServiceDescription): Call {
  if (!/^text\/xml(;|$)/i.test(contentType.trim())) throw new BadRequest(415, `Content type "${contentType}" is not text/xml.`);
  const element = onlyChild(readBody(body), 'Body');
  if (element.namespace !== service.type) throw new UpnpFault(401, `${element.name} is in ${element.namespace}`);
  if (soapAction !== `"${service.type}#${element.name}"`) throw new UpnpFault(401, `SOAPACTION ${soapAction} with ${element.name}`);
  const description = service.actions.get(element.name);
  if (!description) throw new UpnpFault(401, `${service.name} has no ${element.name}`);
  const names = element.children.map(({ name }) => name);
  const wanted = description.takes;
  if (names.join() !== wanted.join()) throw new UpnpFault(402, `${element.name}(${names}) instead of ${element.name}(${wanted})`);
  for (const { name, text, children } of element.children) checkArgument(name, text, children.length);
  return { action: element.name, arguments: new Map(element.children.map(({ name, text }) => [name, text])) };
}

function readBody(text: string): XmlElement {
  const envelope = parsed(text);
  if (envelope.name !== 'Envelope' || envelope.namespace !== soap) throw new BadRequest(400, `No SOAP envelope: ${envelope.name}`);
  const style = [...envelope.attributes].find(([name]) => name.endsWith(':encodingStyle'))?.[1];
  if (style !== encoding) throw new BadRequest(400, `encodingStyle "${style}" of the envelope.`);
  return onlyChild(envelope, 'Envelope');
}

function parsed(text: string): XmlElement {
  try {
    return parseXml(text);
  } catch (error) {
    throw new BadRequest(400, String(error));
  }
}

function onlyChild({ children }: XmlElement, of: string): XmlElement {
  const [child, ...others] = children;
  if (!child || others.length > 0) throw new BadRequest(400, `${of} with ${children.length} elements.`);
  return child;
}

const patterns = { ui4: /^\d{1,10}$/, i4: /^[+-]?\d{1,10}$/, boolean: /^[01]$/, string: /^/ } as const;

function checkArgument(name: string, value: string, children: number): void {
  if (children > 0) throw new UpnpFault(402, `${name} holds elements: its value is not escaped`);
  if (!patterns[typeOf(name)].test(value)) throw new UpnpFault(402, `${name} "${value}" is no ${typeOf(name)}`);
}

const envelope = (content: string): string =>
  `<s:Envelope xmlns:s="${soap}" s:encodingStyle="${encoding}"><s:Body>${content}</s:Body></s:Envelope>`;

/** What an action gives, by name; written in the order of its description. */
export type Results = Readonly<Record<string, string | number | boolean>>;

export function answerXml(service: ServiceDescription, action: string, results: Results): string {
  const gives = service.actions.get(action)?.gives ?? [];
  const surplus = Object.keys(results).filter((name) => !gives.includes(name));
  const missing = gives.filter((name) => results[name] === undefined);
  if (surplus.length + missing.length > 0) throw new Error(`The simulator answers ${action} without ${missing}, with ${surplus}.`);
  const values = gives.map((name) => tag(name, textOf(results[name] ?? '')));
  return envelope(`<u:${action}Response xmlns:u="${service.type}">${values.join('')}</u:${action}Response>`);
}

const textOf = (value: string | number | boolean): string => (typeof value === 'boolean' ? (value ? '1' : '0') : String(value));

/** As recorded: no description beside the code. */
export const faultXml = (code: number): string =>
  envelope(
    `<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail><UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>${escapeXml(String(code))}</errorCode></UPnPError></detail></s:Fault>`,
  );
