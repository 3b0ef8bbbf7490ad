import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FakeClock } from '../api/clock.fake.ts';
import { TextQueue } from './text-queue.ts';

function queue(limit?: number) {
  const clock = new FakeClock();
  const sent: { id: number; text: string }[] = [];
  const drops: number[] = [];
  const texts = new TextQueue({
    clock,
    send: ({ id, text }) => void sent.push({ id, text }),
    onDropped: (dropped) => void drops.push(dropped),
    ...(limit === undefined ? {} : { limit }),
  });
  const push = (text: string, room = 'den') => texts.push({ room, text, at: 0 });
  const finish = () => texts.done(sent.at(-1)?.id ?? 0);
  return { texts, push, finish, sent, drops, clock, read: () => sent.map(({ text }) => text) };
}

describe('messages on their way to the senses', () => {
  test('wait until the senses are there, then go one by one, each when the last is read', () => {
    const { texts, push, finish, read } = queue();
    push('a');
    push('b');
    assert.deepEqual(read(), []);
    texts.open();
    assert.deepEqual(read(), ['a']);
    finish();
    finish();
    assert.deepEqual(read(), ['a', 'b']);
  });

  test('are bounded by 32 that wait: the oldest go, and that is told until a minute after the last', () => {
    const { texts, push, finish, read, drops, clock } = queue();
    texts.open();
    for (let i = 0; i < 200; i++) push(String(i));
    assert.deepEqual([drops.length, drops.at(-1)], [167, 167]);
    for (let i = 0; i < 40; i++) finish();
    assert.deepEqual(read(), ['0', ...Array.from({ length: 32 }, (_, i) => String(168 + i))]);
    clock.advance(59_999);
    assert.equal(drops.at(-1), 167);
    clock.advance(1);
    assert.equal(drops.at(-1), 0);
    assert.equal(clock.pending, 0);
  });

  test('that the senses died of are not sent again, and count as dropped', () => {
    const { texts, push, read, drops } = queue();
    texts.open();
    push('deadly');
    push('harmless');
    texts.lost();
    texts.open();
    assert.deepEqual([read(), drops], [['deadly', 'harmless'], [1]]);
  });

  test('do not go to senses that are to end, nor does a late answer of theirs count for the next', () => {
    const { texts, push, sent, read } = queue();
    texts.open();
    push('a');
    push('b');
    texts.hold();
    const [a] = sent;
    texts.done(a?.id ?? 0);
    assert.deepEqual(read(), ['a']);
    texts.open();
    texts.done(a?.id ?? 0);
    push('c');
    assert.deepEqual(read(), ['a', 'b']);
  });

  test('to a room that is off are forgotten, and all of them at the end', () => {
    const { texts, push, read, finish, clock } = queue();
    push('a', 'den');
    push('b', 'hall');
    push('c', 'den');
    texts.forget('den');
    texts.open();
    finish();
    assert.deepEqual(read(), ['b']);
    push('d');
    texts.lost();
    texts.close();
    texts.open();
    assert.deepEqual([read(), clock.pending], [['b', 'd'], 0]);
  });

  test('are each either read, waiting or told as dropped, and keep their order', () => {
    const steps = fc.array(fc.constantFrom('push', 'finish', 'open', 'hold', 'lost'), { maxLength: 100 });
    fc.assert(
      fc.property(steps, (acts) => {
        const { texts, push, finish, sent, drops } = queue(3);
        let pushed = 0;
        for (const act of acts) {
          if (act === 'push') push(String(pushed++));
          else if (act === 'finish') finish();
          else texts[act as 'open' | 'hold' | 'lost']();
        }
        const order = sent.map(({ text }) => Number(text));
        assert.deepEqual(
          order,
          order.toSorted((a, b) => a - b),
        );
        assert.ok(pushed - sent.length - (drops.at(-1) ?? 0) <= 3);
      }),
    );
  });
});
