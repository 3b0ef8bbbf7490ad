/** An XML element with its name resolved to a namespace, and the texts directly in it joined. */
export interface XmlElement {
  /** Without its prefix. */
  name: string;
  /** The namespace it is in; empty for none. */
  namespace: string;
  /** By their names as written, prefixes included. */
  attributes: ReadonlyMap<string, string>;
  children: XmlElement[];
  text: string;
}

/** An element that is open while parsing, with the namespaces in scope by prefix. */
interface Open {
  element: XmlElement;
  qualifiedName: string;
  scope: ReadonlyMap<string, string>;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const token =
  /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\/([^\s>]+)\s*>|<([^\s/>!?]+)((?:\s+[^\s=>/]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y;
const attribute = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/**
 * Reads a document as strictly as XML 1.0 asks: every entity known, every tag closed, one root. Document types are refused.
 * A parser of the simulator's own, so that a client's parser is never checked against itself. Throws SyntaxError.
 */
export function parseXml(source: string): XmlElement {
  const text = source.replace(/^\uFEFF/, '');
  const open: Open[] = [];
  let root: XmlElement | undefined;
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const match = token.exec(text);
    if (!match) throw new SyntaxError(`No XML at position ${at}: ${text.slice(at, at + 40)}`);
    const [, cdata, closing, opening, attributes = '', empty, characters] = match;
    if (opening !== undefined) {
      const child = openElement(opening, attributes, open.at(-1)?.scope ?? new Map());
      const parent = open.at(-1)?.element;
      if (parent) parent.children.push(child.element);
      else if (root) throw new SyntaxError('A second root element.');
      else root = child.element;
      if (!empty) open.push(child);
    } else if (closing !== undefined) {
      const closed = open.pop();
      if (closed?.qualifiedName !== closing) throw new SyntaxError(`</${closing}> closes <${closed?.qualifiedName}>.`);
    } else if (cdata !== undefined || characters !== undefined) {
      const parent = open.at(-1)?.element;
      const value = cdata ?? unescapeXml(characters ?? '');
      if (parent) parent.text += value;
      else if (value.trim() !== '') throw new SyntaxError('Text outside the root element.');
    }
  }
  if (!root || open.length > 0) throw new SyntaxError('The document ends before its elements do.');
  return root;
}

function openElement(qualifiedName: string, source: string, outer: ReadonlyMap<string, string>): Open {
  const attributes = new Map<string, string>();
  const scope = new Map(outer);
  for (const [, name = '', double, single] of source.matchAll(attribute)) {
    const value = unescapeXml(double ?? single ?? '');
    if (attributes.has(name)) throw new SyntaxError(`Attribute ${name} stands twice.`);
    attributes.set(name, value);
    if (name === 'xmlns') scope.set('', value);
    if (name.startsWith('xmlns:')) scope.set(name.slice(6), value);
  }
  const colon = qualifiedName.indexOf(':');
  const prefix = colon < 0 ? '' : qualifiedName.slice(0, colon);
  const namespace = scope.get(prefix);
  if (namespace === undefined && prefix !== '') throw new SyntaxError(`Nothing binds the prefix of ${qualifiedName}.`);
  const element = { name: qualifiedName.slice(colon + 1), namespace: namespace ?? '', attributes, children: [], text: '' };
  return { element, qualifiedName, scope };
}

function unescapeXml(text: string): string {
  return text.replace(/&([^;\s]*;?)/g, (whole, reference: string) => {
    if (!reference.endsWith(';')) throw new SyntaxError(`"${whole}" is no entity.`);
    const name = reference.slice(0, -1);
    const number = name.match(/^#(?:x([0-9a-fA-F]+)|([0-9]+))$/);
    if (number) return String.fromCodePoint(number[1] ? Number.parseInt(number[1], 16) : Number(number[2]));
    const character = entities[name];
    if (character === undefined) throw new SyntaxError(`"${whole}" is no entity.`);
    return character;
  });
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

export const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? character);

/** `<name>value</name>`, the value escaped. */
export const tag = (name: string, value: string | number): string => `<${name}>${escapeXml(String(value))}</${name}>`;

/** ` name="value"` for each, the values escaped; those undefined are left out. */
export const attributesOf = (values: Readonly<Record<string, string | number | undefined>>): string =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('');
