import { readFileSync } from 'node:fs';

export interface Exposed {
  type: string;
  name?: string;
  property?: string;
  endpoint?: string;
  access?: number;
  values?: unknown[];
  value_min?: number;
  value_max?: number;
  features?: Exposed[];
}

export interface Definition {
  model: string;
  vendor: string;
  exposes: Exposed[];
}

interface Recorded {
  definitions: Definition[];
}

/** As zigbee-herdsman-converters has them: see record-definitions.ts. */
const { definitions } = JSON.parse(readFileSync(new URL('fixtures/definitions.json', import.meta.url), 'utf8')) as Recorded;

/** What a device's own label says, as far as Zigbee2MQTT shows it. */
interface Label {
  /** Of the definition. */
  model: string;
  model_id: string;
  manufacturer: string;
  power_source: 'Mains (single phase)' | 'Battery';
  /** Endpoints by number, and their names where they have any. */
  endpoints: Record<string, string | null>;
}

const mains = (model: string, model_id: string, manufacturer: string): Label => ({
  ...{ model, model_id, manufacturer, power_source: 'Mains (single phase)', endpoints: { '1': null } },
});
const battery = (model: string, model_id: string, manufacturer: string): Label => ({
  ...{ model, model_id, manufacturer, power_source: 'Battery', endpoints: { '1': null } },
});

const LABELS = {
  hueColor: { ...mains('9290012573A', 'LCT015', 'Signify Netherlands B.V.'), endpoints: { '11': null, '242': null } },
  hueMotion: battery('9290012607', 'SML001', 'Signify Netherlands B.V.'),
  hueDimmer: battery('324131092621', 'RWL021', 'Signify Netherlands B.V.'),
  hueDial: battery('8719514440937/8719514440999', 'RDM002', 'Signify Netherlands B.V.'),
  ikeaWhite: mains('LED1546G12', 'TRADFRI bulb E27 WS clear 950lm', 'IKEA of Sweden'),
  ikeaDimmable: mains('LED1623G12', 'TRADFRI bulb E27 opal 1000lm', 'IKEA of Sweden'),
  ikeaPlug: mains('E160x/E170x/E190x', 'TRADFRI control outlet', 'IKEA of Sweden'),
  ikeaRemote: battery('E1743', 'TRADFRI on/off switch', 'IKEA of Sweden'),
  ikeaShortcut: battery('E2213', 'SOMRIG shortcut button', 'IKEA of Sweden'),
  aqaraButton: battery('WXKG11LM', 'lumi.remote.b1acn01', 'LUMI'),
  aqaraMotion: battery('RTCGQ11LM', 'lumi.sensor_motion.aq2', 'LUMI'),
  aqaraClimate: battery('WSDCGQ11LM', 'lumi.weather', 'LUMI'),
  aqaraDoubleSwitch: { ...mains('QBKG12LM', 'lumi.ctrl_ln2.aq1', 'LUMI'), endpoints: { '1': 'left', '2': 'right' } },
  tuyaDimmer: mains('TS0601_dimmer_1_gang_1', 'TS0601', '_TZE200_dfxkcots'),
  tuyaColor: mains('TS0505B_2', 'TS0505B', '_TZ3210_iystcadi'),
  tuyaRemote: battery('TS0044', 'TS0044', '_TZ3000_wkai4ga5'),
  danfossValve: battery('014G2461', 'eTRV0103', 'Danfoss'),
} as const satisfies Record<string, Label>;

export type Kind = keyof typeof LABELS;

export const labelOf = (kind: Kind): Label => LABELS[kind];

export function definitionOf(kind: Kind): Definition {
  const found = definitions.find(({ model }) => model === LABELS[kind].model);
  if (!found) throw new Error(`no definition of ${kind} was recorded`);
  return found;
}
