import { ieeeFromWire, ieeeToWire, Writer } from '../serial/bytes.ts';
import { deviceState } from '../serial/names.ts';
import { decodeNib, encodeNib, type NetworkIdentity, withChannel } from './nib.ts';
import type { ExtendedItem, NvMemory } from './nv.ts';

/** Ids of items in the memory that the stack itself reads or writes. */
export const nvItem = {
  ieee: 0x0001,
  startupOption: 0x0003,
  nib: 0x0021,
  extendedPanId: 0x002d,
  activeKey: 0x003a,
  alternateKey: 0x003b,
  groups: 0x0042,
  useExtendedPanId: 0x0047,
  apsLinkKeys: 0x004c,
  onNetwork: 0x0055,
  preconfiguredKey: 0x0062,
  distributeKey: 0x0063,
  networkKey: 0x0082,
  panId: 0x0083,
  channels: 0x0084,
  logicalType: 0x0087,
  directCallbacks: 0x008f,
  trustCenterSeed: 0x0101,
} as const;

const table = { addresses: 1, trustCenterKeys: 4, apsKeys: 6, securityMaterial: 7 } as const;

/** How many places the tables of a CC2652R have. */
export interface TableSizes {
  addresses: number;
  trustCenterKeys: number;
}

export const realTableSizes: TableSizes = { addresses: 257, trustCenterKeys: 200 };

const clearConfiguration = 0x01;
const clearNetwork = 0x02;

/** A free place in the table of addresses. */
const freeAddress = Buffer.alloc(12, 0xff);

interface StackOptions {
  nv: NvMemory;
  /** The address burnt into the chip. */
  ieee: string;
  tables: TableSizes;
  random: () => number;
}

/** Z-Stack's memory of itself: what it is, which network it has, and how it comes by one. */
export class Stack {
  state: number = deviceState.hold;
  readonly nv: NvMemory;
  readonly #options: StackOptions;

  constructor(options: StackOptions) {
    this.nv = options.nv;
    this.#options = options;
    if (!this.nv.get(nvItem.startupOption)) this.#writeFactorySettings();
    this.#obeyStartupOption();
  }

