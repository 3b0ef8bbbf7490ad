import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FakeClock } from '../../../../daemon/api/clock.fake.ts';
import { Reporting } from './reporting.ts';
import { zclType } from './types.ts';

function reportingOf(configuration: { min: number; max: number; change: number }) {
  const clock = new FakeClock();
  const state = { value: 100 };
  const reports: { at: number; value: unknown }[] = [];
  const start = clock.mono();
  const reporting = new Reporting({ clock, send: (_id, { read }) => reports.push({ at: (clock.mono() - start) / 1000, value: read() }) });
  reporting.configure(0, { type: zclType.uint8, read: () => state.value, reportable: true }, configuration);
  const set = (value: number) => {
    state.value = value;
    reporting.check();
  };
  return { clock, reporting, reports, set };
}

test('a change is reported when it is large enough, not sooner than min after the last report, and at the latest after max', () => {
  const { clock, reports, set } = reportingOf({ min: 5, max: 60, change: 10 });
  set(105);
  clock.advance(10_000);
  assert.deepEqual(reports, [], 'too small');
  set(120);
  set(140);
  clock.advance(1000);
  set(160);
  clock.advance(4000);
  assert.deepEqual(reports, [
    { at: 10, value: 120 },
    { at: 15, value: 160 },
  ]);
  clock.advance(60_000);
  assert.deepEqual(reports.at(-1), { at: 75, value: 160 });
});

test('max of 0xffff ends the reports', () => {
  const { clock, reports, set } = reportingOf({ min: 0, max: 0xffff, change: 1 });
  set(200);
  clock.advance(100_000_000);
  assert.deepEqual(reports, []);
});

test('reports keep their distance, whatever changes', () => {
  const change = fc.record({ wait: fc.integer({ min: 0, max: 9000 }), value: fc.integer({ min: 0, max: 254 }) });
  const limits = { min: fc.integer({ min: 0, max: 8 }), span: fc.integer({ min: 0, max: 20 }), change: fc.integer({ min: 1, max: 50 }) };
  fc.assert(
    fc.property(fc.record(limits), fc.array(change, { maxLength: 40 }), ({ min, span, change: least }, changes) => {
      const max = Math.max(1, min + span);
      const { clock, reports, set } = reportingOf({ min, max, change: least });
      for (const { wait, value } of changes) {
        clock.advance(wait);
        set(value);
      }
      clock.advance(1000);
      const times = [0, ...reports.map(({ at }) => at)];
      for (const [index, at] of times.entries()) {
        if (index < 2) continue;
        assert.ok(at - (times[index - 1] ?? 0) >= Math.min(min, max) - 1e-9);
      }
      for (const [index, at] of times.entries()) assert.ok(index === 0 || at - (times[index - 1] ?? 0) <= max + 1e-9);
    }),
    { numRuns: 100 },
  );
});
