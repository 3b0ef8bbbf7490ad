import type { State } from './device.ts';
import type { Zigbee2MqttStandIn } from './stand-in.ts';

/** What cannot be done, in the words of Zigbee2MQTT. */
class Refusal extends Error {}

type Call = (z2m: Zigbee2MqttStandIn, message: State) => object;

const CALLS: Record<string, Call> = {
  health_check: () => ({ healthy: true }),

  permit_join: (z2m, { time }) => {
    const seconds = Number.parseInt(String(time), 10);
    if (Number.isNaN(seconds)) throw new Refusal('Invalid payload');
    z2m.permitJoinEnd = seconds > 0 ? Date.now() + seconds * 1000 : undefined;
    z2m.publishInfo();
    return { time: seconds };
  },

  'device/rename': (z2m, { from, to, homeassistant_rename = false }) => {
    if (from === undefined || typeof to !== 'string') throw new Refusal('Invalid payload');
    const device = entity(z2m, from);
    const name = to.trim();
    if (name === '') throw new Refusal('friendly_name must be at least 1 char long');
    if (/[+#]/.test(name)) throw new Refusal(`MQTT wildcard (+ and #) not allowed in friendly_name ('${name}')`);
    if ([...z2m.devices.values()].some((each) => each.name === name)) throw new Refusal(`friendly_name '${name}' is already in use`);
    const before = device.name;
    device.name = name;
    z2m.publish(before, '', { retain: true });
    z2m.publish(`${before}/availability`, '', { retain: true });
    z2m.publish(`${name}/availability`, { state: device.isPowered ? 'online' : 'offline' }, { retain: true });
    z2m.publishDevices();
    z2m.publishState(device);
    return { from: before, to: name, homeassistant_rename };
  },

  'device/interview': (z2m, { id }) => {
    const device = entity(z2m, id);
    if (!device.isPowered) throw new Refusal(`interview of '${device.name}' (${device.ieee}) failed: Error: Interview failed`);
    z2m.publishDevices();
    return { id };
  },

  'device/remove': (z2m, { id, force = false, block = false }) => {
    const device = entity(z2m, id);
    if (!device.isPowered && !force) {
      const why = 'Error: AREQ - ZDO - mgmtLeaveRsp after 10000ms';
      throw new Refusal(`Failed to remove device '${device.name}' (block: ${block}, force: ${force}) (${why})`);
    }
    z2m.devices.delete(device.ieee);
    z2m.publish(device.name, '', { retain: true });
    z2m.publishGroups();
    z2m.publishDevices();
    return { id, block, force };
  },
};

/** Answers a call that it knows; of one that it does not know nothing comes at all (`lib/extension/bridge.ts`, `onMQTTMessage`). */
export function respond(z2m: Zigbee2MqttStandIn, call: string, payload: string): void {
  const handle = CALLS[call.toLowerCase()];
  if (!handle) return;
  const message = JSON.parse(payload) as State;
  const { transaction } = message;
  const given = transaction === undefined ? {} : { transaction };
  try {
    z2m.publish(`bridge/response/${call}`, { data: handle(z2m, message), status: 'ok', ...given });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    z2m.log(`Request '${z2m.base}/bridge/request/${call}' failed with error: '${error.message}'`);
    z2m.publish(`bridge/response/${call}`, { data: {}, status: 'error', error: error.message, ...given });
  }
}

function entity(z2m: Zigbee2MqttStandIn, id: unknown) {
  const found = [...z2m.devices.values()].find(({ name, ieee }) => name === id || ieee === id);
  if (!found) throw new Refusal(`Device '${String(id)}' does not exist`);
  return found;
}
