import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Running } from './running.ts';

test('it starts from the prior, comes to what it hears, and trusts that more and more', () => {
  const running = new Running({ mean: 0, deviation: 1, clips: 1 });
  assert.equal(running.above(5), 5);
  assert.equal(running.trust, 0);
  running.learn(5);
  assert.equal(running.above(5), 2.5);
  assert.equal(running.trust, 0.5);
  for (let i = 0; i < 200; i++) running.learn(5);
  assert.ok(running.above(5) < 0.1);
  assert.ok(running.trust > 0.98);
});

test('without a prior mean the first value stands for it', () => {
  const running = new Running({ deviation: 2, clips: 1 });
  assert.equal(running.above(-40), 0);
  running.learn(-40);
  assert.equal(running.above(-30), 10);
});

test('old values fade: a room that changes is learned anew', () => {
  const running = new Running({ deviation: 1, clips: 1 });
  for (let i = 0; i < 500; i++) running.learn(0);
  for (let i = 0; i < 300; i++) running.learn(10);
  assert.ok(Math.abs(running.above(10)) < 0.2);
});

test('the deviation approaches that of the values', () => {
  const running = new Running({ mean: 0, deviation: 1, clips: 1 });
  for (let i = 0; i < 400; i++) running.learn(i % 2 === 0 ? 6 : -6);
  assert.ok(Math.abs(running.deviationsAbove(6) - 1) < 0.1);
});

test('whatever is heard, the mean stays among it and the deviation finite', () => {
  const value = fc.double({ min: -100, max: 100, noNaN: true });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 80 }), (values) => {
      const running = new Running({ deviation: 1, clips: 1 });
      for (const each of values) running.learn(each);
      const mean = -running.above(0);
      assert.ok(mean >= Math.min(...values) - 1e-9 && mean <= Math.max(...values) + 1e-9);
      assert.ok(Number.isFinite(running.deviationsAbove(0)));
    }),
  );
});
