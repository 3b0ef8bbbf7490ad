import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVERYTHING, forget, keep, kept, type Shelf, tokenOf } from './keeping.ts';

function shelf(): Shelf {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}

test('what is kept comes back until it is forgotten', () => {
  const place = shelf();
  assert.equal(kept(place), null);
  const what = { token: 'rt_abc', choice: { camera: 'back', microphone: false } } as const;
  keep(place, what);
  assert.deepEqual(kept(place), what);
  forget(place);
  assert.equal(kept(place), null);
});

test('what cannot be read is as good as nothing', () => {
  for (const text of ['', '{', '7', '{"token":1,"choice":{}}', '{"token":"rt_abc"}']) {
    assert.equal(kept({ ...shelf(), getItem: () => text }), null, text);
  }
  assert.deepEqual(kept({ ...shelf(), getItem: () => '{"token":"rt_abc","choice":{"camera":"side"}}' }), {
    token: 'rt_abc',
    choice: EVERYTHING,
  });
});

test('a set-up link holds a token, or none', () => {
  assert.equal(tokenOf('#rt_0123456789'), 'rt_0123456789');
  for (const hash of ['', '#', '#short', '#rt_0123456789&x=1', '#<script>alert(1)</script>']) assert.equal(tokenOf(hash), null, hash);
});
