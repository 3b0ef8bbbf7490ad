import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeHouse, fakeMood } from '../api/hub.fake.ts';
import { deviceId, houseView, moodView, wishedAttributes } from './schemas.ts';

describe('schemas of the views', () => {
  it('lose nothing of a house that has everything', () => {
    const house = fakeHouse();
    assert.deepEqual(houseView.parse(house), house);
    const mood = fakeMood('living-room', { demo: true, trigger: 'ceiling-17' });
    assert.deepEqual(moodView.parse(mood), mood);
  });

  it('take wishes whole or not at all', () => {
    assert.ok(wishedAttributes.safeParse({ on: true, brightness: 0 }).success);
    for (const nonsense of [
      {},
      { brightness: 101 },
      { brightness: '50' },
      { glow: 1 },
      { color: { x: 0.3 } },
      { on: true, brightness: Number.NaN },
    ]) {
      assert.equal(wishedAttributes.safeParse(nonsense).success, false, JSON.stringify(nonsense));
    }
  });

  it('know a device id by its colon', () => {
    assert.ok(deviceId.safeParse('zigbee:0x00158d0001/1').success);
    assert.equal(deviceId.safeParse('lamp').success, false);
  });
});
