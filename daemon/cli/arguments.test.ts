import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RoomtoneError } from '../api/errors.ts';
import { parseArguments } from './arguments.ts';

const env = { HOME: '/home/ada' };

test('without arguments the hub starts on the data folder of the user', () => {
  const args = parseArguments([], env);
  assert.equal(args.command, 'start');
  assert.equal(args.data, '/home/ada/.local/share/roomtone');
  assert.equal(args.config, undefined);
});

test('flags may stand before or after the command, paths become absolute', () => {
  const args = parseArguments(['--data', '/srv/x', 'check', 'a.yaml', '--log=debug'], env);
  assert.deepEqual([args.command, args.operands, args.data, args.log], ['check', ['a.yaml'], '/srv/x', 'debug']);
});

test('a service of systemd keeps its data in the state directory', () => {
  assert.equal(parseArguments([], { ...env, STATE_DIRECTORY: '/var/lib/roomtone' }).data, '/var/lib/roomtone');
});

for (const argv of [
  ['--nonsense'],
  ['dance'],
  ['check'],
  ['start', 'now'],
  ['--log', 'loud'],
  ['--config'],
  ['check', 'a.yaml', '--yes'],
  ['models', '--fetch-models'],
  ['record'],
  ['replay', 'a.jsonl', '--speed', '0'],
  ['record', 'a.jsonl', '--speed', '2'],
]) {
  test(`"${argv.join(' ')}" is refused as usage`, () => {
    assert.throws(
      () => parseArguments(argv, env),
      (error) => error instanceof RoomtoneError && error.code === 'cli.usage',
    );
  });
}

test('help wins over what else is wrong with the operands', () => {
  assert.equal(parseArguments(['check', '--help'], env).command, 'help');
});
