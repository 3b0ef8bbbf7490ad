import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Strain, VocalStress } from './stress.ts';

const ordinary: Strain = { pitch: 7, level: -30, pauses: 0.15 };

function learned(): VocalStress {
  const stress = new VocalStress();
  for (let i = 0; i < 10; i++) stress.take(ordinary);
  return stress;
}

test('says nothing before three utterances were heard', () => {
  const stress = new VocalStress();
  assert.deepEqual([stress.take(ordinary), stress.take(ordinary), stress.take(ordinary)], [undefined, undefined, undefined]);
  assert.ok(stress.take(ordinary) !== undefined);
});

test('the ordinary voice stands at 0.18; a higher, louder one with fewer pauses above it', () => {
  const calm = learned().take(ordinary) as number;
  assert.ok(Math.abs(calm - 0.18) < 0.01);
  for (const change of [{ pitch: 10 }, { level: -24 }, { pauses: 0 }]) {
    assert.ok((learned().take({ ...ordinary, ...change }) as number) > calm, JSON.stringify(change));
  }
  assert.ok((learned().take({ pitch: 13, level: -20, pauses: 0 }) as number) > 0.6);
});

test('one feature alone, however far off, is not stress in full', () => {
  assert.ok((learned().take({ ...ordinary, pitch: 60 }) as number) < 0.7);
});

test('whatever is heard, it stays within 0..1', () => {
  const strain = fc.record({
    pitch: fc.double({ min: -8, max: 28, noNaN: true }),
    level: fc.double({ min: -100, max: 0, noNaN: true }),
    pauses: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(strain, { maxLength: 30 }), (strains) => {
      const stress = new VocalStress();
      for (const each of strains) {
        const value = stress.take(each);
        assert.ok(value === undefined || (value >= 0 && value <= 1));
      }
    }),
  );
});
