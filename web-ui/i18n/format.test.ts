import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFormat, pickLocale } from './format.ts';

const format = createFormat({ locale: 'en-GB', timezone: 'Europe/Berlin' });
const noon = Date.UTC(2026, 6, 1, 12);

test('times are those of the house, not of the browser', () => {
  assert.equal(format.time(noon), '14:00');
  assert.equal(format.clock(noon), '14:00:00');
});

test('an age is told in its largest unit', () => {
  assert.equal(format.relative(noon - 90_000, noon), '1 minute ago');
  assert.equal(format.relative(noon - 3 * 3_600_000, noon), '3 hours ago');
  assert.equal(format.relative(noon, noon), 'now');
});

test('what is left is rounded up: nothing ends earlier than it is said to', () => {
  assert.equal(format.span(41.2 * 60_000), '42 minutes');
  assert.equal(format.span(1), '1 second');
  assert.equal(format.span(-5), '0 seconds');
});

test('affect has a sign on both sides of nothing', () => {
  assert.equal(format.signed(0.4), '+0.40');
  assert.equal(format.signed(-0.4), '-0.40');
  assert.equal(format.signed(0), '0.00');
});

test('a countdown has minutes and seconds, rounded up', () => {
  const format = createFormat({ locale: 'en-GB', timezone: 'UTC' });
  assert.deepEqual([120_000, 64_001, 999, 0, -5].map(format.countdown), ['2:00', '1:05', '0:01', '0:00', '0:00']);
});

test('the locale is the language of the hub in the form that the browser prefers', () => {
  const known = ['en', 'de'];
  assert.equal(pickLocale('en', { browser: ['de-AT', 'en-GB'], known }), 'en-GB');
  assert.equal(pickLocale('en-AU', { browser: ['en-GB'], known }), 'en-AU');
  assert.equal(pickLocale('de', { browser: ['fr'], known }), 'de');
  assert.equal(pickLocale('tlh', { browser: ['fr'], known }), 'en');
});
