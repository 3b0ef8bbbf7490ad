import { type Node, zdoStatus } from '../network/node.ts';
import { Writer } from '../serial/bytes.ts';
import type { Coordinator } from './coordinator.ts';

/** Entries that one answer of a table holds. */
const page = 3;

/** What the coordinator tells about itself, and who hears whom. */
export function coordinatorTables(coordinator: Coordinator) {
  const described = () => new Writer().u8(zdoStatus.success).u16(0);
  const members = () => coordinator.options.air.nodes.filter((node) => coordinator.options.air.find(node.address) === node);

  return {
    nodeDescriptor: (): Buffer => described().u8(0).u8(0x40).u8(0x8f).u16(0).u8(80).u16(160).u16(0x2c01).u16(160).u8(0).done(),

    powerDescriptor: (): Buffer => described().u16(0xc110).done(),

    activeEndpoints(): Buffer {
      const ids = [...coordinator.af.endpoints.keys()];
      return described().u8(ids.length).bytes(Buffer.from(ids)).done();
    },

    simpleDescriptor(id: number): Buffer {
      const endpoint = coordinator.af.endpoints.get(id);
      if (!endpoint) return new Writer().u8(zdoStatus.notActive).u16(0).u8(0).done();
      const { profile, device, version, inputs, outputs } = endpoint;
      const body = new Writer().u8(id).u16(profile).u16(device).u8(version).words(inputs).words(outputs).done();
      return described().u8(body.length).bytes(body).done();
    },

    /** The coordinator's neighbors are all devices; a device's only neighbor is the coordinator. */
    neighbors(node: Node | undefined, start: number): Buffer {
      const network = coordinator.stack.network?.extendedPanId ?? `0x${'0'.repeat(16)}`;
      const self = { ieee: coordinator.ieee, address: 0, type: 0, isAwake: true, linkQuality: node?.linkQuality ?? 0 };
      const all = node
        ? [self]
        : members().map(({ ieee, address, isRouter, linkQuality }) => ({
            ieee,
            address,
            type: isRouter ? 1 : 2,
            isAwake: isRouter,
            linkQuality,
          }));
      const shown = all.slice(start, start + page);
      const body = new Writer().u8(zdoStatus.success).u8(all.length).u8(start).u8(shown.length);
      for (const { ieee, address, type, isAwake, linkQuality } of shown) {
        const relationship = node ? 0 : 1;
        body
          .ieee(network)
          .ieee(ieee)
          .u16(address)
          .u8(type | (isAwake ? 0x04 : 0) | (relationship << 4));
        body.u8(0).u8(1).u8(linkQuality);
      }
      return body.done();
    },

    routes(start: number): Buffer {
      const routers = members().filter(({ isRouter }) => isRouter);
      const shown = routers.slice(start, start + page);
      const body = new Writer().u8(zdoStatus.success).u8(routers.length).u8(start).u8(shown.length);
      for (const { address } of shown) body.u16(address).u8(0).u16(address);
      return body.done();
    },
  };
}
