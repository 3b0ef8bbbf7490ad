import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zigbee2mqttOptions } from './options.ts';

test('the broker’s address is shown, so no user and no password may stand in it', () => {
  const isTaken = (url: string): boolean => zigbee2mqttOptions.safeParse({ url }).success;
  for (const url of ['mqtt://192.168.1.10', 'mqtts://broker.lan:8883', 'ws://broker.lan:9001/mqtt', 'mqtt://[fd00::1]:1883']) {
    assert.ok(isTaken(url), url);
  }
  for (const url of [
    'mqtt://user:secret@broker.lan',
    'mqtt://user@broker.lan:1883',
    'mqtt://user:se/cret@broker.lan',
    'http://broker.lan',
    'mqtt://',
  ]) {
    assert.ok(!isTaken(url), url);
  }
});
