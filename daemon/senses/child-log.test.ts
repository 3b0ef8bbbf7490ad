import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import pino from 'pino';
import { Journal } from '../../test/helpers/journal.ts';
import { forwardLog } from './child-log.ts';

/** What the hub's log holds after a child wrote `text` to its standard output, and `words` to its standard error. */
async function logged(text: string, words = ''): Promise<Record<string, unknown>[]> {
  const lines = new Journal<string>();
  const log = pino({ level: 'debug', base: null, timestamp: false }, { write: lines.add });
  const child = spawn(process.execPath, [
    '-e',
    'process.stdout.write(process.argv[1]); process.stderr.write(process.argv[2])',
    text,
    words,
  ]);
  forwardLog(child, log);
  await once(child, 'close');
  return lines.entries.map((line) => JSON.parse(line));
}

describe('forwardLog', () => {
  it('keeps level and fields of what the senses logged', async () => {
    const text = '{"level":50,"time":1,"source":"cam","msg":"source failed"}\n{"level":20,"msg":"detail"}\n';
    assert.deepEqual(await logged(text), [
      { level: 50, source: 'cam', msg: 'source failed' },
      { level: 20, msg: 'detail' },
    ]);
  });

  it('takes any other text as it stands, the last line without its end too', async () => {
    assert.deepEqual(await logged('{"level": 30\nhello'), [
      { level: 30, event: 'senses.stdout', msg: '{"level": 30' },
      { level: 30, event: 'senses.stdout', msg: 'hello' },
    ]);
    assert.deepEqual(await logged('', 'Error: boom\n\n  at home'), [
      { level: 40, event: 'senses.stderr', msg: 'Error: boom' },
      { level: 40, event: 'senses.stderr', msg: '  at home' },
    ]);
  });

  it('cuts lines without end', async () => {
    const [line] = await logged('x'.repeat(90_000));
    assert.equal(String(line?.msg).length, 4000);
  });
});
