import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { RoomtoneError } from '../api/errors.ts';
import { configError, type LoadOptions, type LoadResult, loadConfig, parseConfig } from './load.ts';

const parts = {
  adapterOptions: {
    virtual: z.strictObject({}),
    hue: z.strictObject({ bridges: z.array(z.strictObject({ host: z.string() })).prefault([]) }),
  },
  sceneSchema: z.strictObject({ brightness: z.number() }),
  policySchema: z.strictObject({ mood: z.string() }),
};

type Loaded = LoadResult<{ brightness: number }, { mood: string }>;

function parse(text: string, more: Partial<LoadOptions> = {}): Loaded {
  return parseConfig(Buffer.from(text), { file: '/etc/roomtone/roomtone.yaml', ...parts, ...more } as LoadOptions<
    { brightness: number },
    { mood: string }
  >);
}

function configOf(loaded: Loaded) {
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded.config;
}

/** `path@line:column message` of each problem. */
function problemsOf(loaded: Loaded): string[] {
  assert.ok(!loaded.ok, 'was accepted');
  return loaded.problems.map(({ path, line, column, message }) => `${path}@${line}:${column} ${message}`);
}

test('an empty file is a house with all defaults', () => {
  const config = configOf(parse(''));
  assert.deepEqual(config.http, { host: '127.0.0.1', tls: 'own', port: 8686, allowedHosts: [] });
  assert.deepEqual(config.mqtt, {
    broker: 'embedded',
    listen: { host: '127.0.0.1', port: 1883 },
    base: 'roomtone',
    homeAssistant: { discovery: true, prefix: 'homeassistant' },
  });
  assert.deepEqual([config.mood.smoothing, config.mood.dwell, config.mood.reliability.face], [2000, 10_000, 0.9]);
  assert.equal(config.storage.retentionDays, 90);
  assert.deepEqual(config.rooms, {});
});

test('a room is filled in: label, source defaults, and the mood settings of the house where it has none', () => {
  const config = configOf(
    parse(`
mood: { smoothing: 5s }
adapters:
  virtual:
rooms:
  living-room:
    sources:
      - { id: ceiling, kind: camera, url: rtsp://10.0.0.5/sub }
      - { id: mic, kind: microphone, device: "plughw:1,0" }
    devices: [ virtual:lamp ]
    mood: { dwell: 1m }
`),
  );
  const room = config.rooms['living-room'];
  assert.equal(room?.name, 'Living room');
  assert.deepEqual(room?.mood, { smoothing: 5000, dwell: 60_000 });
  assert.deepEqual(room?.sources[0], {
    id: 'ceiling',
    kind: 'camera',
    url: 'rtsp://10.0.0.5/sub',
    fps: 5,
    width: 640,
    height: 640,
    masks: [],
  });
  assert.deepEqual(config.adapters, { virtual: {} });
});

test('a mask that is none is named with its line and the corner that is wrong', () => {
  const room = (masks: string): string => `version: 1
rooms:
  den:
    sources:
      - id: cam
        kind: camera
        url: rtsp://h/1
        masks:
          - [[0, 0], [0.5, 0], [0.5, 1]]
          - ${masks}
`;
  const mask = 'rooms.den.sources[0].masks[1]';
  assert.deepEqual(problemsOf(parse(room('[[0, 0], [1, 1]]'))), [`${mask}@10:13 must have at least 3 entries`]);
  assert.deepEqual(problemsOf(parse(room('[[0, 0], [1, 1.5], [0, 1]]'))), [`${mask}[1][1]@10:26 must be at most 1`]);
  assert.deepEqual(problemsOf(parse(room('[[0, 0], [1], [0, 1]]'))), [`${mask}[1]@10:22 must have at least 2 entries`]);
});

