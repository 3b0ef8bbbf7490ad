import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../daemon/api/clock.fake.ts';
import { fakeDevice } from './devices.fake.ts';
import { EVERYTHING } from './keeping.ts';
import { ASK_EVERY, Sensor, type SensorView } from './sensor.ts';

const VIEW: SensorView = {
  source: { id: 'tablet', room: 'den', kind: 'phone', enabled: true, state: 'waiting', rate: 0, dropped: 0, problem: null },
  room: 'Den',
  sensing: true,
  reads: ['face'],
};

function setUp() {
  const clock = new FakeClock();
  const device = fakeDevice(clock, { persistent: true });
  const asked: { url: string; authorization: string | null }[] = [];
  const hub: { answer: () => Response | Promise<Response> } = { answer: () => Response.json(VIEW) };
  const sensor = new Sensor({
    async fetch(url, init) {
      asked.push({ url: String(url), authorization: new Headers(init?.headers).get('authorization') });
      return await hub.answer();
    },
    clock,
    token: 'rt_0123456789',
    broadcast: device.broadcast,
    choice: EVERYTHING,
  });
  const refuse = (status: number, code: string) => {
    hub.answer = () => Response.json({ error: { code, message: '', params: {} } }, { status });
  };
  return { ...device, clock, sensor, asked, hub, refuse };
}

test('it asks by its token what is so, and goes on air where it may', async () => {
  const { clock, sensor, asked, phase, publication, broadcast } = setUp();
  sensor.start();
  await clock.advanceAsync(0);
  assert.deepEqual(asked, [{ url: '/api/sensor', authorization: 'Bearer rt_0123456789' }]);
  assert.deepEqual([phase(), publication().source, sensor.view.value?.room], ['joining', 'tablet', 'Den']);
  assert.deepEqual(broadcast.target.value?.choice, EVERYTHING);
  await clock.advanceAsync(ASK_EVERY);
  assert.equal(asked.length, 2);
  sensor.close();
  assert.deepEqual([phase(), publication().closed, clock.pending], ['idle', true, 0]);
});

test('sensing off closes its camera, and on opens it again', async () => {
  const { clock, sensor, hub, phase, publication, open } = setUp();
  sensor.start();
  await clock.advanceAsync(0);
  publication().connected();
  hub.answer = () => Response.json({ ...VIEW, sensing: false });
  await clock.advanceAsync(ASK_EVERY);
  assert.deepEqual([phase(), open()], ['off', 0]);
  hub.answer = () => Response.json(VIEW);
  await clock.advanceAsync(ASK_EVERY);
  assert.deepEqual([phase(), open()], ['joining', 2]);
  sensor.close();
});

test('a hub that does not answer, or not well, may come back', async () => {
  const { clock, sensor, hub, refuse, phase } = setUp();
  hub.answer = () => Promise.reject(new TypeError('fetch failed'));
  sensor.start();
  await clock.advanceAsync(0);
  assert.deepEqual([sensor.reached.value, sensor.view.value, phase()], [false, null, 'idle']);
  refuse(503, 'api.starting');
  await clock.advanceAsync(ASK_EVERY);
  assert.equal(sensor.reached.value, false);
  hub.answer = () => Response.json(VIEW);
  await clock.advanceAsync(ASK_EVERY);
  assert.deepEqual([sensor.reached.value, phase()], [true, 'joining']);
  sensor.close();
});

test('a token that was revoked ends it for good', async () => {
  const { clock, sensor, refuse, broadcast, publication, asked, open } = setUp();
  sensor.start();
  await clock.advanceAsync(0);
  publication().connected();
  refuse(401, 'auth.required');
  await clock.advanceAsync(ASK_EVERY);
  assert.deepEqual(broadcast.state.value, { phase: 'refused', why: { code: 'auth.required', params: {} } });
  assert.deepEqual([open(), publication().closed, clock.pending], [0, true, 0]);
  await clock.advanceAsync(10 * ASK_EVERY);
  assert.equal(asked.length, 2);
});

test('one question at a time, and an answer that comes after its end is not followed', async () => {
  const { clock, sensor, hub, asked, phase } = setUp();
  const answer = Promise.withResolvers<Response>();
  hub.answer = () => answer.promise;
  sensor.start();
  await clock.advanceAsync(3 * ASK_EVERY);
  assert.equal(asked.length, 1);
  sensor.close();
  answer.resolve(Response.json(VIEW));
  await clock.advanceAsync(0);
  assert.deepEqual([sensor.view.value, phase()], [null, 'idle']);
});
