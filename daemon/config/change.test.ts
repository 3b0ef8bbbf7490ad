import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { type Document, parse } from 'yaml';
import { z } from 'zod';
import { RoomtoneError } from '../api/errors.ts';
import { changeConfig } from './change.ts';
import { Reference } from './document.ts';
import { type Change, editYaml, migrateText } from './edit.ts';
import { type LoadResult, loadConfig } from './load.ts';
import { bareSchema } from './schema.ts';

const parts = {
  adapterOptions: { virtual: z.strictObject({}) },
  sceneSchema: z.unknown(),
  policySchema: z.unknown(),
  secrets: () => 'from the vault',
};

const dir = mkdtempSync(join(tmpdir(), 'roomtone-change-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const FILE = `# The house of the test.
version: 1

hub:   { name: Home, language: en }   # kept apart
mqtt:
  broker:
    url: mqtts://broker.lan:8883
    password: !secret mqtt   # in the vault
adapters:
  virtual: {}

rooms:
  # Where we sit.
  living-room:
    name: "Living room"   # quoted
    sources:
      - { id: ceiling, kind: camera, url: rtsp://10.0.0.5/sub, fps: 5 }   # small stream
    devices: [virtual:lamp]
`;

function write(name: string, text = FILE): { file: string; hash: string } {
  const file = join(dir, name);
  writeFileSync(file, text, { mode: 0o640 });
  const { hash } = loadConfig({ file, ...parts });
  assert.ok(hash);
  return { file, hash };
}

const change = (at: { file: string; hash: string }, changes: Change[]): LoadResult => changeConfig({ ...at, ...parts, changes });

const codeOf = (expected: string) => (error: unknown) => error instanceof RoomtoneError && error.code === expected;

test('one value changes and every other byte stays', () => {
  const at = write('one.yaml');
  const loaded = change(at, [
    { path: ['rooms', 'living-room', 'name'], value: 'Den' },
    { path: ['rooms', 'living-room', 'sources', 0, 'fps'], value: 2 },
    { path: ['hub', 'name'], value: 'Casa: mia' },
  ]);
  assert.ok(loaded.ok);
  assert.equal(loaded.config.rooms['living-room']?.name, 'Den');
  assert.equal(
    readFileSync(at.file, 'utf8'),
    FILE.replace('"Living room"', '"Den"').replace('fps: 5', 'fps: 2').replace('name: Home', 'name: "Casa: mia"'),
  );
  assert.equal(loadConfig({ file: at.file, ...parts }).hash, loaded.hash);
});

test('the version before is kept beside it, with the same mode, and no other file is left', () => {
  const at = write('backup.yaml');
  assert.ok(change(at, [{ path: ['hub', 'name'], value: 'New' }]).ok);
  assert.equal(readFileSync(`${at.file}.bak`, 'utf8'), FILE);
  assert.equal(statSync(at.file).mode & 0o777, 0o640);
  assert.deepEqual(
    readdirSync(dir)
      .filter((name) => name.includes('backup'))
      .sort(),
    ['backup.yaml', 'backup.yaml.bak'],
  );
});

test('keys are added and taken away with all comments and references kept', () => {
  const at = write('keys.yaml');
  const loaded = change(at, [
    { path: ['rooms', 'hall'], value: { name: 'Hall', devices: ['virtual:spot'] } },
    { path: ['rooms', 'living-room', 'sources', 1], value: { id: 'mic', kind: 'microphone', device: 'hw:0' } },
    { path: ['hub', 'language'], value: undefined },
    { path: ['mqtt', 'broker', 'username'], value: new Reference('env', 'MQTT_USER') },
    { path: ['hub', 'nothing'], value: undefined },
  ]);
  assert.ok(!loaded.ok, 'MQTT_USER is not set');
  assert.equal(readFileSync(at.file, 'utf8'), FILE);
  const again = changeConfig({
    ...at,
    ...parts,
    env: { MQTT_USER: 'me' },
    changes: [{ path: ['mqtt', 'broker', 'username'], value: new Reference('env', 'MQTT_USER') }],
  });
  assert.ok(again.ok);
  assert.deepEqual(again.config.mqtt.broker, { url: 'mqtts://broker.lan:8883', username: 'me', password: 'from the vault' });
  const text = readFileSync(at.file, 'utf8');
  for (const kept of [
    '# The house of the test.',
    '# kept apart',
    '# in the vault',
    '# Where we sit.',
    '# quoted',
    '# small stream',
    '!secret mqtt',
    '!env MQTT_USER',
  ]) {
    assert.ok(text.includes(kept), kept);
  }
});

test('what adds or takes away keys leaves the lines it does not concern as they were', () => {
  const at = write('lines.yaml');
  const added = change(at, [{ path: ['rooms', 'living-room', 'devices', 1], value: 'virtual:spot' }]);
  assert.ok(added.ok);
  const expected = FILE.replace('devices: [virtual:lamp]', 'devices: [virtual:lamp, virtual:spot]');
  assert.equal(readFileSync(at.file, 'utf8'), expected);
  const hall = { path: ['rooms', 'hall'], value: { name: 'Hall' } };
  assert.ok(change({ ...at, hash: added.hash }, [hall, { ...hall, value: undefined }, hall]).ok);
  assert.equal(readFileSync(at.file, 'utf8'), `${expected}  hall:\n    name: Hall\n`);
});

test('a result that is not valid is refused whole, with nothing written', () => {
  const at = write('invalid.yaml');
  const loaded = change(at, [
    { path: ['hub', 'name'], value: 'Fine' },
    { path: ['http', 'port'], value: 70_000 },
  ]);
  assert.ok(!loaded.ok);
  assert.deepEqual(
    loaded.problems.map(({ path, message }) => `${path} ${message}`),
    ['http.port must be at most 65535'],
  );
  assert.equal(readFileSync(at.file, 'utf8'), FILE);
  assert.ok(!existsSync(`${at.file}.bak`));
});

test('paths that end in a value, or lead through an alias, are problems at their place', () => {
  const at = write('alias.yaml', 'mood: &m { dwell: 1s }\nrooms:\n  a: { mood: *m }\n');
  const through = change(at, [{ path: ['rooms', 'a', 'mood', 'dwell'], value: '2s' }]);
  assert.ok(!through.ok);
  assert.deepEqual([through.problems[0]?.path, through.problems[0]?.line, through.problems[0]?.column], ['rooms.a.mood', 3, 14]);
  assert.ok(!change(at, [{ path: ['mood'], value: undefined }]).ok);
  assert.ok(!change(at, [{ path: ['mood', 'dwell', 'x'], value: 1 }]).ok);
});

test('a file that moved underneath is not overwritten', () => {
  const at = write('moved.yaml');
  writeFileSync(at.file, `${FILE}# by hand\n`);
  assert.throws(() => change(at, [{ path: ['hub', 'name'], value: 'Mine' }]), codeOf('config.changed_on_disk'));
  assert.ok(readFileSync(at.file, 'utf8').endsWith('# by hand\n'));
});

test('a link stays a link; what it points to changes', () => {
  const { file } = write('real.yaml');
  const link = join(dir, 'link.yaml');
  symlinkSync(file, link);
  const { hash } = loadConfig({ file: link, ...parts });
  assert.ok(change({ file: link, hash: String(hash) }, [{ path: ['hub', 'name'], value: 'Linked' }]).ok);
  assert.match(readFileSync(file, 'utf8'), /name: Linked/);
});

test('a folder that cannot be written is said', {
  skip: process.getuid?.() !== 0 && 'needs root, to become somebody without rights',
}, () => {
  const at = write('readonly.yaml');
  chmodSync(dir, 0o755);
  chownSync(at.file, 65_534, 65_534);
  process.seteuid?.(65_534);
  try {
    assert.throws(() => change(at, [{ path: ['hub', 'name'], value: 'Mine' }]), codeOf('config.read_only'));
  } finally {
    process.seteuid?.(0);
  }
  assert.equal(readFileSync(at.file, 'utf8'), FILE);
});

test('an older text is brought up to date with its comments, a current one is left as it is', () => {
  const renamed = (document: Document) => {
    document.setIn(['house'], document.getIn(['hub'], true));
    document.deleteIn(['hub']);
  };
  assert.equal(migrateText('version: 1\nhub: { name: A } # mine\n', [renamed]), 'version: 2\nhouse: { name: A } # mine\n');
  assert.equal(migrateText('version:   2\n', [renamed]), 'version:   2\n');
});

/** Documents with a comment on every line, whose comments and other values must outlive any change. */
const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const value = fc.oneof(
  fc.integer(),
  fc.boolean(),
  fc.string({ maxLength: 12 }),
  fc.constantFrom('90s', 'yes', 'null', '0x1', '~', "it's", 'a: b', '# no', '- x', ' lead', 'tail '),
);
const filled = <T>(of: fc.Arbitrary<T>) => fc.dictionary(key, of, { minKeys: 1, noNullPrototype: true });
const tree = filled(filled(fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 3 }))));

