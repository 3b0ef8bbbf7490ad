import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseWire } from './wire.ts';

test('stamps become epoch ms wherever they stand; other texts stay', () => {
  const text = '{"at":"2026-01-02T03:04:05.678Z","holds":{"on":"2026-01-02T03:04:05Z"},"since":5,"name":"2026-01-02","until":"tomorrow"}';
  assert.deepEqual(parseWire(text), {
    at: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    holds: { on: Date.UTC(2026, 0, 2, 3, 4, 5) },
    since: 5,
    name: '2026-01-02',
    until: 'tomorrow',
  });
});