test('all problems are named at once, each at its line and column, in the order of the file', () => {
  const problems = problemsOf(
    parse(`version: 1
http: { prot: 8686, host: "http://x" }
mqtt:
  listen:
    port: "1883"
adapters:
  virtual: {}
rooms:
  Kitchen: {}
  hall:
    sources:
      - { id: a, kind: camera, url: rtsp://h/1 }
      - { id: a, kind: microphone, device: hw, url: rtsp://h/1 }
      - { id: b, kind: wearable }
      - kind: camera
        url: nonsense
    devices: [virtal:lamp, lamp]
`),
  );
  assert.deepEqual(problems, [
    'http.prot@2:9 unknown key; did you mean port?',
    'http.host@2:27 must be a host name or an IP address, without scheme or port',
    'mqtt.listen.port@5:11 must be a number, not text',
    'rooms.Kitchen@9:3 an id has 1 to 40 characters of a-z, 0-9, - and _',
    'rooms.hall.sources[1].id@13:15 "a" is taken by a source of room hall; ids are unique in the house',
    'rooms.hall.sources[1].url@13:53 give either device or url, not both',
    'rooms.hall.sources[2].kind@14:24 sources of kind wearable are not supported yet; this version reads camera, microphone and phone',
    'rooms.hall.sources[3].id@15:9 is missing',
    'rooms.hall.sources[3].url@16:14 must be rtsp://..., http(s)://..., a device such as /dev/video0, or file:PATH',
    'rooms.hall.devices[0]@17:15 there is no adapter "virtal" under adapters; did you mean virtual?',
    'rooms.hall.devices[1]@17:28 must be a device id of the form adapter:native, such as virtual:lamp',
  ]);
});

const MISTAKES: [name: string, text: string, problem: string][] = [
  ['a duration without unit', 'mood:\n  dwell: 20', 'mood.dwell@2:10 must be a duration such as 90s, 5m or 1h'],
  ['an unknown section', 'storge: {}', '@1:1 unknown key; did you mean storage?'],
  ['an unknown adapter', 'adapters:\n  heu: {}', 'adapters.heu@2:3 unknown key; did you mean hue?'],
  ['a fault inside an adapter', 'adapters:\n  hue: { bridges: [{}] }', 'adapters.hue.bridges[0].host@2:20 is missing'],
  [
    'a broker whose port is none',
    'mqtt:\n  broker: { url: "mqtt://broker:port" }',
    'mqtt.broker.url@2:18 must be an address such as mqtts://broker.lan:8883',
  ],
  ['a broker that is neither', 'mqtt:\n  broker: outside', 'mqtt.broker@2:11 must be embedded or a section with keys'],
  [
    'an outside broker with a typing error',
    'mqtt:\n  broker: { url: "mqtt://h", usrname: x }',
    'mqtt.broker.usrname@2:30 unknown key; did you mean username?',
  ],
  ['an unknown zone', 'hub: { timezone: Mars/Olympus }', 'hub.timezone@1:18 must be an IANA time zone such as Europe/Berlin'],
  ['a list for a section', 'rooms: []', 'rooms@1:8 must be a section with keys, not a list'],
  [
    'a key of another kind',
    'rooms:\n  a:\n    sources:\n      - { id: c, kind: camera, url: rtsp://h, device: x }',
    'rooms.a.sources[0].device@4:47 does not apply to this kind',
  ],
  ['a scene of another shape', 'scenes:\n  x: { brightness: high }', 'scenes.x.brightness@2:20 must be a number, not text'],
  [
    'a microphone without anything',
    'rooms:\n  a:\n    sources:\n      - { id: m, kind: microphone }',
    'rooms.a.sources[0]@4:9 a microphone needs device or url',
  ],
  ['ports that meet', 'mqtt:\n  listen: { port: 8686 }\nhttp: { port: 8686 }', 'mqtt.listen.port@2:19 8686 is already the port of http'],
  ['a dangerous key', 'rooms:\n  __proto__: {}', 'rooms.__proto__@2:3 this name cannot be used'],
  ['a version in words', 'version: one', 'version@1:10 must be a whole number from 1 to 1'],
  ['a number below its least', 'storage: { retentionDays: 0 }', 'storage.retentionDays@1:27 must be at least 1'],
];

for (const [name, text, problem] of MISTAKES) {
  test(`${name} is told where it stands`, () => {
    assert.deepEqual(problemsOf(parse(text)), [problem.replace(/^@/, 'storge@')]);
  });
}

test('what is not YAML is told with its line', () => {
  const loaded = parse('hub:\n   name: Home\n  language: en\n');
  assert.ok(!loaded.ok);
  assert.equal(loaded.problems[0]?.code, 'config.malformed');
  assert.equal(loaded.problems[0]?.line, 3);
  const twice = parse('hub: {}\nhub: {}\n');
  assert.deepEqual(problemsOf(twice), ['@2:1 Map keys must be unique']);
});

test('unknown tags, several documents, bytes that are no text and lists are refused', () => {
  for (const text of ['hub: !python/object {}', 'version: 1\n---\nversion: 1', '- a', 'just text']) {
    const loaded = parse(text);
    assert.ok(!loaded.ok, text);
    assert.equal(loaded.problems[0]?.code, 'config.malformed', text);
  }
  const binary = parseConfig(Buffer.from([0xff, 0xfe, 0x00]), { file: 'x', ...parts });
  assert.ok(!binary.ok);
});

