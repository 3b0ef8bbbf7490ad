import { ieeeToWire, Writer } from '../serial/bytes.ts';
import { status } from '../serial/names.ts';
import { type Commands, command, statusOnly } from './command.ts';
import type { Coordinator } from './coordinator.ts';
import { nvItem } from './stack.ts';

/** Commands of this subsystem; `table...` are the extended memory of Z-Stack 3.x.0. */
const sys = {
  ping: 0x01,
  version: 0x02,
  setIeee: 0x03,
  getIeee: 0x04,
  nvInit: 0x07,
  nvRead: 0x08,
  nvWrite: 0x09,
  random: 0x0c,
  stackTune: 0x0f,
  nvDelete: 0x12,
  nvLength: 0x13,
  nvReadExtended: 0x1c,
  nvWriteExtended: 0x1d,
  tableCreate: 0x30,
  tableDelete: 0x31,
  tableLength: 0x32,
  tableRead: 0x33,
  tableWrite: 0x34,
} as const;

/** What `SYS_PING` tells: SYS, AF, ZDO, UTIL, green power and configuration for applications. */
const capabilities = 0x0659;

/** Transport revision 2, product 1 (Z-Stack 3.x.0), release 2.7.1. */
export const versionFields = Buffer.from([2, 1, 2, 7, 1]);

/** Bytes of an item that one answer holds. */
const readLimit = 248;

/** MT_SYS: who the coordinator is, and its memory. */
export function sysCommands(coordinator: Coordinator): Commands {
  const { nv } = coordinator.options;
  const readItem = ({ id, offset }: { id: number; offset: number }) => {
    const item = nv.get(id);
    if (!item || offset > item.length) return new Writer().u8(status.invalidParameter).u8(0).done();
    const part = item.subarray(offset, offset + readLimit);
    return new Writer().u8(status.success).u8(part.length).bytes(part).done();
  };
  return {
    [sys.ping]: command({}, () => new Writer().u16(capabilities).done()),
    [sys.version]: command({}, () => new Writer().bytes(versionFields).u32(coordinator.options.revision).u8(0).u32(0xffffffff).done()),
    [sys.setIeee]: command({ address: 'ieee' }, ({ address }) => {
      nv.set(nvItem.ieee, ieeeToWire(address));
      return statusOnly(status.success);
    }),
    [sys.getIeee]: command({}, () => new Writer().ieee(coordinator.ieee).done()),
    [sys.nvInit]: command({ id: 'u16', length: 'u16', first: 'bytes8' }, ({ id, length, first }) => statusOnly(nv.init(id, length, first))),
    [sys.nvRead]: command({ id: 'u16', offset: 'u8' }, readItem),
    [sys.nvWrite]: command({ id: 'u16', offset: 'u8', value: 'bytes8' }, ({ id, offset, value }) =>
      statusOnly(nv.write(id, offset, value)),
    ),
    [sys.random]: command({}, () => new Writer().u16(Math.floor(coordinator.options.random() * 0x10000)).done()),
    [sys.stackTune]: command({ operation: 'u8', value: 'u8' }, ({ value }) => statusOnly(value)),
    [sys.nvDelete]: command({ id: 'u16', length: 'u16' }, ({ id, length }) => statusOnly(nv.delete(id, length))),
    [sys.nvLength]: command({ id: 'u16' }, ({ id }) => new Writer().u16(nv.length(id)).done()),
    [sys.nvReadExtended]: command({ id: 'u16', offset: 'u16' }, readItem),
    [sys.nvWriteExtended]: command({ id: 'u16', offset: 'u16', value: 'bytes16' }, ({ id, offset, value }) =>
      statusOnly(nv.write(id, offset, value)),
    ),
    ...extendedMemory(coordinator),
  };
}

const place = { system: 'u8', item: 'u16', place: 'u16' } as const;

function extendedMemory(coordinator: Coordinator): Commands {
  const { nv } = coordinator.options;
  return {
    [sys.tableCreate]: command({ ...place, length: 'u32' }, ({ length, ...item }) => statusOnly(nv.createExtended(item, length))),
    [sys.tableDelete]: command(place, (item) => statusOnly(nv.deleteExtended(item))),
    [sys.tableLength]: command(place, (item) => new Writer().u32(nv.extended(item)?.length ?? 0).done()),
    [sys.tableRead]: command({ ...place, offset: 'u16', length: 'u8' }, ({ offset, length, ...item }) => {
      const value = nv.extended(item);
      if (!value) return new Writer().u8(status.failure).u8(0).done();
      const part = value.subarray(offset, offset + length);
      return new Writer().u8(status.success).u8(part.length).bytes(part).done();
    }),
    [sys.tableWrite]: command({ ...place, offset: 'u16', value: 'bytes8' }, ({ offset, value, ...item }) =>
      statusOnly(nv.writeExtended(item, offset, value)),
    ),
  };
}