  get ieee(): string {
    return ieeeFromWire(this.nv.get(nvItem.ieee) ?? ieeeToWire(this.#options.ieee));
  }

  get network(): NetworkIdentity | undefined {
    return decodeNib(this.nv.get(nvItem.nib));
  }

  get running(): boolean {
    return this.state === deviceState.coordinator;
  }

  /** The network key in hex, by which devices know their network. */
  get networkKey(): string {
    return this.nv.get(nvItem.activeKey)?.subarray(1).toString('hex') ?? '';
  }

  /** Forms the network that the memory asks for. False where it asks for none that can be. */
  form(channels: number): boolean {
    const channel = [...Array(16).keys()].map((n) => n + 11).find((n) => channels & (1 << n));
    const panId = this.nv.get(nvItem.panId)?.readUInt16LE() ?? 0xffff;
    if (channel === undefined) return false;
    const chosen = ieeeFromWire(this.nv.get(nvItem.useExtendedPanId) ?? Buffer.alloc(8));
    const extendedPanId = /^0x0+$/.test(chosen) ? this.ieee : chosen;
    const identity = { channel, extendedPanId, panId: panId === 0xffff ? 1 + Math.floor(this.#options.random() * 0xfffd) : panId };
    this.nv.set(nvItem.nib, encodeNib(identity));
    this.nv.set(nvItem.extendedPanId, ieeeToWire(extendedPanId));
    this.#writeKeys();
    this.#writeTables(extendedPanId);
    this.nv.set(nvItem.onNetwork, [1]);
    return true;
  }

  /** Enters a device into the table of addresses, as a child; without an address it is struck out. */
  remember(ieee: string, address: number | undefined): void {
    const places = [...Array(this.#options.tables.addresses).keys()].map((place) => ({ item: table.addresses, place }));
    const entry = (place: ExtendedItem) => this.nv.extended(place) ?? Buffer.alloc(0);
    const known = places.find((place) => entry(place).subarray(4).equals(ieeeToWire(ieee)));
    const chosen = known ?? places.find((place) => entry(place)[0] === 0xff);
    if (!chosen) return;
    const child = new Writer()
      .u8(1)
      .u8(0xff)
      .u16(address ?? 0xffff)
      .ieee(ieee)
      .done();
    this.nv.setExtended(chosen, address === undefined ? freeAddress : child);
  }

  moveToChannel(channel: number): void {
    const nib = this.nv.get(nvItem.nib);
    if (nib) this.nv.set(nvItem.nib, withChannel(nib, channel));
  }

  #obeyStartupOption(): void {
    const option = this.nv.get(nvItem.startupOption)?.readUInt8() ?? 0;
    if (option & clearConfiguration) this.#writeFactorySettings();
    if (option & (clearNetwork | clearConfiguration)) this.#forgetNetwork();
    this.nv.set(nvItem.startupOption, [0]);
  }

  #writeFactorySettings(): void {
    const random = (length: number) => Buffer.from(Array.from({ length }, () => Math.floor(this.#options.random() * 256)));
    this.nv.set(nvItem.ieee, ieeeToWire(this.#options.ieee));
    this.nv.set(nvItem.useExtendedPanId, Buffer.alloc(8));
    this.nv.set(nvItem.preconfiguredKey, random(16));
    this.nv.set(nvItem.distributeKey, [0]);
    this.nv.set(nvItem.panId, [0xff, 0xff]);
    this.nv.set(nvItem.channels, Buffer.alloc(4));
    this.nv.set(nvItem.logicalType, [0]);
    this.nv.set(nvItem.directCallbacks, [1]);
    this.nv.set(nvItem.trustCenterSeed, random(16));
    this.#forgetNetwork();
  }

  #forgetNetwork(): void {
    this.nv.remove(nvItem.nib);
    this.nv.remove(nvItem.apsLinkKeys);
    this.nv.set(nvItem.activeKey, Buffer.alloc(17));
    this.nv.set(nvItem.alternateKey, Buffer.alloc(17));
    this.nv.set(nvItem.networkKey, Buffer.alloc(24));
    this.nv.set(nvItem.extendedPanId, ieeeToWire(this.ieee));
    this.nv.set(nvItem.onNetwork, [0]);
    for (const item of Object.values(table)) this.nv.clearTable(item);
  }

  #writeKeys(): void {
    const key = this.nv.get(nvItem.preconfiguredKey) ?? Buffer.alloc(16);
    const described = Buffer.concat([Buffer.from([0]), key]);
    this.nv.set(nvItem.activeKey, described);
    this.nv.set(nvItem.alternateKey, described);
    this.nv.set(nvItem.networkKey, Buffer.concat([described, Buffer.alloc(3, 0xff), new Writer().u32(0).done()]));
  }

  #writeTables(extendedPanId: string): void {
    const { addresses, trustCenterKeys } = this.#options.tables;
    const fill = (item: number, places: number, value: Buffer) => {
      for (let place = 0; place < places; place++) this.nv.setExtended({ item, place }, value);
    };
    fill(table.addresses, addresses, freeAddress);
    fill(table.trustCenterKeys, trustCenterKeys, Buffer.from([...Array(16).fill(0), 0xff, 0, 0, 0]));
    fill(table.apsKeys, 3, Buffer.alloc(24));
    fill(table.securityMaterial, 5, Buffer.alloc(12));
    const material = new Writer().u32(0).ieee(extendedPanId).done();
    this.nv.setExtended({ item: table.securityMaterial, place: 0 }, material);
    this.nv.set(nvItem.apsLinkKeys, Buffer.from([0, 0, ...Array(3).fill([0xfe, 0xff, 0, 0, 0, 0]).flat()]));
  }
}
