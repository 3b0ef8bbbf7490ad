import { all, at, parseXml, textAt, type XmlElement } from './xml.ts';

/** Evented variables of a NOTIFY by name (UPnP Device Architecture 2.0, section 4.3.2). @throws Error where it cannot be read */
export function parseProperties(body: string): Map<string, string> {
  const set = at(parseXml(body), 'propertyset');
  if (set === undefined) throw new Error('no propertyset');
  const properties = all(set, 'property').filter((each): each is XmlElement => typeof each !== 'string');
  return new Map(properties.flatMap((property) => Object.keys(property).map((name) => [name, textAt(property, name)] as const)));
}

/**
 * State variables in a `LastChange` (RenderingControl:1 and AVTransport:1, section 2.3.1), of the whole player alone: Sonos tells
 * the channels left and right besides. @throws Error where it cannot be read
 */
export function parseLastChange(text: string): Map<string, string> {
  const instance = all(at(parseXml(text), 'Event'), 'InstanceID').find((each) => textAt(each, 'val') === '0');
  const variables = new Map<string, string>();
  if (instance === undefined || typeof instance === 'string') return variables;
  for (const name of Object.keys(instance)) {
    const values = all(instance, name);
    const master = values.find((each) => ['', 'Master'].includes(textAt(each, 'channel')));
    if (name !== 'val' && master !== undefined) variables.set(name, textAt(master, 'val'));
  }
  return variables;
}
