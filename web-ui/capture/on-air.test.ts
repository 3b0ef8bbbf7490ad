import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BACKOFF } from '../state/backoff.ts';
import { isCapturing, next, type OnAir, type OnAirEvent } from './on-air.ts';

const PAGE = { persistent: false };
const SENSOR = { persistent: true };

const after = (events: OnAirEvent[], options = PAGE): OnAir =>
  events.reduce<OnAir>((state, event) => next(state, event, options), { phase: 'idle' });

const failed = (code: string, params = {}): OnAirEvent => ({ type: 'failed', why: { code, params }, random: 1 });
const source = (on: boolean, taken = false): OnAirEvent => ({ type: 'source', on, taken });
const LIVE: OnAirEvent[] = [{ type: 'start' }, { type: 'opened' }, { type: 'connected' }];

test('a start leads through the permission and the connection on air, and a stop off it', () => {
  assert.equal(after(LIVE).phase, 'live');
  assert.deepEqual(after([...LIVE, { type: 'stop' }]), { phase: 'idle' });
});

test('what broke is tried again, each time a little later, until it is on air', () => {
  const once = after([...LIVE, failed('panel.no_connection')]);
  const twice = after([...LIVE, failed('panel.no_connection'), { type: 'retry' }, { type: 'opened' }, failed('panel.no_answer')]);
  assert.ok(once.phase === 'waiting' && twice.phase === 'waiting');
  assert.deepEqual([once.wait, twice.wait], [BACKOFF.first, 2 * BACKOFF.first]);
});

test('what only a person can mend is not tried again', () => {
  for (const code of ['panel.denied', 'auth.required', 'phone.unusable_offer']) {
    const state = after([{ type: 'start' }, failed(code)], SENSOR);
    assert.equal(state.phase, 'refused');
    assert.equal(next(state, { type: 'retry' }, SENSOR), state);
    assert.equal(next(state, source(true), SENSOR), state);
  }
});

test('what this device left behind is taken over after a page load, and then no more: two pages would cut each other off for ever', () => {
  const own = failed('phone.busy', { own: true });
  const begun = after([{ type: 'start' }, { type: 'opened' }, own]);
  assert.ok(begun.phase === 'asking' && begun.takeOver);
  assert.equal(after([{ type: 'start' }, { type: 'opened' }, own, { type: 'opened' }, own]).phase, 'busy');
  assert.equal(after([...LIVE, failed('panel.no_connection'), { type: 'retry' }, own]).phase, 'busy');
  assert.equal(after([{ type: 'start' }, { type: 'opened' }, failed('phone.busy', { own: false })]).phase, 'busy');
});

test('sensing off ends it; a page then waits for its person, a sensor for sensing', () => {
  assert.equal(after([...LIVE, source(false), source(true)]).phase, 'off');
  assert.equal(after([...LIVE, source(false), source(true)], SENSOR).phase, 'asking');
  assert.equal(after([{ type: 'start' }, { type: 'opened' }, failed('phone.off')]).phase, 'off');
});

test('a sensor begins once it knows that the source is on, and returns to one that was taken from it once that is free', () => {
  assert.equal(after([source(false)], SENSOR).phase, 'off');
  assert.equal(after([source(true)], SENSOR).phase, 'asking');
  const busy = [...LIVE, failed('phone.busy', { own: false })];
  assert.equal(after([...busy, source(true, true)], SENSOR).phase, 'busy');
  assert.equal(after([...busy, source(true, false)], SENSOR).phase, 'asking');
});

test('what a page hears of the source before its switch took effect ends nothing that was just begun', () => {
  assert.equal(after([{ type: 'start' }, source(false), { type: 'opened' }, source(false), { type: 'connected' }]).phase, 'live');
});

test('whatever happens, a device that is off, refused or stopped captures nothing until it is begun again', () => {
  const event = fc.oneof(
    fc.constantFrom<OnAirEvent>({ type: 'start' }, { type: 'opened' }, { type: 'connected' }, { type: 'retry' }, { type: 'stop' }),
    fc.constantFrom('panel.no_connection', 'phone.off', 'phone.busy', 'auth.required').map((code) => failed(code)),
    fc.record({ type: fc.constant('source' as const), on: fc.boolean(), taken: fc.boolean() }),
  );
  fc.assert(
    fc.property(fc.array(event), fc.boolean(), (events, persistent) => {
      let state: OnAir = { phase: 'idle' };
      for (const each of events) {
        const before = state;
        state = next(state, each, { persistent });
        const isBegun = each.type === 'start' || (each.type === 'source' && each.on && persistent);
        if (isCapturing(state) && !isCapturing(before)) assert.ok(isBegun);
      }
    }),
  );
});