test('an alias bomb and a pit of brackets are refused, an honest alias is not', () => {
  const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`);
  const bomb = parse(['l0: &l0 [x]', ...levels].join('\n'));
  assert.match(problemsOf(bomb)[0] ?? '', /too many aliases/);
  assert.ok(!parse('['.repeat(200_000)).ok);
  const shared = configOf(parse('mood: &m { dwell: 1s }\nrooms:\n  a: { mood: *m }\n'));
  assert.equal(shared.rooms.a?.mood.dwell, 1000);
});

test('a policy must name a scene that exists, where the default scenes are known', () => {
  // biome-ignore lint/suspicious/noThenProperty: the word of the configuration
  const policySchema = z.strictObject({ then: z.strictObject({ scene: z.string() }) });
  const text = `scenes: { beach: { brightness: 1 } }
policies:
  - then: { scene: beach }
  - then: { scene: sooth }
rooms:
  a: { policies: [ then: { scene: nowhere } ] }
`;
  assert.deepEqual(problemsOf(parse(text, { policySchema, defaultScenes: ['soothe'] })), [
    'policies[1].then.scene@4:20 there is no scene "sooth"; did you mean soothe?',
    'rooms.a.policies[0].then.scene@6:35 there is no scene "nowhere"',
  ]);
  configOf(parse(text, { policySchema }));
});

test('a room may name its own scenes; none is no name for one', () => {
  // biome-ignore lint/suspicious/noThenProperty: the word of the configuration
  const policySchema = z.strictObject({ then: z.strictObject({ scene: z.string() }) });
  const text = `rooms:
  a:
    scenes: { desk: { brightness: 1 } }
    policies: [ { then: { scene: desk } } ]
  b:
    policies: [ { then: { scene: desk } } ]
scenes: { none: { brightness: 1 } }
`;
  const problems = problemsOf(parse(text, { policySchema, defaultScenes: ['soothe'] }));
  assert.deepEqual(problems, [
    'rooms.b.policies[0].then.scene@6:34 there is no scene "desk"',
    'scenes.none@7:11 "none" stands for no scene; choose another id',
  ]);
});

test('schedules and limits say where they cannot be', () => {
  const text = `schedules:
  - { at: "25:00", then: { scene: soothe } }
  - { at: sunset, until: "23:00", for: 1h, then: { scene: sooth } }
limits:
  quietHours: { from: "22:00", to: sunrise+1h }
  volume: 120
ambience: { hold: until-empt }
rooms:
  a: { ambience: { hold: until-sleep, weight: 2 } }
`;
  assert.deepEqual(problemsOf(parse(text, { defaultScenes: ['soothe'] })), [
    'schedules[0].at@2:11 must be a time such as 22:30, or dawn, sunrise, noon, sunset, dusk, as in sunset or sunrise-30m',
    'schedules[1].at@3:11 the sun needs a place: set hub.location',
    'schedules[1].for@3:40 give either until or for, not both',
    'schedules[1].then.scene@3:59 there is no scene "sooth"; did you mean soothe?',
    'limits.quietHours.to@5:36 the sun needs a place: set hub.location',
    'limits.volume@6:11 must be at most 100',
    'ambience.hold@7:19 must be a duration such as 90s, 5m or 1h, until-empty or until-sleep',
  ]);
  const config = configOf(parse('ambience: { hold: 90m }\nrooms:\n  a: { ambience: { hold: until-sleep } }\n'));
  assert.deepEqual([config.ambience.hold, config.rooms.a?.ambience.hold], [5_400_000, 'until-sleep']);
});

test('references stand for values of the vault and the environment, also where a number or switch is needed', () => {
  const config = configOf(
    parse(
      `
http: { port: !env PORT }
mqtt:
  broker: { url: mqtts://b, password: !secret mqtt }
  homeAssistant: { discovery: !env DISCOVERY }
`,
      { secrets: (name) => (name === 'mqtt' ? '12345' : undefined), env: { PORT: '9000', DISCOVERY: 'false' } },
    ),
  );
  assert.equal(config.http.port, 9000);
  assert.equal(config.mqtt.homeAssistant.discovery, false);
  assert.deepEqual(config.mqtt.broker, { url: 'mqtts://b', password: '12345' });
});

test('a missing reference is named once, and what a reference holds is never shown', () => {
  assert.deepEqual(problemsOf(parse('http: { port: !env PORT, host: !secret h }')), [
    'http.port@1:20 the environment variable PORT is not set',
    'http.host@1:40 there is no secret "h" in the vault',
  ]);
  const shown = problemsOf(parse('http: { port: !secret p }\nhub: { language: !secret p }', { secrets: () => 'hunter2' }));
  assert.equal(shown.length, 2);
  assert.ok(!shown.join().includes('hunter2'));
});

test('a vault that cannot be opened is a problem of the place that needs it', () => {
  const secrets = () => {
    throw new RoomtoneError('vault.wrong_key', { params: { file: '/data/vault.key' } });
  };
  const [problem = ''] = problemsOf(parse('mqtt: { broker: { url: mqtt://b, password: !secret mqtt } }', { secrets }));
  assert.match(problem, /^mqtt\.broker\.password@1:52 the secret "mqtt" cannot be read: The vault key \/data\/vault\.key is not/);
});

test('a newer file is refused as such', () => {
  const loaded = parse('version: 2\nsomething: new');
  assert.ok(!loaded.ok);
  assert.deepEqual(
    loaded.problems.map(({ code, params }) => [code, params.found, params.known]),
    [['config.newer_version', 2, 1]],
  );
});

test('an older file is brought up to date, one version at a time', () => {
  const order: number[] = [];
  const migrations = [1, 2].map((version) => () => void order.push(version));
  parse('version: 2', { migrations });
  assert.deepEqual(order, [2]);
  parse('version: 1', { migrations });
  assert.deepEqual(order, [2, 1, 2]);
  const tooNew = parse('version: 4', { migrations });
  assert.ok(!tooNew.ok && tooNew.problems[0]?.code === 'config.newer_version');
});

test('problems of a migrated file still point into the file as it is', () => {
  const migrations = [(document: { set(key: string, value: unknown): void }) => document.set('version', 1)];
  assert.deepEqual(
    problemsOf(parse('version: 1\n# note\nhttp: { prot: 1 }', { migrations: migrations as never })).at(-1),
    'http.prot@3:9 unknown key; did you mean port?',
  );
});

test('relative files start at the folder of the configuration', () => {
  const config = configOf(
    parse('models: { dir: models }\nrooms:\n  a:\n    sources:\n      - { id: c, kind: camera, url: "file:clips/a.mp4" }'),
  );
  const [source] = config.rooms.a?.sources ?? [];
  assert.equal(source?.kind === 'camera' && source.url, 'file:/etc/roomtone/clips/a.mp4');
  assert.equal(config.models.dir, '/etc/roomtone/models');
});

test('missing, oversized and unreadable files are results, not exceptions', () => {
  const dir = mkdtempSync(join(tmpdir(), 'roomtone-config-'));
  try {
    const missing = loadConfig({ file: join(dir, 'none.yaml'), ...parts });
    assert.ok(!missing.ok);
    assert.equal(missing.problems[0]?.code, 'config.not_found');
    assert.equal(configError(missing).code, 'config.not_found');
    const folder = loadConfig({ file: dir, ...parts });
    assert.ok(!folder.ok && folder.problems[0]?.code === 'config.unreadable');
    const large = join(dir, 'large.yaml');
    writeFileSync(large, `# ${'x'.repeat(1024 * 1024)}`);
    const oversized = loadConfig({ file: large, ...parts });
    assert.ok(!oversized.ok && oversized.problems[0]?.code === 'config.unreadable');
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('whatever stands in a file, loading gives a result whose problems point into it', () => {
  const yamlish = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc
      .array(
        fc.constantFrom(
          'a:',
          ' ',
          '\n',
          '- ',
          '{',
          '}',
          '[',
          ']',
          '*a',
          '&a',
          '!env X',
          '"',
          "'",
          '#',
          'rooms:',
          'version: 1',
          '|',
          '>',
          '\t',
          ': ',
        ),
        { maxLength: 60 },
      )
      .map((bits) => bits.join('')),
    fc.json({ maxDepth: 4 }),
  );
  fc.assert(
    fc.property(yamlish, (text) => {
      const loaded = parse(text);
      if (loaded.ok) return;
      const lines = text.split('\n').length;
      assert.ok(loaded.problems.length > 0);
      for (const { line, column } of loaded.problems) assert.ok(line >= 1 && line <= lines && column >= 1, `${line}:${column}`);
    }),
    { numRuns: 500 },
  );
});
