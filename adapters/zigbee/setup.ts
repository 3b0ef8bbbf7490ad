import type { Models } from 'zigbee-herdsman';
import { isRefusal } from './driver.ts';
import type { Part, ZigbeeNode } from './node.ts';
import { SETUP } from './setup-version.ts';

interface Reported {
  attribute: string;
  /** s */
  least: number;
  most: number;
  change: number;
}

const HOUR = 3600;
/** Whether it is a lamp or a sensor: a change is told within a second, and something every hour, which says that it is there. */
const soon = (attribute: string, change: number): Reported => ({ attribute, least: 1, most: HOUR, change });

const OF_LAMPS: Readonly<Record<string, readonly Reported[]>> = {
  genOnOff: [{ attribute: 'onOff', least: 0, most: HOUR, change: 0 }],
  genLevelCtrl: [soon('currentLevel', 1)],
  lightingColorCtrl: [soon('currentX', 100), soon('currentY', 100), soon('colorTemperature', 2)],
};

const OF_SENSORS: Readonly<Record<string, readonly Reported[]>> = {
  msOccupancySensing: [{ attribute: 'occupancy', least: 0, most: HOUR, change: 0 }],
  // 10,000 times the logarithm of lux: an eighth more or less.
  msIlluminanceMeasurement: [{ attribute: 'measuredValue', least: 10, most: HOUR, change: 500 }],
  msTemperatureMeasurement: [{ attribute: 'measuredValue', least: 30, most: HOUR, change: 20 }],
  genPowerCfg: [{ attribute: 'batteryPercentageRemaining', least: HOUR, most: 12 * HOUR, change: 2 }],
};

/** Halves of a color. */
const TOGETHER = ['currentX', 'currentY'];

/** What a remote says by commands, to whatever it is bound to. */
const OF_REMOTES = ['genOnOff', 'genLevelCtrl', 'lightingColorCtrl', 'genScenes'];

/**
 * Has a node tell what it is asked to know of: first what the converters know of its make, then what is left of the usual. A
 * node need not do all of it: what it refuses, or what its converter finds no words for, is left. @throws when it cannot be reached
 */
export async function setUp(node: ZigbeeNode, coordinator: Models.Endpoint): Promise<void> {
  const { device, definition } = node;
  let failure: unknown;
  try {
    await definition?.configure?.(device, coordinator, definition);
  } catch (error) {
    failure = error;
  }
  const isReached = await setUpUsual(node, coordinator);
  if (failure !== undefined && !isReached) unlessAway(failure);
  device.meta.roomtone = SETUP;
  device.save();
}

/** @returns whether it was asked for anything, and so is there */
async function setUpUsual(node: ZigbeeNode, coordinator: Models.Endpoint): Promise<boolean> {
  const { device, parts, buttons } = node;
  let asked = 0;
  for (const { traits, isPlain, endpoint, ...part } of parts) {
    if (!traits || !isPlain) continue;
    if (traits.mired) await readWhites(endpoint);
    asked += await reportAll(endpoint, { coordinator, clusters: lampClusters({ traits, isPlain, endpoint, ...part }) });
  }
  const isSensor = parts.some(({ traits }) => !traits) || node.power === 'battery';
  for (const endpoint of device.endpoints) {
    if (isSensor) asked += await reportAll(endpoint, { coordinator, clusters: OF_SENSORS });
    if (buttons) asked += await bindAll(endpoint, coordinator);
  }
  return asked > 0;
}

/** Its own range of whites, which the library keeps: of makes that come in several sizes the converters know the widest. */
async function readWhites(endpoint: Models.Endpoint): Promise<void> {
  await endpoint.read('lightingColorCtrl', ['colorTempPhysicalMin', 'colorTempPhysicalMax']).catch(unlessAway);
}

const lampClusters = ({ traits }: Part): typeof OF_LAMPS => {
  const { genLevelCtrl = [], lightingColorCtrl = [], genOnOff = [] } = OF_LAMPS;
  const colors = lightingColorCtrl.filter(({ attribute }) => (attribute === 'colorTemperature' ? traits?.mired : traits?.color));
  return { genOnOff, ...(traits?.brightness && { genLevelCtrl }), ...(colors.length > 0 && { lightingColorCtrl: colors }) };
};

/** @returns how much was asked for */
async function reportAll(
  endpoint: Models.Endpoint,
  { coordinator, clusters }: { coordinator: Models.Endpoint; clusters: typeof OF_LAMPS },
): Promise<number> {
  let asked = 0;
  for (const [cluster, attributes] of Object.entries(clusters)) {
    if (!endpoint.supportsInputCluster(cluster)) continue;
    const known = endpoint.configuredReportings.filter((each) => each.cluster.name === cluster).map((each) => each.attribute.name);
    const missing = attributes.filter(({ attribute }) => !known.includes(attribute) || cluster in OF_LAMPS);
    if (missing.length === 0) continue;
    await endpoint.bind(cluster, coordinator).catch(unlessAway);
    // What belongs together in one go, so that it is told in one go. A node that cannot report the rest must report it all the same.
    for (const together of Map.groupBy(missing, ({ attribute }) => (TOGETHER.includes(attribute) ? 'xy' : attribute)).values()) {
      const items = together.map(({ attribute, least, most, change }) => ({
        attribute,
        minimumReportInterval: least,
        maximumReportInterval: most,
        reportableChange: change,
      }));
      await endpoint.configureReporting(cluster, items as never).catch(unlessAway);
      asked += 1;
    }
  }
  return asked;
}

/** @returns how much was asked for */
async function bindAll(endpoint: Models.Endpoint, coordinator: Models.Endpoint): Promise<number> {
  let asked = 0;
  for (const cluster of OF_REMOTES) {
    if (!endpoint.supportsOutputCluster(cluster)) continue;
    if (endpoint.binds.some((bind) => bind.cluster.name === cluster && bind.target === coordinator)) continue;
    await endpoint.bind(cluster, coordinator).catch(unlessAway);
    asked += 1;
  }
  return asked;
}

/** A node that answers, if only to refuse, is there. */
function unlessAway(thrown: unknown): void {
  if (!isRefusal(thrown)) throw thrown;
}