function commented(content: Record<string, Record<string, unknown>>): { text: string; comments: string[] } {
  const comments: string[] = [];
  const comment = (): string => `# c${comments.push(`# c${comments.length}`) - 1}`;
  const lines = Object.entries(content).flatMap(([section, keys]) => [
    comment(),
    `${section}:   ${comment()}`,
    ...Object.entries(keys).map(([name, each]) => `    ${name}:  ${JSON.stringify(each)}   ${comment()}`),
    '',
  ]);
  return { text: lines.join('\n'), comments };
}

const commentsIn = (text: string): string[] => text.match(/# c\d+/g)?.sort() ?? [];

test('setting any existing value keeps every comment and every other value', () => {
  fc.assert(
    fc.property(tree, value, fc.nat(), (content, next, pick) => {
      const { text, comments } = commented(content);
      const paths = Object.entries(content).flatMap(([section, keys]) =>
        Object.keys(keys).map((name): [string, string] => [section, name]),
      );
      const [section, name] = paths[pick % paths.length] as [string, string];
      const edited = editYaml(text, [{ path: [section, name], value: next }]);
      assert.deepEqual(parse(edited), { ...content, [section]: { ...content[section], [name]: next } });
      assert.deepEqual(commentsIn(edited), comments.sort());
    }),
  );
});

test('adding a key keeps every comment; taking one away loses none but its own', () => {
  fc.assert(
    fc.property(tree, value, (content, next) => {
      const { text, comments } = commented(content);
      const [section = ''] = Object.keys(content);
      const added = editYaml(text, [{ path: [section, 'new', 'deep'], value: next }]);
      assert.deepEqual(parse(added)[section].new, { deep: next });
      assert.deepEqual(commentsIn(added), comments.sort());
      const removed = editYaml(added, [{ path: [section, 'new'], value: undefined }]);
      assert.deepEqual(parse(removed), content);
      assert.deepEqual(commentsIn(removed), comments.sort());
    }),
  );
});

test('a file with a comment alone takes its first key below it', () => {
  const edited = editYaml('# mine\n', [{ path: ['hub', 'name'], value: 'A' }]);
  assert.deepEqual(parse(edited), { hub: { name: 'A' } });
  assert.match(edited, /# mine/);
  assert.ok(bareSchema.safeParse(parse(edited)).success);
});
