import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { FakeClock } from '../api/clock.fake.ts';
import { RoomtoneError } from '../api/errors.ts';
import type { AuditPort } from '../api/ports.ts';
import { FakeState } from '../api/state.fake.ts';
import { fromWeights } from '../mood/affect.ts';
import type { Observation } from '../mood/observation.ts';
import type { SourceSpec } from '../senses/protocol.ts';
import type { SensesEvents, Wanted } from '../senses/supervisor.ts';
import { Demo } from './demo.ts';
import { ProblemBoard } from './problems.ts';
import { Sensing, type SensingPlan } from './sensing.ts';

const camera = (id: string, room: string): SourceSpec => ({
  kind: 'camera',
  id,
  room,
  url: 'rtsp://x/',
  fps: 5,
  width: 640,
  height: 360,
  masks: [],
});

const face = (source: string, room: string): Observation => ({
  v: 1,
  id: `${source}#1`,
  room,
  source,
  at: 0,
  confidence: 1,
  quality: 1,
  modality: 'face',
  track: 1,
  probabilities: fromWeights(() => 1),
  people: 1,
});

const text = (room: string): Observation => ({
  v: 1,
  id: 'text.1',
  room,
  source: 'text',
  at: 0,
  confidence: 1,
  quality: 1,
  modality: 'text',
  probabilities: fromWeights(() => 1),
  sentiment: 0,
  flags: [],
});

const models = { dirs: [], threads: 1 };
const PLAN: SensingPlan = {
  rooms: [
    { id: 'den', sources: [camera('left', 'den'), camera('right', 'den')], off: false },
    { id: 'hall', sources: [camera('door', 'hall')], off: false },
  ],
  models,
  hash: 'abc',
};
const EMPTY: SensingPlan = { rooms: [{ id: 'den', sources: [], off: false }], models, hash: 'abc' };

/** The hub's side of sensing, with what the senses were told last and everything that was said. */
function sensing(state = new FakeState()) {
  const clock = new FakeClock();
  const told: Wanted[] = [];
  const written: string[] = [];
  let refusal: RoomtoneError | undefined;
  const senses = {
    events: new EventEmitter<SensesEvents>(),
    apply: (wanted: Wanted) => void told.push(wanted),
    read: ({ room, text }: { room: string; text: string }) => {
      if (refusal) throw refusal;
      written.push(`${room}: ${text}`);
    },
    forgetTexts: (room: string) => void written.push(`forget ${room}`),
  };
  const refuse = (error: RoomtoneError) => {
    refusal = error;
  };
  const audited: string[] = [];
  const audit: AuditPort = { record: ({ action, subject }) => void audited.push(`${action} ${subject}`), latest: () => [] };
  const problems = new ProblemBoard({ log: pino({ level: 'silent' }), clock });
  const demo = new Demo({ clock, recording: [face('demo', 'demo')] });
  const part = new Sensing({ clock, state, audit, senses, demo, problems });
  const heard: string[] = [];
  part.events.on('observation', ({ source }) => heard.push(source));
  part.events.on('quiet', ({ room }) => heard.push(`quiet ${room}`));
  const wanted = () => told.at(-1)?.sources.map(({ id }) => id);
  return { part, senses, audited, heard, state, clock, wanted, told, written, refuse };
}

