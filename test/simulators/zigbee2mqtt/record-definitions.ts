import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/**
 * Writes definitions.json anew: what Zigbee2MQTT publishes as `definition` of these models, taken from the library that it
 * takes them from (zigbee-herdsman-converters, as installed). Run it by `scripts/node test/simulators/zigbee2mqtt/record-definitions.ts`.
 */
const MODELS: Record<string, readonly string[]> = {
  philips: ['9290012573A', '9290012607', '324131092621', '8719514440937/8719514440999'],
  ikea: ['LED1546G12', 'LED1623G12', 'E160x/E170x/E190x', 'E1743', 'E2213'],
  lumi: ['WXKG11LM', 'RTCGQ11LM', 'WSDCGQ11LM', 'QBKG12LM'],
  tuya: ['TS0601_dimmer_1_gang_1', 'TS0505B_2', 'TS0044'],
  danfoss: ['014G2461'],
};

interface Definition {
  model: string;
  vendor: string;
  description: string;
  exposes: unknown[] | ((device: object, options: object) => unknown[]);
}

const require = createRequire(import.meta.url);
const { prepareDefinition } = require('zigbee-herdsman-converters') as { prepareDefinition(definition: Definition): Definition };
const { version } = require('zigbee-herdsman-converters/package.json') as { version: string };

/** Shown for every device (Zigbee2MQTT, `lib/model/device.ts`). */
const LINKQUALITY = {
  ...{ name: 'linkquality', label: 'Linkquality', access: 1, type: 'numeric', property: 'linkquality', category: 'diagnostic' },
  ...{ description: 'Link quality (signal strength)', unit: 'lqi', value_max: 255, value_min: 0 },
};

/** Some definitions look at the device that they are for. */
const DUMMY = { isDummyDevice: true, endpoints: [], getEndpoint: () => undefined };

const definitions = Object.entries(MODELS).flatMap(([vendor, models]) => {
  const { definitions: all } = require(`zigbee-herdsman-converters/devices/${vendor}`) as { definitions: Definition[] };
  return models.map((wanted) => {
    const found = all.find(({ model }) => model === wanted);
    if (!found) throw new Error(`${vendor} has no ${wanted}`);
    const { model, vendor: maker, description, exposes } = prepareDefinition(found);
    const list = typeof exposes === 'function' ? exposes(DUMMY, {}) : exposes;
    return { source: 'native', model, vendor: maker, description, exposes: [...list, LINKQUALITY], supports_ota: false, options: [] };
  });
});

const target = new URL('fixtures/definitions.json', import.meta.url);
writeFileSync(target, `${JSON.stringify({ source: `zigbee-herdsman-converters ${version}`, definitions }, undefined, 1)}\n`);
