import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PresenceNews } from './presence.ts';

test('nobody is said 2 s after the last face or, without one, after the first frame, and then every 5 s', () => {
  const news = new PresenceNews();
  const said: number[] = [];
  for (let at = 500; at <= 14_000; at += 500) if (news.nobody(at)) said.push(at);
  assert.deepEqual(said, [2500, 7500, 12_500]);
  news.read(14_100);
  assert.deepEqual([news.nobody(16_000), news.nobody(16_100), news.nobody(16_200)], [false, true, false]);
});

test('people who come or go are told at once, those who stay once a second', () => {
  const news = new PresenceNews();
  assert.ok(news.nobody(0) === false && news.nobody(2000));
  assert.ok(news.someone(1, 2100));
  assert.equal(news.someone(1, 3000), false);
  assert.ok(news.someone(2, 3050));
  assert.equal(news.someone(2, 4000), false);
  assert.ok(news.someone(2, 4050));
  assert.ok(news.someone(1, 4100));
});

test('faces that are read say it themselves; when they can only be seen, that is told at once', () => {
  const news = new PresenceNews();
  assert.ok(news.someone(1, 0));
  news.read(100);
  assert.ok(news.someone(1, 200));
});
