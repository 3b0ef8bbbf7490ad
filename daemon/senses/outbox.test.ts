import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { VoiceObservation } from '../mood/observation.ts';
import { Outbox } from './outbox.ts';
import type { SourceReport, UpMessage } from './protocol.ts';

const observation = (source: string, id: string): VoiceObservation => ({
  ...{ v: 1, id, room: 'room', source, modality: 'voice', at: 0, confidence: 1, quality: 1, speech: true },
});

const report = (source: string, state: SourceReport['state']): SourceReport => ({
  ...{ type: 'source', source, state, problem: null, rate: 0, dropped: 0, pid: null },
});

/** A channel that lets one message at a time through, and only when told. */
function slowChannel() {
  const sent: UpMessage[] = [];
  const done: (() => void)[] = [];
  const send = (message: UpMessage, callback: () => void) => {
    sent.push(message);
    done.push(callback);
  };
  const outbox = new Outbox({ send, window: 1 });
  const drain = () => {
    for (let next = done.shift(); next; next = done.shift()) next();
  };
  return { outbox, sent, drain };
}

const ids = (sent: UpMessage[]) => sent.map((message) => (message.type === 'observation' ? message.observation.id : message.type));

describe('Outbox', () => {
  it('sends at once while the channel takes it', () => {
    const { outbox, sent } = slowChannel();
    outbox.observations('a', [observation('a', 'a#1')]);
    assert.deepEqual(ids(sent), ['a#1']);
  });

  it('keeps the newest of each source while the channel is busy, and counts the others', () => {
    const { outbox, sent, drain } = slowChannel();
    for (const n of [1, 2, 3, 4]) outbox.observations('a', [observation('a', `a#${n}`)]);
    outbox.observations('b', [observation('b', 'b#1')]);
    drain();
    assert.deepEqual(ids(sent), ['a#1', 'a#4', 'b#1']);
    assert.equal(outbox.dropped, 2);
  });

  it('keeps together what was read in one frame', () => {
    const { outbox, sent, drain } = slowChannel();
    outbox.observations('a', [observation('a', 'a#1')]);
    outbox.observations('a', [observation('a', 'a#2'), observation('a', 'a#3')]);
    outbox.observations('a', [observation('a', 'a#4'), observation('a', 'a#5')]);
    drain();
    assert.deepEqual(ids(sent), ['a#1', 'a#4', 'a#5']);
    assert.equal(outbox.dropped, 2);
  });

  it('does not let observations push out states', () => {
    const { outbox, sent, drain } = slowChannel();
    outbox.report({ type: 'ready', v: 1, pid: 1 });
    outbox.report(report('a', 'starting'));
    outbox.report(report('a', 'live'));
    outbox.observations('a', [observation('a', 'a#1')]);
    drain();
    assert.deepEqual(sent.slice(1), [report('a', 'live'), { type: 'observation', observation: observation('a', 'a#1') }]);
    assert.equal(outbox.dropped, 0);
  });
});
