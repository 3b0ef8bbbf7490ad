import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { en as codes } from '../../daemon/api/messages/en.ts';
import { en } from './en.ts';
import { createI18n } from './translate.ts';

const NAMES: Record<string, string> = { 'scene calm': 'Calm evening', 'room study': 'Study' };

const i18n = createI18n({ locale: 'en-GB', timezone: 'Europe/Berlin', nameOf: (kind, id) => NAMES[`${kind} ${id}`] });

test('parameters are filled in, numbers as the locale writes them', () => {
  assert.equal(i18n.t('sources.dropped', { dropped: 12_345 }), '12,345 dropped');
  assert.equal(createI18n({ locale: 'en-IN', nameOf: () => undefined }).t('sources.dropped', { dropped: 123_456 }), '1,23,456 dropped');
  assert.equal(i18n.t('mood.changed', { room: 'Study' }), 'Study is now {mood}');
});

test('the count chooses the plural', () => {
  assert.equal(i18n.t('occupancy.people', { count: 1 }), '1 person');
  assert.equal(i18n.t('occupancy.people', { count: 0 }), '0 people');
});

test('codes are worded by the catalogue of the hub, with names for ids and times for stamps', () => {
  assert.equal(i18n.code('reason.mood', { scene: 'calm', mood: 'low' }), 'Scene "Calm evening", because the room is low');
  assert.equal(i18n.code('reason.hand', { until: Date.UTC(2026, 0, 5, 18, 30) }), 'Changed by hand, held until 19:30');
  const busy = { source: 'phone', holder: 'Tablet', since: '2026-01-05T18:30:00.000Z', own: false };
  assert.match(i18n.code('phone.busy', busy), /in use by Tablet since 19:30\./);
  assert.equal(i18n.code('reason.slider', { actor: 'panel:admin' }), 'Set by the panel');
  assert.equal(i18n.code('reason.slider', { actor: 'Grandmother' }), 'Set by Grandmother');
  assert.match(i18n.code('mqtt.port_in_use', { port: 1883 }), /^Port 1883 is taken/);
});

test('a code of a newer hub is still told', () => {
  assert.equal(i18n.code('oven.too_hot', {}, 'The oven is too hot.'), 'The oven is too hot.');
  assert.match(i18n.code('oven.too_hot'), /oven\.too_hot/);
  assert.match(i18n.code('toString'), /toString/);
});

test('every code of the hub has a sentence here', () => {
  for (const code of Object.keys(codes)) assert.equal(i18n.code(code), codes[code as keyof typeof codes]);
});

test('no text of the catalogue is left without a use', () => {
  const root = join(import.meta.dirname, '..');
  const sources = globSync('**/*.{ts,tsx}', { cwd: root, exclude: ['dist/**', '**/*.test.ts', 'i18n/en.ts'] })
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n');
  // A template such as `mood.${label}` stands for every key of its shape; none of its fixed parts has a character that a pattern would read.
  const patterns = [...sources.matchAll(/`([a-z]+[._][^`\s]*\$\{[^`]*)`/g)].map(
    ([, template = '']) => new RegExp(`^${template.replaceAll('.', '\\.').replace(/\$\{[^}]*\}/g, '.+')}$`),
  );
  const unused = Object.keys(en).filter((key) => !sources.includes(`'${key}'`) && !patterns.some((pattern) => pattern.test(key)));
  assert.deepEqual(unused, []);
});