describe('what may be sensed', () => {
  test('is everything in the file, until somebody says otherwise', () => {
    const { part, wanted } = sensing();
    part.configure(PLAN);
    assert.deepEqual(wanted(), ['left', 'right', 'door']);
  });

  test('is nothing once the house is switched off, also after a restart', () => {
    const first = sensing();
    first.part.configure(PLAN);
    first.part.switchAll(false);
    assert.deepEqual(first.wanted(), []);
    const second = sensing(first.state);
    second.part.configure(PLAN);
    assert.deepEqual(second.wanted(), []);
  });

  test('leaves out a room that is off and a source that is off; the house-wide switch does not forget them', () => {
    const { part, wanted } = sensing();
    part.configure(PLAN);
    part.setRoomOff('hall', true);
    part.switchSource('left', false);
    assert.deepEqual(wanted(), ['right']);
    part.switchAll(false);
    part.switchAll(true);
    assert.deepEqual(wanted(), ['right']);
  });

  test('no observation gets through that was under way when its source was switched off', () => {
    const { part, senses, heard } = sensing();
    part.configure(PLAN);
    part.switchSource('left', false);
    senses.events.emit('observation', face('left', 'den'));
    senses.events.emit('observation', face('right', 'den'));
    assert.deepEqual(heard, ['right']);
  });

  test('a room falls quiet with its last source, not before', () => {
    const { part, heard } = sensing();
    part.configure(PLAN);
    part.switchSource('left', false);
    assert.deepEqual(heard, []);
    part.switchSource('right', false);
    assert.deepEqual(heard, ['quiet den']);
  });

  test('a source that moved has stopped where it was', () => {
    const { part, heard } = sensing();
    part.configure(PLAN);
    part.events.on('stopped', ({ room, source }) => heard.push(`stopped ${source} ${room}`));
    const [den, hall] = PLAN.rooms;
    assert.ok(den && hall);
    part.configure({ ...PLAN, rooms: [den, { ...hall, sources: [] }, { id: 'attic', sources: [camera('door', 'attic')], off: false }] });
    assert.deepEqual(heard, ['stopped door hall', 'quiet hall']);
  });
});

describe('consent', () => {
  test('is noted once for each source in the file, and again when one moves to another room or becomes another kind', () => {
    const { part, audited } = sensing();
    part.configure(PLAN);
    part.configure(PLAN);
    assert.deepEqual(audited, ['consent.given left', 'consent.given right', 'consent.given door']);
    part.configure({ ...PLAN, rooms: [{ id: 'hall', sources: [camera('left', 'hall')], off: false }] });
    assert.deepEqual(audited.slice(3), ['consent.given left']);
    part.configure({
      ...PLAN,
      rooms: [{ id: 'hall', sources: [{ kind: 'microphone', id: 'left', room: 'hall', device: 'x' }], off: false }],
    });
    assert.deepEqual(audited.slice(4), ['consent.given left']);
  });
});

describe('what is kept of a source', () => {
  const without = (id: string): SensingPlan => ({
    ...PLAN,
    rooms: PLAN.rooms.map((room) => ({ ...room, sources: room.sources.filter((source) => source.id !== id) })),
  });

  test('goes with it: who writes it into the file again consents again', () => {
    const { part, state, audited, wanted } = sensing();
    part.configure(PLAN);
    part.switchSource('left', false);
    part.switchSource('left', true);
    part.configure(without('left'));
    assert.deepEqual([state.keys('consent.'), state.keys('sensing.source.')], [['consent.door', 'consent.right'], []]);
    part.configure(PLAN);
    assert.deepEqual([audited.at(-1), wanted()], ['consent.given left', ['left', 'right', 'door']]);
  });

  test('is that somebody switched it off, lest it run again by a slip of the pen', () => {
    const { part, wanted } = sensing();
    part.configure(PLAN);
    part.switchSource('left', false);
    part.configure(without('left'));
    part.configure(PLAN);
    assert.deepEqual(wanted(), ['right', 'door']);
  });

  test('stays where the file cannot be used, and no source is called unknown for good', () => {
    const { part, audited } = sensing();
    assert.throws(() => part.assertConfigured(), { code: 'api.not_ready' });
    part.configure(PLAN);
    part.assertConfigured();
    part.configure({ rooms: [], models, hash: null });
    assert.throws(() => part.assertConfigured(), { code: 'api.not_ready' });
    part.configure(PLAN);
    assert.equal(audited.length, 3);
  });
});

