import type { Events } from 'zigbee-herdsman';
import type { Fz, Tz } from 'zigbee-herdsman-converters/lib/types';
import type { Attributes } from '../../daemon/devices/device.ts';
import type { Part, ZigbeeNode } from './node.ts';

/** What the converters make of a message: their words, such as `{ occupancy: true }`. */
export async function wordsOf(node: ZigbeeNode, message: Events.MessagePayload, onLater: (words: object) => void): Promise<object> {
  const { definition, device, state } = node;
  if (!definition) return {};
  const said: object = {};
  for (const converter of definition.fromZigbee as Fz.Converter<string>[]) {
    const types: readonly string[] = [converter.type].flat() as string[];
    if (converter.cluster !== message.cluster || !types.includes(message.type)) continue;
    const meta: Fz.Meta = { state, device, deviceExposesChanged: () => {} };
    const words = await converter.convert(definition, message as never, onLater, {}, meta);
    Object.assign(said, words);
  }
  Object.assign(state, said);
  return said;
}

/** Has the converters command what does not speak the cluster library's own commands. @throws what they throw */
export async function tell(
  node: ZigbeeNode,
  part: Part,
  { attributes, transition }: { attributes: Attributes; transition: number },
): Promise<void> {
  const { definition, device, state } = node;
  if (!definition) return;
  const message = messageFor(attributes, transition);
  const done = new Set<Tz.Converter>();
  for (const [key, value] of Object.entries(message)) {
    const fits = ({ key: keys, convertSet, endpoints }: Tz.Converter): boolean =>
      convertSet !== undefined && keys?.includes(key) === true && (!endpoints || endpoints.includes(part.suffix ?? ''));
    const converter = definition.toZigbee.find(fits);
    if (!converter?.convertSet || done.has(converter)) continue;
    done.add(converter);
    const meta: Tz.Meta = {
      message,
      device,
      mapped: definition,
      options: {},
      state,
      endpoint_name: part.suffix,
      publish: () => {},
      deviceExposesChanged: () => {},
    };
    const result = await converter.convertSet(part.endpoint, key, value, meta);
    Object.assign(state, result?.state);
  }
}

function messageFor({ on, brightness, colorTemperature, color }: Attributes, transition: number): Record<string, unknown> {
  return {
    ...(on !== undefined && { state: on ? 'ON' : 'OFF' }),
    ...(on !== false && brightness !== undefined && { brightness: Math.max(1, Math.round((brightness / 100) * 254)) }),
    ...(on !== false && color && { color }),
    ...(on !== false && !color && colorTemperature !== undefined && { color_temp: Math.round(1e6 / colorTemperature) }),
    ...(transition > 0 && { transition }),
  };
}
