import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RoomtoneError } from '../api/errors.ts';
import { formatLogEntry, formatLogHeader, type LogEntry, parseLog } from './log.ts';

const entries: LogEntry[] = [
  {
    observation: {
      v: 1,
      id: 'a',
      room: 'den',
      source: 'pir',
      modality: 'presence',
      at: 5,
      confidence: 1,
      quality: 1,
      occupied: true,
      people: 2,
    },
  },
  { truth: { room: 'den', at: 6, label: 'cheerful', emotion: 'happiness' } },
  { hand: { device: 'virtual:lamp', attribute: 'color', value: { x: 0.3, y: 0.3 }, at: 7 } },
];
const text = formatLogHeader() + entries.map(formatLogEntry).join('');

function complaint(log: string): Record<string, unknown> {
  try {
    parseLog(log, 'day.jsonl');
  } catch (error) {
    assert.ok(error instanceof RoomtoneError);
    assert.equal(error.code, 'log.invalid');
    return error.params;
  }
  return assert.fail('the log was taken');
}

describe('observation log', () => {
  test('is read back as it was written', () => assert.deepEqual(parseLog(text, 'day.jsonl'), entries));

  test('of foreign origin may have other line ends, empty lines and fields of its own', () => {
    const foreign = text.replaceAll('\n', '\r\n\r\n').replace('"people":2', '"people":2,"lux":40');
    assert.deepEqual(parseLog(foreign, 'day.jsonl'), entries);
  });

  test('names file, line and field of what is wrong', () => {
    const wrong = text.replace('"people":2', '"people":-2');
    assert.deepEqual({ ...complaint(wrong), what: '' }, { file: 'day.jsonl', line: 2, what: '' });
    assert.match(String(complaint(wrong).what), /^people: /);
    assert.equal(complaint(`${text}{"truth":`).line, 5);
    assert.equal(complaint(text.replace('{"x":0.3,"y":0.3}', '40')).line, 4);
    assert.equal(complaint(text.replace('"modality":"presence"', '"modality":"smell"')).line, 2);
  });

  test('needs its header', () => {
    assert.equal(complaint('').line, 1);
    assert.equal(complaint(formatLogEntry(entries[0] as LogEntry)).line, 1);
  });

  test('of a newer version is refused with what to do', () => {
    assert.match(String(complaint(text.replace('"v":1', '"v":2')).what), /version 2.*Update Roomtone/);
  });
});
