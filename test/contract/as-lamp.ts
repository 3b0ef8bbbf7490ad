import { EventEmitter } from 'node:events';
import type { Adapter, AdapterEvents } from '../../daemon/devices/adapter.ts';
import type { Report } from '../../daemon/devices/command.ts';
import type { Attributes, Device } from '../../daemon/devices/device.ts';

/**
 * A player's adapter in the words of a lamp's, which the contract suite speaks: brightness is volume, and off is muted. What else a
 * player has is passed on as it is.
 */
export function asLamp(adapter: Adapter): Adapter {
  const events = new EventEmitter<AdapterEvents>();
  adapter.events.on('report', (report) => events.emit('report', reportOfLamp(report)));
  adapter.events.on('availability', (change) => events.emit('availability', change));
  adapter.events.on('devices', () => events.emit('devices'));
  adapter.events.on('problem', (problem) => events.emit('problem', problem));
  return {
    id: adapter.id,
    events,
    start: (signal) => adapter.start(signal),
    close: () => adapter.close(),
    list: () => adapter.list().map(deviceOfLamp),
    isGone: (device) => adapter.isGone(device),
    route: (device) => adapter.route(device),
    apply: (command, signal) => adapter.apply({ ...command, attributes: attributesOfPlayer(command.attributes) }, signal),
  };
}

const deviceOfLamp = (device: Device): Device => ({
  ...device,
  capabilities: { ...device.capabilities, on: true, brightness: { min: 0 } },
});

function reportOfLamp(report: Report): Report {
  if (report.attribute === 'volume') return { ...report, attribute: 'brightness' };
  if (report.attribute === 'mute') return { ...report, attribute: 'on', value: report.value === false };
  return report;
}

function attributesOfPlayer({ on, brightness, volume: _, ...rest }: Attributes): Attributes {
  return { ...rest, ...(brightness !== undefined && { volume: brightness }), ...(on !== undefined && { mute: !on }) };
}
