import { XMLParser } from 'fast-xml-parser';

/** An element without attributes and children is its text; any other holds both by name, without prefix, and its text as `#text`. */
export type Xml = string | XmlElement;
export interface XmlElement {
  [name: string]: Xml | Xml[];
}

/** Answers of devices are small; what is larger was not meant for us. */
export const MAX_CHARS = 4 * 1024 * 1024;

const PARSER = new XMLParser({
  ...{ ignoreAttributes: false, attributeNamePrefix: '', removeNSPrefix: true },
  ...{ parseTagValue: false, parseAttributeValue: false, trimValues: false },
  ...{ htmlEntities: true, processEntities: { enabled: true, maxExpandedLength: MAX_CHARS } },
});

/** @throws Error where it is none */
export function parseXml(text: string): XmlElement {
  const parsed = PARSER.parse(text) as XmlElement | string;
  if (typeof parsed === 'string' || Object.keys(parsed).length === 0) throw new Error('no XML');
  return parsed;
}

/** The first element at the end of a path of names. */
export function at(node: Xml | undefined, ...path: string[]): Xml | undefined {
  let here = node;
  for (const name of path) [here] = all(here, name);
  return here;
}

/** All children of this name, or the attribute. */
export function all(node: Xml | undefined, name: string): Xml[] {
  if (node === undefined || typeof node === 'string' || !Object.hasOwn(node, name)) return [];
  const found = node[name];
  return found === undefined ? [] : Array.isArray(found) ? found : [found];
}

/** The text at the end of a path; empty where there is none. */
export function textAt(node: Xml | undefined, ...path: string[]): string {
  const found = at(node, ...path);
  if (typeof found === 'string') return found;
  const text = found?.['#text'];
  return typeof text === 'string' ? text : '';
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

export const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (each) => ESCAPES[each] ?? each);