describe('the demo', () => {
  test('plays where no source is configured, and ends for good with one switch', () => {
    const { part, heard, state } = sensing();
    part.configure(EMPTY);
    assert.deepEqual([part.demo, heard], [true, ['demo']]);
    part.switchDemo(false);
    assert.deepEqual([part.demo, heard.at(-1)], [false, 'quiet den']);
    const restarted = sensing(state);
    restarted.part.configure(EMPTY);
    assert.equal(restarted.part.demo, false);
  });

  test('plays nowhere once a single source is configured, nor in a house that is switched off', () => {
    const { part } = sensing();
    part.configure(PLAN);
    assert.equal(part.demo, false);
    const off = sensing();
    off.part.switchAll(false);
    off.part.configure(EMPTY);
    assert.equal(off.part.demo, false);
  });
});

describe('what people write to a room', () => {
  const HALF_AN_HOUR = 30 * 60_000;

  test('is read, and makes the senses run where no source does, for half an hour', () => {
    const { part, senses, heard, told, written, clock } = sensing();
    part.configure({ ...EMPTY, rooms: [{ id: 'den', sources: [], off: false }] });
    part.tell('den', 'hello');
    assert.deepEqual([written, told.at(-1)?.text, part.isTold('den')], [['den: hello'], true, true]);
    senses.events.emit('observation', text('den'));
    assert.equal(heard.at(-1), 'text');
    clock.advance(HALF_AN_HOUR - 1);
    assert.equal(told.at(-1)?.text, true);
    clock.advance(1);
    assert.deepEqual([told.at(-1)?.text, part.isTold('den'), heard.includes('quiet den')], [false, false, true]);
  });

  test('is refused with the reason where nothing may be sensed, and the rest goes on', () => {
    const { part, written, told } = sensing();
    part.configure(PLAN);
    assert.throws(() => part.tell('attic', 'x'), { code: 'api.unknown_room' });
    part.setRoomOff('hall', true);
    assert.throws(() => part.tell('hall', 'x'), { code: 'text.room_off' });
    part.tell('den', 'x');
    part.switchAll(false);
    assert.throws(() => part.tell('den', 'x'), { code: 'text.sensing_off' });
    assert.deepEqual([written, told.at(-1)?.text], [['den: x', 'forget den'], false]);
  });

  test('is no longer let in once the room is off, even if it was being read', () => {
    const { part, senses, heard } = sensing();
    part.configure(PLAN);
    part.tell('den', 'x');
    part.setRoomOff('den', true);
    const before = heard.length;
    senses.events.emit('observation', text('den'));
    assert.equal(heard.length, before);
  });

  test('keeps the mood of its room when the last camera stops, as long as it counts', () => {
    const { part, heard, clock } = sensing();
    part.configure(PLAN);
    part.tell('hall', 'x');
    part.switchSource('door', false);
    assert.deepEqual(heard, []);
    clock.advance(HALF_AN_HOUR);
    assert.deepEqual(heard, ['quiet hall']);
  });

  test('ends the recording, which comes back when it counts no more', () => {
    const { part, heard, clock } = sensing();
    part.configure(EMPTY);
    part.tell('den', 'x');
    assert.deepEqual([part.demo, heard], [false, ['demo', 'quiet den']]);
    clock.advance(HALF_AN_HOUR);
    assert.equal(part.demo, true);
  });

  test('leaves no trace where the senses cannot read it', () => {
    const { part, refuse, told, clock } = sensing();
    refuse(new RoomtoneError('senses.unavailable'));
    part.configure(PLAN);
    assert.throws(() => part.tell('den', 'x'), { code: 'senses.unavailable' });
    assert.deepEqual([part.isTold('den'), told.at(-1)?.text, clock.pending], [false, false, 0]);
  });

  test('holds no timer after close', () => {
    const { part, clock } = sensing();
    part.configure(PLAN);
    part.tell('den', 'x');
    part.close();
    assert.equal(clock.pending, 0);
  });
});
