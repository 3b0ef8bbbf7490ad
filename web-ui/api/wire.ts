const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

/** Parses an answer of the hub. Stamps, ISO 8601 UTC on the wire, become epoch ms, as the views have them. */
export function parseWire(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) => (typeof value === 'string' && STAMP.test(value) ? Date.parse(value) : value));
}
