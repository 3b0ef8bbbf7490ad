import { isOfSun } from '../ambience/daytime.ts';
import type { KeyPath } from './document.ts';
import { type Finding, nearest } from './issues.ts';

/**
 * What no single key can tell: ids that must differ, names that must exist. It reads the file as written, which may be
 * wrong elsewhere, so that one load names all there is to mend.
 */
export function crossCheck(tree: unknown, defaultScenes?: readonly string[]): Finding[] {
  const rooms = Object.entries(record(record(tree).rooms));
  return [
    ...sourceFindings(rooms),
    ...deviceFindings(rooms, Object.keys(record(record(tree).adapters))),
    ...portFindings(tree),
    ...sunFindings(tree),
    ...(defaultScenes ? sceneFindings(tree, [...defaultScenes, ...Object.keys(record(record(tree).scenes))]) : []),
  ];
}

type Rooms = [id: string, room: unknown][];

function sourceFindings(rooms: Rooms): Finding[] {
  const owners = new Map<string, string>();
  const findings: Finding[] = [];
  for (const [roomId, room] of rooms) {
    for (const [index, source] of list(record(room).sources).entries()) {
      const path: KeyPath = ['rooms', roomId, 'sources', index];
      findings.push(...soundFindings(record(source), path));
      const { id } = record(source);
      if (typeof id !== 'string') continue;
      const owner = owners.get(id);
      if (owner !== undefined)
        findings.push(at([...path, 'id'], `"${id}" is taken by a source of room ${owner}; ids are unique in the house`));
      else owners.set(id, roomId);
    }
  }
  return findings;
}

function soundFindings(source: Record<string, unknown>, path: KeyPath): Finding[] {
  if (source.kind !== 'microphone') return [];
  if (source.device !== undefined && source.url !== undefined) return [at([...path, 'url'], 'give either device or url, not both')];
  if (source.device === undefined && source.url === undefined) return [at(path, 'a microphone needs device or url')];
  return [];
}

function deviceFindings(rooms: Rooms, adapters: string[]): Finding[] {
  return rooms.flatMap(([roomId, room]) => {
    const devices = list(record(room).devices);
    return devices.flatMap((device, index): Finding[] => {
      const path: KeyPath = ['rooms', roomId, 'devices', index];
      if (typeof device !== 'string' || !device.includes(':')) return [];
      if (devices.indexOf(device) < index) return [at(path, `${device} is named twice in this room`)];
      const adapter = device.slice(0, device.indexOf(':'));
      if (adapters.includes(adapter)) return [];
      const near = nearest(adapter, adapters);
      return [at(path, `there is no adapter "${adapter}" under adapters${near ? `; did you mean ${near}?` : ''}`)];
    });
  });
}

function sceneFindings(tree: unknown, scenes: readonly string[]): Finding[] {
  return ruleLists(tree).flatMap(({ path, rules, own }) =>
    rules.flatMap((rule, index): Finding[] => {
      const { scene } = record(record(rule).then);
      const known = [...scenes, ...own];
      if (typeof scene !== 'string' || known.includes(scene)) return [];
      const near = nearest(scene, known);
      return [at([...path, index, 'then', 'scene'], `there is no scene "${scene}"${near ? `; did you mean ${near}?` : ''}`)];
    }),
  );
}

/** Policies and schedules, of the house and of rooms. `own`: scenes that only the room has. */
function ruleLists(tree: unknown): { path: KeyPath; rules: unknown[]; own: string[] }[] {
  return sections(tree).flatMap(({ path, section, isRoom }) =>
    ['policies', 'schedules'].map((key) => ({
      path: [...path, key],
      rules: list(section[key]),
      own: isRoom ? Object.keys(record(section.scenes)) : [],
    })),
  );
}

function sections(tree: unknown): { path: KeyPath; section: Record<string, unknown>; isRoom: boolean }[] {
  const rooms = Object.entries(record(record(tree).rooms));
  return [
    { path: [], section: record(tree), isRoom: false },
    ...rooms.map(([id, room]) => ({ path: ['rooms', id], section: record(room), isRoom: true })),
  ];
}

/** Nobody can tell when the sun rises at a place that was not named. */
function sunFindings(tree: unknown): Finding[] {
  if (record(record(tree).hub).location !== undefined) return [];
  const moments = [
    ...ruleLists(tree).flatMap(({ path, rules }) =>
      rules.flatMap((rule, index): [KeyPath, unknown][] => {
        const { at: begins, until, when } = record(rule);
        const { from, to } = record(record(when).time);
        const inRule = (...keys: string[]): KeyPath => [...path, index, ...keys];
        return [
          [inRule('at'), begins],
          [inRule('until'), until],
          [inRule('when', 'time', 'from'), from],
          [inRule('when', 'time', 'to'), to],
        ];
      }),
    ),
    ...sections(tree).flatMap(({ path, section }): [KeyPath, unknown][] => {
      const { from, to } = record(record(section.limits).quietHours);
      const inHours = (key: string): KeyPath => [...path, 'limits', 'quietHours', key];
      return [
        [inHours('from'), from],
        [inHours('to'), to],
      ];
    }),
  ];
  return moments.filter(([, moment]) => isOfSun(moment)).map(([path]) => at(path, 'the sun needs a place: set hub.location'));
}

function portFindings(tree: unknown): Finding[] {
  const { http, mqtt } = record(tree);
  const { broker, listen } = record(mqtt);
  const isEmbedded = broker === undefined || broker === 'embedded';
  const { port } = record(listen);
  if (!isEmbedded || typeof port !== 'number' || port === 0 || port !== record(http).port) return [];
  return [at(['mqtt', 'listen', 'port'], `${port} is already the port of http`)];
}

const at = (path: KeyPath, message: string): Finding => ({ path, message, at: 'value' });

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
