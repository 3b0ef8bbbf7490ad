import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { diffConfig } from './diff.ts';
import { parseConfig } from './load.ts';
import type { Config } from './schema.ts';

const parts = { adapterOptions: { virtual: z.unknown(), hue: z.unknown() }, sceneSchema: z.unknown(), policySchema: z.unknown() };

function read(text: string): Config {
  const loaded = parseConfig(Buffer.from(text), { file: 'x', ...parts });
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded.config;
}

const HOUSE = `
adapters: { virtual: {} }
rooms:
  a:
    sources: [{ id: cam, kind: camera, url: rtsp://h/1 }]
  b: {}
scenes:
  calm: { x: 1 }
`;
const none = { added: [], removed: [], changed: [] };

test('the same meaning in other words is no difference', () => {
  const reworded = `# comment\nhub: { name: Home }\nmood: { smoothing: 2000ms }${HOUSE}`;
  assert.deepEqual(diffConfig(read(HOUSE), read(reworded)), {
    sections: [],
    adapters: none,
    rooms: none,
    sources: none,
    scenes: none,
    restartRequired: [],
  });
});

test('an edited scene touches no room, source or adapter', () => {
  const diff = diffConfig(read(HOUSE), read(HOUSE.replace('x: 1', 'x: 2')));
  assert.deepEqual(diff.sections, ['scenes']);
  assert.deepEqual(diff.scenes, { ...none, changed: ['calm'] });
  assert.deepEqual([diff.rooms, diff.sources, diff.adapters], [none, none, none]);
});

test('what came, went and changed is named by id', () => {
  const after = `
adapters: { hue: {} }
rooms:
  a: { name: Attic }
  c:
    sources: [{ id: cam, kind: camera, url: rtsp://h/1 }, { id: mic, kind: microphone, device: hw }]
`;
  const diff = diffConfig(read(HOUSE), read(after));
  assert.deepEqual(diff.adapters, { added: ['hue'], removed: ['virtual'], changed: [] });
  assert.deepEqual(diff.rooms, { added: ['c'], removed: ['b'], changed: ['a'] });
  assert.deepEqual(diff.sources, { added: ['mic'], removed: [], changed: ['cam'] }, 'a source that moved has changed');
  assert.deepEqual(diff.scenes, { added: [], removed: ['calm'], changed: [] });
});

test('house-wide mood settings change the rooms that follow them', () => {
  const diff = diffConfig(read(HOUSE), read(`mood: { dwell: 1s }${HOUSE.replace('b: {}', 'b: { mood: { dwell: 10s } }')}`));
  assert.deepEqual(diff.rooms.changed, ['a']);
});

test('keys that need a restart are named, and only those', () => {
  assert.deepEqual(diffConfig(read(''), read('http: { port: 1, allowedHosts: [h] }')).restartRequired, ['http.port']);
  assert.deepEqual(diffConfig(read(''), read('http: { host: "::1", port: 1 }')).restartRequired, ['http.host', 'http.port']);
});
