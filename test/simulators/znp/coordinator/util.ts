import { Writer } from '../serial/bytes.ts';
import { status } from '../serial/names.ts';
import { type Commands, command, statusOnly } from './command.ts';
import type { Coordinator } from './coordinator.ts';

/** Commands of this subsystem; those that change associations are additions of the firmware for hosts. */
const util = {
  deviceInfo: 0x00,
  ledControl: 0x0a,
  addressOfIeee: 0x40,
  ieeeOfAddress: 0x41,
  associationGet: 0x4a,
  associationRemove: 0x63,
  associationAdd: 0x64,
} as const;

const nobody = 0xfffe;

/** Relations of a neighbor, of `associated_devices_t`. */
const relation = { sleepyChild: 1, router: 5, none: 0xff } as const;

/** MT_UTIL: the device in short, and its table of associated devices. */
export function utilCommands(coordinator: Coordinator): Commands {
  const { air } = coordinator.options;
  const forgotten = new Set<string>();
  return {
    [util.deviceInfo]: command({}, () => {
      const { ieee, running, state } = coordinator.stack;
      const children = running ? air.nodes.filter((node) => !node.isRouter && air.find(node.address) === node) : [];
      const addresses = new Writer().words(children.map(({ address }) => address)).done();
      return new Writer()
        .u8(status.success)
        .ieee(ieee)
        .u16(running ? 0 : nobody)
        .u8(7)
        .u8(state)
        .bytes(addresses)
        .done();
    }),
    // The firmware drives its LED itself and leaves the request without an answer.
    [util.ledControl]: command({ led: 'u8', mode: 'u8' }, () => undefined),
    [util.addressOfIeee]: command({ ieee: 'ieee' }, ({ ieee }) => {
      const node = air.nodes.find((one) => one.ieee === ieee);
      return new Writer().u16(node && air.find(node.address) === node ? node.address : nobody).done();
    }),
    [util.ieeeOfAddress]: command({ address: 'u16' }, ({ address }) =>
      new Writer().ieee(air.find(address)?.ieee ?? `0x${'f'.repeat(16)}`).done(),
    ),
    [util.associationGet]: command({ ieee: 'ieee', address: 'u16' }, ({ ieee, address }) => {
      const node = /^0x0+$/.test(ieee) ? air.find(address) : air.nodes.find((one) => one.ieee === ieee);
      const known = node && air.find(node.address) === node && !node.isRouter && !forgotten.has(node.ieee);
      const fields = known ? new Writer().u16(node.address).u16(air.nodes.indexOf(node)).u8(relation.sleepyChild) : nothing();
      return fields.bytes(Buffer.alloc(13)).done();
    }),
    [util.associationRemove]: command({ ieee: 'ieee' }, ({ ieee }) => {
      forgotten.add(ieee);
      return statusOnly(status.success);
    }),
    [util.associationAdd]: command({ ieee: 'ieee', address: 'u16', relation: 'u8' }, ({ ieee }) => {
      forgotten.delete(ieee);
      return statusOnly(status.success);
    }),
  };
}

const nothing = (): Writer => new Writer().u16(nobody).u16(0xffff).u8(relation.none);
