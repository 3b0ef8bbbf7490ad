import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { systemClock } from '../daemon/api/clock.ts';
import { ALONE, HubHere } from './helpers/hub.ts';

const { cache } = createRequire(import.meta.url);

/** Files of the two libraries, and of what only they bring, that are loaded in this process. */
const loaded = () => Object.keys(cache).filter((file) => /\/node_modules\/(zigbee-|@serialport\/)/.test(file));

test('a hub without Zigbee loads nothing of it; with it, only then', async (t) => {
  const without = await HubHere.start(ALONE, systemClock);
  await without.hub.devices.adapters();
  await without.hub.devices.discover(AbortSignal.timeout(30_000));
  await without.close();
  assert.deepEqual(loaded(), []);

  // Nobody listens there: it goes on trying.
  const withIt = await HubHere.start(`${ALONE}adapters: { zigbee: { port: "tcp://127.0.0.1:9" } }\n`, systemClock);
  t.after(() => withIt.close());
  await withIt.until(() => withIt.hub.queries.house().problems.some(({ code }) => code === 'zigbee.coordinator_away'));
  assert.ok(loaded().some((file) => file.includes('zigbee-herdsman/')));
  assert.ok(
    !loaded().some((file) => /zigbee-herdsman-converters\/dist\/devices\//.test(file)),
    'no maker’s converters without a device of his',
  );
});
